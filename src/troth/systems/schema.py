"""The published JSON Schemas of ``systems.yaml`` and its parts; ``docs/schemas`` has these functions' answers."""

from __future__ import annotations

from typing import Any

from troth.core.fileschema import file_schema
from troth.systems.files import PartFile, SystemsFile


def systems_schema() -> dict[str, Any]:
    """JSON Schema of the systems file."""
    return file_schema(SystemsFile, "Troth: systems.yaml")


def part_schema() -> dict[str, Any]:
    """JSON Schema of a part of the systems file."""
    return file_schema(PartFile, "Troth: a part of systems.yaml")
