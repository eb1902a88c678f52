"""What every test may ask for: a PostgreSQL or MariaDB server, a fresh database on it, a file for SQLite.

A test's kind is its folder's name (``unit``, ``conformance``, ``integration``, ``acceptance``, ``web``), as a marker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from troth.state.places import Place, Server
from troth.testing import mariadb as mariadb_kit
from troth.testing.postgresql import Database, PostgresqlServer, ServerNotFound, find_binaries

os.environ["TROTH_EPHEMERAL_STATE"] = "meant"  # temporary folders may be on a container's own layer

_HERE = Path(__file__).parent
settings.register_profile("troth", deadline=None)  # no test asserts a time
settings.load_profile("troth")

_KINDS = frozenset({"unit", "conformance", "integration", "acceptance", "web"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the name of the folder it is in."""
    for item in items:
        kind = item.path.relative_to(_HERE).parts[0] if item.path.is_relative_to(_HERE) else ""
        if kind in _KINDS:
            item.add_marker(kind)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server for the whole run (one for each worker); a test that stops it makes its own instead.

    Without the server's programs: a failure in continuous integration, elsewhere a skip that says how to get them.
    """
    try:
        find_binaries()
    except ServerNotFound as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with PostgresqlServer(durable=False) as server:
        yield server


@pytest.fixture
def pg_database(postgresql: PostgresqlServer) -> Iterator[Database]:
    """A new, empty PostgreSQL database, dropped after the test."""
    with postgresql.database() as database:
        yield database


@pytest.fixture(params=["file", "server"])
def state_place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where our own database may be, one after the other; nothing is there yet."""
    if request.param == "file":
        return tmp_path / ".troth" / "state.db"
    database: Database = request.getfixturevalue("pg_database")
    return Server(database.url)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[mariadb_kit.MariadbServer]:
    """A MariaDB server for the whole run (one for each worker), as the one of PostgreSQL."""
    try:
        mariadb_kit.find_server()
    except mariadb_kit.ServerNotFound as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with mariadb_kit.MariadbServer(durable=False) as server:
        yield server


@pytest.fixture
def my_database(mariadb: mariadb_kit.MariadbServer) -> Iterator[mariadb_kit.Database]:
    """A new, empty MariaDB database, dropped after the test."""
    with mariadb.database() as database:
        yield database


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """Where a test may make its SQLite database; nothing is there yet."""
    return tmp_path / "database.sqlite"
