"""The form of ``systems.yaml``, as people write it. ``load.py`` turns it into the frozen ``DataMap``.

Short forms (``belongs_to: customer_id``, ``billing`` for a table) are given their long form here, so that the rest of
the program knows one form only. The published JSON Schema shows both.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from troth.core.diagnostics import did_you_mean
from troth.core.fileform import FileModel, problem
from troth.core.filewords import EventName, FormWord, Id, TextsIn, Zone, quoted, text_or_texts
from troth.systems.amounts import KeptFile, PhysicalFile
from troth.systems.secrets import is_reference, why_not_a_url
from troth.systems.shortforms import (
    long_by,
    long_field,
    long_links,
    long_role,
    long_shared,
    long_source,
    long_table,
    long_where,
    plain,
)

STORES = ("sqlite", "postgresql", "mariadb", "mysql", "by_hand")
"""``mysql`` is another word for ``mariadb``: drivers, clients and addresses of MariaDB mostly say so."""

LATER = ("mongodb", "redis", "elasticsearch", "opensearch", "s3", "pulsar", "stripe", "paypal")
"""Stores that people have and this version does not reach; named so that the answer is better than a list."""

_SERVES = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)?$")


def _serves(text: str) -> str:
    if not _SERVES.match(text):
        raise problem("201", f"{quoted(text)} names no processing", "write a processing, or processing.purpose")
    return text


def _store(name: str) -> str:
    if name in STORES:
        return name
    if name in LATER:
        raise problem(
            "202", f"this version reaches no store '{name}' yet", "write store: by_hand, for, key_from and how"
        )
    raise problem("202", f"{quoted(name)} is not a kind of store", did_you_mean(name, [*STORES, *LATER]))


def _url(text: str) -> str:
    if why := why_not_a_url(text):
        raise problem("203", why, "write ${NAME} for an environment variable, ${file:path} for a file's text")
    return text


def _place(text: str) -> str:
    """A file, or an address as ``_url`` takes it."""
    return _url(text) if "://" in text or "$" in text or "password" in text.lower() else text


def _reference(text: str) -> str:
    if not is_reference(text):
        raise problem(
            "203", "a key is written here", "write ${NAME} for an environment variable, ${file:path} for a file"
        )
    return text


Plain: TypeAlias = Annotated[StrictBool | StrictInt | StrictStr | None, BeforeValidator(plain)]
WhereIn: TypeAlias = Annotated[
    dict[str, list[Plain]], BeforeValidator(long_where, json_schema_input_type=dict[str, Plain | list[Plain]])
]
ServesIn: TypeAlias = Annotated[
    list[Annotated[str, AfterValidator(_serves)]],
    BeforeValidator(text_or_texts, json_schema_input_type=str | list[str]),
]
UrlIn: TypeAlias = Annotated[str, AfterValidator(_url)]
Amount: TypeAlias = Annotated[StrictInt, Field(ge=0)]


class FieldFile(FileModel):
    """What a field holds."""

    item: Id
    form: FormWord | None = None
    encrypted: bool | None = Field(default=None, description="the application encrypts it: held, not readable")
    blank: str | None = Field(
        default=None, description="what a mask writes instead of null; {unique} becomes random characters"
    )
    serves: ServesIn | None = Field(default=None, alias="for")


FieldsIn: TypeAlias = dict[
    str, Annotated[FieldFile, BeforeValidator(long_field, json_schema_input_type=str | FieldFile)]
]


class SourceFile(FileModel):
    """Where the moment of an event is known from: a column, a state, the latest of other rows, or a linked row."""

    column: str | None = None
    unit: Literal["native", "epoch_s", "epoch_ms"] | None = None
    where: WhereIn | None = None
    when: WhereIn | None = Field(default=None, description="a state without a date: due now, since unknown")
    latest: str | None = Field(default=None, description="the column whose latest value counts, in the table 'of'")
    through: str | None = Field(default=None, description="the column of this table that leads to the table 'of'")
    of: str | None = None
    there: str | None = None
    here: str | None = None
    event: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> SourceFile:
        kinds = {
            "column": ("unit", "where"),
            "when": (),
            "latest": ("of", "there", "here", "unit"),
            "through": ("of", "there", "event"),
        }
        chosen = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(chosen) != 1:
            raise problem(
                "206", "an event comes from exactly one of column, when, latest and through", "keep one of them"
            )
        kind = chosen[0]
        others = [key for key in type(self).model_fields if getattr(self, key) is not None and key != kind]
        if odd := [key for key in others if key not in kinds[kind]]:
            allowed = f"keep {', '.join(kinds[kind])} at most" if kinds[kind] else f"keep {kind} alone"
            raise problem("206", f"'{odd[0]}' says nothing beside '{kind}'", allowed)
        if kind in {"latest", "through"} and self.of is None:
            raise problem("206", f"'{kind}' does not say in which table", "add of: the table")
        if kind == "latest" and self.there is None:
            raise problem(
                "206", "'latest' does not say how its rows lead here", "add there: the column that leads here"
            )
        return self


EventsIn: TypeAlias = dict[
    EventName, Annotated[SourceFile, BeforeValidator(long_source, json_schema_input_type=str | SourceFile)]
]


class LinkFile(FileModel):
    """Where a column leads: ``to`` a table here or ``system.table``; ``there``: its column (the key when absent)."""

    column: str
    to: str | None = None
    there: str | None = None
    when: WhereIn | None = Field(default=None, description="a polymorphic link counts when its type column says so")


class TargetFile(FileModel):
    """The long form of a link's target (for the schema)."""

    to: str | None = None
    there: str | None = None
    when: WhereIn | None = None


