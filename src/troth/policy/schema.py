"""The published JSON Schema of ``policy.yaml``; ``docs/schemas/policy.schema.json`` is this function's answer."""

from __future__ import annotations

from typing import Any

from troth.core.fileschema import file_schema
from troth.policy.files import PolicyFile


def policy_schema() -> dict[str, Any]:
    """JSON Schema of the policy file."""
    return file_schema(PolicyFile, "Troth: policy.yaml")
