"""The store contract: frozen data in, frozen data out. A store holds collections; a collection holds rows of fields.

A kind of store is one package beside this module, with an ``open_store(...)`` that returns a ``Store``. Nothing in
here knows about SQL: rows are named by conditions (``conditions.py``), people by key sets that travel with a selection,
rights and the way to the store as ``access.py`` says.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from troth.core.errors import NotReached, TrothError
from troth.stores.access import Access, Granting, Transport
from troth.stores.conditions import Blank, Condition, Field, Key
from troth.stores.gone import NOT_ASKED, Budget, Outside, Shown

Value: TypeAlias = object
"""What a field holds, as the driver gives it: text, number, bytes, date, aware or naive datetime, None."""


class StoreUnavailable(NotReached):
    """Later: the store did not answer, refused the connection, or a lock or statement ran out of time."""


class ChangeRefused(TrothError):
    """Never: the store does not accept this change (a constraint, missing rights, read-only). Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Facts about a kind of store, shown on the capability page of the docs."""

    kind: str
    changes: frozenset[Literal["delete", "mask"]]
    related: bool
    """Conditions may look at other collections of the same store (``Related``)."""
    receipts: Literal["in_transaction", "none"]
    """``in_transaction``: the receipt is committed with the change; ``none``: after a kill the count is a range."""
    proves_absence: bool
    """A count of 0 on this connection means that no query finds such a row."""
    limits: tuple[str, ...]
    """What this kind of store cannot promise, in words a person can read."""
    rewrites: Literal["collection", "store", "none"] = "none"
    """What a physical step (``Rewrite``) takes at once; ``none``: the store has no such step."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which database this is. ``server`` and ``database`` are equal on a primary and its replicas; ``endpoint`` is
    the address it was reached at. None holds a user name or a secret; a plan keeps them hashed."""

    server: str
    database: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Health:
    """What ``check`` saw. ``limits``: why counts on this connection might show only a part (row-level security, a
    replica); with any limit, an absence is never called proven. ``closed``: collections that it may not read."""

    identity: Identity
    version: str
    writable: bool
    transport: Transport
    limits: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    lag: float | None = None
    """Seconds by which the slowest replica of this server is behind; ``None``: there is none, or nobody may tell."""
    lag_hidden: bool = False
    """There are replicas, and this role may not see how far they are behind."""
    outside: tuple[Outside, ...] = ()
    """Where copies lie that no query reaches, as far as the store tells; of backups none does."""

    def limits_of(self, asked: Container[str]) -> tuple[str, ...]:
        """The limits of questions about these collections."""
        closed = [name for name in self.closed if name in asked]
        return (*self.limits, *([f"the role may not read: {', '.join(closed)}"] if closed else []))


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of a collection. ``type`` is coarse; ``declared`` is the store's own word for it."""

    name: str
    type: Literal[
        "text", "number", "boolean", "date", "datetime", "datetime_tz", "json", "uuid", "bytes", "network", "other"
    ]
    declared: str
    nullable: bool
    length: int | None = None
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule the store enforces on one row (a CHECK constraint)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of the collection that has this point at rows of ``target`` (a foreign key)."""

    name: str
    fields: tuple[str, ...]
    target: str
    target_fields: tuple[str, ...]
    on_delete: Literal["no_action", "cascade", "set_null", "set_default"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something the store runs by itself on a change. ``events`` are among insert, update, delete."""

    name: str
    events: frozenset[str]
    text: str = ""


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """One collection as the store has it now. ``indexed`` holds each index's fields, in order, usable ones only
    (no partial index). ``part_of`` names the collection that shows this one's rows too (a partition's parent)."""

    name: str
    kind: Literal["table", "view", "materialized_view", "other"]
    fields: tuple[FieldInfo, ...]
    key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    rules: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()
    indexed: tuple[tuple[str, ...], ...] = ()
    triggers: tuple[Trigger, ...] = ()
    part_of: str | None = None
    history_of: str | None = None
    reads_from: tuple[str, ...] = ()
    """For views and materialised views: the collections they show, where the store tells."""
    row_security: bool = False
    rows_estimate: int | None = None
    by_place: bool = False
    """``read`` draws a sample by the rows' places, without a look at the others."""

    def field(self, name: str) -> FieldInfo | None:
        return next((info for info in self.fields if info.name == name), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything in the declared part of a store. ``elsewhere`` names databases or schemas that were seen but lie
    outside it."""

    collections: tuple[CollectionInfo, ...]
    elsewhere: tuple[str, ...] = ()

    def collection(self, name: str) -> CollectionInfo | None:
        return next((info for info in self.collections if info.name == name), None)


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of one collection. ``keys`` gives the key sets that ``where`` names; they travel into the store as bound
    arrays or a temporary table and are never written into a statement's text."""

    collection: str
    where: Condition
    keys: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a selection has, and between which moments ``start`` lies when one was asked for (aware, UTC;
    days are midnight UTC)."""

    rows: int
    oldest: datetime | None = None
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove rows of ``selection``, at most ``limit`` of them in one batch."""

    selection: Selection
    limit: int = 10_000
    kind: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True)
