"""The data map as frozen values, in two states.

``System`` is what ``systems.yaml`` says: patterns and lines. ``Collection`` is what those lines mean for one table of
a live schema (``resolve.py``). Names of fields are dotted: ``prefs.sms.number`` leads into the JSON column ``prefs``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from troth.core.diagnostics import Mark

Plain: TypeAlias = str | int | bool | None
"""A value a row condition compares with; ``None`` is null."""

Where: TypeAlias = tuple[tuple[str, tuple[Plain, ...]], ...]
"""Row condition: every named field equals one of its values."""

Unit: TypeAlias = Literal["native", "epoch_s", "epoch_ms"]


@dataclass(frozen=True, slots=True)
class Use:
    """What a collection or field serves: a processing, or one purpose of it (``account`` or ``account.billing``)."""

    processing: str
    purpose: str | None = None

    def __str__(self) -> str:
        return f"{self.processing}.{self.purpose}" if self.purpose else self.processing


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What a line says about the fields it names. ``blank`` is the text a mask writes instead of null; ``{unique}``
    in it is replaced by random characters. ``encrypted``: the application encrypts it; held, not readable."""

    item: str
    form: str | None = None
    encrypted: bool = False
    blank: str | None = None
    serves: tuple[Use, ...] | None = None


@dataclass(frozen=True, slots=True)
class InRow:
    """The event's moment is in a field of the row; ``where`` says for which rows it counts."""

    field: str
    unit: Unit = "native"
    where: Where = ()


@dataclass(frozen=True, slots=True)
class StateOnly:
    """The event has happened to rows in this state, nobody knows when: due now, since unknown."""

    where: Where


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest moment in ``field`` among the rows of ``collection`` (id ``system.table``) whose ``there`` equals
    this row's ``here``. A row without any such row has no known moment."""

    collection: str
    there: str
    here: str
    field: str
    unit: Unit = "native"


@dataclass(frozen=True, slots=True)
class Through:
    """The event is the linked row's: ``here`` in this row equals ``there`` in ``collection``; its ``event`` counts."""

    collection: str
    here: str
    there: str
    event: str


EventSource: TypeAlias = InRow | StateOnly | Latest | Through


@dataclass(frozen=True, slots=True)
class BelongsTo:
    """The row goes with the row of ``target`` (a collection id, maybe in another system) whose ``there`` equals this
    row's ``here``. ``when`` tests the type column of a polymorphic link."""

    here: str
    target: str
    there: str | None = None
    """``None``: the target's key field."""
    when: Where = ()
    mark: Mark = Mark("systems.yaml")


@dataclass(frozen=True, slots=True)
class SharedThrough:
    """The row stays until its last owner is gone. Owners are the rows of ``through`` whose ``there`` equals this row's
    ``here``; each belongs to a person by its own links, or is one."""

    through: str
    there: str
    here: str | None = None
    """``None``: this collection's key field."""
    mark: Mark = Mark("systems.yaml")


@dataclass(frozen=True, slots=True)
class Mention:
    """A reference to a person in somebody else's row: ``here`` is masked on erasure, the row stays."""

    here: str
    target: str
    there: str | None = None
    when: Where = ()
    mark: Mark = Mark("systems.yaml")


Link: TypeAlias = BelongsTo | SharedThrough | Mention


@dataclass(frozen=True, slots=True)
class Person:
    """Rows of this collection are people. ``by`` maps a kind of name (email, phone, login, id) to its field."""

    subject: str
    by: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableLine:
    """One entry under ``people:`` or ``tables:``; ``pattern`` may name many tables (``{invoices,credit_*}``)."""

    pattern: str
    table: str | None
    """The table behind a collection that has another name than it (two collections of one table)."""
    serves: tuple[Use, ...]
    person: Person | None = None
    key: tuple[str, ...] | None = None
    where: Where = ()
    fields: tuple[tuple[str, FieldRule, Mark], ...] = ()
    links: tuple[Link, ...] = ()
    events: tuple[tuple[str, EventSource, Mark], ...] = ()
    free_text: tuple[str, ...] = ()
    """Fields in which people may name others; never searched, always said."""
    mark: Mark = Mark("systems.yaml")