_Columns = dict[str, str | TargetFile | None]
LinksIn: TypeAlias = Annotated[
    list[LinkFile], BeforeValidator(long_links, json_schema_input_type=str | _Columns | list[str | _Columns])
]


class SharedFile(FileModel):
    """Rows of ``table`` are this row's owners: its column ``row`` equals this row's ``here`` (the key)."""

    table: str
    row: str | None = None
    here: str | None = None


SharedIn: TypeAlias = Annotated[
    list[SharedFile], BeforeValidator(long_shared, json_schema_input_type=str | SharedFile | list[str | SharedFile])
]


class TableFile(FileModel):
    """What a table holds and whose rows they are; a plain text or list says for what alone."""

    serves: ServesIn | None = Field(default=None, alias="for")
    table: str | None = Field(
        default=None, description="the table, when this name is another one: a second collection of it"
    )
    key: TextsIn | None = None
    where: WhereIn | None = Field(default=None, description="only these rows")
    fields: FieldsIn | None = None
    json_paths: FieldsIn | None = Field(
        default=None, alias="json", description="prefs.sms.number: a path into a JSON column"
    )
    belongs_to: LinksIn | None = None
    shared_through: SharedIn | None = None
    mentions: LinksIn | None = None
    events: EventsIn | None = None
    free_text: TextsIn | None = None


class PeopleFile(TableFile):
    """A table whose rows are people. ``by`` must be there; ``load`` says so."""

    model_config = ConfigDict(json_schema_extra={"required": ["by"]})

    subject: Id | None = None
    by: (
        Annotated[
            dict[Literal["email", "phone", "login", "id"], str],
            BeforeValidator(long_by, json_schema_input_type=str | dict[str, str]),
        ]
        | None
    ) = None


TableIn: TypeAlias = Annotated[
    TableFile, BeforeValidator(long_table, json_schema_input_type=str | list[str] | TableFile)
]


class PaceFile(FileModel):
    """When a run pauses, so that those who use the store do not suffer from it."""

    lag: Amount | None = Field(default=None, description="seconds that a replica may be behind; 60")
    waiting: Amount | None = Field(default=None, description="other sessions that one batch may keep waiting; 0")
    patience: Amount | None = Field(default=None, description="seconds of pauses in a row before the run stops; 600")


class RoleFile(FileModel):
    """What a role of the store may do with the tables that a pattern names."""

    may: Literal["read", "change", "all"]
    on: str


RoleIn: TypeAlias = Annotated[
    list[RoleFile], BeforeValidator(long_role, json_schema_input_type=str | list[str] | list[RoleFile])
]


class LinesFile(FileModel):
    """The lines of a system: all that a part of the file may say."""

    events: EventsIn | None = None
    items: FieldsIn | None = None
    people: dict[str, PeopleFile] | None = None
    tables: dict[str, TableIn] | None = None
    not_personal: TextsIn | None = None


class SystemFile(LinesFile):
    """One place where data is. ``store`` must be there; ``load`` says so, so that the rest is read all the same."""

    model_config = ConfigDict(json_schema_extra={"required": ["store"]})

    store: Annotated[str, AfterValidator(_store), Field(json_schema_extra={"enum": list(STORES)})] | None = None
    url: UrlIn | None = Field(default=None, description="one connection for reading and writing")
    read: UrlIn | None = None
    write: UrlIn | None = None
    schemas: TextsIn | None = None
    timezone: Zone | None = Field(default=None, description="of times without a zone")
    location: str | None = None
    operated_by: str | None = None
    limits: TextsIn | None = Field(default=None, description="what cannot be promised here, in words")
    pace: PaceFile | None = None
    physical: PhysicalFile | None = None
    backups: KeptFile | None = None
    logs: KeptFile | None = None
    roles: dict[str, RoleIn] | None = Field(
        default=None, description="who may do what in the store: support: [read users, tickets], app: all"
    )
    serves: ServesIn | None = Field(default=None, alias="for")
    key_from: str | None = Field(default=None, description="by hand: system.table.column that holds the key used there")
    how: str | None = Field(default=None, description="by hand: what to do, or the file that says it")


class EvidenceFile(FileModel):
    """The name evidence is signed under, and references to its keys."""

    origin: str | None = None
    key: Annotated[str, AfterValidator(_reference)] | None = None
    pseudonym_key: Annotated[str, AfterValidator(_reference)] | None = None
    witness: str | None = Field(
        default=None, description="the file that each checkpoint is left in, away from the state; keys/evidence.witness"
    )


class SystemsFile(FileModel):
    """Where the data is."""

    troth: Literal[1]
    evidence: EvidenceFile | None = None
    state: Annotated[str, AfterValidator(_place)] | None = Field(
        default=None, description="Troth's own database: a file, or a reference to a PostgreSQL address"
    )
    systems: dict[Id, SystemFile] | None = None


class PartFile(FileModel):
    """A part of the file, under ``systems/``: lines of systems that the file declares; ``parts.py`` joins them."""

    troth: Literal[1]
    systems: dict[Id, LinesFile] | None = None
