"""What differs between SQL servers outside a condition: describing, streaming, changing, key sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import sqlalchemy as sa

from troth.stores.access import Access, Grant
from troth.stores.contract import Capabilities, Health
from troth.stores.sql.catalog import Catalog, Table
from troth.stores.sql.compile import KeySource
from troth.stores.sql.expressions import Expr, Expressions, Operand, Test
from troth.stores.sql.rewriting import Physical

Rows: TypeAlias = Sequence[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: to connect; for one statement; to wait for a lock; between two statements of a transaction."""

    connect: float = 10
    statement: float = 600
    lock: float = 15
    idle: float = 600


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of rows to change: those of ``table`` that meet ``where``, at most ``limit``. ``values`` is what is
    written, by column; none means that the rows are removed. ``left`` tests, after writing, that a row still holds
    something: whatever the store's own triggers put back. ``gathers``: ``where`` looks up what is gathered first."""

    table: Table
    rows: sa.TableClause
    where: Test
    limit: int
    values: dict[str, Expr] | None = None
    left: Test | None = None
    gathers: bool = False

    @property
    def event(self) -> str:
        return "delete" if self.values is None else "update"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read from ``table``: ``query`` has neither order nor limit yet; ``sample``: in random order;
    ``gathers``: it costs much before its first row."""

    table: Table
    rows: sa.TableClause
    query: sa.Select[Any]
    limit: int | None
    sample: bool
    gathers: bool = False

    @property
    def drawn(self) -> sa.Select[Any]:
        """The query with its limit, in random order for a sample."""
        query = self.query.order_by(sa.func.random()) if self.sample else self.query
        return query.limit(self.limit)


class Changes(Protocol):
    """How a dialect changes rows, inside a transaction that ``begin`` has opened."""

    def begin(self, connection: sa.Connection) -> None: ...

    def run(self, connection: sa.Connection, batch: Batch, portion: int | None = None) -> int:
        """Rows changed, looked for among those of one portion of the survey, or everywhere. Each is tested again.

        Raises ``ChangeRefused`` when the store's own triggers or rules keep every one of them."""
        ...

    def survey(self, connection: sa.Connection, batch: Batch, most: int) -> int:
        """Write down, for this session alone, where up to ``most`` rows are that meet the condition now, in portions of
        the batch's size; returns the number of portions."""
        ...

    def waiting(self, connection: sa.Connection) -> int:
        """Other sessions that wait for what this transaction has locked; none where the dialect cannot tell."""
        ...

    def statement(self, batch: Batch) -> sa.UpdateBase:
        """The statement of ``run``, for people."""
        ...

    def refresh(self, table: Table) -> sa.TextClause | None:
        """Rebuilding a materialised view; none where the dialect has no such thing."""
        ...


class Keys(Protocol):
    """How key sets travel."""

    @property
    def bound(self) -> KeySource:
        """Inside the statement, as bound values."""
        ...

    def create(self, connection: sa.Connection, table: str, operands: Sequence[Operand]) -> None:
        """Make an empty temporary table with a column ``k0``, ``k1`` … for each operand."""
        ...

    def fill(self, connection: sa.Connection, table: str, rows: Rows) -> None:
        """Replace what the temporary table holds."""
        ...

    def temporary(self, table: str, columns: Sequence[str]) -> sa.TableClause: ...


class Server(Protocol):
    """One dialect on one address."""

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def engine(self) -> sa.Engine: ...

    @property
    def changes(self) -> Changes: ...

    @property
    def keys(self) -> Keys: ...

    @property
    def physical(self) -> Physical: ...

    @property
    def home(self) -> str | None:
        """The schema our own table is in."""
        ...

    def expressions(self) -> Expressions: ...

    def health(self, connection: sa.Connection) -> Health: ...

    def access(self, connection: sa.Connection) -> Access:
        """One catalogue query per subject, whatever the number of tables and roles."""
        ...

    def granting(self, connection: sa.Connection, catalog: Catalog, grants: tuple[Grant, ...]) -> str:
        """The statements that give these rights and no others, for whoever may run them; no password in them."""
        ...

    def gather(self, connection: sa.Connection) -> None:
        """Make room for what the next statement of this transaction gathers in other tables."""
        ...

    def catalog(self, connection: sa.Connection) -> Catalog: ...

    def stream(self, connect: Callable[[], sa.Connection], reading: Reading) -> Iterator[Sequence[sa.Row[Any]]]:
        """The rows in chunks; they may have more columns than were asked for."""
        ...