@dataclass(frozen=True, slots=True)
class ByHand:
    """A system no store of ours reaches: a person does the step with the key to look for and signs it."""

    serves: tuple[Use, ...]
    key_from: str | None
    """``system.collection.field`` that holds the key people are known by there."""
    how: str


@dataclass(frozen=True, slots=True)
class PaceLimits:
    """What a run may do to those who use the store: ``lag``, seconds that a replica may be behind; ``waiting``,
    sessions that one batch may keep waiting; ``patience``, seconds of pauses in a row after which the run stops."""

    lag: int = 60
    waiting: int = 0
    patience: int = 600


@dataclass(frozen=True, slots=True)
class PhysicalLimits:
    """What a physical step may take: ``lock``, seconds that others may wait; ``disk``, bytes written anew at once."""

    lock: int
    disk: int


@dataclass(frozen=True, slots=True)
class DeclaredRole:
    """Roles of the store that ``pattern`` names, and what they may do: (right, pattern of tables)."""

    pattern: str
    may: tuple[tuple[Literal["read", "change", "all"], str], ...]
    mark: Mark = Mark("systems.yaml")


@dataclass(frozen=True, slots=True)
class System:
    """One place where data is. ``read`` and ``write`` are references (``${NAME}``), never resolved here."""

    id: str
    store: str
    read: str | None
    write: str | None
    lines: tuple[TableLine, ...] = ()
    items: tuple[tuple[str, FieldRule, Mark], ...] = ()
    events: tuple[tuple[str, EventSource, Mark], ...] = ()
    not_personal: tuple[tuple[str, Mark], ...] = ()
    schemas: tuple[str, ...] = ()
    zone: str = "UTC"
    location: str | None = None
    operated_by: str | None = None
    limits: tuple[str, ...] = ()
    by_hand: ByHand | None = None
    pace: PaceLimits = PaceLimits()
    physical: PhysicalLimits | None = None
    """``None``: no physical step is allowed here."""
    backups: int | None = None
    """Days that a backup is kept; ``None``: nobody said. ``logs``: those of the store, with their archive."""
    logs: int | None = None
    roles: tuple[DeclaredRole, ...] = ()
    """Who may do what in the store; the roles of the two connections need not be among them."""
    mark: Mark = Mark("systems.yaml")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The name evidence is signed under and references to the keys it is made with. ``witness``: the file that each
    checkpoint is left in, by which an old state that was put back is noticed."""

    origin: str = "troth.example/evidence"
    key: str = "${file:keys/evidence.key}"
    pseudonym_key: str = "${file:keys/pseudonym.key}"
    witness: str | None = None


@dataclass(frozen=True, slots=True)
class DataMap:
    """The whole of ``systems.yaml``. ``revision`` is the SHA-256 of the file's bytes, ``folder`` where it lies."""

    systems: Mapping[str, System]
    evidence: Evidence = Evidence()
    state: str = ".troth/state.db"
    revision: str = ""


@dataclass(frozen=True, slots=True)
class MappedField:
    """One field of a collection that holds an item, and the line that says so."""

    name: str
    rule: FieldRule
    mark: Mark


@dataclass(frozen=True, slots=True)
class Collection:
    """What the lines mean for one table. ``id`` is ``system.name``; ``table`` is the store's own name for it."""

    id: str
    system: str
    table: str
    serves: tuple[Use, ...]
    fields: tuple[MappedField, ...]
    key: tuple[str, ...]
    person: Person | None = None
    where: Where = ()
    links: tuple[Link, ...] = ()
    events: Mapping[str, EventSource] = field(default_factory=dict)
    event_marks: Mapping[str, Mark] = field(default_factory=dict)
    free_text: tuple[str, ...] = ()
    mark: Mark = Mark("systems.yaml")

    @property
    def name(self) -> str:
        return self.id.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Missing:
    """A column that a line names and the collection's table does not have. The collection keeps what the line says,
    so whoever uses it has to look here first: it cannot be asked, and nothing about it is provable."""

    collection: str
    column: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Resolved:
    """A system's lines against its live schema. Undeclared names are findings, unused lines are warnings."""

    collections: tuple[Collection, ...]
    undeclared_tables: tuple[str, ...] = ()
    undeclared_fields: tuple[tuple[str, str], ...] = ()
    """(table, column) pairs in declared tables that no line names."""
    unused: tuple[Mark, ...] = ()
    missing: tuple[Missing, ...] = ()
