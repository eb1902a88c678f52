"""What MariaDB alone has: its ways of comparing, zero dates, engines, histories, modes, rights, sessions."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime

import pymysql
import pytest
import sqlalchemy as sa
from tests.conformance.conftest import QUICK, MariadbBench
from tests.conformance.test_sql_changes import drained, key
from tests.conformance.test_sql_connections import ALL, OLD, users
from tests.conformance.test_sql_describe import described
from tests.conformance.test_sql_names import HOSTILE

from troth.core.errors import InputError
from troth.stores.access import EVERYTHING, Grant, Granting, Transport
from troth.stores.conditions import Before, Blank, Condition, Everything, Field, Held, InKeys, Key, Matches, Related
from troth.stores.contract import ChangeRefused, Delete, Mask, Selection, Store, StoreUnavailable
from troth.stores.sql import open_store
from troth.testing.mariadb import MariadbServer

NULL = Blank()


def year(name: str, number: int) -> Before:
    return Before(Field(name), datetime(number, 1, 1, tzinfo=UTC), date(number, 1, 1))


def found(store: Store, table: str, where: Condition, name: str = "id") -> list[object]:
    return sorted(row[0] for row in store.read(Selection(table, where), (Field(name),)))  # type: ignore[type-var]


# comparing


@pytest.mark.parametrize("collation", ["utf8mb4_general_ci", "utf8mb4_bin", "utf8mb3_unicode_ci", "latin1_swedish_ci"])
def test_texts_are_the_same_when_they_are(my: MariadbBench, collation: str) -> None:
    my.run(
        f"create table users (id int primary key, name varchar(20) collate {collation}, unique (id, name))",
        f"create table notes (id int primary key, who varchar(20) collate {collation})",
    )
    my.insert("users", list(enumerate(["Ada", "ada", "Àda", "Ada ", "7", "7a", "", " "])))
    my.insert("notes", [(0, "Ada"), (1, "7")])
    store = my.store()
    for given, ids in (("Ada", [0]), ("Ada ", [3]), ("", [6]), (7, [4]), ("😀", []), ("Àda", [2])):
        assert found(store, "users", Matches(Field("name"), (given,))) == ids
        keys = Selection("users", InKeys((Field("name"),), "k"), {"k": ((given,),)})
        assert store.count(keys).rows == len(ids)
    assert found(store, "users", Related("notes", (("name", "who"),), Everything())) == [0, 4]
    where = Related("notes", (("name", "who"),), Related("users", (("who", "name"),), Everything()))
    assert found(store, "users", where) == [0, 4]


def test_an_index_serves_an_exact_comparison(my: MariadbBench) -> None:
    my.run("create table users (id int primary key, ref char(36), key (ref))")
    my.insert("users", [(at, f"ref-{at:04}") for at in range(2_000)])
    my.run("analyze users")
    text = my.store().explain(Selection("users", Matches(Field("ref"), ("ref-0007",))))
    [plan] = my.rows(f"explain {text}")
    assert plan[3:6] == ("ref", "ref", "ref")


def test_whole_numbers_flags_and_lists_of_words(my: MariadbBench) -> None:
    my.run(
        "create table t (id int primary key, big bigint unsigned, flag tinyint(1), bits bit(1), mood enum('ok', 'Sad'),"
        " tags set('a', 'b'), single float, born year, at time)"
    )
    my.run("insert into t values (1, 18446744073709551615, 1, b'1', 'Sad', 'a,b', 1.1, 1999, '10:00:00')")
    my.run(
        "insert into t values (2, 0, 2, b'0', 'ok', '', 2.5, 2000, '11:00:00')",
        "insert into t (id, flag) values (3, 0)",
    )
    store = my.store()
    for name, value, ids in (
        ("big", "18446744073709551615", [1]), ("big", -1, []), ("flag", True, [1]), ("flag", 2, [2]),
        ("flag", "no", [3]),
        ("bits", True, [1]), ("bits", 0, [2]), ("mood", "Sad", [1]), ("mood", "sad", []), ("mood", 2, []),
        ("tags", "a,b", [1]), ("single", "1.1", [1]), ("born", 1999, [1]), ("at", "10:00:00", [1]),
    ):  # fmt: skip
        assert found(store, "t", Matches(Field(name), (value,))) == ids, (name, value)
    big: dict[str, tuple[Key, ...]] = {"k": (("18446744073709551615",), *((at,) for at in range(1, 2_000)))}
    for asked in (store, my.store(writable=False)):
        assert asked.count(Selection("t", InKeys((Field("big"),), "k"), big)).rows == 1
    types = {one.name: one.type for one in described(store, "t").fields}
    assert (types["flag"], types["bits"], types["mood"]) == ("boolean", "boolean", "other")
    assert drained(store, Mask(Selection("t", Everything()), ((Field("mood"), Blank("constant", "ok")),))) == [1, 0]


def test_documents_however_they_are_written(my: MariadbBench) -> None:
    my.run("create table t (id int primary key, doc json)")
    texts = [
        '{"é": "x"}',
        '{"\\u00e9": "x"}',
        '{"\\u00E9": "x"}',
        '{"é": {"a": 1}}',
        '{"é": null}',
        '{"é": "x", "é": "y"}',
    ]
    my.insert("t", list(enumerate(texts)))
    store = my.store()
    where = Held(Field("doc", ("é",)), NULL)
    assert found(store, "t", where) == [0, 1, 2, 3, 5]
    assert found(store, "t", Matches(Field("doc", ("é",)), ("x",))) == [0, 1, 2, 5]
    assert drained(store, Mask(Selection("t", Everything()), ((Field("doc", ("é",)), NULL),))) == [5, 1, 0]
    assert [row[0] for row in my.rows("select doc from t order by id")] == ["{}", "{}", "{}", "{}", '{"é": null}', "{}"]


def test_a_text_that_is_no_document_stops_the_mask(my: MariadbBench) -> None:
    my.run("create table t (id int primary key, doc text)")
    my.insert("t", [(1, '{"name": "Ada"'), (2, '{"name": "Ada"}'), (3, "{}")])
    store = my.store()
    assert found(store, "t", Held(Field("doc", ("name",)), NULL)) == [1, 2]
    with pytest.raises(ChangeRefused, match="JSON"):
        store.apply(Mask(Selection("t", Everything()), ((Field("doc", ("name",)), NULL),)), key())
    assert my.rows("select doc from t where id = 2") == [('{"name": "Ada"}',)]


# moments


def test_what_the_calendar_has_not_is_no_moment(my: MariadbBench) -> None:
    my.run("set sql_mode = 'ALLOW_INVALID_DATES'")
    my.run("create table logs (id int primary key, day date, at datetime, tz timestamp null, word varchar(30))")
    for at, day in enumerate(["0000-00-00", "2020-00-10", "2020-01-00", "2020-02-31", "2019-05-05"]):
        tz = "0000-00-00 00:00:00" if at < 4 else day
        my.insert("logs", [(at, day, f"{day} 10:00:00", tz, day)])
    store = my.store()
    for name in ("day", "at", "tz", "word"):
        assert found(store, "logs", year(name, 2021)) == [4], name
        counted = store.count(Selection("logs", Everything()), Field(name))
        assert counted.oldest == counted.latest
        assert counted.oldest is not None
        assert counted.oldest.date() == date(2019, 5, 5)
    assert store.apply(Delete(Selection("logs", year("at", 2021))), key()).rows == 1


def test_an_instant_is_read_as_one_whatever_the_servers_zone(my: MariadbBench) -> None:
    my.run("create table logs (id int primary key, at datetime, tz timestamp null)")
    my.run("set time_zone = '+05:00'", "insert into logs values (1, '2020-01-01 03:00:00', '2020-01-01 03:00:00')")
    store = my.store(zone="Europe/Paris")
    [(at, tz)] = store.read(Selection("logs", Everything()), (Field("at"), Field("tz")))
    assert (at, tz) == (datetime(2020, 1, 1, 3), datetime(2019, 12, 31, 22, tzinfo=UTC))
    assert found(store, "logs", year("tz", 2020)) == [1]
    assert found(store, "logs", year("at", 2020)) == []


def test_a_mask_does_not_move_the_moment_of_the_last_change(my: MariadbBench) -> None:
    my.run(
        "create table users (id int primary key, name varchar(20), seen timestamp null default current_timestamp"
        " on update current_timestamp)",
        "insert into users values (1, 'Ada', '2019-01-01 00:00:00')",
    )
    assert drained(my.store(), Mask(Selection("users", Everything()), ((Field("name"), NULL),))) == [1, 0]
    assert my.rows("select name, seen from users") == [(None, datetime(2019, 1, 1))]


# tables


@pytest.mark.parametrize("engine", ["MyISAM", "Aria", "MEMORY"])
def test_an_engine_without_transactions_is_read_and_never_changed(my: MariadbBench, engine: str) -> None:
    my.run(f"create table users (id int primary key, day date) engine={engine}")
    my.insert("users", [(1, "2019-01-01")])
    store = my.store()
    assert store.count(ALL).rows == 1
    with pytest.raises(ChangeRefused, match=engine) as refused:
        store.apply(Delete(OLD), key())
    assert refused.value.code == "STORE-ENGINE"
    assert my.rows("select id from users") == [(1,)]
    assert my.rows("select count(*) from troth_receipt") == [(0,)]


def test_a_history_is_said_wherever_an_absence_is_claimed(my: MariadbBench) -> None:
    my.run(
        "create table users (id int primary key, name text) with system versioning",
        "insert into users values (1, 'Ada')",
    )
    store = my.store()
    assert described(store, "users").kind == "table"
    assert store.apply(Delete(ALL), key()).rows == 1
    assert store.count(ALL).rows == 0
    [limit] = store.check().limits
    assert "system-versioned: users" in limit
    assert my.rows("select name from users for system_time all") == [("Ada",)]


def test_partitions_are_one_table(my: MariadbBench) -> None:
    my.run(
        "create table logs (id int, day date, primary key (id, day)) partition by range (year(day))"
        " (partition p0 values less than (2020), partition p1 values less than maxvalue)"
    )
    my.insert("logs", [(at, f"20{19 + at % 3}-01-01") for at in range(5_000)])
    store = my.store()
    assert [info.name for info in store.describe().collections] == ["logs"]
    assert len(found(store, "logs", Everything())) == 5_000
    gone = my.rows("select count(*) from logs where day < '2020-01-01'")[0][0]
    assert sum(drained(store, Delete(Selection("logs", year("day", 2020)), 700))) == gone
    assert my.rows("select count(*) from logs partition (p0)") == [(0,)]


def test_tables_without_a_key_are_emptied_and_not_masked_beside_a_trigger(my: MariadbBench) -> None:
    my.run("create table plain (who int, word text)", "create trigger t before update on plain for each row set @a = 1")
    my.insert("plain", [(1, "a"), (1, "a"), (2, "b")])
    store = my.store()
    with pytest.raises(ChangeRefused, match="no key"):
        store.apply(Mask(Selection("plain", Everything()), ((Field("word"), NULL),)), key())
    assert drained(store, Delete(Selection("plain", Matches(Field("who"), (1,))), 1), "d") == [1, 1, 0]
    assert sorted(store.read(Selection("plain", Everything()), (Field("word"),))) == [("b",)]


def test_keys_of_several_fields_lead_through_a_table(my: MariadbBench) -> None:
    my.run("create table t (a varchar(5), b int, c int, primary key (a, b))")
    my.insert("t", [("xyz"[at % 3], at, at % 2) for at in range(5_000)])
    rows = list(my.store().read(Selection("t", Everything()), (Field("a"), Field("b"))))
    assert len(rows) == len(set(rows)) == 5_000


def test_a_circle_inside_one_table_is_refused_as_a_whole(my: MariadbBench) -> None:
    my.run("create table nodes (id int primary key, up int, foreign key (up) references nodes (id))")
    my.run("insert into nodes values (1, null), (2, 1), (3, 2)", "update nodes set up = 3 where id = 1")
    my.run("insert into nodes values (4, null), (5, 4)")
    store = my.store()
    with pytest.raises(ChangeRefused, match="refer"):
        store.apply(Delete(Selection("nodes", Everything())), key())
    assert my.rows("select count(*) from nodes") == [(5,)]
    assert store.apply(Delete(Selection("nodes", Matches(Field("id"), (4, 5)))), key(1)).rows == 2


def test_other_databases_are_named_or_declared(my: MariadbBench, mariadb: MariadbServer) -> None:
    with mariadb.database() as other, other.connect() as client:
        client.query("create table notes (id int primary key, who int)")
        client.query("insert into notes values (1, 1)")
        my.run("create table users (id int primary key)", "insert into users values (1), (2)")
        assert f"database {other.name}" in my.store().describe().elsewhere
        store = my.store(schemas=(my.database.name, other.name))
        assert {info.name for info in store.describe().collections} == {"users", f"{other.name}.notes"}
        where = Related(f"{other.name}.notes", (("id", "who"),), Everything())
        assert found(store, "users", where) == [1]
        assert drained(store, Delete(Selection(f"{other.name}.notes", Everything()))) == [1, 0]


# sessions


@contextmanager
def role(my: MariadbBench, *grants: str, writable: bool = True) -> Generator[Store]:
    """A store of a user who may do what the grants say."""
    name = f"u_{my.database.name[:20]}"
    my.run(f"create user {name}@'%'")
    store = None
    try:
        for grant in grants:
            my.run(f"grant {grant} to {name}@'%'".replace("{db}", my.database.name))
        url = sa.make_url(my.url).set(username=name).render_as_string()
        store = open_store("mysql", url, writable=writable, timeouts=QUICK)
        yield store
    finally:
        if store is not None:
            store.close()
        my.run(f"drop user {name}@'%'")


RECEIPTS = "create, select, insert on {db}.troth_receipt"


def test_a_right_that_is_lacking_is_named(my: MariadbBench) -> None:
    users(my)
    with role(my, "select on {db}.*", RECEIPTS) as store:
        assert store.check().limits == ()
        with pytest.raises(ChangeRefused, match="table users") as refused:
            store.apply(Delete(ALL), key())
        assert refused.value.code == "STORE-RIGHTS"
        assert store.access().own_rights("users") == {"read"}
    with role(my, "select, delete on {db}.users", RECEIPTS) as store:
        assert "are not seen" in store.check().limits[0]
        assert store.apply(Delete(ALL, 1), key()).rows == 1, "the right to update is not needed"
        assert store.access().own_rights("users") == {"read", "delete"}


def test_triggers_are_seen_by_whoever_may_set_them_off(my: MariadbBench) -> None:
    users(my)
    my.run("create trigger back before update on users for each row set new.name = old.name")
    for rights, seen in (("select", []), ("select, trigger", ["back"]), ("select, update", ["back"])):
        with role(my, f"{rights} on {{db}}.*", writable=False) as store:
            assert [one.name for one in described(store, "users").triggers] == seen
    with role(my, "select, update on {db}.*", RECEIPTS) as store, pytest.raises(ChangeRefused, match="back"):
        store.apply(Mask(ALL, ((Field("name"), NULL),)), key())


def test_receipts_may_not_be_made(my: MariadbBench) -> None:
    users(my)
    with role(my, "select, delete on {db}.*") as store:
        with pytest.raises(ChangeRefused, match="troth_receipt") as refused:
            store.apply(Delete(ALL), key())
        statement = refused.value.hint[refused.value.hint.index("CREATE TABLE") :]
        my.run(statement, f"grant insert on {my.database.name}.troth_receipt to u_{my.database.name[:20]}@'%'")
        assert store.apply(Delete(ALL), key()).rows == 3


def test_keys_are_bound_where_temporary_tables_are_forbidden(my: MariadbBench) -> None:
    users(my)
    keys = {"all": tuple((at,) for at in range(2, 2_000))}
    with role(my, "select, delete on {db}.*", RECEIPTS) as store:
        assert drained(store, Delete(Selection("users", InKeys((Field("id"),), "all"), keys))) == [1, 0]


def test_roles_and_patterns_of_databases_count(my: MariadbBench) -> None:
    users(my)
    pattern = my.database.name[:-1].replace("_", "\\_") + "%"
    my.run(f"create role r_{my.database.name[:20]}", f"grant select on `{pattern}`.* to r_{my.database.name[:20]}")
    try:
        with role(my, "select (id), update (name) on {db}.users") as store:
            assert [(one.fields, *one.rights) for one in store.access().own] == [
                (("id",), "read"),
                (("name",), "update"),
            ]
        my.run(
            f"create user p_{my.database.name[:20]}@'%'",
            f"grant r_{my.database.name[:20]} to p_{my.database.name[:20]}@'%'",
        )
        access = my.store().access()
        member = next(one for one in access.roles if one.name.startswith("p_"))
        assert member.within == (f"r_{my.database.name[:20]}",)
        assert access.role.powers >= {"superuser"}
        assert access.own_rights("users") == EVERYTHING
        assert any(
            one.role == member.name and one.rights == {"read"} and one.collection is None for one in access.grants
        )
    finally:
        my.run(f"drop role r_{my.database.name[:20]}", f"drop user if exists p_{my.database.name[:20]}@'%'")


def test_printed_grants_are_what_it_takes(my: MariadbBench) -> None:
    """Run as they are printed; TLS, which they demand, is not what this server speaks."""
    users(my)
    name = f"g_{my.database.name[:20]}"
    wanted = Granting(
        (
            Grant(name, frozenset({"read", "delete"}), "users"),
            Grant(name, frozenset({"update"}), "users", ("name", "day")),
            Grant(name, frozenset({"read", "insert"}), "troth_receipt"),
        )
    )
    text = my.store().explain(wanted).replace(" REQUIRE SSL", "")
    try:
        my.run(*(line for line in text.splitlines() if line and not line.startswith("--")))
        url = sa.make_url(my.url).set(username=name).render_as_string()
        store = open_store("mariadb", url, writable=True, timeouts=QUICK)
        assert store.access().own_rights("users") == {"read", "delete"}
        assert drained(store, Mask(ALL, ((Field("name"), NULL),))) == [3, 0]
        assert drained(store, Delete(ALL), "gone") == [3, 0]
        store.close()
        my.run(f"grant insert on {my.database.name}.users to {name}@'%'")
        again = my.store().explain(wanted)
        assert f"REVOKE INSERT ON `{my.database.name}`.`users` FROM `{name}`@`%`;" in again
    finally:
        my.run(f"drop user if exists {name}@'%'")


def test_a_lost_session_is_opened_again(my: MariadbBench) -> None:
    users(my, 3_000)
    store = my.store()
    chosen = Selection("users", InKeys((Field("id"),), "all"), {"all": tuple((at,) for at in range(2_000))})
    assert store.apply(Delete(chosen, 10), key()).rows == 10
    ours = "select id from information_schema.processlist where db = database() and id <> connection_id()"
    for again in (lambda: store.count(chosen), lambda: store.apply(Delete(chosen, 10), key(1))):
        for (session,) in my.rows(ours):
            my.run(f"kill {session}")
        with pytest.raises(StoreUnavailable):
            again()
        again()
    assert store.count(chosen).rows == 1_980


def test_a_row_whose_start_moves_during_the_batch_stays(my: MariadbBench) -> None:
    users(my, 5)
    store = open_store("mariadb", my.url, writable=True, timeouts=type(QUICK)(lock=10))
    drained(store, Delete(Selection("users", Matches(Field("id"), (99,)))), "table of receipts")
    with my.connect() as live:
        live.query("begin")
        live.query("update users set day = '2024-01-01' where id = 2")
        done: list[int] = []
        batch = threading.Thread(target=lambda: done.append(store.apply(Delete(OLD), key()).rows))
        batch.start()
        while not my.rows("select 1 from information_schema.innodb_trx where trx_state = 'LOCK WAIT'"):
            time.sleep(0.2)  # what is asked for more often is answered from before
        live.query("commit")
        batch.join()
    store.close()
    assert done == [4]
    assert my.rows("select id from users") == [(2,)]


def test_rows_that_are_written_all_the_time_do_not_stop_a_purge(my: MariadbBench) -> None:
    users(my, 3_000)
    store, done = my.store(), threading.Event()

    def write() -> None:
        with my.connect() as live:
            while not done.is_set():
                with suppress(pymysql.err.OperationalError):  # a deadlock, in which this one was given up
                    live.query("update users set name = 'busy' where id > 2900 limit 10")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert sum(drained(store, Delete(OLD, 500))) == 3_000
    finally:
        done.set()
        writer.join()


def test_a_full_transaction_ends_with_its_receipt_or_not_at_all(my: MariadbBench) -> None:
    """The table of receipts is made before the first batch: CREATE TABLE would commit what is under way."""
    users(my)
    store = my.store()
    my.run("create trigger no before delete on users for each row signal sqlstate '45000' set message_text = 'canary'")
    with pytest.raises(ChangeRefused) as refused:
        store.apply(Delete(ALL), key())
    assert refused.value.code == "STORE-TRIGGER"
    assert "canary" not in repr(refused.value)
    assert my.rows("select count(*) from troth_receipt") == [(0,)]
    my.run("drop trigger no")
    assert store.apply(Delete(ALL), key()).rows == 3


# servers of another kind


def test_nobody_listens(mariadb: MariadbServer) -> None:
    url = sa.make_url(mariadb.admin.url).set(port=1, password="canary-secret", database="x")
    with pytest.raises(StoreUnavailable, match="host and port") as refused:
        open_store("mariadb", url.render_as_string(hide_password=False), writable=False, timeouts=QUICK)
    assert "canary" not in repr(refused.value)
    url = sa.make_url(mariadb.admin.url).set(database="nowhere")
    with pytest.raises(StoreUnavailable, match="database"):
        open_store("mariadb", url.render_as_string(), writable=False, timeouts=QUICK)
    for address in ("mariadb://root:canary@host/", "postgresql://root:canary@host/x", "canary"):
        with pytest.raises(InputError) as wrong:
            open_store("mysql", address, writable=False)
        assert "canary" not in f"{wrong.value!r}{wrong.value.__cause__}{wrong.value.__context__}"


def test_the_servers_own_ways_change_nothing(mariadb: MariadbServer) -> None:
    """Another mode, names in lower case, a follower, another product: one server after another on the same data."""
    settings = {
        "sql-mode": "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,STRICT_ALL_TABLES",
        "lower-case-table-names": "1", "default-storage-engine": "MyISAM", "autocommit": "0",
        "transaction-isolation": "SERIALIZABLE", "log-bin": "bin", "binlog-format": "ROW", "server-id": "7",
    }  # fmt: skip
    with MariadbServer(durable=False, settings=settings) as server, server.database() as database:
        bench = MariadbBench(database)
        bench.run("create table Users (Id int primary key, Name varchar(50) collate utf8mb4_general_ci) engine=innodb")
        bench.run(
            "create table notes (id int primary key, who int, foreign key (who) references USERS (id)) engine=innodb"
        )
        bench.insert("users", list(enumerate(HOSTILE)))
        bench.run("set global sql_select_limit = 2", "set global time_zone = '+09:00'")
        store = bench.store()
        [notes, people] = sorted(store.describe().collections, key=lambda info: info.name)
        assert (notes.references[0].target, people.name) == ("users", "users")
        for at, text in enumerate(HOSTILE):
            assert found(store, "users", Matches(Field("Name"), (text,)), "Id") == [at]
        assert drained(store, Delete(Selection("users", Matches(Field("Id"), (1, 2, 3))), 2)) == [2, 1, 0]
        assert store.check().transport == Transport("loopback")
        with database.connect() as client:
            client.query("set global gtid_slave_pos = '1-9-5'")
            client.query("set global read_only = 1")
        follower = bench.store(writable=True).check()
        assert (follower.writable, follower.identity) == (False, store.check().identity)
        assert "replica" in follower.limits[0]
        bench.close()
        for version in ("8.0.39", "10.6.21-MariaDB"):
            server._settings |= {"version": version}
            server.restart()
            with pytest.raises(InputError, match=r"no MariaDB|newer") as refused:
                open_store("mysql", database.url, writable=False, timeouts=QUICK)
            assert refused.value.code == "STORE-SERVER"


def test_an_encrypted_way_says_whom_it_made_sure_of(mariadb: MariadbServer) -> None:
    with MariadbServer(durable=False, tls=True) as server, server.database() as database:
        for query, verified in (
            ({"ssl_ca": str(server.issuer), "ssl_check_hostname": "true"}, "host"),
            ({"ssl_ca": str(server.issuer), "ssl_check_hostname": "false"}, "issuer"),
        ):
            url = sa.make_url(database.url).update_query_dict(query)
            store = open_store("mariadb", url.render_as_string(), writable=False, timeouts=QUICK)
            way = store.check().transport
            store.close()
            assert (way.way, way.encrypted, way.verified, way.limits) == ("loopback", True, verified, ())
            assert way.protocol.startswith("TLSv1.")
