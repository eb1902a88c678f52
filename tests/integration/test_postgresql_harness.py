"""The PostgreSQL server that the other tests stand on does what it says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from troth.testing import postgresql as harness
from troth.testing.postgresql import Database, PostgresqlServer, ServerNotFound
from troth.testing.process import unprivileged_user
from troth.testing.server import ServerFailed


@pytest.fixture
def own_server(postgresql: PostgresqlServer) -> Iterator[PostgresqlServer]:
    """A server that the test may stop; ``postgresql`` is asked for, because it knows what to do without programs."""
    with PostgresqlServer() as server:
        yield server


def scalar(database: Database, query: str) -> object:
    with database.connect() as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_database_is_new_empty_and_gone_afterwards(postgresql: PostgresqlServer) -> None:
    with postgresql.database() as database:
        assert scalar(database, "select count(*) from pg_stat_user_tables") == 0
        kept_open = database.connect()
        kept_open.execute("create table visits (id bigint)")
    query = f"select count(*) from pg_database where datname = '{database.name}'"
    assert scalar(postgresql.admin, query) == 0
    with pytest.raises(psycopg.OperationalError):
        kept_open.execute("select 1")
    kept_open.close()


def test_a_database_can_be_copied_from_a_template(postgresql: PostgresqlServer) -> None:
    with postgresql.database() as first:
        with first.connect() as connection:
            connection.execute("create table visits as select generate_series(1, 5) as id")
        with postgresql.database(template=first.name) as second:
            assert scalar(second, "select count(*) from visits") == 5


def test_text_is_unicode_and_time_is_utc(pg_database: Database) -> None:
    assert scalar(pg_database, "select lower('ÉLODIE')") == "élodie"
    assert scalar(pg_database, "show server_encoding") == "UTF8"
    assert scalar(pg_database, "show timezone") == "UTC"


def test_addresses(pg_database: Database) -> None:
    assert pg_database.url == f"postgresql+psycopg://postgres@127.0.0.1:{pg_database.port}/{pg_database.name}"
    with psycopg.connect(pg_database.uri) as connection:
        assert connection.info.dbname == pg_database.name


def test_the_server_is_reached_by_its_unix_socket_too(postgresql: PostgresqlServer) -> None:
    where = f"host={postgresql.folder} port={postgresql.admin.port} user=postgres dbname=postgres"
    with psycopg.connect(where) as connection:
        assert connection.info.host == str(postgresql.folder)


def test_the_server_does_not_run_as_root(postgresql: PostgresqlServer) -> None:
    owner = unprivileged_user()
    data = postgresql.folder / "data"
    assert data.stat().st_uid == (owner.pw_uid if owner else os.geteuid()) != 0


def test_durable_by_default(own_server: PostgresqlServer, postgresql: PostgresqlServer) -> None:
    assert scalar(own_server.admin, "show fsync") == "on"
    assert scalar(postgresql.admin, "show fsync") == "off"


def test_restart_and_kill_keep_what_was_committed(own_server: PostgresqlServer) -> None:
    database = own_server.create_database("kept")
    with database.connect() as connection:
        connection.execute("create table visits (id bigint)")
    for end in (own_server.restart, own_server.kill):
        open_connection = database.connect(autocommit=False)
        with database.connect() as connection:
            connection.execute("insert into visits values (1)")
        open_connection.execute("insert into visits values (2)")
        end()
        own_server.start()
        with pytest.raises(psycopg.OperationalError):
            open_connection.commit()
        open_connection.close()
    assert scalar(database, "select sum(id) from visits") == 2


def test_a_killed_server_refuses_connections_until_started(own_server: PostgresqlServer) -> None:
    own_server.kill()
    assert not own_server.running
    with pytest.raises(psycopg.OperationalError):
        own_server.admin.connect()
    own_server.start()
    assert scalar(own_server.admin, "select 1") == 1


def test_stop_removes_everything_and_may_be_repeated(own_server: PostgresqlServer) -> None:
    folder = own_server.folder
    own_server.stop()
    own_server.stop()
    assert not folder.exists()
    with pytest.raises(ServerFailed, match="not started"):
        _ = own_server.folder


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(postgresql: PostgresqlServer) -> None:
    server = PostgresqlServer(settings={"no_such_setting": "1"})
    with pytest.raises(ServerFailed, match="no_such_setting"), server:
        pass
    with pytest.raises(ServerFailed, match="not started"):
        _ = server.folder


PROGRAM = """
import sys
from troth.testing.postgresql import PostgresqlServer
server = PostgresqlServer(durable=False)
server.start()
print(server.folder, server.admin.uri, flush=True)
if sys.argv[1] == "wait":
    sys.stdin.read()
"""


@pytest.mark.parametrize("end", ["exit", "wait"])
def test_the_server_ends_with_its_process_however_that_dies(postgresql: PostgresqlServer, end: str) -> None:
    command = [sys.executable, "-c", PROGRAM, end]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder, uri = process.stdout.readline().split()
        if end == "wait":
            psycopg.connect(uri).close()
            process.send_signal(signal.SIGKILL)
        process.communicate()
    assert wait_until(lambda: not Path(folder).exists()), "the folder is still there"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(uri)


def test_a_missing_server_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(harness, "_candidates", lambda: iter([tmp_path]))
    with pytest.raises(ServerNotFound, match=r"PostgreSQL server not found: .*\n.*apt-get install postgresql"):
        harness.find_binaries()
