# ruff: noqa: S608 — the statements are put together from constants of this file alone
"""Who may do what in a PostgreSQL database: one catalogue query per subject.

Grants are read as they were given (``aclexplode``), what the connection's own role may do as the server would decide it
(``has_table_privilege``), so that memberships and predefined roles count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import psycopg
import sqlalchemy as sa

from troth.stores.access import EVERYTHING, Access, Grant, Power, Right, Role
from troth.stores.sql.postgresql.catalog import relation_names

EVERYBODY = "PUBLIC"

_OURS = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'f')"

_ROLES = """
select r.rolname, r.rolname = current_user as mine,
       r.rolcanlogin and has_database_privilege(r.oid, current_database(), 'connect') as enters,
       r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolreplication,
       array(select g.rolname::text from pg_roles g
             where g.oid <> r.oid and not r.rolsuper and pg_has_role(r.oid, g.oid, 'member') order by 1) as within
from pg_roles r order by r.rolname"""

_GRANTS = f"""
with given as (
    select c.oid, c.relnamespace as space, a.grantee, a.privilege_type as verb, null::text as field
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a where {_OURS}
    union all
    select c.oid, c.relnamespace, c.relowner, 'OWNER', null
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where {_OURS}
    union all
    select c.oid, c.relnamespace, a.grantee, a.privilege_type, f.attname::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute f on f.attrelid = c.oid
    cross join lateral aclexplode(f.attacl) a where f.attnum > 0 and not f.attisdropped and {_OURS}
), usable as (
    select pair.grantee, pair.space from (select distinct grantee, space from given) pair
    where exists (select from pg_roles r where has_schema_privilege(r.oid, pair.space, 'usage')
                  and (r.oid = pair.grantee or not r.rolsuper
                       and (pair.grantee = 0 or pg_has_role(r.oid, pair.grantee, 'member'))))
)
select given.oid, case given.grantee when 0 then '{EVERYBODY}' else pg_get_userbyid(given.grantee) end as role,
       array_agg(distinct given.verb) as rights, given.field
