"""Sakila on three servers: templates made once, and a copy for each test with a project folder beside it.

The files are ``../shared/data/sakila`` seen from the repository. Neither SQLite's nor PostgreSQL's dump has an index on
``payment.rental_id``, so each rental that goes would read every payment (a minute for all); these templates get one,
and nothing else.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from tests.acceptance.sakila.command import Project

from troth.testing import mariadb
from troth.testing.postgresql import Database, PostgresqlServer, find_binaries

Kind = Literal["sqlite", "postgresql", "mariadb"]

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data" / "sakila"
EXAMPLE = ROOT / "examples" / "sakila"
ABSENT = f"no Sakila: {DATA} is not there (it is kept beside the repository, not in it)"

INDEX = "create index payment_rental on payment (rental_id)"

KINDS: tuple[Kind, ...] = get_args(Kind)

ON: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    "sqlite": (),
    "postgresql": (("store: sqlite", "store: postgresql"),),
    "mariadb": (("store: sqlite", "store: mariadb"),),
}
"""What differs in ``systems.yaml`` for the other schema: (there, here). ``customer.active`` is a letter there and an
integer here, ``staff.active`` a number there and a boolean here; the file names both, and a value that a column cannot
hold is in no row of it. On MariaDB both are flags."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One copy of Sakila to change, and a project that knows it."""

    kind: Kind
    project: Project
    file: Path | None = None
    database: Database | mariadb.Database | None = None


def systems_text(kind: Kind) -> str:
    text = (EXAMPLE / "systems.yaml").read_text(encoding="utf-8")
    for there, here in ON[kind]:
        assert text.count(there) == 1, f"{there} is {text.count(there)} times in systems.yaml"
        text = text.replace(there, here)
    return text


def project(folder: Path, kind: Kind, url: str) -> Project:
    env = {"SAKILA_READ_URL": url, "SAKILA_WRITE_URL": url}
    policy = (EXAMPLE / "policy.yaml").read_text(encoding="utf-8")
    return Project.make(folder, policy, systems_text(kind), env)


def sqlite_template(folder: Path) -> Path:
    file = folder / "sakila.template"
    shutil.copyfile(DATA / "sakila.sqlite3", file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(INDEX)
    return file


def postgresql_template(server: PostgresqlServer, name: str = "sakila_template") -> str:
    """Load the dump with psql, as a person would."""
    database = server.create_database(name)
    psql = shutil.which("psql") or str(find_binaries() / "psql")
    dump = DATA / "sakila.postgresql.sql"
    words = [
        psql,
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        database.uri,
        "-f",
        str(dump),
        "-c",
        INDEX,
        "-c",
        "analyze",
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return name


def sqlite_shop(template: Path, folder: Path) -> Shop:
    file = folder / "shop.db"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, file)
    return Shop("sqlite", project(folder / "project", "sqlite", f"sqlite:///{file}"), file=file)


@contextmanager
def postgresql_shop(server: PostgresqlServer, template: str, folder: Path) -> Generator[Shop]:
    with server.database(template=template) as database:
        made = project(folder / "project", "postgresql", database.uri)
        yield Shop("postgresql", made, database=database)


@contextmanager
def mariadb_template(server: mariadb.MariadbServer) -> Generator[mariadb.Database]:
    with server.database() as database:
        with database.connect(autocommit=False) as connection, connection.cursor() as cursor:
            for statement in mysql_statements((DATA / "sakila.mysql.sql").read_text(encoding="utf-8")):
                cursor.execute(statement)
            connection.commit()
        yield database


@contextmanager
def mariadb_copy(server: mariadb.MariadbServer, template: mariadb.Database) -> Generator[mariadb.Database]:
    """Tables, views and triggers; MariaDB has no way of its own to copy a database."""
    with server.database() as database:
        with database.connect(init_command="SET foreign_key_checks = 0") as connection, connection.cursor() as cursor:

            def made(kind: str, name: str) -> str:
                cursor.execute(f"SHOW CREATE {kind} `{template.name}`.`{name}`")
                row = cursor.fetchone()
                assert row is not None
                return str(row[2 if kind == "TRIGGER" else 1]).replace(template.name, database.name)

            cursor.execute(f"SHOW FULL TABLES FROM `{template.name}`")
            tables = cursor.fetchall()
            for name in (name for name, kind in tables if kind == "BASE TABLE"):
                cursor.execute(made("TABLE", name))
                cursor.execute(f"INSERT INTO `{name}` SELECT * FROM `{template.name}`.`{name}`")
                cursor.execute(f"ANALYZE TABLE `{name}`")
            for name in (name for name, kind in tables if kind == "VIEW"):
                cursor.execute(made("VIEW", name))
            for name in ("ins_film", "upd_film", "del_film"):
                cursor.execute(made("TRIGGER", name))
        yield database


@contextmanager
def mariadb_shop(server: mariadb.MariadbServer, template: mariadb.Database, folder: Path) -> Generator[Shop]:
    with mariadb_copy(server, template) as database:
        yield Shop("mariadb", project(folder / "project", "mariadb", database.url), database=database)


def mysql_statements(dump: str) -> Iterator[str]:
    """As MySQL's own client takes the file apart, without what chooses a database of another name."""
    ends, lines = ";", list[str]()
    for line in dump.replace("sakila.", "").splitlines():
        if line.upper().startswith("DELIMITER "):
            ends = line.split()[1]
        elif not line.startswith(("--", "DROP SCHEMA", "CREATE SCHEMA", "USE ")):
            lines.append(line)
            if line.rstrip().endswith(ends):
                yield "\n".join(lines).rstrip().removesuffix(ends)
                lines = []
