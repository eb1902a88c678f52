"""What a check found, as the tools of continuous integration want it: one problem a finding, at a line of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from troth.core.diagnostics import Mark
from troth.planning.check import Verdict
from troth.planning.verdicts import Finding, PromiseResult
from troth.policy.model import Acceptance
from troth.publish.report import CheckReport, unmeasured


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``place`` is where it is corrected or decided: a line of policy.yaml, or of systems.yaml for what is
    not declared; ``line`` is the line of systems.yaml that its collection comes from. ``print`` stays the same from run
    to run, whatever the count. ``fails``: it makes the check fail."""

    code: str
    verdict: Verdict
    fails: bool
    promise: str
    sentence: str
    message: str
    hint: str
    collection: str
    place: Mark
    line: Mark | None
    print: str
    accepted: Acceptance | None = None


def problems(report: CheckReport, *, strict: bool) -> tuple[Problem, ...]:
    """Every finding that is not kept, the worst first. ``strict``: what is unprovable fails too."""
    return tuple(each for result in report.results for each in _problems(report, result, strict=strict))


def _problems(report: CheckReport, result: PromiseResult, *, strict: bool) -> Iterator[Problem]:
    promise = result.promise
    for finding in result.findings:
        if finding.verdict == "kept" or (unmeasured(result) and not strict):
            continue
        line = report.lines.get(finding.collection)
        at_line = finding.code == "CLOSED-FIELD" and line is not None
        yield Problem(
            finding.code,
            finding.verdict,
            finding.verdict in ("broken", "not_reached") or (strict and finding.verdict == "unprovable"),
            promise.id,
            promise.quote,
            words_of(finding),
            finding.hint,
            finding.collection,
            line if at_line and line is not None else promise.mark,
            None if at_line else line,
            _print(finding),
            finding.accepted,
        )


def words_of(finding: Finding) -> str:
    """The finding in one line: where, how many rows, what, the oldest."""
    parts = [f"{finding.collection}:"] if finding.collection else []
    if finding.rows is not None:
        parts.append(f"{finding.rows:,} row{'' if finding.rows == 1 else 's'}")
    parts.append(finding.message)
    words = " ".join(parts)
    if finding.oldest is not None:
        words += f"; oldest {finding.oldest.date().isoformat()}"
    if finding.accepted is not None:
        words += f"; accepted by {finding.accepted.owner} until {finding.accepted.until}"
    return words


def _print(finding: Finding) -> str:
    parts = (finding.promise, finding.code, finding.collection, *sorted(finding.fields))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def path_of(mark: Mark, root: Path) -> str:
    """The mark's file as seen from ``root``, with slashes; one that lies elsewhere by its name alone: no path of a
    machine leaves it."""
    file = Path(mark.file)
    if not file.is_absolute():
        return file.as_posix()
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
