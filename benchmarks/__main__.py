"""``python -m benchmarks``: each scenario on a fresh copy of the same database; ours, the floor, the bare statement."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

import psycopg

from benchmarks import floor
from benchmarks.dataset import Size, fill
from troth.testing.postgresql import Database, PostgresqlServer

HERE = Path(__file__).parent
T = TypeVar("T")
Work: TypeAlias = Callable[[psycopg.Connection], int]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``ours`` names one in ``product.py``. ``people``: whom it is about, on its standard input."""

    name: str
    ours: str
    floor: Work
    bare: Work | None
    people: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds of each; ``ratio`` of ours to the floor; ``peak_mib`` above the idle process."""

    name: str
    store: str
    ours_s: float
    floor_s: float
    bare_s: float | None
    ratio: float
    rows: int
    people: int
    peak_mib: float
    machine: str


def scenarios(size: Size) -> Iterator[Scenario]:
    for number in (1, 100, size.people // 2):
        emails = size.emails(number)
        yield Scenario(
            f"erase {number:,}",
            "erase",
            partial(floor.erase, emails=emails),
            partial(floor.bare_erase, emails=emails),
            emails,
        )
    yield Scenario("purge a large customer's rows", "purge", floor.purge, floor.bare_purge)
    yield Scenario("check", "check", floor.check, None)


def measured(server: PostgresqlServer, scenario: Scenario, repeats: int) -> Result:
    """The quickest of ``repeats`` runs of each, one after the other, so that both meet the same machine."""
    ours, floors, bares = [], [], []
    for _ in range(repeats):
        ours.append(on_copy(server, partial(product, scenario=scenario)))
        floors.append(on_copy(server, partial(timed, work=scenario.floor)))
        if scenario.bare is not None:
            bares.append(on_copy(server, partial(timed, work=scenario.bare)))
    best, (floor_s, rows) = min(ours, key=lambda each: each["seconds"]), min(floors)
    if int(best["rows"]) != rows:
        raise AssertionError(f"{scenario.name}: ours {best['rows']} rows, the floor {rows}")
    return Result(
        scenario.name,
        "postgresql",
        round(best["seconds"], 3),
        round(floor_s, 3),
        round(min(bares)[0], 3) if bares else None,
        round(best["seconds"] / floor_s, 2),
        rows,
        len(scenario.people),
        round(best["peak_mib"] - best["idle_mib"], 1),
        f"{platform.machine()}, {os.cpu_count()} cores",
    )


def on_copy(server: PostgresqlServer, work: Callable[[Database], T]) -> T:
    with server.database(template="bench") as database:
        with database.connect() as connection:
            connection.execute("CHECKPOINT")
        return work(database)


def timed(database: Database, work: Work) -> tuple[float, int]:
    with database.connect() as connection:
        began = time.perf_counter()
        rows = work(connection)
        return time.perf_counter() - began, rows


def product(database: Database, scenario: Scenario) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name in ("policy.yaml", "systems.yaml"):
            shutil.copy(HERE / name, folder)
        environment = {**os.environ, "BENCH_URL": database.url}
        subprocess.run(["troth", "init", folder], env=environment, check=True, stdout=subprocess.DEVNULL)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.product", scenario.ours, folder],
            input="\n".join(scenario.people),
            capture_output=True,
            text=True,
            env=environment,
            cwd=HERE.parent,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{scenario.name}: {done.stderr}")
        return dict(json.loads(done.stdout))


def shown(results: Sequence[Result]) -> str:
    lines = [f"{'':34}{'ours':>9}{'floor':>9}{'bare':>9}{'ratio':>8}{'rows':>12}{'memory':>11}"]
    lines += [
        f"{each.name:34}{each.ours_s:>8.2f}s{each.floor_s:>8.2f}s"
        + (f"{each.bare_s:>8.2f}s" if each.bare_s is not None else f"{'':9}")
        + f"{each.ratio:>8.2f}{each.rows:>12,}{each.peak_mib:>7.1f} MiB"
        for each in results
    ]
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--people", type=int, default=Size().people, help="customers with 115 rows each")
    options.add_argument("--rows", type=int, default=Size().rows, help="rows of one more customer")
    options.add_argument("--repeats", type=int, default=3, help="runs of each; the quickest counts")
    options.add_argument("--only", default="", help="scenarios whose name begins so")
    options.add_argument("--results", type=Path, default=HERE / "results.json")
    asked = options.parse_args()
    size, results = Size(asked.people, asked.rows), []
    with PostgresqlServer(durable=True) as server:
        with server.create_database("bench").connect() as connection:
            fill(connection, size)
        for scenario in scenarios(size):
            if scenario.name.startswith(asked.only):
                results.append(measured(server, scenario, asked.repeats))
                print(shown(results[-1:]).splitlines()[-1], file=sys.stderr)
    print(shown(results))
    asked.results.write_text(json.dumps([asdict(each) for each in results], indent=2) + "\n")


main()
