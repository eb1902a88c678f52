"""Nights of a club: the command as a timer calls it, with an alert and a file of figures to look at afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from tests.acceptance.sakila.club import Club
from tests.acceptance.sakila.command import Said
from tests.acceptance.sakila.killing import Work, ended

KEEPS = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"
"""A command that keeps what it is told."""


@dataclass(frozen=True, slots=True)
class Nights:
    """``folder`` is where the alerts and figures go."""

    club: Club
    folder: Path

    @property
    def metrics(self) -> Path:
        return self.folder / "troth.prom"

    @property
    def words(self) -> tuple[str, ...]:
        alert = f'"{sys.executable}" -c "{KEEPS}" "{self.folder / "alerts"}"'
        return ("run", "--notify", alert, "--metrics", str(self.metrics))

    def approve(self, max_rows: int = 10_000, max_share: str = "100%") -> None:
        ceilings = ("--max-rows", str(max_rows), "--max-share", max_share, "--until", "2099-01-01")
        assert self.club.project("approve", "retention", *ceilings).status == 0

    def run(self, *options: str) -> Said:
        return self.club.project(*self.words, *options)

    def start(self, *options: str, pause: float = 0) -> subprocess.Popen[str]:
        """In a process of its own, with batches of five rows."""
        return Work(self.club, {"id": ""}).start((*self.words, *options), pause=pause)

    def slowly(self, *options: str, pause: float = 0.15) -> Said:
        return ended(self.start(*options, pause=pause))

    def alerts(self) -> list[dict[str, Any]]:
        file = self.folder / "alerts"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def figures(self) -> dict[str, float]:
        """Every sample of the file, as Prometheus' own reader understands it: ``name`` or ``name:label``."""
        return dict(self._samples())

    def _samples(self) -> Iterator[tuple[str, float]]:
        for family in text_string_to_metric_families(self.metrics.read_text()):
            assert family.documentation
            assert family.type == "gauge"
            for sample in family.samples:
                yield ":".join((sample.name, *sample.labels.values())), sample.value

    def waiting_plans(self) -> list[str]:
        return [each["id"] for each in self.club.project("status", "--json").json["plans"]]

    def wait_until_it_runs(self) -> None:
        deadline = time.monotonic() + 60
        while "running" not in [each["status"] for each in self.club.project("status", "--json").json["plans"]]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
