"""What a driver says when something fails, in our words: what happened, and whether to try again.

A driver's own message may quote a row (``Key (email)=(…) already exists``), so none of it is passed on but names:
constraints, tables, columns, error codes.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import exc

from troth.core.errors import TrothError
from troth.stores.contract import ChangeRefused, StoreUnavailable
from troth.stores.sql.catalog import RECEIPTS


@dataclass(frozen=True, slots=True)
class _Words:
    """What happened, what to do, and the code it has in ``docs/reference/codes.md``."""

    what: str
    hint: str = ""
    code: str = field(kw_only=True)


RETRY = frozenset({"40001", "40P01"})
"""SQLSTATEs of PostgreSQL after which the same transaction may succeed: somebody else changed a row, or a deadlock."""

_LATER: Mapping[str, _Words] = {
    "08": _Words("the connection was lost or refused", "try again when the store answers", code="STORE-AWAY"),
    "28": _Words(
        "the store refused the login",
        "check user and password in the reference this connection is made from",
        code="STORE-AWAY",
    ),
    "3D": _Words("there is no such database on the server", "check the database in the reference", code="STORE-AWAY"),
    "40": _Words("rows are being changed by others all the time", "try again in a quieter moment", code="STORE-BUSY"),
    "53": _Words(
        "the store has run out of disk, memory or connections", "make room, then try again", code="STORE-FULL"
    ),
    "55P03": _Words(
        "a row or table stayed locked by somebody else",
        "try again; see what holds the lock in pg_stat_activity",
        code="STORE-BUSY",
    ),
    "57014": _Words(
        "the statement ran out of time",
        "try again; a missing index or a busy server makes statements slow",
        code="STORE-BUSY",
    ),
    "57": _Words(
        "the server is stopping, starting or has ended the session", "try again when it is up", code="STORE-AWAY"
    ),
    "25P03": _Words("the session was idle for too long inside a transaction", "try again", code="STORE-BUSY"),
    "58": _Words(
        "the server could not read or write its own files",
        "look at the server's log, then try again",
        code="STORE-DAMAGED",
    ),
    "XX": _Words("the server had an internal error", "look at the server's log, then try again", code="STORE-DAMAGED"),
}

_NEVER: Mapping[str, _Words] = {
    "25006": _Words("the connection is read-only", "use a write connection to the primary", code="STORE-RIGHTS"),
    "23502": _Words("a field may not be null", code="STORE-CONSTRAINT"),
    "23503": _Words("other rows refer to it", code="STORE-CONSTRAINT"),
    "23505": _Words("a value must be unique and is there already", code="STORE-CONSTRAINT"),
    "23514": _Words("a rule of the table forbids it", code="STORE-CONSTRAINT"),
    "23": _Words("a constraint of the store forbids it", code="STORE-CONSTRAINT"),
    "22001": _Words("a value is too long for its field", code="STORE-CONSTRAINT"),
    "22": _Words(
        "a value in the table cannot be read as the question needs it, or cannot be written", code="STORE-VALUE"
    ),
    "42P01": _Words(
        "a table is not there any more", "look at the store again and make a new plan", code="STORE-COLLECTION"
    ),
    "42703": _Words("a field is not there any more", "look at the store again and make a new plan", code="STORE-FIELD"),
    "27000": _Words("a trigger changes the same rows", "look at the table's triggers", code="STORE-TRIGGER"),
    "P0001": _Words("a trigger or function of the store refused", "look at the table's triggers", code="STORE-TRIGGER"),
    "0A000": _Words("the store does not support this", code="STORE-REFUSED"),
}


def problem(error: BaseException, *, changing: bool) -> TrothError:
    """The error to raise for a driver's or SQLAlchemy's own. ``changing``: it came from a change."""
    if isinstance(error, TrothError):
        return error
    if isinstance(error, exc.TimeoutError):
        return StoreUnavailable("too many connections are open at once", hint="try again", code="STORE-BUSY")
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


def _look_up(table: Mapping[str, _Words], state: str) -> _Words | None:
    return next((table[state[:length]] for length in (5, 2) if state[:length] in table), None)


def _sqlstate(error: BaseException | None, changing: bool) -> TrothError:
    state = str(getattr(error, "sqlstate", None) or "")
    diag = getattr(error, "diag", None)
    kind = type(error).__name__
    if state == "42501":
        return _forbidden(error, changing)
    if (later := _look_up(_LATER, state)) is not None:
        return StoreUnavailable(f"{later.what} (SQLSTATE {state})", hint=later.hint, code=later.code)
    if not state:
        return StoreUnavailable(
            f"the store did not answer or the connection was lost ({kind})",
            hint=_connection_hint(error),
            code="STORE-AWAY",
        )
    said = _look_up(_NEVER, state) or _Words("the store could not carry out the statement", code="STORE-REFUSED")
    names = [f"{word} {name}" for word, name in _diag_names(diag) if name]
    where = f" ({', '.join([*names, f'SQLSTATE {state}, {kind}'])})"
    return ChangeRefused(f"{said.what}{where}", hint=said.hint, code=said.code)


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
    return refused(f"{what} (SQLSTATE 42501)", hint=hint, code="STORE-RIGHTS")


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


LEFT_UNDONE = frozenset({"SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY", "SQLITE_READONLY_CANTINIT"})
"""A program died in the middle of a change of the file, and this connection may not undo it."""

_UNDONE = _Words(
    "a program died in the middle of a change, and whoever reads may not undo it",
    "open it once with a program that may write to the file and its folder, then try again",
    code="STORE-RIGHTS",
)

_SQLITE_LATER: Mapping[str, _Words] = {
    "SQLITE_BUSY": _Words("the file stayed locked by another program", "try again", code="STORE-BUSY"),
    "SQLITE_LOCKED": _Words("a table stayed locked", "try again", code="STORE-BUSY"),
    "SQLITE_INTERRUPT": _Words(
        "the statement ran out of time", "try again; a missing index makes statements slow", code="STORE-BUSY"
    ),
    "SQLITE_FULL": _Words("the disk is full", "make room, then try again", code="STORE-FULL"),
    "SQLITE_IOERR": _Words(
        "the file could not be read or written", "check the disk, then try again", code="STORE-DAMAGED"
    ),
    "SQLITE_CANTOPEN": _Words(
        "the file could not be opened", "check its path and rights, and its folder's", code="STORE-AWAY"
    ),
    "SQLITE_NOTADB": _Words(
        "the file is no SQLite database, or is encrypted", "check the path in the reference", code="STORE-DAMAGED"
    ),
    "SQLITE_CORRUPT": _Words("the file is damaged", "restore it; nothing was concluded from it", code="STORE-DAMAGED"),
    "SQLITE_NOMEM": _Words("memory ran out", "try again", code="STORE-FULL"),
    "SQLITE_PROTOCOL": _Words("the file stayed locked by another program", "try again", code="STORE-BUSY"),
    **dict.fromkeys(LEFT_UNDONE, _UNDONE),
}

_SQLITE_NEVER: Mapping[str, _Words] = {
    "SQLITE_READONLY": _Words("the file or its folder is read-only", code="STORE-RIGHTS"),
    "SQLITE_PERM": _Words("the file's rights do not allow it", code="STORE-RIGHTS"),
    "SQLITE_AUTH": _Words("the store does not allow it", code="STORE-RIGHTS"),
    "SQLITE_TOOBIG": _Words("a value is too long", code="STORE-CONSTRAINT"),
    "SQLITE_CONSTRAINT_TRIGGER": _Words("a trigger of the store refused", code="STORE-TRIGGER"),
}


def _sqlite(error: sqlite3.Error) -> TrothError:
    name = str(getattr(error, "sqlite_errorname", None) or "SQLITE_ERROR")
    text = str(error)
    if later := _named(_SQLITE_LATER, name):
        return StoreUnavailable(f"{later.what} ({name})", hint=later.hint, code=later.code)
    if never := _named(_SQLITE_NEVER, name):
        return ChangeRefused(f"{never.what} ({name})", code=never.code)
    if constraint := re.fullmatch(r"(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(: [\w.\" ,]+)?", text):
        return ChangeRefused(f"a constraint of the store forbids it: {constraint[0]}", code="STORE-CONSTRAINT")
    if name.startswith("SQLITE_CONSTRAINT"):
        return ChangeRefused(f"a constraint of the store forbids it ({name})", code="STORE-CONSTRAINT")
    if gone := re.fullmatch(r"no such (table|column): (\S+)", text):
        hint = "look at the store again and make a new plan"
        code = "STORE-COLLECTION" if gone[1] == "table" else "STORE-FIELD"
        return ChangeRefused(f"{gone[1]} {gone[2]} is not there any more", hint=hint, code=code)
    if "malformed JSON" in text:
        return ChangeRefused(
            "a field that should hold JSON holds something else",
            hint="correct the row, then try again",
            code="STORE-VALUE",
        )
    if "readonly" in text or "read-only" in text:
        return ChangeRefused("the connection is read-only", hint="use a write connection", code="STORE-RIGHTS")
    return ChangeRefused(
        f"the store could not carry out the statement ({name}, {type(error).__name__})", code="STORE-REFUSED"
    )


def _named(table: Mapping[str, _Words], name: str) -> _Words | None:
    """SQLite's extended codes begin with the name of the plain one."""
    return next((words for code, words in table.items() if name == code or name.startswith(f"{code}_")), None)


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
