"""The log's rows: entries as they are signed, the frontier of their tree, and signed checkpoints.

Only bytes and numbers here; what they mean is ``troth.evidence``'s, which is the one to write them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from troth.state.database import Connection
from troth.state.tables import log_checkpoints, log_entries, log_frontier

_PAGE = 1_000

# Built once: building a statement takes longer than SQLite takes to run it, and a log is appended to all the time.
_FRONTIER = select(log_frontier.c.size, log_frontier.c.nodes)
_ENTRY = select(log_entries.c.document).where(log_entries.c.number == bindparam("number"))
_ADD_ENTRY = insert(log_entries)
_MOVE_FRONTIER = update(log_frontier)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint as it was signed: the number of entries it covers, and the note."""

    size: int
    note: str
    signed_at: datetime


def read_frontier(conn: Connection) -> tuple[int, bytes]:
    """(number of entries, nodes of the frontier) as they were last written."""
    row = conn.execute(_FRONTIER).one_or_none()
    return (0, b"") if row is None else (row[0], _bytes(row[1]))


def write_entry(conn: Connection, number: int, document: bytes, nodes: bytes) -> None:
    """Add entry ``number`` and move the frontier past it."""
    conn.execute(_ADD_ENTRY, {"number": number, "document": document})
    if conn.execute(_MOVE_FRONTIER, {"size": number + 1, "nodes": nodes}).rowcount == 0:
        conn.execute(insert(log_frontier).values(id=1, size=number + 1, nodes=nodes))


def entry(conn: Connection, number: int) -> bytes | None:
    """One entry's document, or None when the log has no such entry."""
    document = conn.execute(_ENTRY, {"number": number}).scalar_one_or_none()
    return None if document is None else _bytes(document)


def entries(conn: Connection, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
    """(number, document) from ``start`` up to but not with ``stop``, in order, in flat memory."""
    table = log_entries.c
    while True:
        query = select(table.number, table.document).where(table.number >= start)
        if stop is not None:
            query = query.where(table.number < stop)
        page = conn.execute(query.order_by(table.number).limit(_PAGE)).all()
        for number, document in page:
            yield number, _bytes(document)
        if len(page) < _PAGE:
            return
        start = page[-1][0] + 1


def checkpoints(conn: Connection) -> tuple[SignedCheckpoint, ...]:
    """Every checkpoint, the smallest first."""
    table = log_checkpoints.c
    query = select(table.size, table.note, table.signed_at).order_by(table.size)
    return tuple(SignedCheckpoint(*row) for row in conn.execute(query))


def last_checkpoint(conn: Connection) -> SignedCheckpoint | None:
    """The checkpoint over the most entries."""
    table = log_checkpoints.c
    query = select(table.size, table.note, table.signed_at).order_by(table.size.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    return None if row is None else SignedCheckpoint(*row)


def write_checkpoint(conn: Connection, checkpoint: SignedCheckpoint) -> None:
    """Add a checkpoint; there is one at most for a size."""
    conn.execute(
        insert(log_checkpoints).values(size=checkpoint.size, note=checkpoint.note, signed_at=checkpoint.signed_at)
    )


def _bytes(value: bytes | str) -> bytes:
    """What is stored; someone who changes the database by hand may leave text there, which is then judged as it is."""
    return value.encode() if isinstance(value, str) else bytes(value)
