"""What the answers of a check mean: findings, and for each promise the worst of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from troth.planning.asks import Ask, Measured, Missing, Sampled
from troth.planning.check import CheckDraft, Measure, Scan, Verdict
from troth.planning.world import World
from troth.policy.model import Acceptance
from troth.register.promises import Promise

SEVERITY: Mapping[Verdict, int] = {"broken": 0, "not_reached": 1, "unprovable": 2, "accepted": 3, "kept": 4}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one measure found. ``rows`` is ``None`` when nothing could be counted; ``oldest`` is the oldest start."""

    promise: str
    verdict: Verdict
    code: str
    collection: str
    fields: tuple[str, ...]
    rows: int | None
    oldest: datetime | None
    message: str
    hint: str
    ask: Ask | None
    accepted: Acceptance | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromiseResult:
    """A promise with its verdict, the worst of its findings."""

    promise: Promise
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> int:
        return sum(finding.rows or 0 for finding in self.findings if finding.verdict == self.verdict)


def conclude(
    world: World,
    promises: tuple[Promise, ...],
    draft: CheckDraft,
    answers: Measured,
    scans: Mapping[Scan, Finding | None],
) -> tuple[PromiseResult, ...]:
    """The verdict of every promise; one without any measure is unprovable by this version, never kept."""
    by_promise: dict[str, list[Finding]] = {}
    for measure in draft.measures:
        for promise_id in measure.promises:
            by_promise.setdefault(promise_id, []).append(_finding(promise_id, measure, answers, scans))
    results = []
    for promise in promises:
        findings = [_accept(world, promise.id, finding) for finding in by_promise.get(promise.id, [])]
        if not findings:
            findings = [_unmeasured(promise)]
        verdict = min(findings, key=lambda finding: SEVERITY[finding.verdict]).verdict
        results.append(PromiseResult(promise, verdict, tuple(findings)))
    return tuple(sorted(results, key=lambda result: (SEVERITY[result.verdict], -result.rows, result.promise.id)))


def _finding(promise: str, measure: Measure, answers: Measured, scans: Mapping[Scan, Finding | None]) -> Finding:
    def made(
        verdict: Verdict, code: str, rows: int | None, oldest: datetime | None, message: str, hint: str = measure.hint
    ) -> Finding:
        hint = hint if verdict != "kept" else ""
        return Finding(
            promise,
            verdict,
            code,
            measure.collection,
            measure.fields,
            rows,
            oldest,
            message,
            hint,
            measure.ask,
            notes=measure.notes,
        )

    if measure.scan is not None:
        scanned = scans[measure.scan]
        return replace(scanned, promise=promise) if scanned else made("kept", "KEPT", 0, None, "")
    if measure.ask is None:
        return made(measure.verdict, measure.code, None, None, measure.reason)
    answer = answers[measure.ask]
    if isinstance(answer, Missing):
        return made("not_reached", "NOT-REACHED", None, None, answer.reason)
    if isinstance(answer, Sampled):
        count = answer.count
        if count.rows:
            return made(measure.verdict, measure.code, count.rows, count.oldest, f"{measure.reason}, in {answer.seen}")
        code = "RET-SAMPLED" if measure.code.startswith("RET-") else "FORM-SAMPLED"
        words = f"none in {answer.seen}: at 95 % confidence fewer than {answer.share:.3%} of them"
        return made("unprovable", code, None, None, words, "troth check --exact asks all rows")
    if answer.rows == 0:
        return made("kept", "KEPT", 0, None, "")
    return made(measure.verdict, measure.code, answer.rows, answer.oldest, measure.reason)


def _accept(world: World, promise: str, finding: Finding) -> Finding:
    if finding.verdict != "broken":
        return finding
    for accepted in world.policy.accepted:
        where = accepted.collection in (None, finding.collection)
        if accepted.promise == promise and where and accepted.until >= world.today:
            return replace(finding, verdict="accepted", accepted=accepted)
    return finding


def _unmeasured(promise: Promise) -> Finding:
    unserved = promise.kind in ("retention", "form", "closed_list")
    return Finding(
        promise.id,
        "unprovable",
        "NOT-MEASURED",
        "",
        (),
        None,
        None,
        "no line of systems.yaml serves it" if unserved else "not measured by this version",
        "say in systems.yaml where this data is" if unserved else "nothing here shows that it is kept",
        None,
    )
