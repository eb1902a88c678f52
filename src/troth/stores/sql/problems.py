"""What a driver says when something fails, in our words: what happened, and whether to try again.

A driver's own message may quote a row (``Key (email)=(…) already exists``), so none of it is passed on but names:
constraints, tables, columns, error codes.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping

from sqlalchemy import exc

from troth.core.errors import TrothError
from troth.stores.contract import ChangeRefused, StoreUnavailable
from troth.stores.sql.catalog import RECEIPTS

RETRY = frozenset({"40001", "40P01"})
"""SQLSTATEs of PostgreSQL after which the same transaction may succeed: somebody else changed a row, or a deadlock."""

_LATER: Mapping[str, tuple[str, str]] = {
    "08": ("the connection was lost or refused", "try again when the store answers"),
    "28": ("the store refused the login", "check user and password in the reference this connection is made from"),
    "3D": ("there is no such database on the server", "check the database in the reference"),
    "40": ("rows are being changed by others all the time", "try again in a quieter moment"),
    "53": ("the store has run out of disk, memory or connections", "make room, then try again"),
    "55P03": (
        "a row or table stayed locked by somebody else",
        "try again; see what holds the lock in pg_stat_activity",
    ),
    "57014": ("the statement ran out of time", "try again; a missing index or a busy server makes statements slow"),
    "57": ("the server is stopping, starting or has ended the session", "try again when it is up"),
    "25P03": ("the session was idle for too long inside a transaction", "try again"),
    "58": ("the server could not read or write its own files", "look at the server's log, then try again"),
    "XX": ("the server had an internal error", "look at the server's log, then try again"),
}

_NEVER: Mapping[str, tuple[str, str]] = {
    "25006": ("the connection is read-only", "use a write connection to the primary"),
    "23502": ("a field may not be null", ""),
    "23503": ("other rows refer to it", ""),
    "23505": ("a value must be unique and is there already", ""),
    "23514": ("a rule of the table forbids it", ""),
    "23": ("a constraint of the store forbids it", ""),
    "22001": ("a value is too long for its field", ""),
    "22": ("a value in the table cannot be read as the question needs it, or cannot be written", ""),
    "42P01": ("a table is not there any more", "look at the store again and make a new plan"),
    "42703": ("a field is not there any more", "look at the store again and make a new plan"),
    "27000": ("a trigger changes the same rows", "look at the table's triggers"),
    "P0001": ("a trigger or function of the store refused", "look at the table's triggers"),
    "0A000": ("the store does not support this", ""),
}


def problem(error: BaseException, *, changing: bool) -> TrothError:
    """The error to raise for a driver's or SQLAlchemy's own. ``changing``: it came from a change."""
    if isinstance(error, TrothError):
        return error
    if isinstance(error, exc.TimeoutError):
        return StoreUnavailable("too many connections are open at once", hint="try again")
    origin = _origin(error)
    if isinstance(origin, sqlite3.Error):
        return _sqlite(origin)
    return _sqlstate(origin, changing)


def _origin(error: BaseException) -> BaseException | None:
    """The driver's own error behind SQLAlchemy's."""
    return error.orig if isinstance(error, exc.DBAPIError) else error


def sqlstate(error: BaseException) -> str:
    origin = _origin(error)
    return str(getattr(origin, "sqlstate", None) or "")


def _look_up(table: Mapping[str, tuple[str, str]], state: str) -> tuple[str, str] | None:
    return next((table[state[:length]] for length in (5, 2) if state[:length] in table), None)


def _sqlstate(error: BaseException | None, changing: bool) -> TrothError:
    state = str(getattr(error, "sqlstate", None) or "")
    diag = getattr(error, "diag", None)
    kind = type(error).__name__
    if state == "42501":
        return _forbidden(error, changing)
    if (later := _look_up(_LATER, state)) is not None:
        return StoreUnavailable(f"{later[0]} (SQLSTATE {state})", hint=later[1])
    if not state:
        return StoreUnavailable(
            f"the store did not answer or the connection was lost ({kind})", hint=_connection_hint(error)
        )
    what, hint = _look_up(_NEVER, state) or ("the store could not carry out the statement", "")
    names = [f"{word} {name}" for word, name in _diag_names(diag) if name]
    where = f" ({', '.join([*names, f'SQLSTATE {state}, {kind}'])})"
    return ChangeRefused(f"{what}{where}", hint=hint)


def _diag_names(diag: object) -> list[tuple[str, str]]:
    words = (("constraint", "constraint_name"), ("table", "table_name"), ("column", "column_name"))
    return [(word, str(getattr(diag, attribute, None) or "")) for word, attribute in words]


def _forbidden(error: BaseException | None, changing: bool) -> TrothError:
    """The server names the object in quotes; that is a name of its own, never a value."""
    primary = str(getattr(getattr(error, "diag", None), "message_primary", None) or "")
    named = re.fullmatch(r"permission denied for (\w+ \S+)|must be owner of (\w+(?: \w+)* \S+)", primary)
    if "row-level security" in primary:
        what = "row-level security hides rows from this role"
        hint = "give the role BYPASSRLS, or connect as one whose view is whole"
    else:
        what = f"the role may not use {named[1] or named[2]}" if named else "the role lacks a right"
        hint = "grant the role what it needs"
    refused = ChangeRefused if changing else StoreUnavailable
    return refused(f"{what} (SQLSTATE 42501)", hint=hint)


def _connection_hint(error: BaseException | None) -> str:
    text = str(error).lower()
    for words, hint in (
        (("password authentication failed", "no password supplied"), "check user and password in the reference"),
        (("could not translate host", "name or service", "resolve"), "check the host in the reference"),
        (("connection refused", "no such file"), "check host and port, and that the server runs"),
        (("timeout", "timed out"), "nothing answered in time: check host, port and firewall"),
        (("does not exist",), "check the database and user in the reference"),
        (("ssl",), "check the TLS settings of both sides"),
    ):
        if any(word in text for word in words):
            return hint
    return "try again when it answers"


_SQLITE_LATER: Mapping[str, tuple[str, str]] = {
    "SQLITE_BUSY": ("the file stayed locked by another program", "try again"),
    "SQLITE_LOCKED": ("a table stayed locked", "try again"),
    "SQLITE_INTERRUPT": ("the statement ran out of time", "try again; a missing index makes statements slow"),
    "SQLITE_FULL": ("the disk is full", "make room, then try again"),
    "SQLITE_IOERR": ("the file could not be read or written", "check the disk, then try again"),
    "SQLITE_CANTOPEN": ("the file could not be opened", "check its path and rights, and its folder's"),
    "SQLITE_NOTADB": ("the file is no SQLite database, or is encrypted", "check the path in the reference"),
    "SQLITE_CORRUPT": ("the file is damaged", "restore it; nothing was concluded from it"),
    "SQLITE_NOMEM": ("memory ran out", "try again"),
    "SQLITE_PROTOCOL": ("the file stayed locked by another program", "try again"),
}

_SQLITE_NEVER: Mapping[str, str] = {
    "SQLITE_READONLY": "the file or its folder is read-only",
    "SQLITE_PERM": "the file's rights do not allow it",
    "SQLITE_AUTH": "the store does not allow it",
    "SQLITE_TOOBIG": "a value is too long",
    "SQLITE_CONSTRAINT_TRIGGER": "a trigger of the store refused",
}


def _sqlite(error: sqlite3.Error) -> TrothError:
    name = str(getattr(error, "sqlite_errorname", None) or "SQLITE_ERROR")
    text = str(error)
    for code, (what, hint) in _SQLITE_LATER.items():
        if name == code or name.startswith(f"{code}_"):
            return StoreUnavailable(f"{what} ({name})", hint=hint)
    for code, what in _SQLITE_NEVER.items():
        if name == code or name.startswith(f"{code}_"):
            return ChangeRefused(f"{what} ({name})")
    if constraint := re.fullmatch(r"(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(: [\w.\" ,]+)?", text):
        return ChangeRefused(f"a constraint of the store forbids it: {constraint[0]}")
    if name.startswith("SQLITE_CONSTRAINT"):
        return ChangeRefused(f"a constraint of the store forbids it ({name})")
    if gone := re.fullmatch(r"no such (table|column): (\S+)", text):
        hint = "look at the store again and make a new plan"
        return ChangeRefused(f"{gone[1]} {gone[2]} is not there any more", hint=hint)
    if "malformed JSON" in text:
        return ChangeRefused(
            "a field that should hold JSON holds something else", hint="correct the row, then try again"
        )
    if "readonly" in text or "read-only" in text:
        return ChangeRefused("the connection is read-only", hint="use a write connection")
    return ChangeRefused(f"the store could not carry out the statement ({name}, {type(error).__name__})")


def may_succeed(error: BaseException) -> bool:
    """The same transaction may succeed when it is run again at once."""
    state = sqlstate(error)
    if state in RETRY:
        return True
    origin = _origin(error)
    table = getattr(getattr(origin, "diag", None), "table_name", None)
    return state == "23505" and table == RECEIPTS


def forbids(error: BaseException) -> bool:
    """The role lacks a right, or the store cannot be written."""
    origin = _origin(error)
    name = str(getattr(origin, "sqlite_errorname", None) or "")
    return sqlstate(error) in ("42501", "25006") or name.startswith(("SQLITE_READONLY", "SQLITE_AUTH", "SQLITE_PERM"))
