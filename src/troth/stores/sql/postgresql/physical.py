"""PostgreSQL's physical step, and where else it keeps what was removed.

VACUUM alone gives room free and leaves the bytes in it. VACUUM FULL writes the table, its TOAST and its indexes into
new files and cuts the old ones off. It keeps every row version that somebody may still see, and says how many. A sample
of a column's values is in the planner's statistics, so these are taken anew and their own table is written anew too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGDialect

from troth.stores.gone import Budget, Outside, Shown
from troth.stores.sql.catalog import Table
from troth.stores.sql.rewriting import RATE, Measured

_PREPARER = PGDialect().identifier_preparer  # type: ignore[no-untyped-call]

_PARTS = """
with recursive part (id) as (
    select cast(:name as regclass)::oid
    union all
    select i.inhrelid from pg_inherits i join part on i.inhparent = part.id
)
select c.oid, c.oid::regclass::text as name, c.relkind = 'p' as parted, pg_total_relation_size(c.oid) as size,
       case when c.relkind = 'p' then (select sum(pg_relation_size(t.relid)) from pg_partition_tree(c.oid) t)
            else pg_relation_size(c.oid) end as rows,
       pg_relation_filenode(c.oid) as file, pg_has_role(c.relowner, 'usage') as owned
from part join pg_class c on c.oid = part.id
where c.relkind in ('r', 'm', 'p') order by c.oid"""

_SAMPLED = """
select (select array_agg(distinct c.oid::regclass::text)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname
        where c.oid = any(:empty)) as emptied,
    exists (select from pg_statistic_ext where stxrelid = any(:parts)) as extended,
    pg_has_role((select datdba from pg_database where datname = current_database()), 'usage') as owned"""

_STATISTICS = ("pg_catalog.pg_statistic", "pg_catalog.pg_statistic_ext_data")

_SEEN = "can still be seen by an older transaction, a replica or a replication slot"

_EMPTIED = (
    "the planner keeps a sample of what an emptied table held (pg_statistic), and ANALYZE takes none anew of no rows"
)

_NOT_OWNED = (
    "the planner's statistics may hold a sample of the values: the database's owner alone may write them anew"
    " (VACUUM FULL pg_catalog.pg_statistic)"
)

_OWNERS = """
select distinct pg_get_userbyid(relowner)::text as name from pg_class where oid = any(cast(:names as regclass[]))
union select pg_get_userbyid(datdba)::text from pg_database where datname = current_database() order by 1"""

_OUTSIDE = """
select current_setting('archive_mode') as archive, current_setting('wal_keep_size') as keep,
       current_setting('max_wal_size') as most, current_setting('log_statement') as statements,
       current_setting('log_min_duration_statement') as slow,
       (select count(*) from pg_replication_slots) as slots,
       (select count(*) from pg_stat_replication) as replicas, pg_is_in_recovery() as replica,
       current_setting('wal_level') = 'minimal' or current_setting('max_wal_senders') = '0' as alone"""


class PostgresqlPhysical:
    def outside(self, connection: sa.Connection) -> tuple[Outside, ...]:
        found = connection.exec_driver_sql(_OUTSIDE).one()
        slots = f"; {found.slots} replication slots hold it back" if found.slots else ""
        archive = "is off" if found.archive == "off" else f"is {found.archive}: the archive keeps it"
        wal = (
            f"recycled by size, not by time (max_wal_size {found.most}, wal_keep_size {found.keep}{slots}), and"
            f" archive_mode {archive}; logs: {{keep: …}} would make it known"
        )
        said = (
            f"log_statement is {found.statements}, log_min_duration_statement is {found.slow}; errors may quote values"
            " too; logs: {keep: …} would make it known"
        )
        pages = "VACUUM gives their room free and leaves the bytes in it; --physical writes them anew"
        disk = "the file system writes over them when it needs room"
        return (
            Outside("freed_pages", "the table's own files", "not_known", pages),
            Outside("freed_disk", "blocks of the disk whose file was removed", "not_known", disk),
            Outside("database_log", "the write-ahead log", "not_known", wal),
            Outside("server_log", "the server's log", "not_known", said),
            _replicas(found.replicas, found.slots, replica=found.replica, alone=found.alone),
        )

    def measure(self, connection: sa.Connection, table: Table | None) -> Measured:
        parts = [part for part in _parts(connection, table) if not part.parted]
        size = sum(part.size for part in parts)
        return Measured(tuple(f"VACUUM FULL {part.name}" for part in parts), size, math.ceil(size / RATE))

    def needs(self, connection: sa.Connection, role: str, tables: Sequence[Table]) -> Iterable[str]:
        quoted = _PREPARER.quote(role)
        yield "-- The physical step (physical: in systems.yaml) is the owner's alone: MAINTAIN came with PostgreSQL 17,"
        yield "-- and is not used yet. An owner may also alter its tables. Owners of the tables and of the database:"
        names = [str(_PREPARER.format_table(table.clause())) for table in tables]
        for owner in connection.execute(sa.text(_OWNERS), {"names": names}).scalars():
            yield f"--   GRANT {_PREPARER.quote(owner)} TO {quoted};"

    def rewrite(self, connection: sa.Connection, table: Table | None, budget: Budget) -> Shown:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        for setting in ("lock_timeout", "statement_timeout"):
            connection.exec_driver_sql(f"SET {setting} = {max(1, budget.lock) * 1000}")
        before = _parts(connection, table)
        for part in (each for each in before if not each.parted):
            if not part.owned:
                return Shown("logical", "rights", f"{part.name}: its owner alone may do it")
            if left := _vacuum(connection, part.name):
                return Shown("logical", "held_back", f"{part.name}: {left} removed rows {_SEEN}")
        after = _parts(connection, table)
        same = {(part.oid, part.file) for part in before if not part.parted}
        for part in after:
            if (part.oid, part.file) in same:
                return Shown("logical", "not_shown", f"{part.name}: the server has not written it anew")
        return self._statistics(connection, after)

    def _statistics(self, connection: sa.Connection, parts: Sequence[sa.Row[Any]]) -> Shown:
        """What the planner knows of the values, taken anew of the rows that are left."""
        for part in parts:
            connection.exec_driver_sql(f"ANALYZE {part.name}")
        oids, empty = [part.oid for part in parts], [part.oid for part in parts if not part.rows]
        found = connection.execute(sa.text(_SAMPLED), {"parts": oids, "empty": empty}).one()
        if found.emptied:
            return Shown("logical", "not_possible", f"{', '.join(found.emptied)}: {_EMPTIED}")
        if not found.owned:
            return Shown("logical", "rights", _NOT_OWNED)
        for name in _STATISTICS[: 2 if found.extended else 1]:
            if _vacuum(connection, name):
                return Shown("logical", "held_back", f"older samples in {name} {_SEEN}")
        return Shown("physical")


def _replicas(replicas: int, slots: int, *, replica: bool, alone: bool) -> Outside:
    if replica:
        return Outside("replicas", "the primary and its replicas", "not_known", "this connection is to a replica")
    if replicas or slots:
        how = (
            f"{replicas} connected, {slots} replication slots; each follows when it has replayed, with logs of its own"
        )
        return Outside("replicas", "replicas", "not_known", how)
    if alone:
        how = "the server sends its log to nobody (max_wal_senders is 0, or wal_level is minimal)"
        return Outside("replicas", "replicas", "measured", how, 0)
    how = "none is connected now and no slot waits for one; one that is away, or reads the archive, would not be seen"
    return Outside("replicas", "replicas", "not_known", how)


def _parts(connection: sa.Connection, table: Table | None) -> Sequence[sa.Row[Any]]:
    """The tables that hold the rows: itself, and those below it."""
    if table is None:
        return []
    name = str(_PREPARER.format_table(table.clause()))
    return connection.execute(sa.text(_PARTS), {"name": name}).all()


def _vacuum(connection: sa.Connection, name: str) -> int:
    """Write ``name`` anew; returns how many removed rows the server had to keep, as it says itself in any language: the
    first number of the detail. A table that it passed over has none."""
    said: list[str] = []
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    driver.add_notice_handler(lambda notice: said.append(notice.message_detail or ""))
    connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {name}")
    numbers = [found[0] for detail in said if (found := re.search(r"\d+", detail))]
    return sum(map(int, numbers))
