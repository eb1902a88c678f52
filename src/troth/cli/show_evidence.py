"""A verification's report, for people and for programs."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from troth.proofs.report import Report


def show(console: Console, report: Report) -> None:
    console.print(Text(report.to_text()))


def as_json(report: Report) -> dict[str, object]:
    return dict(report.to_json())
