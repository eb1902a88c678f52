"""Connections: which store it is, reading alone, loss and return, locks, rights, and a live application beside it."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event, exc
from tests.conformance.conftest import QUICK, Bench, PostgresqlBench, SqliteBench
from tests.conformance.test_sql_changes import drained, key

from troth.core.errors import InputError
from troth.stores.conditions import AnyOf, Before, Blank, Everything, Field, InKeys, Matches, Related
from troth.stores.contract import ChangeRefused, Delete, Mask, Selection, Store, StoreUnavailable
from troth.stores.sql import open_store
from troth.stores.sql.server import Reading
from troth.testing.postgresql import PostgresqlServer

ALL = Selection("users", Everything())
OLD = Selection("users", Before(Field("day"), datetime(2020, 1, 1, tzinfo=UTC), date(2020, 1, 1)))


def users(bench: Bench, rows: int = 3) -> None:
    bench.run("create table users (id {int} primary key, name {text}, day {day})")
    bench.insert("users", [(at, f"name {at}", "2019-01-01") for at in range(rows)])


def test_check_says_which_store_it_is(bench: Bench) -> None:
    health, again = bench.store().check(), bench.store(writable=False).check()
    assert health.identity == again.identity
    assert (health.writable, again.writable) == (True, False)
    assert health.limits == ()
    assert all(vars_of(health.identity))


def vars_of(identity: object) -> list[str]:
    return [getattr(identity, name) for name in ("server", "database", "endpoint")]


def test_two_databases_of_one_server_differ(postgresql: PostgresqlServer) -> None:
    with postgresql.database() as one, postgresql.database() as other:
        found = []
        for database in (one, other):
            store = open_store("postgresql", database.url, writable=False)
            found.append(store.check().identity)
            store.close()
    assert found[0].server == found[1].server
    assert found[0].database != found[1].database


def test_a_copy_of_a_file_is_another_store(sqlite: SqliteBench, tmp_path: Path) -> None:
    users(sqlite)
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(sqlite.path.read_bytes())
    store = open_store("sqlite", str(copy), writable=False)
    assert store.check().identity.server != sqlite.store().check().identity.server
    store.close()


def test_a_read_connection_cannot_write(bench: Bench) -> None:
    users(bench)
    store = bench.store(writable=False)
    with pytest.raises(ChangeRefused, match="reading alone"):
        store.apply(Delete(ALL), key())
    connection = store._server.engine.connect()  # type: ignore[attr-defined]
    for statement in ("delete from users", "create table more (id int)", "update users set name = null"):
        with pytest.raises(exc.DBAPIError, match=r"readonly|read-only|READ ONLY"):
            connection.exec_driver_sql(statement)
        connection.rollback()
    connection.close()
    assert len(bench.rows("select * from users")) == 3


def test_a_table_that_is_gone_is_named(bench: Bench) -> None:
    users(bench)
    store = bench.store()
    assert store.count(ALL).rows == 3
    bench.run("drop table users")
    for ask in (lambda: store.count(ALL), lambda: store.apply(Delete(ALL), key()), lambda: list(store.read(ALL, ()))):
        with pytest.raises(ChangeRefused, match=r"no collection users|not there any more"):
            ask()
    bench.run("create table users (id {int}, day {day})")
    assert store.count(ALL).rows == 0, "a table that has come back is looked at anew"


def test_a_column_that_is_gone_is_named(bench: Bench) -> None:
    users(bench)
    store = bench.store()
    assert store.count(OLD).rows == 3
    bench.run("alter table users drop column day")
    for _ in range(2):
        with pytest.raises(ChangeRefused, match=r"not there any more|no field day"):
            store.apply(Delete(OLD), key())
    assert len(bench.rows("select * from users")) == 3


def test_a_column_that_has_become_another_type(pg: PostgresqlBench) -> None:
    users(pg)
    store = pg.store()
    assert store.count(OLD).rows == 3
    pg.run("alter table users alter column day type text")
    with pytest.raises(ChangeRefused):
        store.count(OLD)
    assert store.count(OLD).rows == 3


def test_a_locked_row_is_waited_for_no_longer_than_allowed(bench: Bench) -> None:
    users(bench)
    store = bench.store()
    drained(store, Delete(Selection("users", Matches(Field("id"), (0,)))), "first")
    begin = "BEGIN IMMEDIATE" if bench.kind == "sqlite" else "BEGIN"
    bench.run(begin, "update users set name = 'mine' where id = 1")
    with pytest.raises(StoreUnavailable, match="locked"):
        store.apply(Delete(ALL), key())
    bench.run("COMMIT")
    assert bench.rows("select name from users order by id") == [("mine",), ("name 2",)]
    assert store.apply(Delete(ALL), key()).rows == 2


def test_a_statement_that_takes_too_long_is_ended(bench: Bench) -> None:
    users(bench, 400)
    store = open_store(bench.kind, bench.url, writable=False, timeouts=type(QUICK)(statement=0.3))
    slow = Selection("users", crossed(5))
    if bench.kind == "postgresql":
        bench.run("create view slow as select id, pg_sleep(1) is null as never from users")
        slow = Selection("slow", Matches(Field("never"), (True,)))
    elif bench.kind == "mariadb":
        bench.run("create view slow as select id, sleep(1) as never from users")
        slow = Selection("slow", Matches(Field("never"), (7,)))
    with pytest.raises(StoreUnavailable, match="ran out of time"):
        store.count(slow)
    assert store.count(ALL).rows == 400
    store.close()


def crossed(depth: int) -> Related:
    where = Matches(Field("name"), ("nobody",)) if depth == 0 else crossed(depth - 1)
    return Related("users", (("name", "name"), ("day", "day")) if depth == 0 else (("day", "day"),), where)


def test_a_lost_session_is_opened_again(pg: PostgresqlBench) -> None:
    users(pg, 3_000)
    store = pg.store()
    keys = {"all": tuple((at,) for at in range(2_000))}
    chosen = Selection("users", InKeys((Field("id"),), "all"), keys)
    assert store.apply(Delete(chosen, 10), key()).rows == 10
    end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'troth'"
    pg.rows(end)
    with pytest.raises(StoreUnavailable):
        store.count(chosen)
    assert store.count(chosen).rows == 1_990
    stream = store.read(ALL, (Field("id"),))
    next(stream)
    pg.rows(end)
    with pytest.raises(StoreUnavailable):
        list(stream)
    with pytest.raises(StoreUnavailable):
        store.apply(Delete(chosen, 10), key(1))
    assert store.apply(Delete(chosen, 10), key(1)).rows == 10


def test_nobody_listens(postgresql: PostgresqlServer) -> None:
    url = sa.make_url(postgresql.admin.url).set(port=1, password="canary-secret")
    with pytest.raises(StoreUnavailable, match="host and port") as refused:
        open_store("postgresql", url.render_as_string(hide_password=False), writable=False, timeouts=QUICK)
    assert "canary" not in repr(refused.value)
    url = sa.make_url(postgresql.admin.url).set(database="nowhere")
    with pytest.raises(StoreUnavailable, match="database"):
        open_store("postgresql", url.render_as_string(), writable=False, timeouts=QUICK)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("canary " * 1000)
    with pytest.raises(StoreUnavailable, match="no SQLite database"):
        open_store("sqlite", str(path), writable=False)
    with pytest.raises(StoreUnavailable, match="no SQLite file"):
        open_store("sqlite", "sqlite:///missing.db", writable=True, base=tmp_path)
    assert not (tmp_path / "missing.db").exists()


def test_receipts_may_not_be_made(pg: PostgresqlBench) -> None:
    users(pg)
    with role(pg, "grant select, delete, update on users to {0}") as store:
        with pytest.raises(ChangeRefused, match="troth_receipt") as refused:
            store.apply(Delete(ALL), key())
        assert "CREATE TABLE" in refused.value.hint
        statement = refused.value.hint[refused.value.hint.index("CREATE TABLE") :]
        pg.run(statement, "grant select, insert on troth_receipt to public")
        assert store.apply(Delete(ALL), key()).rows == 3


_NUMBERS = count()


class role:  # noqa: N801
    """A store of a role that may do what the grants say."""

    def __init__(self, bench: PostgresqlBench, *grants: str, writable: bool = True, options: str = "") -> None:
        self.bench, self.grants, self.writable, self.options = bench, grants, writable, options
        self.name = f"r{next(_NUMBERS)}_{bench.database.name}"

    def __enter__(self) -> Store:
        self.bench.run(f"create role {self.name} login {self.options}")
        for grant in self.grants:
            self.bench.run(grant.format(self.name))
        url = sa.make_url(self.bench.url).set(username=self.name).render_as_string()
        self.store = open_store("postgresql", url, writable=self.writable, timeouts=QUICK)
        return self.store

    def __exit__(self, *_: object) -> None:
        self.store.close()
        self.bench.run(f"drop owned by {self.name}", f"drop role {self.name}")


def test_a_right_that_is_lacking_is_named(pg: PostgresqlBench) -> None:
    users(pg)
    with role(pg, "grant insert on users to {0}", "grant create on schema public to {0}") as store:
        with pytest.raises(StoreUnavailable, match="table users"):
            store.count(ALL)
        with pytest.raises(ChangeRefused, match="table users"):
            store.apply(Delete(ALL), key())
        health = store.check()
        assert (health.limits, health.closed) == ((), ("users",))
    with role(pg, "grant select on users to {0}", "grant create on schema public to {0}") as store:
        assert store.count(ALL).rows == 3
        with pytest.raises(ChangeRefused, match="table users"):
            store.apply(Delete(ALL), key())
    with role(pg, "grant select, delete on users to {0}", "grant create on schema public to {0}") as store:
        assert store.apply(Delete(ALL, 1), key()).rows == 1, "the right to update is not needed"


def test_keys_are_bound_where_temporary_tables_are_forbidden(pg: PostgresqlBench) -> None:
    users(pg)
    pg.run(f'revoke temporary on database "{pg.database.name}" from public')
    keys = {"all": tuple((at,) for at in range(2, 2_000))}
    with role(pg, "grant select, delete on users to {0}", "grant create on schema public to {0}") as store:
        change = Delete(Selection("users", InKeys((Field("id"),), "all"), keys))
        assert drained(store, change) == [1, 0]


def test_row_security_fails_instead_of_hiding_rows(pg: PostgresqlBench) -> None:
    users(pg)
    pg.run("alter table users enable row level security", "create policy few on users using (id = 1)")
    with role(pg, "grant select, delete on users to {0}", "grant create on schema public to {0}") as store:
        assert "row-level security" in store.check().limits[0]
        info = store.describe().collection("users")
        assert info is not None
        assert info.row_security
        with pytest.raises(StoreUnavailable, match="row-level security"):
            store.count(ALL)
        with pytest.raises(ChangeRefused, match="row-level security"):
            store.apply(Delete(ALL), key())
    with role(pg, "grant select on users to {0}", options="bypassrls", writable=False) as store:
        assert store.check().limits == ()
        assert store.count(ALL).rows == 3


def test_the_identifier_of_a_server_that_keeps_it(pg: PostgresqlBench) -> None:
    pg.run("revoke execute on function pg_control_system() from public")
    with role(pg, writable=False) as store:
        health = store.check()
        assert "identifier" in health.limits[0]
        assert health.identity.server.startswith("at 127.0.0.1:")


def test_a_replica_is_the_same_database_and_says_what_it_is() -> None:
    with PostgresqlServer(durable=False) as server:
        store = open_store("postgresql", server.admin.url, writable=True)
        primary = store.check()
        store.close()
        (server.folder / "data" / "standby.signal").touch()
        server.restart()
        store = open_store("postgresql", server.admin.url, writable=True)
        replica = store.check()
        with pytest.raises(ChangeRefused):
            store.apply(Delete(ALL), key())
        store.close()
    assert replica.identity == primary.identity
    assert (primary.writable, replica.writable) == (True, False)
    assert "replica" in replica.limits[0]


def test_a_row_whose_start_moves_between_batches_stays(bench: Bench) -> None:
    users(bench, 10)
    store = bench.store()
    assert store.apply(Delete(OLD, 4), key()).rows == 4
    bench.run("update users set day = '2024-01-01' where id in (select max(id) from users)")
    assert store.apply(Delete(OLD, 100), key(1)).rows == 5
    assert len(bench.rows("select * from users")) == 1


def test_a_row_whose_start_moves_during_the_batch_stays(pg: PostgresqlBench) -> None:
    """The batch has seen the row due and waits for its lock; the application then says that it is not."""
    users(pg, 5)
    store = open_store("postgresql", pg.url, writable=True, timeouts=type(QUICK)(lock=10))
    with pg.connect() as live:
        live.execute("begin")
        live.execute("update users set day = '2024-01-01' where id = 2")
        done: list[int] = []
        batch = threading.Thread(target=lambda: done.append(store.apply(Delete(OLD), key()).rows))
        batch.start()
        waiting = "select count(*) from pg_stat_activity where application_name = 'troth' and wait_event_type = 'Lock'"
        while pg.rows(waiting) != [(1,)]:
            pass
        live.execute("commit")
        batch.join()
    store.close()
    assert done == [4]
    assert pg.rows("select id from users") == [(2,)]


def test_rows_that_are_written_all_the_time_do_not_stop_a_purge(pg: PostgresqlBench) -> None:
    users(pg, 3_000)
    store, done = pg.store(), threading.Event()

    def write() -> None:
        with pg.connect() as live:
            while not done.is_set():
                live.execute("update users set name = 'busy' where id = (select max(id) - 100 from users)")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert sum(drained(store, Delete(OLD, 500))) == 3_000
    finally:
        done.set()
        writer.join()


def test_two_who_apply_the_same_batch_do_it_once(bench: Bench) -> None:
    bench.run("create table users (id {int} primary key, name {text}, day {day})")
    bench.insert("users", [(at, "x", "2019-01-01") for at in range(1_000)])
    drained(bench.store(), Delete(Selection("users", AnyOf(()))), "table of receipts")
    stores = [open_store(bench.kind, bench.url, writable=True) for _ in range(3)]
    for batch in range(3):
        found: list[tuple[int, bool]] = []

        def run(store: Store, batch: int = batch, found: list[tuple[int, bool]] = found) -> None:
            receipt = store.apply(Delete(OLD, 100), key(batch))
            found.append((receipt.rows, receipt.replayed))

        threads = [threading.Thread(target=run, args=(store,)) for store in stores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [(100, False), (100, True), (100, True)]
    for store in stores:
        store.close()
    assert len(bench.rows("select * from users")) == 700


def test_a_stream_does_not_stand_in_the_way(bench: Bench) -> None:
    """Questions and batches go on while rows are being read."""
    users(bench, 10_000)
    store = bench.store()
    stream = store.read(ALL, (Field("id"), Field("name")))
    first = [next(stream) for _ in range(10)]
    assert store.count(ALL).rows == 10_000
    assert store.apply(Delete(Selection("users", Matches(Field("id"), (9_999,)))), key()).rows == 1
    others = store.read(ALL, (Field("id"),), limit=5)
    assert len(list(others)) == 5
    rest = len(first) + sum(1 for _ in stream)
    assert rest == (10_000 if bench.kind == "postgresql" else 9_999), "the others read chunk by chunk"


def test_reading_in_chunks_and_by_sample(bench: Bench) -> None:
    users(bench, 5_000)
    store = bench.store(writable=False)
    ids = [row[0] for row in store.read(ALL, (Field("id"),))]
    assert sorted(ids, key=int) == list(range(5_000))  # type: ignore[arg-type]
    assert len(list(store.read(ALL, (Field("id"),), limit=4_500))) == 4_500
    assert list(store.read(ALL, (), limit=2)) == [(), ()]
    one = [row[0] for row in store.read(ALL, (Field("id"),), limit=50, sample=True)]
    other = [row[0] for row in store.read(ALL, (Field("id"),), limit=50, sample=True)]
    assert len(set(one)) == len(set(other)) == 50
    assert one != other
    assert len(list(store.read(ALL, (Field("id"),), limit=9_000, sample=True))) == 5_000


def test_a_sample_of_a_large_table_is_drawn_by_places_and_every_row_is_as_likely(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten draws of a hundred among five thousand rows with gaps: each tenth of the rows has about its tenth."""
    users(bench, 6_000)
    bench.run("delete from users where id % 6 = 0")
    bench.run("analyze users")
    store = bench.store(writable=False)
    monkeypatch.setattr(Reading, "drawn", property(lambda _: pytest.fail("the table was read whole")))
    found = [int(str(row[0])) for _ in range(10) for row in store.read(ALL, (Field("id"),), limit=100, sample=True)]
    assert len(found) == 1_000
    assert not [number for number in found if number % 6 == 0]
    tenths = Counter(number // 600 for number in found)
    assert all(60 < tenths[tenth] < 140 for tenth in range(10)), tenths


def test_a_crash_before_the_commit_leaves_nothing_and_after_it_a_receipt(bench: Bench) -> None:
    users(bench, 6)
    store = bench.store()
    drained(store, Delete(Selection("users", AnyOf(()))), "table of receipts")

    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    engine = store._server.engine  # type: ignore[attr-defined]
    event.listen(engine, "commit", crash)
    with pytest.raises(Crash):
        store.apply(Delete(OLD, 4), key())
    event.remove(engine, "commit", crash)
    assert len(bench.rows("select * from users")) == 6
    assert bench.rows("select count(*) from troth_receipt where step = 'step'") == [(0,)]
    assert store.apply(Delete(OLD, 4), key()).rows == 4
    assert bench.store().apply(Delete(OLD, 4), key()).replayed


def test_a_full_disk_is_later(sqlite: SqliteBench) -> None:
    users(sqlite, 3_000)
    store = sqlite.store()
    connection = store._open()  # type: ignore[attr-defined]
    pages = sqlite.rows("pragma page_count")[0][0]
    store.apply(Delete(Selection("users", AnyOf(()))), key())
    connection.exec_driver_sql(f"pragma max_page_count = {pages}")
    connection.rollback()
    long = ((Field("name"), Blank("constant", "x" * 3_000)),)
    with pytest.raises(StoreUnavailable, match="disk is full"):
        store.apply(Mask(ALL, long), key(1))
    assert sqlite.rows("select count(*) from users where length(name) > 100") == [(0,)]


def test_unknown_kinds_zones_and_addresses() -> None:
    for kind, url, zone in (
        ("oracle", "x", "UTC"),
        ("sqlite", "sqlite://", "UTC"),
        ("sqlite", ":memory:", "UTC"),
        ("postgresql", "mysql://root:canary@x/y", "UTC"),
        ("postgresql", "postgresql+asyncpg://root:canary@x/y", "UTC"),
        ("postgresql", "canary", "UTC"),
        ("postgresql", "postgresql://root:canary@host:port/x", "UTC"),
        ("postgresql", "postgresql://root@127.0.0.1:1/x", "Europe/Canary"),
    ):
        with pytest.raises(InputError) as refused:
            open_store(kind, url, writable=False, zone=zone)
        assert "canary" not in f"{refused.value!r}{refused.value.__cause__}{refused.value.__context__}"


def test_notices_and_sessions_are_named(pg: PostgresqlBench) -> None:
    store = pg.store()
    store.check()
    with psycopg.connect(pg.database.uri) as connection:
        found = connection.execute(
            "select count(*) > 0 from pg_stat_activity where application_name = 'troth'"
        ).fetchone()
    assert found == (True,)
