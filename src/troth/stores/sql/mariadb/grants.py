"""The statements that give two accounts their rights, for people to run: identifiers quoted, no password in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect

from troth.stores.access import RECEIPTS, Access, Grant, Right
from troth.stores.sql.catalog import Catalog
from troth.stores.sql.mariadb.access import quoted
from troth.stores.sql.receipts import ddl, receipt_table

_VERBS: Mapping[Right, str] = {
    "read": "SELECT", "insert": "INSERT", "update": "UPDATE", "delete": "DELETE", "truncate": "DROP",
    "define": "TRIGGER",
}  # fmt: skip


def grants_text(grants: tuple[Grant, ...], catalog: Catalog, access: Access, *, home: str) -> str:
    """``home``: the database that our own table is in."""
    roles = dict.fromkeys(grant.role for grant in grants)
    parts = [
        "-- Run this as a user who may create others. It holds no password; set one for each:",
        *(f"--   SET PASSWORD FOR {account_of(role)} = PASSWORD('…');" for role in roles),
    ]
    if any(grant.collection == RECEIPTS for grant in grants) and not catalog.receipts:
        made = ddl(receipt_table(home), MariaDBDialect())
        parts += ["", "-- Each batch that is applied is written down here: numbers, nothing of a row."]
        parts.append(f"{made.replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS', 1)};")
    for role in roles:
        own = [grant for grant in grants if grant.role == role]
        parts += ["", *_role(role, own, home), *_given(own, catalog, home)]
        parts += _taken_back(role, own, catalog, access, home)
    return "\n".join(parts)


def account_of(role: str) -> str:
    """Without a host, from anywhere: an account is a name and where it comes from."""
    name, at, place = role.rpartition("@")
    return f"{quoted(name)}@{quoted(place)}" if at else f"{quoted(role)}@{quoted('%')}"


def _role(role: str, grants: list[Grant], home: str) -> Iterator[str]:
    writes = any(grant.rights & {"insert", "update", "delete"} for grant in grants)
    yield f"CREATE USER IF NOT EXISTS {account_of(role)} REQUIRE SSL;"
    yield f"GRANT SHOW VIEW{', CREATE TEMPORARY TABLES' if writes else ''} ON {_pattern(home)}.* TO {account_of(role)};"
    if not writes:
        yield "-- It sees only tables that it has a right on; instead of the lines below, this shows it new ones too:"
        yield f"--   GRANT SELECT ON {_pattern(home)}.* TO {account_of(role)};"


def _given(grants: list[Grant], catalog: Catalog, home: str) -> Iterator[str]:
    for grant in grants:
        if grant.collection is not None and (verbs := _verbs(grant)):
            yield f"GRANT {verbs} ON {_table(grant.collection, catalog, home)} TO {account_of(grant.role)};"


def _taken_back(role: str, wanted: list[Grant], catalog: Catalog, access: Access, home: str) -> Iterator[str]:
    """What the account was given on a table by name and needs no more."""
    known = {*catalog.tables, RECEIPTS}
    for grant in access.grants:
        if grant.role != role or grant.collection is None or grant.collection not in known:
            continue
        kept = [each for each in wanted if each.collection == grant.collection]
        needed = frozenset[Right]().union(
            *(each.rights for each in kept if not each.fields or each.fields == grant.fields)
        )
        if verbs := _verbs(Grant(role, grant.rights - needed, grant.collection, grant.fields)):
            yield f"REVOKE {verbs} ON {_table(grant.collection, catalog, home)} FROM {account_of(role)};"


def _table(collection: str, catalog: Catalog, home: str) -> str:
    if collection == RECEIPTS:
        return f"{quoted(home)}.{quoted(RECEIPTS)}"
    table = catalog.tables[collection]
    return f"{quoted(table.schema or home)}.{quoted(table.relation)}"


def _pattern(database: str) -> str:
    """In a grant on a whole database, ``_`` and ``%`` stand for others unless a backslash is before them."""
    return quoted(database.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%"))


def _verbs(grant: Grant) -> str:
    columns = f" ({', '.join(map(quoted, grant.fields))})" if grant.fields else ""
    return ", ".join(f"{verb}{columns}" for right, verb in _VERBS.items() if right in grant.rights)
