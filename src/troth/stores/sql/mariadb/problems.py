"""What MariaDB's error numbers mean. The driver is not loaded for it: an error's class tells where it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from troth.core.errors import InputError, TrothError
from troth.stores.contract import ChangeRefused, StoreUnavailable
from troth.stores.sql.words import Words

RETRY = frozenset({1020, 1213})
"""After which the same transaction may succeed: somebody else changed a row, or a deadlock."""

FORBIDDEN = frozenset({1044, 1142, 1143, 1227, 1290, 1370, 1792, 1836})
"""The role lacks a right, or the server may not be written."""

DUPLICATE = 1062

_AWAY = "try again when the store answers"
_AGAIN = "look at the store again and make a new plan"

_LATER: Mapping[int, Words] = {
    1040: Words("too many connections are open on the server", "try again", code="STORE-BUSY"),
    1203: Words("the role has too many connections open", "try again", code="STORE-BUSY"),
    1045: Words(
        "the store refused the login",
        "check user and password in the reference this connection is made from",
        code="STORE-AWAY",
    ),
    1698: Words("the store refused the login", "check how this user may log in", code="STORE-AWAY"),
    1049: Words("there is no such database on the server", "check the database in the reference", code="STORE-AWAY"),
    1130: Words(
        "the server does not let this machine in", "check the host in the server's accounts", code="STORE-AWAY"
    ),
    1205: Words(
        "a row or table stayed locked by somebody else",
        "try again; see what holds the lock with SHOW ENGINE INNODB STATUS",
        code="STORE-BUSY",
    ),
    1020: Words("rows are being changed by others all the time", "try again in a quieter moment", code="STORE-BUSY"),
    1213: Words("rows are being changed by others all the time", "try again in a quieter moment", code="STORE-BUSY"),
    1969: Words(
        "the statement ran out of time",
        "try again; a missing index or a busy server makes statements slow",
        code="STORE-BUSY",
    ),
    1317: Words("the statement was ended by somebody", "try again", code="STORE-BUSY"),
    1021: Words("the disk is full", "make room, then try again", code="STORE-FULL"),
    1114: Words("the disk, or the room of a temporary table, is full", "make room, then try again", code="STORE-FULL"),
    1037: Words("the store has run out of memory", "try again", code="STORE-FULL"),
    1041: Words("the store has run out of memory", "try again", code="STORE-FULL"),
    1053: Words("the server is stopping", "try again when it is up", code="STORE-AWAY"),
    1927: Words("the session was ended by somebody", _AWAY, code="STORE-AWAY"),
    4031: Words("the session was idle for too long", "try again", code="STORE-BUSY"),
    1034: Words("a table is damaged", "look at the server's log, then try again", code="STORE-DAMAGED"),
    1712: Words("an index is damaged", "look at the server's log, then try again", code="STORE-DAMAGED"),
}

_NEVER: Mapping[int, Words] = {
    1792: Words("the connection is read-only", "use the write connection to the primary", code="STORE-RIGHTS"),
    1290: Words("the server is read-only", "use the write connection to the primary", code="STORE-RIGHTS"),
    1836: Words("the server is read-only", "use the write connection to the primary", code="STORE-RIGHTS"),
    1048: Words("a field may not be null", code="STORE-CONSTRAINT"),
    1364: Words("a field needs a value", code="STORE-CONSTRAINT"),
    1451: Words("other rows refer to it", code="STORE-CONSTRAINT"),
    1452: Words("it would refer to a row that is not there", code="STORE-CONSTRAINT"),
    1062: Words("a value must be unique and is there already", code="STORE-CONSTRAINT"),
    4025: Words("a rule of the table forbids it", code="STORE-CONSTRAINT"),
    1406: Words("a value is too long for its field", code="STORE-CONSTRAINT"),
    1265: Words("a value is none that its field may have", code="STORE-CONSTRAINT"),
    1264: Words("a number is too large for its field", code="STORE-CONSTRAINT"),
    1366: Words("a value cannot be written into its field", code="STORE-CONSTRAINT"),
    1292: Words("a value in the table cannot be read as the question needs it", code="STORE-VALUE"),
    4037: Words("a field that should hold JSON cannot be read", "correct the row, then try again", code="STORE-VALUE"),
    4038: Words("a field that should hold JSON cannot be read", "correct the row, then try again", code="STORE-VALUE"),
    1906: Words("the store computes this field itself", code="STORE-CONSTRAINT"),
    1146: Words("a table is not there any more", _AGAIN, code="STORE-COLLECTION"),
    1932: Words("a table is not there any more", _AGAIN, code="STORE-COLLECTION"),
    1054: Words("a field is not there any more", _AGAIN, code="STORE-FIELD"),
    1442: Words("a trigger changes the same rows", "look at the table's triggers", code="STORE-TRIGGER"),
    1644: Words("a trigger or routine of the store refused", "look at the table's triggers", code="STORE-TRIGGER"),
    1665: Words(
        "the server's binary log keeps statements, which it cannot for this change",
        "set binlog_format to ROW or MIXED",
        code="STORE-REFUSED",
    ),
}

_TABLE = re.compile(
    r"(?:denied to user .* for (?:table|column)|failed for|constraint fails \() ?`(?:[^`]*)`\.`([^`]*)`"
)
_NAMED = re.compile(r"CONSTRAINT `([^`]*)`|for key '([^']*)'\Z|\AColumn '([^']*)' cannot be null\Z")


def number_of(error: BaseException | None) -> int | None:
    """The server's or the driver's number; none when it comes from elsewhere."""
    if not type(error).__module__.startswith("pymysql"):
        return None
    first = error.args[0] if error is not None and error.args else 0
    return first if isinstance(first, int) else 0


def another_product() -> InputError:
    """The server speaks the same language, and no test has run on it: deleting rows is no place to try."""
    return InputError(
        "the server is no MariaDB",
        hint="MySQL itself is not reached by this version; declare the system as store: by_hand",
        code="STORE-SERVER",
    )


def problem(error: BaseException, number: int, *, changing: bool) -> TrothError:
    """The server's words may hold a value; names of its own are all that is taken from them."""
    kind = type(error).__name__
    if later := _LATER.get(number):
        return StoreUnavailable(f"{later.what} (error {number})", hint=later.hint, code=later.code)
    if number in FORBIDDEN and number not in _NEVER:
        refused = ChangeRefused if changing else StoreUnavailable
        where = _table(error)
        what = f"the role may not use table {where}" if where else "the role lacks a right"
        return refused(f"{what} (error {number})", hint="grant the role what it needs", code="STORE-RIGHTS")
    if number == 0 or 2000 <= number < 3000:
        return StoreUnavailable(
            f"the store did not answer or the connection was lost ({kind}, {number})",
            hint=_connection_hint(error),
            code="STORE-AWAY",
        )
    said = _NEVER.get(number) or Words("the store could not carry out the statement", code="STORE-REFUSED")
    names = [*_names(error), f"error {number}", kind]
    return ChangeRefused(f"{said.what} ({', '.join(names)})", hint=said.hint, code=said.code)


def _text(error: BaseException) -> str:
    return str(error.args[1]) if len(error.args) > 1 else ""


def _table(error: BaseException) -> str:
    found = _TABLE.search(_text(error))
    return found[1] if found else ""


def _names(error: BaseException) -> list[str]:
    found = _NAMED.search(_text(error))
    return [f"constraint {next(filter(None, found.groups()))}"] if found else []


def _connection_hint(error: BaseException) -> str:
    text = _text(error).lower()
    for words, hint in (
        (("name or service", "name resolution", "getaddrinfo"), "check the host in the reference"),
        (("connection refused", "no such file"), "check host and port, and that the server runs"),
        (("timed out", "timeout"), "nothing answered in time: check host, port and firewall"),
        (("ssl", "certificate"), "check the TLS settings of both sides"),
    ):
        if any(word in text for word in words):
            return hint
    return _AWAY
