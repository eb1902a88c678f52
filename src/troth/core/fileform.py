"""The form of a file: pydantic models say it, and every way of missing it becomes a diagnostic with line and column.

``check_form`` validates again and again, each time without what was found wrong, until the rest is sound: so one wrong
key hides nothing that stands beside or below it, and what is left can be read on. Pydantic's own words are not shown.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from troth.core.diagnostics import Diagnostics, Mark, did_you_mean
from troth.core.yamlfile import Document
from troth.core.yamltree import Tree, Where

TO_CONFIRM = "to confirm"
"""The words that stand for a value nobody has decided yet."""


class FileModel(BaseModel):
    """A group of keys in a file. ``to confirm`` and an empty value both read as ``None``, and as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, data: object) -> object:
        if data is None or data == TO_CONFIRM:
            return {}
        if not isinstance(data, Mapping):
            raise PydanticCustomError("03", "{due}", {"due": "keys and values are due here"})
        known = cls.keys()
        unknown = [key for key in data if key not in known]
        if unknown:
            raise PydanticCustomError("01", "unknown", {"unknown": unknown, "known": known})
        return {key: None if value == TO_CONFIRM else value for key, value in data.items()}

    @classmethod
    def keys(cls) -> list[str]:
        return [info.alias or name for name, info in cls.model_fields.items()]

    def wrote(self, name: str) -> bool:
        """Whether the file has this key, even with nothing decided in it."""
        return name in self.model_fields_set


def problem(code: str, message: str, hint: str = "") -> PydanticCustomError:
    """What a validator of ours raises: the digits that end the code, what is wrong, what to do."""
    # Braces in our texts must not be read as fields by pydantic: they travel as context.
    kind: Any = code
    return PydanticCustomError(kind, "{message}", {"message": message, "hint": hint})


Model = TypeVar("Model", bound=FileModel)


def check_form(model: type[Model], document: Document, letter: str, found: Diagnostics) -> tuple[Model, Document]:
    """What ``document`` says in the form ``model``, and the document without what was wrong in it.

    ``letter`` begins every code (``P101``: unknown key). All fields of ``model`` have defaults, so something is
    always left.
    """
    tree: dict[str, Tree] = copy.deepcopy(document.tree)
    rest = replace(document, tree=tree, keys=dict(document.keys), values=dict(document.values))
    check_version(rest, letter, found)
    said: set[tuple[str, Mark, str]] = set()
    left_out: set[tuple[Mark, str]] = set()
    while True:
        try:
            return model.model_validate(rest.tree), rest
        except ValidationError as error:
            errors = error.errors(include_url=False)
        ways = []
        for each in errors:
            way = _way(rest.tree, each["loc"])
            for code, message, hint, mark, wrong in _diagnose(each, way, rest):
                ways.append(wrong)
                said_before = (code, mark, message) in said or (
                    code == "102" and (mark, str(each["loc"][-1])) in left_out
                )
                said.add((code, mark, message))
                if not said_before:
                    found.error(f"{letter}{code}", message, mark, hint)
        left_out |= {(rest.key(*way[:-1]), str(way[-1])) for way in ways if way}
        rest = _without(rest, ways)


def check_version(document: Document, letter: str, found: Diagnostics) -> None:
    """Say which format the document has to have, if it is another; it is read as that one all the same."""
    version = document.tree.get("troth")
    if version == 1 and version is not True:
        return
    if "troth" not in document.tree:
        found.error(
            f"{letter}105", "the file does not say which format it has", Mark(document.file), "begin with: troth: 1"
        )
    else:
        found.error(
            f"{letter}105", "this format is not one that is read here", document.value("troth"), "write troth: 1"
        )
    document.tree["troth"] = 1


def _way(tree: Tree, loc: Iterable[str | int]) -> Where:
    """The part of pydantic's location that exists in the file: names of validators in between are stepped over."""
    way: list[str | int] = []
    for part in loc:
        if isinstance(tree, dict) and part in tree:
            tree = tree[str(part)]
        elif isinstance(tree, list) and isinstance(part, int) and part < len(tree):
            tree = tree[part]
        else:
            continue
        way.append(part)
    return tuple(way)


