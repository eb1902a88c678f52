"""The JSON Schema of a file model, as published for editors."""

from __future__ import annotations

from typing import Any

from troth.core.fileform import TO_CONFIRM, FileModel


def file_schema(model: type[FileModel], title: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of the file whose form ``model`` is: both long and short forms, and the words
    ``to confirm`` wherever nothing may be written."""
    schema = _published(model.model_json_schema(mode="validation", by_alias=True))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def _published(node: Any, named: bool = False) -> Any:
    """``named``: the keys of this mapping are names of the file (a property may be called title), not keywords."""
    if isinstance(node, list):
        return [_published(each) for each in node]
    if not isinstance(node, dict):
        return node
    if node == {"type": "null"}:
        return {"enum": [None, TO_CONFIRM]}
    dropped = set() if named else {"title", "default"}
    return {
        key: _published(value, named=not named and key in {"properties", "$defs"})
        for key, value in node.items()
        if key not in dropped
    }
