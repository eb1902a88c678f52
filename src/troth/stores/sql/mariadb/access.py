"""Who may do what in a MariaDB server: the grants as ``SHOW GRANTS`` prints them, one statement for each role.

What others may do is told to a role that may read the system tables; any other sees its own rights alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import exc

from troth.stores.access import EVERYTHING, Access, Grant, Power, Right, Role

_RIGHTS: Mapping[str, Right] = {
    "SELECT": "read", "INSERT": "insert", "UPDATE": "update", "DELETE": "delete", "DROP": "truncate",
    "ALTER": "define", "TRIGGER": "define", "INDEX": "define", "GRANT OPTION": "define", "CREATE": "create",
    "DELETE HISTORY": "delete",
}  # fmt: skip

_POWERS: Mapping[str, Power] = {
    "SUPER": "superuser", "CREATE USER": "grants_roles", "FILE": "server_files", "REPLICATION SLAVE": "replication",
    "BINLOG MONITOR": "replication", "BINLOG REPLAY": "superuser",
}  # fmt: skip

ALL_POWERS: frozenset[Power] = frozenset({"superuser", "grants_roles", "server_files", "replication"})

_NAME = r"`(?:[^`]|``)*`"
_GRANT = re.compile(
    rf"GRANT (?P<rights>.+) ON (?:TABLE )?(?P<db>\*|{_NAME})\.(?P<table>\*|{_NAME}) TO (?P<rest>.*)", re.DOTALL
)
_MEMBER = re.compile(rf"GRANT (?P<role>{_NAME}) TO .*", re.DOTALL)
_WORD = re.compile(rf"(?P<word>[A-Z][A-Z ]*[A-Z])(?: \((?P<fields>{_NAME}(?:, ?{_NAME})*)\))?")

_ACCOUNTS = "SELECT user AS name, host AS place, is_role = 'Y' AS role FROM mysql.user ORDER BY 1, 2"

_LIMITS = (
    "views and routines show rows with the rights of whoever defined them (SQL SECURITY DEFINER): those are not seen",
)
_ALONE = "the role may not read the system's tables: what others may do is not seen"


@dataclass(frozen=True, slots=True)
class _Said:
    """One line of SHOW GRANTS. ``db`` and ``table`` are ``None`` for all of them."""

    words: Mapping[str, tuple[str, ...]]
    db: str | None
    table: str | None

    @property
    def rights(self) -> frozenset[Right]:
        if "ALL PRIVILEGES" in self.words:
            return EVERYTHING
        return frozenset(_RIGHTS[word] for word, fields in self.words.items() if word in _RIGHTS and not fields)

    def covers(self, schema: str) -> bool:
        """A database's name in a grant is a pattern, in which ``_`` and ``%`` stand for others."""
        return self.db is None or re.fullmatch(_pattern(self.db), schema, re.IGNORECASE) is not None


def sees_all(connection: sa.Connection, schemas: Sequence[str]) -> bool:
    """Whether this connection may read every table of these databases, those to come included."""
    said, _ = _grants(connection, "CURRENT_USER")
    for role in _roles_of(connection):
        said += _grants(connection, role)[0]
    return all(
        any(each.covers(schema) and each.table is None and "read" in each.rights for each in said) for schema in schemas
    )


def read_access(connection: sa.Connection, schemas: Sequence[str]) -> Access:
    """This connection's own rights; and everybody's where it may know them."""
    me = account_name(*str(connection.exec_driver_sql("SELECT CURRENT_USER()").scalar_one()).rsplit("@", 1))
    own, mine = _account(connection, me, "CURRENT_USER", enters=True, schemas=schemas)
    try:
        users = connection.exec_driver_sql(_ACCOUNTS).all()
    except exc.DBAPIError:
        return Access("roles", mine, own, (mine,), own, (*_LIMITS, _ALONE))
    roles: list[Role] = []
    grants: list[Grant] = []
    for user in users:
        name = user.name if user.role else account_name(user.name, user.place)
        of = quoted(user.name) if user.role else f"{quoted(user.name)}@{quoted(user.place)}"
        try:
            given, role = _account(connection, name, of, enters=not user.role, schemas=schemas)
        except exc.DBAPIError:  # an account that the server leaves aside, such as one of a host it looks up no names of
            continue
        roles.append(role)
        grants += given
    return Access("roles", mine, own, tuple(roles), tuple(grants), _LIMITS)


