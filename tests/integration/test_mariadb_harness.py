"""The MariaDB server that the other tests stand on; what all servers share is tested with PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pymysql
import pytest

from troth.testing import mariadb as harness
from troth.testing.mariadb import Database, MariadbServer, ServerNotFound
from troth.testing.process import unprivileged_user
from troth.testing.server import ServerFailed


def scalar(database: Database, query: str) -> object:
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


def test_a_database_is_new_empty_and_gone_afterwards(mariadb: MariadbServer) -> None:
    with mariadb.database() as database:
        assert scalar(database, "select count(*) from information_schema.tables where table_schema = database()") == 0
        kept_open = database.connect(autocommit=False)
        kept_open.query("create table visits (id bigint)")
        kept_open.query("select * from visits")
    assert (
        scalar(mariadb.admin, f"select count(*) from information_schema.schemata where schema_name = '{database.name}'")
        == 0
    )
    with pytest.raises(pymysql.OperationalError):
        kept_open.query("select 1")


def test_the_server_does_not_run_as_root(mariadb: MariadbServer) -> None:
    owner = unprivileged_user()
    assert (mariadb.folder / "data").stat().st_uid == (owner.pw_uid if owner else os.geteuid()) != 0


def test_restart_and_kill_keep_what_was_committed(mariadb: MariadbServer) -> None:
    with MariadbServer(durable=False) as server, server.database() as database:
        with database.connect() as connection:
            connection.query("create table visits (id bigint)")
        for end in (server.restart, server.kill):
            with database.connect() as connection:
                connection.query("insert into visits values (1)")
            half = database.connect(autocommit=False)
            half.query("insert into visits values (2)")
            end()
            server.start()
        assert scalar(database, "select sum(id) from visits") == 2


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(mariadb: MariadbServer) -> None:
    server = MariadbServer(settings={"no-such-setting": "1"})
    with pytest.raises(ServerFailed, match="no-such-setting"), server:
        pass
    with pytest.raises(ServerFailed, match="not started"):
        _ = server.folder


PROGRAM = """
import sys
from troth.testing.mariadb import MariadbServer
server = MariadbServer(durable=False)
server.start()
print(server.folder, flush=True)
sys.stdin.read()
"""


def test_the_server_ends_with_its_process_however_that_dies(mariadb: MariadbServer) -> None:
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        server = int((folder / "pid").read_text())
        process.send_signal(signal.SIGKILL)
        process.communicate()
    deadline = time.monotonic() + 15
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
    assert not Path(f"/proc/{server}").exists()


def test_a_missing_server_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "_SHARES", ())
    with pytest.raises(ServerNotFound, match=r"MariaDB server not found: .*\n.*apt-get install mariadb-server-core"):
        harness.find_server()