class Mask:
    """Write ``blanks`` into at most ``limit`` rows of ``selection`` that still hold something in one of them."""

    selection: Selection
    blanks: tuple[tuple[Field, Blank], ...]
    limit: int = 10_000
    kind: Literal["mask"] = "mask"


@dataclass(frozen=True, slots=True)
class Refresh:
    """Rebuild a collection that stores a copy of others' rows (a materialised view)."""

    collection: str
    kind: Literal["refresh"] = "refresh"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The physical step: write a collection anew (``None``: the whole store), so that nothing of what was removed is
    left in its live files. It changes no row, so it may be done twice, and is given up where it would pass its budget.
    """

    collection: str | None
    budget: Budget
    kind: Literal["rewrite"] = "rewrite"


Change: TypeAlias = Delete | Mask | Refresh | Rewrite


@dataclass(frozen=True, slots=True)
class ReceiptKey:
    """Names one batch for ever; a store that keeps receipts answers a repeated key from its record."""

    plan: str
    step: str
    batch: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one batch did: numbers only. ``replayed``: the store had already done it and did nothing now. ``waiting``:
    other sessions that waited for its locks just before its end, where the store can tell; kept nowhere."""

    key: ReceiptKey
    rows: int
    replayed: bool = False
    waiting: int = 0
    shown: Shown = NOT_ASKED
    """Of a ``Rewrite``: the level that the store can show now."""


@runtime_checkable
class Store(Protocol):
    """One open connection to one store. Not safe for use from two threads at once.

    Every method may raise ``StoreUnavailable`` (later) and ``ChangeRefused`` (never); anything else is a bug.
    """

    @property
    def capabilities(self) -> Capabilities: ...

    def check(self) -> Health:
        """Reach the store and say which one it is, and by which way."""
        ...

    def access(self) -> Access:
        """What this connection's role may do, and who else may do what."""
        ...

    def describe(self) -> Schema:
        """Collections, fields, keys, rules, references and triggers as they are now."""
        ...

    def count(self, selection: Selection, start: Field | None = None) -> Count:
        """Exact number of rows, with the oldest and latest moment in ``start``."""
        ...

    def read(
        self, selection: Selection, fields: tuple[Field, ...], *, limit: int | None = None, sample: bool = False
    ) -> Iterator[tuple[Value, ...]]:
        """Stream rows in flat memory, in no particular order; ``sample`` with ``limit`` draws them at random."""
        ...

    def apply(self, change: Change, key: ReceiptKey) -> Receipt:
        """Carry out one batch and keep its receipt in the same transaction. Tests again, in its own statement, that
        each row still meets the selection. A ``Rewrite`` leaves no receipt; its answer says what the store can show."""
        ...

    def explain(self, request: Selection | Change | Granting) -> str:
        """The exact query for people, values written in; the same rows as ``count``, ``read`` or ``apply`` mean. Of
        grants: what whoever may make them has to run, no secret in it."""
        ...

    def close(self) -> None:
        """Let go of the connection. Idempotent."""
        ...
