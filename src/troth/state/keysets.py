"""Key sets: the references to rows that a plan was made for. They point at people, so they are personal data.

They live from the plan to its end and are then forgotten: deleted, overwritten with zeros in the database and cut
from its write-ahead file. What a file system or a backup keeps of them lies outside (see ``limits``).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeAlias

from sqlalchemy import delete, func, insert, select

from troth.state.database import Connection, State
from troth.state.tables import keyset_chunks, keysets

Key: TypeAlias = tuple[int | str, ...]
"""The values of a row's key fields, in the key's order, as the store contract has them."""

CHUNK = 10_000
"""Keys in one row of the database."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class KeySetInfo:
    """A key set without its keys."""

    name: str
    count: int


def put(conn: Connection, plan: str, name: str, keys: Iterable[Key]) -> KeySetInfo:
    """Write down a key set of a plan that was saved before; one of the same name is replaced."""
    _drop(conn, plan, name)
    conn.execute(insert(keysets).values(plan=plan, name=name, count=0))
    count = 0
    for part, chunk in enumerate(_chunks(keys)):
        conn.execute(insert(keyset_chunks).values(plan=plan, name=name, part=part, keys=pack(chunk)))
        count += len(chunk)
    conn.execute(keysets.update().where(keysets.c.plan == plan, keysets.c.name == name).values(count=count))
    return KeySetInfo(name, count)


def get(conn: Connection, plan: str, name: str) -> tuple[Key, ...]:
    """Every key of a set, in the order it was put. Raises ``LookupError`` when there is no such set (any more)."""
    return tuple(chain.from_iterable(chunks(conn, plan, name)))


def chunks(conn: Connection, plan: str, name: str) -> Iterator[tuple[Key, ...]]:
    """The set in parts of at most ``CHUNK`` keys, one part in memory at a time. Raises like ``get``."""
    is_set = keysets.c.plan == plan, keysets.c.name == name
    if conn.execute(select(keysets.c.count).where(*is_set)).one_or_none() is None:
        raise LookupError(f"plan {plan[:12]} has no key set {name}")
    table = keyset_chunks.c
    part = 0
    while True:
        where = table.plan == plan, table.name == name, table.part == part
        packed = conn.execute(select(table["keys"]).where(*where)).scalar_one_or_none()
        if packed is None:
            return
        yield unpack(packed)
        part += 1


def names(conn: Connection, plan: str) -> tuple[KeySetInfo, ...]:
    """The plan's key sets by name; none once it is forgotten."""
    query = select(keysets.c.name, keysets.c.count).where(keysets.c.plan == plan).order_by(keysets.c.name)
    return tuple(KeySetInfo(*row) for row in conn.execute(query))


def drop(conn: Connection, plan: str) -> int:
    """Delete the plan's key sets and return how many keys that were. ``State.scrub`` then empties the files."""
    count = conn.execute(select(func.coalesce(func.sum(keysets.c.count), 0)).where(keysets.c.plan == plan)).scalar_one()
    conn.execute(delete(keyset_chunks).where(keyset_chunks.c.plan == plan))
    conn.execute(delete(keysets).where(keysets.c.plan == plan))
    return int(count)


def held(conn: Connection) -> tuple[tuple[str, int], ...]:
    """(plan, keys) of every plan that has keys written down."""
    query = select(keysets.c.plan, func.sum(keysets.c.count)).group_by(keysets.c.plan).order_by(keysets.c.plan)
    return tuple((plan, int(count)) for plan, count in conn.execute(query))


def forget(state: State, plan: str) -> int:
    """Delete the plan's key sets, from the database's files too. Returns how many keys that were.

    Raises ``NotReached`` when another process reads the state at that time: they are deleted, not yet overwritten.
    """
    with state.transaction() as conn:
        count = drop(conn, plan)
    state.scrub()
    return count


def digest(keys: Iterable[Key], secret: str) -> str:
    """HMAC-SHA256 (hexadecimal) of the keys under ``secret``: equal for equal sets, in any order, and silent on who.

    The message is ``troth key set``, a zero byte, and the sorted keys as compact JSON arrays, a comma after each.
    """
    keyed = hmac.new(secret.encode(), b"troth key set\0", hashlib.sha256)
    for chunk in _chunks(_sorted(keys)):
        inner = _encode(chunk)[1:-1] + ","
        keyed.update(inner.encode("utf-8", "surrogatepass"))
    return keyed.hexdigest()


def pack(keys: Iterable[Key]) -> bytes:
    """Keys of one width as compressed JSON, column by column, which is smaller and four times faster to read back.

    Raises ``ValueError`` for keys of different widths.
    """
    known = list(keys)
    width = len(known[0]) if known else 0
    if any(len(key) != width for key in known):
        raise ValueError("the keys of a set have one width")
    columns = [[key[place] for key in known] for place in range(width)]
    return zlib.compress(_encode(columns).encode("utf-8", "surrogatepass"), level=1)


def unpack(packed: bytes) -> tuple[Key, ...]:
    """What ``pack`` packed."""
    columns: list[list[int | str]] = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
    return tuple(zip(*columns, strict=True))


def _drop(conn: Connection, plan: str, name: str) -> None:
    conn.execute(delete(keyset_chunks).where(keyset_chunks.c.plan == plan, keyset_chunks.c.name == name))
    conn.execute(delete(keysets).where(keysets.c.plan == plan, keysets.c.name == name))


def _chunks(keys: Iterable[Key]) -> Iterator[list[Key]]:
    remaining = iter(keys)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def _sorted(keys: Iterable[Key]) -> list[Key]:
    """Numbers before texts, place by place. Where a place holds one kind only, plain order is that order."""
    known = list(keys)
    try:
        return sorted(known)
    except TypeError:
        return sorted(known, key=lambda key: tuple((isinstance(part, str), part) for part in key))
