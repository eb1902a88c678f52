"""The statements that give two roles their rights, for people to run: identifiers quoted, no password in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy.dialects.postgresql.base import PGDialect

from troth.stores.access import RECEIPTS, Access, Grant, Right
from troth.stores.sql.catalog import Catalog
from troth.stores.sql.receipts import ddl, receipt_table

_DIALECT = PGDialect()  # type: ignore[no-untyped-call]
_QUOTE = _DIALECT.identifier_preparer

_VERBS: Mapping[Right, str] = {
    "read": "SELECT", "insert": "INSERT", "update": "UPDATE", "delete": "DELETE", "truncate": "TRUNCATE",
    "refresh": "MAINTAIN", "define": "TRIGGER",
}  # fmt: skip

_MAINTAIN = 170000
"""The first version in which somebody else than its owner can be allowed to refresh a materialised view."""


def grants_text(
    grants: tuple[Grant, ...], catalog: Catalog, access: Access, *, database: str, home: str, version: int
) -> str:
    """``home``: the schema that our own table is in; ``version``: the server's, as a number."""
    roles = dict.fromkeys(grant.role for grant in grants)
    parts = [
        f"-- Run this in the database {database} as the owner of its tables, or as a superuser. It holds no password:",
        *(f"--   \\password {_QUOTE.quote(role)}" for role in roles),
        "-- in psql sets one.",
    ]
    names = _Names(catalog, home)
    if any(grant.collection == RECEIPTS for grant in grants) and not catalog.receipts:
        parts += ["", "-- Each batch that is applied is written down here: numbers, nothing of a row."]
        parts.append(f"{ddl(receipt_table(home), _DIALECT).replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS', 1)};")
    for role in roles:
        own = [grant for grant in grants if grant.role == role]
        parts += ["", *_role(role, own, names, access, database)]
        parts += [*_taken_back(role, own, names, access), *_given(own, names, version)]
    return "\n".join(parts)


class _Names:
    """Collections as a statement writes them."""

    def __init__(self, catalog: Catalog, home: str) -> None:
        self.catalog = catalog
        self._home = home

    def quoted(self, collection: str) -> str:
        if collection == RECEIPTS:
            return str(_QUOTE.format_table(receipt_table(self._home)))
        return str(_QUOTE.format_table(self.catalog.tables[collection].clause()))

    def schemas(self, grants: Iterable[Grant]) -> list[str]:
        found = {self._home} | {
            table.schema or self._home
            for grant in grants
            if (table := self.catalog.tables.get(grant.collection or "")) is not None
        }
        return sorted(_QUOTE.quote(name) for name in found)


def _role(role: str, grants: list[Grant], names: _Names, access: Access, database: str) -> Iterator[str]:
    quoted = _QUOTE.quote(role)
    writes = any(grant.rights & {"insert", "update", "delete"} for grant in grants)
    if all(each.name != role for each in access.roles):
        yield f"CREATE ROLE {quoted} LOGIN;"
    if not writes:
        yield f"ALTER ROLE {quoted} SET default_transaction_read_only = on;"
    tables = [names.catalog.tables.get(grant.collection or "") for grant in grants]
    if any(table is not None and table.info.row_security for table in tables):
        yield "-- Row-level security would hide rows from it, and what is hidden cannot be counted (superusers alone):"
        yield f"ALTER ROLE {quoted} BYPASSRLS;"
    powers = "CONNECT, TEMPORARY" if writes else "CONNECT"
    yield f"GRANT {powers} ON DATABASE {_QUOTE.quote(database)} TO {quoted};"
    yield f"GRANT USAGE ON SCHEMA {', '.join(names.schemas(grants))} TO {quoted};"


def _given(grants: list[Grant], names: _Names, version: int) -> Iterator[str]:
    """One statement for each set of rights; one for each table whose columns are named."""
    whole: dict[frozenset[Right], list[str]] = defaultdict(list)
    for grant in grants:
        if grant.collection is None:
            continue
        role, table = _QUOTE.quote(grant.role), names.quoted(grant.collection)
        if "refresh" in grant.rights and version < _MAINTAIN:
            yield f"-- Before PostgreSQL 17 the owner alone may refresh {table}: make {role} a member of it."
        elif grant.fields:
            yield f"GRANT {_on_fields(grant)} ON {table} TO {role};"
        else:
            whole[grant.rights].append(table)
    for rights, tables in whole.items():
        yield f"GRANT {_verbs(rights)} ON {', '.join(tables)} TO {_QUOTE.quote(grants[0].role)};"


def _taken_back(role: str, wanted: list[Grant], names: _Names, access: Access) -> Iterator[str]:
    """What the role was given by name and needs no more; before the grants, since to take a right on a table back takes
    it on its columns too."""
    known = {*names.catalog.tables, RECEIPTS}
    for grant in access.grants:
        if grant.role != role or grant.collection is None or grant.collection not in known:
            continue
        kept = [each for each in wanted if each.collection == grant.collection]
        needed = frozenset[Right]().union(
            *(each.rights for each in kept if not each.fields or each.fields == grant.fields)
        )
        surplus = Grant(role, grant.rights - needed, grant.collection, grant.fields)
        if surplus.rights:
            verbs = _on_fields(surplus) if surplus.fields else _verbs(surplus.rights)
            yield f"REVOKE {verbs} ON {names.quoted(grant.collection)} FROM {_QUOTE.quote(role)};"


def _verbs(rights: Iterable[Right]) -> str:
    return ", ".join(verb for right, verb in _VERBS.items() if right in rights)


def _on_fields(grant: Grant) -> str:
    columns = ", ".join(_QUOTE.quote(name) for name in grant.fields)
    return ", ".join(f"{verb} ({columns})" for right, verb in _VERBS.items() if right in grant.rights)
