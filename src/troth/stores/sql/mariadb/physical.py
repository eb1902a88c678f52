"""MariaDB's physical step: OPTIMIZE TABLE writes an InnoDB table into a new file, while others go on.

It takes out of the table's own file what was removed, whether InnoDB had purged it or not, since only rows that are
there are copied. Undo, redo and binary log are files of the server that hold more than this table; they are outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from troth.stores.gone import Budget, Outside, Shown, days_of
from troth.stores.sql.catalog import Table
from troth.stores.sql.mariadb.access import quoted
from troth.stores.sql.mariadb.grants import account_of
from troth.stores.sql.rewriting import Measured

_OUTSIDE = """
select @@log_bin as binary_log, @@binlog_expire_logs_seconds as expire, @@general_log as general,
       @@slow_query_log as slow"""

_SIZE = """
select coalesce(data_length, 0) + coalesce(index_length, 0) + coalesce(data_free, 0) as size, engine,
       create_options like '%partitioned%' as parted
from information_schema.tables where table_schema = :db and table_name = :name"""

_WORDS = """
select count(*) from information_schema.statistics
where table_schema = :db and table_name = :name and index_type = 'FULLTEXT'"""

_SPACE = """
select space, name from information_schema.innodb_sys_tables
where name = :name or name like concat(:name, '#p#%') or name like concat(:name, '#P#%')"""

_SAMPLES = "select count(*) from mysql.column_stats where db_name = :db and table_name = :name"


class MariadbPhysical:
    def __init__(self, home: str) -> None:
        self._home = home

    def outside(self, connection: sa.Connection) -> tuple[Outside, ...]:
        found = connection.exec_driver_sql(_OUTSIDE).one()
        pages = "InnoDB purges removed rows and writes over their room; --physical writes the table anew"
        disk = "the file system writes over them when it needs room"
        logs = "the server writes over them in turn, by size and not by time"
        return (
            Outside("freed_pages", "the table's own file", "not_known", pages),
            Outside("freed_disk", "blocks of the disk whose file was removed", "not_known", disk),
            Outside("database_log", "InnoDB's undo log, redo log and doublewrite buffer", "not_known", logs),
            _binary_log(bool(found.binary_log), int(found.expire)),
            _server_log(general=bool(found.general), slow=bool(found.slow)),
            Outside("replicas", "replicas", "not_known", "replicas and cluster nodes are not asked; limits: can say"),
        )

    def measure(self, connection: sa.Connection, table: Table | None) -> Measured:
        if table is None:
            return Measured((), 0, 0)
        found = connection.execute(sa.text(_SIZE), self._named(table)).one_or_none()
        return Measured((f"OPTIMIZE TABLE {self._quoted(table)}",), int(found.size) if found else 0, 0)

    def needs(self, connection: sa.Connection, role: str, tables: Sequence[Table]) -> Iterable[str]:
        account = account_of(role)
        yield "-- The physical step (physical: in systems.yaml) needs this too; PROCESS shows it what others run:"
        yield f"--   GRANT PROCESS ON *.* TO {account};"
        yield f"--   GRANT SELECT ON mysql.column_stats TO {account};"
        yield from (f"--   GRANT INSERT ON {self._quoted(table)} TO {account};" for table in tables)

    def rewrite(self, connection: sa.Connection, table: Table | None, budget: Budget) -> Shown:
        if table is None:
            return Shown("logical", "not_possible", "a table is named")
        named = self._named(table)
        file = f"{named['db']}/{named['name']}"
        spaces = _spaces(connection, file)
        if not spaces:
            return Shown("logical", "not_shown", "the server does not say by this name in which file the table is")
        if 0 in spaces:
            return Shown(
                "logical", "not_possible", "the table is in the system's tablespace, whose room is never freed"
            )
        for row in connection.exec_driver_sql(f"OPTIMIZE TABLE {self._quoted(table)} WAIT {max(1, budget.lock)}"):
            if str(row.Msg_type).lower() == "error":
                return Shown("logical", "busy", "the server gave it up: somebody holds the table, or the role may not")
        if not (after := _spaces(connection, file)) or spaces & after:
            return Shown("logical", "not_shown", "the server has not written it into another file")
        if connection.execute(sa.text(_WORDS), named).scalar_one():
            return Shown("logical", "not_shown", "it has a full-text index, whose words are in files of their own")
        if connection.execute(sa.text(_SAMPLES), named).scalar_one():
            return Shown("logical", "not_possible", "mysql.column_stats holds samples of its values")
        return Shown("physical")

    def _named(self, table: Table) -> dict[str, str]:
        return {"db": table.schema or self._home, "name": table.relation}

    def _quoted(self, table: Table) -> str:
        return f"{quoted(table.schema or self._home)}.{quoted(table.relation)}"


def _spaces(connection: sa.Connection, file: str) -> set[int]:
    """The tablespaces that a table is in; a table that is written anew is in others."""
    return {row.space for row in connection.execute(sa.text(_SPACE), {"name": file})}


def _binary_log(on: bool, expire: int) -> Outside:
    if not on:
        how = "log_bin is off now; files of a time when it was on are not looked at"
        return Outside("database_log", "the binary log", "not_known", how)
    kept = "binlog_expire_logs_seconds is 0: until somebody purges it"
    if expire:
        kept = (
            f"{days_of(expire)} days (binlog_expire_logs_seconds) from when the server begins a new file, which a quiet"
            " one does late and FLUSH BINARY LOGS at once"
        )
    return Outside("database_log", "the binary log", "not_known", f"{kept}; logs: {{keep: …}} would make it known")


def _server_log(*, general: bool, slow: bool) -> Outside:
    on = [name for name, is_on in (("general_log", general), ("slow_query_log", slow)) if is_on]
    if not on:
        how = "general_log and slow_query_log are off now; what they wrote before is not looked at"
        return Outside("server_log", "logs of statements", "not_known", how)
    how = f"{' and '.join(on)} on; logs: {{keep: …}} would make it known"
    return Outside("server_log", "logs of statements", "not_known", how)
