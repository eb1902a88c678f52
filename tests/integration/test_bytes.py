"""What is really in a store's files at each level: 1,000 canaries, half of them deleted and half masked, looked for as
bytes in every file. The table in docs/explanation/gone.md is what was found here (TROTH_WRITE_DOCS=1 writes it)."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import pytest
from tests.integration.bytescan import COUNT, Canaries

from troth.stores.conditions import Blank, Field, Matches
from troth.stores.contract import Delete, Mask, ReceiptKey, Rewrite, Selection, Store
from troth.stores.gone import Budget
from troth.stores.sql import open_store
from troth.testing import mariadb as mariadb_kit
from troth.testing.postgresql import PostgresqlServer

PAGE = Path(__file__).parents[2] / "docs/explanation/gone.md"
BUDGET = Budget(lock=10, disk=2**30)
BLANK = Blank("constant", "nobody")
MASKED = ((Field("email"), Blank("unique", "{unique}@erased.example")), (Field("note"), BLANK))

STORES = ("SQLite", "SQLite in WAL mode", "PostgreSQL", "MariaDB")
HEAD = "after the physical step |\n|---|---|---|---|---|---|\n"

UNDO = "system tablespace with undo log and doublewrite buffer"

Scan = Callable[[], dict[str, int]]


@dataclass(frozen=True)
class Case:
    """A store with canaries in it; ``vacuum``: what only gives room free, where the store has that."""

    name: str
    store: Store
    scan: Scan
    collection: str | None
    vacuum: Callable[[], object] | None = None


def seed(canaries: Canaries, execute: Callable[..., object], mark: str) -> None:
    """Of every three rows one is deleted later, one is masked, and one stays."""
    for number, name in enumerate(canaries.names):
        row = (2 * number, canaries.email(name), canaries.note(number, name), number % 2)
        execute(f"insert into people values ({mark}, {mark}, {mark}, {mark})", row)
        execute(
            f"insert into people values ({mark}, {mark}, {mark}, {mark})",
            (2 * number + 1, f"stays{number}@x.example", "stays", 2),
        )


@pytest.fixture(params=["sqlite", "sqlite in WAL mode", "postgresql", "mariadb"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    kind = str(request.param)
    if kind.startswith("sqlite"):
        yield from sqlite_case(kind, tmp_path)
    else:
        request.getfixturevalue(kind)  # skipped where its programs are not there
        yield from postgresql_case() if kind == "postgresql" else mariadb_case()


def sqlite_case(kind: str, folder: Path) -> Iterator[Case]:
    canaries, file = Canaries(), folder / "people.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as client:
        client.execute("pragma secure_delete = off")
        client.execute(f"pragma journal_mode = {'wal' if 'WAL' in kind else 'delete'}")
        client.execute("create table people (id integer primary key, email text unique, note text, state integer)")
        client.execute("begin")
        seed(canaries, client.execute, "?")
        client.execute("commit")
        client.execute("create table old as select * from people")
        client.execute("drop table old")  # the application's own, which leaves its rows in free pages
        client.execute("analyze")
        names = {"people.sqlite": "the file", "people.sqlite-wal": "`-wal`", "people.sqlite-journal": "`-journal`"}
        store = open_store("sqlite", f"sqlite:///{file}", writable=True)

        def scan() -> dict[str, int]:
            return canaries.found(folder.iterdir(), lambda file: names.get(file.name, "other files"))

        with closing(store):
            yield Case(kind.replace("sqlite", "SQLite"), store, scan, None)


def postgresql_case() -> Iterator[Case]:
    canaries = Canaries()
    with (
        PostgresqlServer(settings={"autovacuum": "off"}) as server,
        server.database() as database,
        database.connect() as client,
    ):
        client.execute("create table people (id bigint primary key, email text unique, note text, state integer)")
        client.execute("alter table people alter note set storage external, alter email set statistics 10")
        seed(canaries, client.execute, "%s")
        client.execute("analyze people")

        def place(file: Path) -> str:
            way = file.relative_to(server.folder).parts
            if "pg_wal" in way:
                return "write-ahead log"
            found = re.fullmatch(r"(\d+)(_fsm|_vm|_init)?(\.\d+)?", file.name)
            if "base" not in way or found is None:
                return "other files"
            if found[2]:
                return "free space and visibility maps"
            query: LiteralString = "select relname from pg_class where pg_relation_filenode(oid) = %s"
            row = client.execute(query, (int(found[1]),)).fetchone()
            return relation(row[0] if row else "")

        def scan() -> dict[str, int]:
            client.execute("checkpoint")
            return canaries.found([file for file in server.folder.rglob("*") if file.is_file()], place)

        with closing(open_store("postgresql", database.url, writable=True)) as store:
            yield Case("PostgreSQL", store, scan, "people", lambda: client.execute("vacuum people"))


def relation(name: str) -> str:
    kinds = (
        (r"people", "the table"),
        (r"people_.*", "its indexes"),
        (r"pg_toast.*", "TOAST"),
        (r"pg_statistic", "statistics (`pg_statistic`)"),
        (r"troth_receipt.*", "receipts (`troth_receipt`)"),
    )
    return next((words for pattern, words in kinds if re.fullmatch(pattern, name)), "other files")


def mariadb_case() -> Iterator[Case]:
    canaries = Canaries()
    settings = {"log-bin": "binlog", "innodb-max-dirty-pages-pct": "0", "innodb-max-dirty-pages-pct-lwm": "0"}
    kinds = (
        (r"people\.ibd", "the table's file"),
        (r"troth_receipt\.ibd", "receipts (`troth_receipt`)"),
        (r"ibdata\d+|undo\d+", UNDO),
        (r"ib_logfile\d+", "redo log"),
        (r"binlog\..*", "binary log"),
    )
    with (
        mariadb_kit.MariadbServer(settings=settings) as server,
        server.database() as database,
        database.connect() as client,
        client.cursor() as cursor,
    ):
        cursor.execute("create table people (id bigint primary key, email varchar(99) unique, note text, state int)")
        cursor.execute("begin")
        seed(canaries, cursor.execute, "%s")
        cursor.execute("commit")

        def scan() -> dict[str, int]:
            dirty, patience = 1, 200
            while dirty and patience:
                cursor.execute("show status like 'Innodb_buffer_pool_pages_dirty'")
                dirty, patience = int(cursor.fetchone()[1]), patience - 1
                time.sleep(0.05)
            assert not dirty, "the server has not written its pages"
            files = [file for file in server.folder.rglob("*") if file.is_file()]
            return canaries.found(
                files,
                lambda file: next((words for name, words in kinds if re.fullmatch(name, file.name)), "other files"),
            )

        with closing(open_store("mariadb", database.url, writable=True)) as store:
            yield Case("MariaDB", store, scan, "people")


def test_what_is_in_the_files_at_each_level(case: Case) -> None:
    key = ReceiptKey("p", "s01", 0)
    planted = case.scan()
    deleted = Selection("people", Matches(Field("state"), (0,)))
    masked = Selection("people", Matches(Field("state"), (1,)))
    assert case.store.apply(Delete(deleted), key).rows == COUNT // 2
    assert case.store.apply(Mask(masked, MASKED), ReceiptKey("p", "s02", 0)).rows == COUNT // 2
    logical = case.scan()
    if case.vacuum:
        case.vacuum()
    vacuumed = case.scan() if case.vacuum else {}
    shown = case.store.apply(Rewrite(case.collection, BUDGET), ReceiptKey("p", "s03", 0)).shown
    assert shown.level == "physical", shown
    physical = case.scan()
    compare(case.name, [planted, logical, vacuumed, physical])
    outside = {"write-ahead log", "binary log", "redo log", UNDO}
    assert {place for place, found in physical.items() if found} <= outside
    assert planted.get("other files", 0) == logical.get("other files", 0) == 0


def compare(name: str, columns: list[dict[str, int]]) -> None:
    """The table of one store in the page. The exact number is chance; on MariaDB, which purges at a time of its own, so
    is whether it is all of them, and any at all in the undo log."""
    places = sorted({place for column in columns for place in column} - {"other files"})
    rows = []
    for place in places:
        cells = [word(name, place, column.get(place, 0)) if column else "—" for column in columns]
        rows.append(f"| {name} | {place} | {' | '.join(cells)} |\n")
    before, head, after = PAGE.read_text().partition(HEAD)
    (shown,) = re.findall(r"\A(?:\|.*\n)*", after)
    lines = shown.splitlines(keepends=True)
    old = [line for line in lines if line.startswith(f"| {name} |")]
    if os.environ.get("TROTH_WRITE_DOCS") and old != rows:
        kept = sorted({*lines} - {*old} | {*rows}, key=lambda line: (STORES.index(line.split(" | ")[0][2:]), line))
        PAGE.write_text(before + head + "".join(kept) + after.removeprefix(shown))
        return
    assert rows == old, f"{name}: TROTH_WRITE_DOCS=1 pytest {Path(__file__).name}"


def word(store: str, place: str, found: int) -> str:
    if place == UNDO:
        return "by chance"
    if store == "MariaDB" and found:
        return "found"
    return {0: "none", COUNT: "all"}.get(found, "some")
