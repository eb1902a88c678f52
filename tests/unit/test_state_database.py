"""Our own database as a file: its form, who can read it, its transactions, and one of another version."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from troth.core.errors import InputError, NotReached
from troth.state import migrate as migrate_module
from troth.state.database import open_state
from troth.state.migrations import REVISIONS
from troth.state.sqlite import FileState
from troth.state.tables import metadata

MIGRATIONS = Path(migrate_module.__file__).parent / "migrations"


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "project" / ".troth" / "state.db"


@pytest.fixture
def state(location: Path) -> Iterator[FileState]:
    state = open_state(location)
    assert isinstance(state, FileState)
    yield state
    state.close()


def statements(path: Path) -> dict[str, str]:
    """Every table and index of a SQLite file by name, as the words of its definition."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def test_schema_is_all_migrations(state: FileState, tmp_path: Path) -> None:
    with state.reading() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    made = tmp_path / "made.db"
    engine = sa.create_engine(f"sqlite:///{made}")
    metadata.create_all(engine)
    engine.dispose()
    assert statements(made) == statements(state.location)


def test_the_list_of_revisions_is_that_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [REVISIONS[-1]]
    assert tuple(reversed([revision.revision for revision in script.walk_revisions()])) == REVISIONS
    for revision in script.walk_revisions():
        assert not hasattr(revision.module, "downgrade"), "migrations go forwards only"


def test_only_its_owner_can_read_it(state: FileState) -> None:
    with state.transaction() as conn:
        conn.exec_driver_sql("INSERT INTO log_frontier VALUES (1, 0, x'')")
    folder = state.location.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_file_others_could_read_is_closed_to_them(location: Path) -> None:
    open_state(location).close()
    location.chmod(0o644)
    open_state(location).close()
    assert stat.S_IMODE(location.stat().st_mode) == 0o600


def test_every_connection_is_set_up_to_be_safe(state: FileState) -> None:
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "temp_store": 2,
        "busy_timeout": 10_000,
    }
    with state.reading() as first, state.reading() as second:
        for conn in (first, second):
            assert {name: conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected} == expected


def test_opening_only_to_read_never_makes_one(location: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_state(location, reading=True)
    assert caught.value.code == "STATE-MISSING"
    assert not location.parent.exists()
    location.parent.mkdir(parents=True)
    location.touch()
    with pytest.raises(InputError):
        open_state(location, reading=True)
    assert location.stat().st_size == 0
    open_state(location).close()
    open_state(location, reading=True).close()


def test_a_current_state_opens_without_alembic(location: Path) -> None:
    open_state(location).close()
    code = (
        "import sys; from pathlib import Path; from troth.state.database import open_state\n"
        f"open_state(Path({str(location)!r})).close(); print('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_file_that_is_no_state_is_left_alone(location: Path) -> None:
    location.parent.mkdir(parents=True)
    location.write_text("hello, this is not a database, and long enough to be looked at as one" * 20)
    with pytest.raises(InputError) as caught:
        open_state(location)
    assert caught.value.code == "STATE-FORM"
    location.unlink()
    with sqlite3.connect(location) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER)")
    connection.close()
    with pytest.raises(InputError) as caught:
        open_state(location)
    assert caught.value.code == "STATE-FORM"
    assert list(statements(location)) == ["customers"]


def test_a_place_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as caught:
        open_state(tmp_path / "file" / "state.db")
    assert caught.value.code == "STATE-FILE"
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(InputError):
        open_state(tmp_path / "folder.db")


def test_a_transaction_is_kept_whole_or_not_at_all(state: FileState) -> None:
    def break_off() -> None:
        with state.transaction() as conn:
            conn.exec_driver_sql("INSERT INTO log_frontier VALUES (1, 0, x'')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with state.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM log_frontier").scalar() == 0
    with state.transaction() as conn:
        conn.exec_driver_sql("INSERT INTO log_frontier VALUES (1, 0, x'')")
    with state.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM log_frontier").scalar() == 1


def test_a_look_cannot_write_and_sees_one_moment(state: FileState) -> None:
    with state.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM log_frontier").scalar() == 0
        with state.transaction() as other:
            other.exec_driver_sql("INSERT INTO log_frontier VALUES (1, 0, x'')")
        assert conn.exec_driver_sql("SELECT count(*) FROM log_frontier").scalar() == 0
        with pytest.raises(InputError, match="readonly"):
            conn.exec_driver_sql("DELETE FROM log_frontier")
    with state.transaction() as conn:
        conn.exec_driver_sql("DELETE FROM log_frontier")


def test_a_busy_state_says_try_later(location: Path) -> None:
    first, second = open_state(location), open_state(location, patience=0.05)
    with first.transaction(), pytest.raises(NotReached) as caught, second.transaction():
        pass
    assert caught.value.code == "STATE-BUSY"
    first.close()
    second.close()


def test_a_full_disk_says_so_and_keeps_nothing_half(state: FileState) -> None:
    def fill() -> None:
        with state.transaction() as conn:
            conn.exec_driver_sql("PRAGMA max_page_count=1")
            conn.exec_driver_sql("INSERT INTO log_frontier VALUES (1, 0, randomblob(1000000))")

    with pytest.raises(NotReached) as caught:
        fill()
    assert caught.value.code == "STATE-DISK"
    with state.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM log_frontier").scalar() == 0


def test_several_processes_may_make_it_at_once(location: Path) -> None:
    code = f"from pathlib import Path; from troth.state.database import open_state; open_state(Path({str(location)!r}))"
    racers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [racer.wait(60) for racer in racers] == [0, 0, 0, 0]
    assert "plans" in statements(location)


def test_opening_it_again_takes_no_lock_away(tmp_path: Path) -> None:
    """A process that opens and closes the file itself loses the locks of its other connections: another one would then
    take the write-ahead file away while it is written to."""
    path = tmp_path / "state.db"
    first = open_state(path)
    with first.reading():
        open_state(path).close()
        look = "import sys; from pathlib import Path; from troth.state.database import open_state\n"
        look += "state = open_state(Path(sys.argv[1]))\nwith state.reading(): pass\nstate.close()"
        subprocess.run([sys.executable, "-c", look, path], check=True)
        assert path.with_name("state.db-wal").exists()
    first.close()
