"""One plan on a club, carried out by processes that die, and what must be true at its end however often they did."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.acceptance.sakila.club import Club, Rows
from tests.acceptance.sakila.command import Said

DRIVER = Path(__file__).with_name("driver.py")
BATCH = 5


@dataclass(frozen=True, slots=True)
class Point:
    """Where a process kills itself: at the ``count``-th call of ``target``, ``before`` or ``after`` it."""

    target: str
    when: str
    count: int
    by: int = signal.SIGKILL

    def __str__(self) -> str:
        return f"{self.when} {self.target.rpartition(':')[2].rpartition('.')[2]} {self.count}"


@dataclass(frozen=True, slots=True)
class Work:
    """A plan that was made on ``club``; every process that works on it has small batches."""

    club: Club
    plan: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.plan["id"])

    def apply(self, point: Point | None = None, *, pause: float = 0, retries: int = 4) -> subprocess.Popen[str]:
        words = ("apply", str(self.plan["file"]), "--approve", self.id, "--json")
        return self._start(words, point, pause, retries)

    def resume(self, point: Point | None = None, *, pause: float = 0, retries: int = 4) -> subprocess.Popen[str]:
        return self._start(("resume", self.id[:12], "--json"), point, pause, retries)

    def start(self, words: tuple[str, ...], point: Point | None = None, *, pause: float = 0) -> subprocess.Popen[str]:
        """Any other command."""
        return self._start(words, point, pause, 4)

    def _start(self, words: tuple[str, ...], point: Point | None, pause: float, retries: int) -> subprocess.Popen[str]:
        options = [
            str(BATCH),
            str(retries),
            str(pause),
            *([point.target, point.when, str(point.count), str(int(point.by))] if point else []),
        ]
        return subprocess.Popen(
            [sys.executable, str(DRIVER), *options, "--", *self.club.project.words(words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.club.project.environment,
        )

    def asked(self, query: str) -> int:
        """A number from our own database, looked at from outside; -1 while it is not there yet."""
        if not self.club.project.state.exists():
            return -1
        with closing(sqlite3.connect(f"file:{self.club.project.state}?mode=ro", uri=True, timeout=10)) as connection:
            try:
                return int(connection.execute(query, {"plan": self.id}).fetchone()[0] or 0)
            except sqlite3.OperationalError:
                return -1

    @property
    def batches(self) -> int:
        return self.asked("select count(*) from batches where plan = :plan")

    def wait_for_batch(self, number: int, process: subprocess.Popen[str]) -> None:
        """Returns when that many are recorded, or the process has ended."""
        deadline = time.monotonic() + 60
        while self.batches < number and process.poll() is None:
            assert time.monotonic() < deadline, f"no batch {number} within a minute"
            time.sleep(0.001)


def ended(process: subprocess.Popen[str]) -> Said:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return Said(process.returncode, out, err)


def assert_whole(work: Work, wanted: Rows) -> None:
    """The store is as an undisturbed run leaves it, every count adds up, evidence verifies, no key is left."""
    assert work.club.snapshot() == wanted
    planned = {step["id"]: step["rows"] for step in work.plan["steps"]}
    recorded, proved = Counter[str](), Counter[str]()
    with closing(sqlite3.connect(work.club.project.state)) as connection:
        for step, rows in connection.execute("select step, rows from batches where plan = ?", [work.id]):
            recorded[step] += rows
        steps = connection.execute(
            "select step, status, done, no_longer_due, remaining from steps where plan = ?", [work.id]
        )
        for step, status, done, no_longer_due, remaining in steps:
            assert (status, done, no_longer_due, remaining) == ("done", planned[step], 0, 0), step
    kinds: list[str] = []
    for entry in work.club.project.evidence():
        if entry.get("plan") == work.id:
            kinds.append(entry["kind"])
            if entry["kind"] == "batch":
                proved[entry["step"]] += entry["rows"]
    assert recorded == proved == Counter(planned)
    assert kinds.count("finished") == 1
    assert kinds[-1] == "finished"
    assert receipts(work) == sum(planned.values())
    assert work.asked("select count(*) from keyset_chunks where plan = :plan") == 0


def receipts(work: Work) -> int:
    """Rows that the store itself says to have changed for this plan."""
    mark = "?" if work.club.kind == "sqlite" else "%s"
    with work.club.connect() as connection:
        found = connection.execute(f'select sum("rows") from troth_receipt where plan = {mark}', [work.id])
        return int(found.fetchone()[0] or 0)
