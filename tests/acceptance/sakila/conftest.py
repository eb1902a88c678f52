"""A shop on each store for every test that asks, or a visible skip where Sakila is not beside the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.acceptance.sakila import loading
from tests.acceptance.sakila.loading import ABSENT, DATA, KINDS, Kind, Shop

from troth.testing.mariadb import Database, MariadbServer
from troth.testing.postgresql import PostgresqlServer

Open = Callable[[Kind], Shop]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not DATA.is_dir():
        pytest.skip(ABSENT)
    return loading.sqlite_template(tmp_path_factory.mktemp("sakila"))


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgresqlServer) -> str:
    if not DATA.is_dir():
        pytest.skip(ABSENT)
    return loading.postgresql_template(postgresql)


@pytest.fixture(scope="session")
def mariadb_template(mariadb: MariadbServer) -> Iterator[Database]:
    if not DATA.is_dir():
        pytest.skip(ABSENT)
    with loading.mariadb_template(mariadb) as database:
        yield database


@pytest.fixture
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Makes shops, as many as a test wants; they are gone after it."""
    with ExitStack() as stack:
        made = iter(range(100))

        def shop(kind: Kind) -> Shop:
            folder = tmp_path / f"shop{next(made)}"
            if kind == "sqlite":
                return loading.sqlite_shop(request.getfixturevalue("sqlite_template"), folder)
            if kind == "mariadb":
                my, made_once = (request.getfixturevalue(name) for name in ("mariadb", "mariadb_template"))
                return stack.enter_context(loading.mariadb_shop(my, made_once, folder))
            server, template = (request.getfixturevalue(name) for name in ("postgresql", "postgresql_template"))
            return stack.enter_context(loading.postgresql_shop(server, template, folder))

        yield shop


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found
