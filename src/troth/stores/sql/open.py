"""Opening a SQL store from its address. The driver of a kind is loaded here, when the first store of it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import exc

from troth.core.errors import InputError
from troth.stores.contract import Store, StoreUnavailable
from troth.stores.sql.server import Server, Timeouts
from troth.stores.sql.store import SqlStore

KINDS = ("sqlite", "postgresql", "mariadb", "mysql")


def open_store(
    kind: str,
    url: str,
    *,
    writable: bool,
    schemas: Sequence[str] = (),
    zone: str = "UTC",
    base: Path | None = None,
    timeouts: Timeouts | None = None,
) -> Store:
    """The store at ``url``, reached once. ``schemas`` (PostgreSQL; databases of a MariaDB server): the declared part,
    the first one's tables with bare names; when empty, ``public``, or the address's database. ``zone``: how naive times
    are read. ``base``: where a relative SQLite path starts.

    Raises ``InputError`` for an address, a zone or a kind that cannot be used, ``StoreUnavailable`` when nothing
    answers. No message holds the address, which may hold a password.
    """
    limits = timeouts or Timeouts()
    match kind:
        case "sqlite":
            server = _sqlite(url, base or Path(), writable, limits)
        case "postgresql":
            server = _postgresql(url, writable, schemas, limits)
        case "mariadb" | "mysql":
            server = _mariadb(url, writable, schemas, limits)
        case _:
            raise InputError(f"no SQL store of kind {kind}", hint=f"known: {', '.join(KINDS)}", code="STORE-KIND")
    store = SqlStore(server, writable=writable, zone=_zone(zone))
    try:
        store.check()
    except BaseException:
        store.close()
        raise
    return store


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InputError(f"no time zone {name}", hint="write it like Europe/Paris", code="STORE-ZONE") from None


def _sqlite(url: str, base: Path, writable: bool, timeouts: Timeouts) -> Server:
    from troth.stores.sql.sqlite.server import SqliteServer  # noqa: PLC0415 — a driver is loaded when it is needed

    path = _file(url)
    if not path or path == ":memory:":
        raise InputError(
            "the SQLite address names no file", hint="write it like sqlite:///data/app.db", code="STORE-URL"
        )
    found = base / path
    if not found.is_file():
        hint = "check the path in the reference; a relative one starts where systems.yaml is"
        raise StoreUnavailable(f"there is no SQLite file {found.name} at the address", hint=hint, code="STORE-AWAY")
    return SqliteServer(found, writable=writable, timeouts=timeouts)


def _file(url: str) -> str:
    """``sqlite:///relative``, ``sqlite:////absolute``, ``file:path`` or a plain path."""
    for scheme in ("sqlite+pysqlite:", "sqlite:"):
        if url.startswith(scheme):
            rest = url.removeprefix(scheme)
            if rest.startswith("//") and not rest.startswith("///"):
                return ""
            return unquote(rest.removeprefix("///").partition("?")[0])
    if url.startswith("file:"):
        return unquote(url.removeprefix("file:").partition("?")[0])
    return "" if "://" in url else url


def _postgresql(url: str, writable: bool, schemas: Sequence[str], timeouts: Timeouts) -> Server:
    try:
        from troth.stores.sql.postgresql.server import PostgresqlServer  # noqa: PLC0415 — see above
    except ImportError as error:
        if not (error.name or "").startswith("psycopg"):
            raise
        hint = "install it with: pip install 'troth[postgresql]'"
        raise InputError("PostgreSQL's driver is not installed", hint=hint, code="STORE-DRIVER") from None
    hint = "write it like postgresql://user:password@host:5432/database"
    try:
        address = sa.make_url(url)
    except (exc.ArgumentError, ValueError):
        raise InputError("the PostgreSQL address cannot be read", hint=hint, code="STORE-URL") from None
    if address.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise InputError("the address is none of PostgreSQL", hint=hint, code="STORE-URL")
    return PostgresqlServer(address, writable=writable, schemas=schemas, timeouts=timeouts)


def _mariadb(url: str, writable: bool, schemas: Sequence[str], timeouts: Timeouts) -> Server:
    try:
        from troth.stores.sql.mariadb.server import MariadbServer  # noqa: PLC0415 — see above
    except ImportError as error:
        if not (error.name or "").startswith("pymysql"):
            raise
        hint = "install it with: pip install 'troth[mysql]'"
        raise InputError("MariaDB's driver is not installed", hint=hint, code="STORE-DRIVER") from None
    hint = "write it like mariadb://user:password@host:3306/database"
    try:
        address = sa.make_url(url)
    except (exc.ArgumentError, ValueError):
        raise InputError("the MariaDB address cannot be read", hint=hint, code="STORE-URL") from None
    if address.drivername not in ("mariadb", "mysql", "mariadb+pymysql", "mysql+pymysql"):
        raise InputError("the address is none of MariaDB", hint=hint, code="STORE-URL")
    if not address.database and not schemas:
        raise InputError("the MariaDB address names no database", hint=hint, code="STORE-URL")
    return MariadbServer(address, writable=writable, schemas=schemas, timeouts=timeouts)