def _diagnose(each: ErrorDetails, way: Where, document: Document) -> list[tuple[str, str, str, Mark, Where]]:
    """(code, message, hint, place, what to leave out) for one of pydantic's errors."""
    kind, context = each["type"], each.get("ctx", {})
    here = document.key(*way) if "[key]" in each["loc"] else document.value(*way)
    name = next((str(part) for part in reversed(way) if isinstance(part, str)), "the file")
    match kind:
        case "01":
            return [
                (
                    "101",
                    f"'{key}' is not a key of {_group(way)}",
                    did_you_mean(key, context["known"]),
                    document.key(*way, key),
                    (*way, key),
                )
                for key in context["unknown"]
            ]
        case "missing":
            return [
                (
                    "102",
                    f"'{each['loc'][-1]}' is missing in {_group(way)}",
                    f"add {each['loc'][-1]}: …",
                    document.key(*way),
                    way,
                )
            ]
        case "literal_error" | "enum":
            known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            word = each["input"]
            shown = f"'{word}' cannot stand here" if _plain(word) else f"'{name}' takes one of a few words"
            return [("104", shown, _words(word, known), here, way)]
        case _ if "date" in kind:
            return [("107", f"'{name}' takes a date", "write it like 2026-12-31", here, way)]
        case _ if kind.isdigit() and len(kind) == 3:
            return [(kind, context["message"], context["hint"], here, way)]
        case _:
            return [("103", f"'{name}' takes {_due(kind)}", _repair(kind, each["input"]), here, way)]


def _plain(word: object) -> bool:
    """Whether a value is a word that a message may repeat: no address, which could hold a secret or a person."""
    return isinstance(word, str) and len(word) < 40 and not set(word) & set("@/:")


def _words(word: object, known: list[str]) -> str:
    close = did_you_mean(word, known) if isinstance(word, str) else ""
    return close if close.startswith("did") else f"write one of: {', '.join(known)}"


def _group(way: Where) -> str:
    return f"'{'.'.join(str(part) for part in way)}'" if way else "this file"


def _due(kind: str) -> str:
    if kind == "03":
        return "keys and values"
    for part, words in (
        ("string", "a text"),
        ("dict", "keys and values"),
        ("model", "keys and values"),
        ("list", "a list"),
        ("tuple", "a list"),
        ("bool", "true or false"),
        ("int", "a whole number"),
        ("none_required", "nothing"),
    ):
        if part in kind:
            return words
    return "another kind of value"


def _repair(kind: str, value: object) -> str:
    if "list" in kind or "tuple" in kind:
        return "write it like [one, two]"
    if "bool" in kind:
        return "write true or false, without quotes"
    if kind in {"03", "dict_type", "model_type"}:
        return "write it like {key: value}"
    if "string" in kind:
        return (
            "write one text here" if isinstance(value, list | dict) else "put quotes around it if it is meant as text"
        )
    return "see the page of this file under docs/reference"


def _without(document: Document, ways: Iterable[Where]) -> Document:
    """The document without these parts; positions of what follows in a list move up, marks with them."""
    for way in sorted(set(ways), key=lambda each: (len(each), [str(part).zfill(9) for part in each]), reverse=True):
        if not way:
            document.tree.clear()
            document.tree["troth"] = 1
            return document
        holder: Tree = document.tree
        for part in way[:-1]:
            holder = holder[part]  # type: ignore[index]
        if isinstance(holder, dict):
            holder.pop(str(way[-1]), None)
        elif isinstance(holder, list):
            position = int(way[-1])
            del holder[position]
            document = replace(
                document,
                keys=_moved_up(document.keys, way[:-1], position),
                values=_moved_up(document.values, way[:-1], position),
            )
    return document


def _moved_up(marks: Mapping[Where, Mark], way: Where, position: int) -> dict[Where, Mark]:
    moved = {}
    for each, mark in marks.items():
        if each[: len(way)] == way and len(each) > len(way):
            at = each[len(way)]
            if isinstance(at, int) and at == position:
                continue
            if isinstance(at, int) and at > position:
                each = (*way, at - 1, *each[len(way) + 1 :])
        moved[each] = mark
    return moved
