"""What a mask writes into each field, so that the store accepts it; or why nothing can be written."""

from __future__ import annotations

from dataclasses import dataclass

from troth.planning.asks import Ask
from troth.planning.world import field_of
from troth.stores.conditions import Blank, Breaks, Condition, Field, both
from troth.stores.contract import CollectionInfo
from troth.systems.model import Collection, MappedField

SHORTEST_UNIQUE = 8
"""Random characters below which two rows might get the same text."""


@dataclass(frozen=True, slots=True)
class Masking:
    """The fields of one collection that can be blanked, and those that cannot, each with the reason."""

    blanks: tuple[tuple[Field, Blank], ...]
    refused: tuple[tuple[str, str], ...]


def masking(
    info: CollectionInfo,
    collection: Collection,
    fields: tuple[MappedField, ...],
    referred: frozenset[str] = frozenset(),
) -> Masking:
    """``referred``: columns that foreign keys point at; what refers to them would break."""
    blanks: list[tuple[Field, Blank]] = []
    refused: list[tuple[str, str]] = []
    for mapped in fields:
        answer = blank_for(info, collection, mapped.name, mapped.rule.blank)
        if isinstance(answer, Blank) and field_of(mapped.name).column in referred:
            answer = "other rows refer to it"
        if isinstance(answer, Blank):
            blanks.append((field_of(mapped.name), answer))
        elif answer:
            refused.append((mapped.name, answer))
    return Masking(tuple(blanks), tuple(refused))


def blank_for(info: CollectionInfo, collection: Collection, name: str, declared: str | None) -> Blank | str:
    """The blank for one field, or the reason why there is none; an empty reason means that nothing need be written
    (the store computes the field from others)."""
    field = field_of(name)
    column = info.field(field.column)
    if column is None:
        return f"{field.column} is not in {info.name}"
    if column.generated:
        return ""
    if field.path:
        return Blank()
    unique = any(field.column in group for group in info.unique)
    if field.column in info.key or field.column in collection.key:
        return "it is part of the key"
    refers = any(field.column in reference.fields for reference in info.references)
    if refers and (declared is not None or not column.nullable):
        return "it refers to other rows, and none is there for a blank"
    if declared is not None:
        return _declared(declared, unique, column.length, column.type)
    if column.nullable:
        return Blank()
    if column.type != "text":
        return f"it may not be null, and no blank is declared for a field of type {column.declared}"
    if not unique:
        return Blank("constant", "")
    if column.length is not None and column.length < SHORTEST_UNIQUE:
        return f"it must be unique and has room for {column.length} characters only"
    return Blank("unique", "erased-{unique}" if column.length is None or column.length >= 24 else "{unique}")


def _declared(text: str, unique: bool, length: int | None, kind: str) -> Blank | str:
    if "{unique}" in text:
        return Blank("unique", text)
    if unique:
        return f"it must be unique; its blank '{text}' needs {{unique}} in it"
    if length is not None and len(text) > length:
        return f"its blank has {len(text)} characters, the field has room for {length}"
    if kind == "number":
        return Blank("constant", int(text)) if text.lstrip("-").isdigit() else f"its blank '{text}' is not a number"
    if kind == "boolean":
        return Blank("constant", text.lower() == "true")
    return Blank("constant", text)


def rule_checks(
    info: CollectionInfo, collection: Collection, counted: Condition, blanks: tuple[tuple[Field, Blank], ...]
) -> tuple[tuple[str, Ask], ...]:
    """For each rule of the store that speaks of a blanked field: how many rows would break it."""
    touched = {name.column for name, _ in blanks}
    return tuple(
        (rule.name, Ask(collection.system, collection.table, both(counted, Breaks(rule.name, blanks))))
        for rule in info.rules
        if any(column in rule.text for column in touched)
    )
