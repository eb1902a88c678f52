"""A check as lines that continuous integration shows beside the files: GitHub, Azure, and GitLab's code quality."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from troth.planning.check import Verdict
from troth.publish.problems import Problem, path_of, problems
from troth.publish.report import CheckReport


class Annotator(StrEnum):
    """Systems that read annotations from what a job prints."""

    GITHUB = "github"
    AZURE = "azure"


SEVERITIES: dict[Verdict, str] = {
    "broken": "critical",
    "not_reached": "major",
    "unprovable": "info",
    "accepted": "info",
    "kept": "info",
}


def annotation_lines(report: CheckReport, annotator: Annotator, root: Path, *, strict: bool) -> Iterator[str]:
    """One line a finding, those that fail first. GitHub shows the first ten of each level of a step."""
    found = sorted(problems(report, strict=strict), key=lambda each: not each.fails)
    line = _github if annotator is Annotator.GITHUB else _azure
    return (line(each, root) for each in found)


def _github(problem: Problem, root: Path) -> str:
    """A workflow command. Of what is in a value, ``%`` and line ends are escaped; in a property ``:`` and ``,`` too."""
    level = "error" if problem.fails else "notice"
    values = {
        "file": path_of(problem.place, root),
        "line": str(problem.place.line),
        "col": str(problem.place.column),
        "title": f"{problem.code} {problem.promise}",
    }
    written = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in values.items())
    return f"::{level} {written}::{_escaped(_words(problem))}"


def _azure(problem: Problem, root: Path) -> str:
    """A logging command; Azure knows errors and warnings."""
    values = {
        "type": "error" if problem.fails else "warning",
        "sourcepath": path_of(problem.place, root),
        "linenumber": str(problem.place.line),
        "columnnumber": str(problem.place.column),
        "code": problem.code,
    }
    written = "".join(f"{key}={_escaped(value, ';]', percent='%AZP25')};" for key, value in values.items())
    return f"##vso[task.logissue {written}]{_escaped(_words(problem), percent='%AZP25')}"


def _escaped(text: str, marks: str = "", percent: str = "%25") -> str:
    text = text.replace("%", percent)
    for mark in f"\r\n{marks}":
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text


def _words(problem: Problem) -> str:
    words = f"{problem.message} ({problem.promise})"
    return f"{words}\n{problem.hint}" if problem.hint else words


def code_quality(report: CheckReport, root: Path, *, strict: bool) -> list[dict[str, object]]:
    """GitLab's code quality report, as values for JSON."""
    return [
        {
            "description": f"{each.promise}: {each.message}",
            "check_name": each.code,
            "fingerprint": each.print,
            "severity": "critical" if each.fails and each.verdict == "unprovable" else SEVERITIES[each.verdict],
            "location": {"path": path_of(each.place, root), "lines": {"begin": each.place.line}},
        }
        for each in problems(report, strict=strict)
    ]