def account_name(user: str, place: str) -> str:
    """How an account is called here: with its host, unless that is any."""
    return user if place == "%" else f"{user}@{place}"


def _account(
    connection: sa.Connection, name: str, of: str, *, enters: bool, schemas: Sequence[str]
) -> tuple[tuple[Grant, ...], Role]:
    """Rights and powers of one account, those of the roles that it can act as among its own."""
    said, within = _grants(connection, of)
    every = list(said)
    seen: list[str] = []
    left = list(within)
    while left:
        role = left.pop()
        if role not in seen:
            seen.append(role)
            more, further = _grants(connection, quoted(role))
            every += more
            left += further
    powers: set[Power] = {power for each in every if each.db is None for power in _powers(each)}
    return tuple(_granted(name, every, schemas)), Role(name, enters, frozenset(powers), tuple(sorted(seen)))


def _powers(said: _Said) -> frozenset[Power]:
    found: frozenset[Power] = frozenset(_POWERS[word] for word in said.words if word in _POWERS)
    return found | ALL_POWERS if "ALL PRIVILEGES" in said.words else found


def _granted(name: str, said: Sequence[_Said], schemas: Sequence[str]) -> Iterator[Grant]:
    for each in said:
        for schema in schemas if each.table is None and each.db is not None else (each.db,):
            if schema is not None and not each.covers(schema):
                continue
            if each.table is None and each.rights:
                yield Grant(name, each.rights)
                break
            if each.table is not None:
                collection = each.table if schema == schemas[0] else f"{schema}.{each.table}"
                if each.rights:
                    yield Grant(name, each.rights, collection)
                fields = [(word, names) for word, names in each.words.items() if names and word in _RIGHTS]
                yield from (Grant(name, frozenset({_RIGHTS[word]}), collection, names) for word, names in fields)


def _grants(connection: sa.Connection, of: str) -> tuple[list[_Said], list[str]]:
    """What is granted to one account or role, and the roles that it has."""
    said: list[_Said] = []
    within: list[str] = []
    for line in connection.exec_driver_sql(f"SHOW GRANTS FOR {of}".replace("%", "%%")).scalars():
        text = str(line)
        if found := _GRANT.fullmatch(text):
            words = {
                word["word"]: tuple(map(_bare, re.findall(_NAME, word["fields"] or "")))
                for word in _WORD.finditer(found["rights"])
            }
            if "WITH GRANT OPTION" in found["rest"]:
                words["GRANT OPTION"] = ()
            said.append(_Said(words, _or_all(found["db"]), _or_all(found["table"])))
        elif found := _MEMBER.fullmatch(text):
            within.append(_bare(found["role"]))
    return said, within


def _roles_of(connection: sa.Connection) -> list[str]:
    """Of this connection: its role in force, with those inside it."""
    return [
        quoted(str(name))
        for name in connection.exec_driver_sql(
            "SELECT role_name FROM information_schema.enabled_roles WHERE role_name IS NOT NULL"
        ).scalars()
    ]


def _pattern(name: str) -> str:
    """LIKE's pattern, in which a backslash takes a sign for itself."""
    parts: list[str] = re.findall(r"\\.|.", name, re.DOTALL)
    kinds = {"%": ".*", "_": "."}
    return "".join(kinds.get(part, re.escape(part[-1])) for part in parts)


def _or_all(name: str) -> str | None:
    return None if name == "*" else _bare(name)


def _bare(name: str) -> str:
    return name[1:-1].replace("``", "`")


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
