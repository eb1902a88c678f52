"""What others are told of a run: a command with a time limit, and figures that Prometheus' own reader takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from troth.publish.metrics import RunFigures, as_metrics
from troth.services.alerting import command_words, notify

AT = datetime(2026, 3, 1, 2, tzinfo=UTC)


def test_a_command_is_ended_after_its_time_with_what_it_started(tmp_path: Path) -> None:
    began = time.monotonic()
    said = notify(command_words(f"sh -c 'sleep 60 & sleep 60; touch {tmp_path}/late'"), {}, seconds=0.3)
    assert said == "sh took more than 0.3 s and was ended"
    assert time.monotonic() - began < 20


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    assert notify(command_words(f"echo x > {tmp_path}/file; false"), {}) == ""
    assert not (tmp_path / "file").exists()


def test_a_command_that_does_not_read_is_no_failure() -> None:
    assert notify(["true"], {"filler": "x" * 1_000_000}) == ""


@pytest.mark.parametrize("promise", ["retention.visits", 'odd "name"', "a\\b", "two\nlines", "é"])
def test_the_format(promise: str) -> None:
    figures = RunFigures(AT, 1.5, 1, 10**12, {"delete": 3}, {"kept": 2, "broken": 1}, {promise: 7})
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(as_metrics(figures))
        for sample in family.samples
    }
    assert found["troth_past_retention_rows", promise] == 7
    assert found["troth_plan_left_rows",] == 10**12
    assert found["troth_run_changed_rows", "mask"] == 0
    assert found["troth_run_timestamp_seconds",] == AT.timestamp()
    assert ("troth_run_last_success_timestamp_seconds",) not in found


@pytest.mark.parametrize("rest", ["", "x", "1e9"])
def test_the_last_success_is_kept_over_failures(rest: str) -> None:
    good = as_metrics(RunFigures(AT, 1, 0, 0))
    later = as_metrics(RunFigures(datetime(2026, 3, 2, tzinfo=UTC), 1, 3, 0), good)
    line = f"troth_run_last_success_timestamp_seconds {AT.timestamp():.0f}\n"
    assert line in good
    assert line in later
    damaged = f"troth_run_last_success_timestamp_seconds {rest}\n"
    found = as_metrics(RunFigures(AT, 1, 3, 0), damaged)
    assert ("last_success" in found) == (rest == "1e9")
