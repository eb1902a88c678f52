"""A SQLite file whose writer died in the middle of a change: who reads next undoes it, and sees what was there."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from troth.stores.conditions import Everything, Field
from troth.stores.contract import ChangeRefused, Delete, ReceiptKey, Selection
from troth.stores.sql import open_store

DIES = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 10")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE users SET name = 'changed'")
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A cache of ten pages: most of what was changed is in the file before its transaction ends."""


@pytest.fixture(params=["delete", "wal"])
def left(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "app.sqlite"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode = {request.param}")
    connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
    connection.executemany("INSERT INTO users (name) VALUES (?)", [("x" * 200,)] * 3_000)
    connection.commit()
    connection.close()
    died = subprocess.run([sys.executable, "-c", DIES, path], check=False)
    assert died.returncode == -signal.SIGKILL
    return path


def test_who_reads_sees_what_was_there_before_and_still_cannot_write(left: Path) -> None:
    store = open_store("sqlite", str(left), writable=False)
    assert {name for (name,) in store.read(Selection("users", Everything()), (Field("name"),))} == {"x" * 200}
    with pytest.raises(ChangeRefused):
        store.apply(Delete(Selection("users", Everything())), ReceiptKey("p", "s", 0))
    store.close()
