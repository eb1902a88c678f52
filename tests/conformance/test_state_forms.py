"""Every form that our own database ever had is brought to the present one, on both kinds, whole or not at all.

``forms/`` holds a database as each version left it; ``scripts/state-form`` writes them.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from troth.core.errors import InputError, Refused, TrothError
from troth.evidence import log
from troth.proofs.note import VerifierKey
from troth.state import holds, keysets, plans
from troth.state.database import Connection, form_of, open_state
from troth.state.migrate import migrate
from troth.state.migrations import REVISIONS
from troth.state.places import Place, Server
from troth.state.postgresql import ServerState
from troth.state.tables import metadata
from troth.testing.postgresql import Database

FORMS = sorted((Path(__file__).parent / "forms").glob("*.sql"))
KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from troth.state.database import open_state
from troth.state.places import place_of

@event.listens_for(Engine, "after_cursor_execute")
def kill(conn, cursor, statement, parameters, context, many):
    if statement.startswith("UPDATE alembic_version"):
        os.kill(os.getpid(), signal.SIGKILL)

open_state(place_of(sys.argv[1], Path()))
"""


def test_there_is_one_of_the_first_form() -> None:
    assert FORMS[0].stem == REVISIONS[0]
    assert {form.stem for form in FORMS} <= set(REVISIONS)


@pytest.fixture(params=FORMS, ids=[form.stem for form in FORMS])
def old(request: pytest.FixtureRequest, state_place: Place, tmp_path: Path) -> Path:
    """A database of an older form in ``state_place``; returns the dump it was made of."""
    form: Path = request.param
    file = state_place if isinstance(state_place, Path) else tmp_path / "dump.db"
    file.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(form.read_text())
    if isinstance(state_place, Server):
        _as_it_was_there(file, form.stem, state_place)
    return form


def _as_it_was_there(file: Path, form: str, place: Server) -> None:
    """The migrations of that form make its tables on the server; its rows follow."""
    server = ServerState(place, 5)
    server.prepare()
    source = sa.create_engine(f"sqlite:///{file}")
    tables, there = sa.MetaData(), sa.MetaData()
    with server.transaction() as target, source.connect() as conn:
        migrate(target, to=form)
        tables.reflect(conn)
        there.reflect(target)
        for table in tables.sorted_tables:
            rows = [dict(row) for row in conn.execute(sa.select(table)).mappings()]
            if rows and table.name != "alembic_version":
                target.execute(sa.insert(there.tables[table.name]), [_native(row) for row in rows])
    source.dispose()
    server.close()


def _native(row: dict[str, object]) -> dict[str, object]:
    return {name: bool(value) if name == "replayed" else value for name, value in row.items()}


def rows_of(conn: Connection) -> dict[str, int]:
    names = sa.inspect(conn).get_table_names()
    return {name: conn.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names}


def counted(form: Path) -> dict[str, int]:
    lines = form.read_text().splitlines()
    tables = {line.split('"')[1] for line in lines if line.startswith("INSERT INTO")}
    return {table: sum(line.startswith(f'INSERT INTO "{table}"') for line in lines) for table in tables}


def test_an_old_form_keeps_its_rows_and_its_evidence_verifies(old: Path, state_place: Place) -> None:
    key = VerifierKey.parse(old.read_text().splitlines()[0].removeprefix("-- "))
    with closing(open_state(state_place)) as state:
        assert form_of(state) == REVISIONS[-1]
        with state.reading() as conn:
            assert counted(old).items() <= rows_of(conn).items()
            assert compare_metadata(MigrationContext.configure(conn), metadata) == []
            assert log.verify_own(conn, key).signed == 9
            ((plan, held),) = keysets.held(conn)
            assert held > 0
            assert plans.find(conn, plan).status == "planned"
            assert plans.document(conn, plan)
            assert [hold.people for hold in holds.active(conn, date(2030, 1, 1))] == [1]


def test_an_upgrade_that_dies_half_way_leaves_the_old_form(old: Path, state_place: Place) -> None:
    if old.stem == REVISIONS[-1]:
        pytest.skip("this form is the present one")
    where = state_place.url if isinstance(state_place, Server) else str(state_place)
    assert subprocess.run([sys.executable, "-c", KILLED, where], check=False).returncode == -signal.SIGKILL
    engine = sa.create_engine(where if isinstance(state_place, Server) else f"sqlite:///{where}")
    schema = "troth." if isinstance(state_place, Server) else ""
    with engine.connect() as conn:
        assert conn.execute(sa.text(f"SELECT version_num FROM {schema}alembic_version")).scalar() == old.stem
    engine.dispose()
    with closing(open_state(state_place)) as state, state.reading() as conn:
        assert counted(old).items() <= rows_of(conn).items()


def test_the_schema_is_all_migrations(state_place: Place) -> None:
    with closing(open_state(state_place)) as state, state.reading() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_a_newer_state_is_left_alone(state_place: Place) -> None:
    with closing(open_state(state_place)) as state, state.transaction() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(InputError, match="made by a newer Troth") as caught:
        open_state(state_place)
    assert caught.value.code == "STATE-NEWER"


def test_an_older_state_is_not_migrated_under_a_running_apply(old: Path, state_place: Place) -> None:
    if old.stem == REVISIONS[-1]:
        pytest.skip("this form is the present one")
    with closing(open_state(state_place)) as state, state.apply_lock("ab" * 32):
        with state.transaction() as conn:
            conn.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{old.stem}'")
        with pytest.raises(Refused, match="applying plan abababababab"):
            open_state(state_place)


def test_what_a_server_refuses_is_said_in_our_words(pg_database: Database) -> None:
    """No message holds the address."""
    with pg_database.connect() as connection:
        connection.execute("CREATE ROLE state_reader LOGIN")
    limited = replace(pg_database, user="state_reader").url.replace("state_reader@", "state_reader:s3cret@")
    away = pg_database.url.replace(f":{pg_database.port}/", ":1/")
    absent = pg_database.url.replace(pg_database.name, "none_of_that_name")
    said = {}
    try:
        for name, url in {"role": limited, "away": away, "absent": absent, "form": "postgresql://[::1/x"}.items():
            with pytest.raises(TrothError) as caught:
                open_state(Server(url))
            said[name] = caught.value.code
            assert "s3cret" not in f"{caught.value}"
        with pytest.raises(TrothError) as caught:
            open_state(Server(pg_database.url), reading=True)
        said["nothing there"] = caught.value.code
        with pg_database.connect() as connection:
            connection.execute("CREATE SCHEMA troth; CREATE TABLE troth.customers (id int)")
        with pytest.raises(TrothError) as caught:
            open_state(Server(pg_database.url))
        said["others"] = caught.value.code
    finally:
        with pg_database.connect() as connection:
            connection.execute("DROP ROLE state_reader")
    assert said == {
        "role": "STATE-RIGHTS", "away": "STATE-AWAY", "absent": "STATE-AWAY", "form": "STATE-URL",
        "nothing there": "STATE-MISSING", "others": "STATE-FORM",
    }  # fmt: skip
