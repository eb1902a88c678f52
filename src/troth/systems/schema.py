"""The published JSON Schema of ``systems.yaml``; ``docs/schemas/systems.schema.json`` is this function's answer."""

from __future__ import annotations

from typing import Any

from troth.core.fileschema import file_schema
from troth.systems.files import SystemsFile


def systems_schema() -> dict[str, Any]:
    """JSON Schema of the systems file."""
    return file_schema(SystemsFile, "Troth: systems.yaml")
