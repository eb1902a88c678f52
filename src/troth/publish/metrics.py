"""A run in figures for Prometheus: the text format that node_exporter's textfile collector reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

SUCCESS = "troth_run_last_success_timestamp_seconds"


@dataclass(frozen=True, slots=True)
class RunFigures:
    """``promises``: how many have each verdict; ``past``: rows past their time, by promise of retention that could be
    measured; ``changed``: rows by action. What the run did not come to is empty."""

    at: datetime
    seconds: float
    exit_status: int
    left: int
    changed: Mapping[str, int] = field(default_factory=dict)
    promises: Mapping[str, int] = field(default_factory=dict)
    past: Mapping[str, int] = field(default_factory=dict)


def as_metrics(figures: RunFigures, before: str = "") -> str:
    """The file's text. ``before`` is the text it has now: the time of the last success is taken from there when this
    run was none."""
    now = figures.at.timestamp()
    success = [(None, now)] if figures.exit_status == 0 else [(None, old) for old in _last_success(before)]
    families: list[tuple[str, str, Iterable[tuple[tuple[str, str] | None, float]]]] = [
        ("troth_run_timestamp_seconds", "When the last run ended.", [(None, now)]),
        (SUCCESS, "When a run last ended with exit status 0.", success),
        ("troth_run_duration_seconds", "How long the last run took.", [(None, figures.seconds)]),
        ("troth_run_exit_status", "How the last run ended; 5: a person is asked.", [(None, figures.exit_status)]),
        (
            "troth_run_changed_rows",
            "Rows that the last run changed, by action.",
            [(("action", action), figures.changed.get(action, 0)) for action in ("delete", "mask", "detach")],
        ),
        ("troth_plan_left_rows", "Rows of plans that were begun which are still there.", [(None, figures.left)]),
        ("troth_promises", "Promises by verdict.", _labelled("state", figures.promises)),
        ("troth_past_retention_rows", "Rows past their time, by promise.", _labelled("promise", figures.past)),
    ]
    return "".join(line for name, says, samples in families for line in _family(name, says, list(samples)))


def _labelled(label: str, values: Mapping[str, int]) -> list[tuple[tuple[str, str] | None, float]]:
    return [((label, name), value) for name, value in values.items()]


def _family(name: str, says: str, samples: list[tuple[tuple[str, str] | None, float]]) -> Iterator[str]:
    """Nothing of a family without samples, so that what is not known is absent and never 0."""
    if samples:
        yield f"# HELP {name} {says}\n# TYPE {name} gauge\n"
    for label, value in samples:
        labels = f'{{{label[0]}="{_escaped(label[1])}"}}' if label else ""
        yield f"{name}{labels} {value:.15g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _last_success(text: str) -> Iterator[float]:
    for line in text.splitlines():
        if line.startswith(f"{SUCCESS} "):
            try:
                yield float(line.split()[1])
            except (ValueError, IndexError):
                return