from given join usable using (grantee, space)
group by given.oid, given.grantee, given.field order by given.oid, role, given.field nulls first"""

_CREATORS = """
select distinct case a.grantee when 0 then :everybody else pg_get_userbyid(a.grantee) end as role
from pg_namespace n cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
where n.nspname = any(:schemas) and a.privilege_type = 'CREATE' order by 1"""

_OWN = f"""
with seen as (
    select c.oid, c.relowner from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where {_OURS} and has_schema_privilege(n.oid, 'usage')
), held as (
    select seen.oid, w.verb, null::text as field
    from seen, unnest(cast(:verbs as text[])) w (verb)
    where has_table_privilege(seen.oid, w.verb)
    union all
    select seen.oid, 'OWNER', null from seen where pg_has_role(seen.relowner, 'usage')
    union all
    select seen.oid, w.verb, f.attname::text
    from seen join pg_attribute f on f.attrelid = seen.oid, (values ('SELECT'), ('INSERT'), ('UPDATE')) w (verb)
    where f.attnum > 0 and not f.attisdropped
      and not has_table_privilege(seen.oid, w.verb) and has_column_privilege(seen.oid, f.attnum, w.verb)
)
select oid, current_user::text as role, array_agg(held.verb) as rights, field
from held group by oid, field order by oid, field nulls first"""

_CREATES = (
    "select coalesce(bool_or(has_schema_privilege(oid, 'create')), false) from pg_namespace where nspname = any(:s)"
)

_DEFINERS = """
select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"""

_RIGHTS: Mapping[str, Right] = {
    "SELECT": "read", "INSERT": "insert", "UPDATE": "update", "DELETE": "delete", "TRUNCATE": "truncate",
    "MAINTAIN": "refresh", "TRIGGER": "define", "OWNER": "define",
}  # fmt: skip

_OWNS: frozenset[Right] = frozenset({"define", "refresh"})

_VERBS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "MAINTAIN", "TRIGGER"})

_PREDEFINED: Mapping[str, frozenset[Right]] = {
    "pg_read_all_data": frozenset({"read"}),
    "pg_write_all_data": frozenset({"insert", "update", "delete"}),
}

_ATTRIBUTES: Mapping[str, Power] = {
    "rolsuper": "superuser", "rolbypassrls": "all_rows", "rolcreaterole": "grants_roles",
    "rolreplication": "replication",
}  # fmt: skip

_SERVER_FILES = frozenset({"pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"})


def read_access(connection: sa.Connection, schemas: Sequence[str]) -> Access:
    """Every role of the server, every grant in the database; system schemas are left out."""
    names = relation_names(connection, schemas)
    roles, mine = _roles(connection)
    grants = [Grant(name, rights) for name, rights in _PREDEFINED.items() if any(role.name == name for role in roles)]
    grants += [Grant(role.name, EVERYTHING) for role in roles if "superuser" in role.powers]
    creators = connection.execute(sa.text(_CREATORS), {"schemas": list(schemas), "everybody": EVERYBODY}).scalars()
    grants += [Grant(name, frozenset({"create"})) for name in creators]
    grants += _collected(connection.exec_driver_sql(_GRANTS).all(), names)
    limits = ["the server's rules of who may connect from where (pg_hba.conf) are not seen"]
    if connection.exec_driver_sql(_DEFINERS).scalar_one():
        limits.append("rows that functions show with the rights of their owner (SECURITY DEFINER) are not seen")
    return Access("roles", mine, tuple(_own(connection, names, schemas, mine)), roles, tuple(grants), tuple(limits))


def _roles(connection: sa.Connection) -> tuple[tuple[Role, ...], Role]:
    rows = connection.exec_driver_sql(_ROLES).all()
    own = {row.rolname: _powers(row) for row in rows}
    roles = {
        row.rolname: Role(
            row.rolname,
            row.enters,
            own[row.rolname].union(*(own[name] for name in row.within)),
            tuple(row.within),
        )
        for row in rows
    }
    return tuple(roles.values()), roles[next(row.rolname for row in rows if row.mine)]


def _powers(row: sa.Row[Any]) -> frozenset[Power]:
    """Those that the role itself has."""
    found: set[Power] = {power for name, power in _ATTRIBUTES.items() if getattr(row, name)}
    if row.rolname in _SERVER_FILES:
        found.add("server_files")
    return frozenset(found)


def _own(connection: sa.Connection, names: Mapping[int, str], schemas: Sequence[str], mine: Role) -> Iterator[Grant]:
    if "superuser" in mine.powers:
        yield Grant(mine.name, EVERYTHING)
        return
    if connection.execute(sa.text(_CREATES), {"s": list(schemas)}).scalar_one():
        yield Grant(mine.name, frozenset({"create"}))
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    verbs = _VERBS if driver.info.server_version >= 170000 else _VERBS - {"MAINTAIN"}
    yield from _collected(connection.execute(sa.text(_OWN), {"verbs": list(verbs)}).all(), names)


def _collected(rows: Sequence[Sequence[object]], names: Mapping[int, str]) -> Iterator[Grant]:
    """Rows of relation, role, the server's words for rights, and the field they are about: one grant for the whole of a
    collection, and one for each set of rights that some of its fields have."""
    found: dict[tuple[str, str, frozenset[Right]], list[str]] = {}
    for oid, role, words, column in cast("Sequence[tuple[int, str, list[str], str | None]]", rows):
        rights: frozenset[Right] = frozenset(_RIGHTS[word] for word in words if word in _RIGHTS)
        if "OWNER" in words:
            rights = rights.union(_OWNS)
        if not rights:
            continue
        if column is None:
            yield Grant(role, rights, names[oid])
        else:
            found.setdefault((role, names[oid], rights), []).append(column)
    yield from (Grant(role, rights, name, tuple(fields)) for (role, name, rights), fields in found.items())
