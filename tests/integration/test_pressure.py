"""What PostgreSQL says of those who suffer from a run: sessions that wait for a batch, a replica that is behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from tests.acceptance.sakila.club import Club, postgresql_club, rows
from tests.acceptance.test_bad_input_files import change

from troth.stores.conditions import Everything
from troth.stores.contract import Delete, Receipt, ReceiptKey, Selection, Store
from troth.stores.sql import open_store
from troth.testing.postgresql import Database, PostgresqlServer, find_binaries
from troth.testing.postgresql_replica import PostgresqlReplica

SLOWLY = """
create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return null; end $$;
create trigger slowly after delete on visits for each statement execute function slowly()
"""


def opened(database: Database) -> Store:
    return open_store("postgresql", database.uri, writable=True)


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def meanwhile(database: Database, statement: str) -> Thread:
    """A session that waits for as long as it must."""

    def session() -> None:
        with database.connect() as connection:
            connection.execute(statement.encode())

    thread = Thread(target=session)
    thread.start()
    return thread


def deleted_while(database: Database, statement: str) -> Receipt:
    """One batch that takes a second; another session says something as soon as its rows are locked."""
    store, key = opened(database), ReceiptKey("p", "s", 0)
    store.apply(Delete(Selection("prices", Everything())), ReceiptKey("p", "first", 0))  # makes the table of receipts
    receipts: list[Receipt] = []
    batch = Thread(target=lambda: receipts.append(store.apply(Delete(Selection("visits", Everything())), key)))
    batch.start()
    with database.connect() as connection:
        sleeps = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
        until(lambda: bool(connection.execute(sleeps).fetchone() != (0,)))
    session = meanwhile(database, statement)
    batch.join(30)
    session.join(30)
    store.close()
    return receipts[0]


@pytest.fixture
def club(postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[Club]:
    with postgresql_club(postgresql, tmp_path, rows(24)) as club:
        with club.connect() as connection:
            connection.execute(SLOWLY)
        yield club


@pytest.mark.parametrize(
    "statement, waiting",
    [
        ("update visits set ip = 'x'", 1),
        ("begin; lock table visits; commit", 1),
        ("select count(*) from visits", 0),
        ("update members set phone = null", 0),
    ],
)
def test_who_waits_for_a_batch_is_counted(club: Club, statement: str, waiting: int) -> None:
    assert isinstance(club.address, Database)
    receipt = deleted_while(club.address, statement)
    assert receipt.rows > 0
    assert receipt.waiting == waiting


def test_a_run_pauses_when_somebody_waits(club: Club) -> None:
    plan = club.project.plan("retention")
    assert isinstance(club.address, Database)
    sessions: list[Thread] = []
    with club.connect() as connection:
        sleeps = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"

        def disturb() -> None:
            until(lambda: bool(connection.execute(sleeps).fetchone() != (0,)))
            sessions.append(meanwhile(club.address, "update visits set ip = 'x'"))  # type: ignore[arg-type]

        disturbing = Thread(target=disturb)
        disturbing.start()
        said = club.project("apply", plan["file"], "--approve", plan["id"])
        disturbing.join(30)
    sessions[0].join(30)
    assert said.status == 0, said.err
    assert "pausing: club: the last batch kept 1 other session waiting" in said.err


@pytest.fixture(scope="module")
def primary() -> Iterator[PostgresqlServer]:
    """Of its own: nobody else's work is to reach its replica."""
    if not (find_binaries() / "pg_basebackup").exists():
        pytest.skip("pg_basebackup is not there; Debian's package postgresql has it")
    with PostgresqlServer(durable=False) as server:
        yield server


@pytest.fixture(scope="module")
def replica(primary: PostgresqlServer) -> Iterator[PostgresqlReplica]:
    with PostgresqlReplica(primary) as server:
        yield server


@pytest.fixture
def followed(primary: PostgresqlServer, replica: PostgresqlReplica, tmp_path: Path) -> Iterator[Club]:
    """A club on a server that has a replica, which may be one second behind."""
    with postgresql_club(primary, tmp_path, rows(24)) as club:
        change(club, "systems.yaml", ("store: postgresql", "store: postgresql\n    pace: {lag: 1, patience: 4}"))
        yield club
        replica.go_on()


def test_a_server_without_replicas_has_no_lag(pg_database: Database) -> None:
    store = opened(pg_database)
    assert (store.check().lag, store.check().lag_hidden) == (None, False)
    store.close()


def test_a_run_waits_for_a_replica_and_stops_when_it_stays_behind(followed: Club, replica: PostgresqlReplica) -> None:
    assert isinstance(followed.address, Database)
    store = opened(followed.address)
    until(lambda: store.check().lag is not None)
    plan = followed.project.plan("retention")
    replica.pause()
    with followed.connect() as connection:

        def behind() -> bool:
            connection.execute("update prices set amount = amount + 1")
            return (store.check().lag or 0) > 2

        until(behind)
    store.close()
    before = followed.snapshot()
    said = followed.project("apply", plan["file"], "--approve", plan["id"], "--json")
    assert said.status == 4, said.err
    assert "pausing: club: a replica is" in said.err
    error = said.json["error"]
    assert error["code"] == "REPLICA-LAG"
    assert error["hint"].endswith(f"troth resume {plan['id'][:12]}")
    assert followed.snapshot() == before

    replica.go_on()
    assert followed.project("resume", plan["id"]).status == 0
    stops = [entry["reason"] for entry in followed.project.evidence() if entry["kind"] == "stopped"]
    assert stops == ["pressure"]


def test_a_role_that_may_not_see_replicas_is_told_so(followed: Club, replica: PostgresqlReplica) -> None:
    assert isinstance(followed.address, Database)
    with followed.connect() as connection:
        connection.execute("create role small login; grant select on all tables in schema public to small")
    uri = followed.address.uri.replace("postgres@", "small@")
    store = open_store("postgresql", uri, writable=True)
    assert (store.check().lag, store.check().lag_hidden) == (None, True)
    store.close()
    checked = followed.project("systems", "check", "--json").json
    assert not any("pg_read_all_stats" in str(each) for each in checked["connections"])
    followed.project.env["CLUB_WRITE"] = uri  # type: ignore[index]
    checked = followed.project("systems", "check", "--json").json
    (write,) = [each for each in checked["connections"] if each["which"] == "write"]
    assert "pg_read_all_stats" in str(write["limits"])
    with followed.connect() as connection:
        connection.execute("drop owned by small; drop role small")
