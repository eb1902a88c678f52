"""Facts about made-up databases, in few words: ``table("users", "id:number email", seen={...})``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any, cast

from troth.core.diagnostics import Diagnostics
from troth.core.yamlfile import parse_document
from troth.discover.facts import Agreement, Facts, Seen, TableFacts
from troth.discover.words import PolicyWords
from troth.policy.load import read_policy
from troth.stores.contract import CollectionInfo, FieldInfo, Reference


def column(name: str, kind: str = "text", *, nullable: bool = True, length: int | None = None) -> FieldInfo:
    return FieldInfo(name, cast("Any", kind), kind, nullable=nullable, length=length)


def table(
    name: str,
    columns: str,
    *,
    refers: Mapping[str, str] | None = None,
    seen: Mapping[str, Seen] | None = None,
    rows: int = 100,
    unique: tuple[tuple[str, ...], ...] = (),
    history_of: str | None = None,
    indexed: tuple[tuple[str, ...], ...] = (),
) -> TableFacts:
    """``columns``: names with a kind after a colon (text when absent), ``!`` for not null; the first is the key.
    ``refers``: column → table, by foreign key to ``id``."""
    fields = []
    for word in columns.split():
        bare, _, kind = word.rstrip("!").partition(":")
        fields.append(column(bare, kind or "text", nullable=not word.endswith("!")))
    references = tuple(
        Reference(f"fk_{each}", (each,), target, ("id",), "no_action") for each, target in (refers or {}).items()
    )
    info = CollectionInfo(
        name,
        "table",
        tuple(fields),
        (fields[0].name,),
        unique,
        (),
        references,
        indexed,
        history_of=history_of,
    )
    return TableFacts(info, rows, min(rows, 200), seen or {})


def facts(*tables: TableFacts, agreed: Mapping[tuple[str, str, str], tuple[int, int]] | None = None) -> Facts:
    pairs = {key: Agreement(*value) for key, value in (agreed or {}).items()}
    return Facts({each.name: each for each in tables}, pairs)


def sample(filled: int = 50, distinct: int = 50, words: tuple[str, ...] = (), **shapes: int) -> Seen:
    return Seen(filled, distinct, shapes, words)


def saas() -> PolicyWords:
    found = Diagnostics()
    text = resources.files("troth.services").joinpath("starter", "saas.yaml").read_text(encoding="utf-8")
    document = parse_document(text, "policy.yaml", found)
    assert document is not None
    words = PolicyWords.of(read_policy(document, found, None))
    assert not found.items
    return words


USERS = table("users", "id:number! email name encrypted_password created_at:datetime deleted_at:datetime")
