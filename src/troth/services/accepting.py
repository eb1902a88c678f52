"""troth check --accept-all: what is broken today is written down as accepted, so that only what is new fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from troth.core.errors import InputError
from troth.planning.verdicts import Finding, PromiseResult, accepted_by, concluded, worst_first
from troth.policy.edit import with_accepted
from troth.policy.model import Acceptance
from troth.register.load import POLICY
from troth.services.checking import Checked
from troth.services.editing import text_of
from troth.services.project import Project


@dataclass(frozen=True, slots=True)
class Baseline:
    """Who answers for what is broken today, until when, and why."""

    owner: str
    until: date
    reason: str


def baseline(
    owner: str | None, until: date | None, reason: str | None, today: date, *, accept_all: bool
) -> Baseline | None:
    """``None`` unless ``accept_all``. Raises ``InputError`` without an owner or a day, for a day that is not to come,
    and for an owner, a day or a reason of nothing."""
    if not accept_all:
        if owner is None and until is None and reason is None:
            return None
        raise InputError(
            "--owner, --until and --reason say who answers for what --accept-all accepts",
            hint="add --accept-all, or leave them out",
            code="ACCEPT-WHO",
        )
    if not owner or not owner.strip() or until is None:
        raise InputError(
            "somebody has to answer for what is accepted, until a day",
            hint='add --owner "NAME" --until DAY',
            code="ACCEPT-WHO",
        )
    if until <= today:
        raise InputError(f"{until} is not to come", hint="accept until a later day", code="ACCEPT-DATE")
    return Baseline(owner.strip(), until, (reason or "").strip() or f"broken when it was first measured, {today}")


def accept_all(project: Project, checked: Checked, wanted: Baseline) -> Checked:
    """Write one acceptance for each promise and place that is broken, and judge the check by them.

    Unprovable and not reached are not accepted: nothing is known of them. The file is replaced whole or not at all.
    """
    entries = tuple(_entries(checked.results, wanted))
    if not entries:
        return checked
    policy = text_of(project.folder / POLICY)
    policy.replace(with_accepted(policy.text, entries))
    results = [_judged(result, entries) for result in checked.results]
    return replace(checked, results=worst_first(results), accepted_now=len(entries))


def _entries(results: Iterable[PromiseResult], wanted: Baseline) -> Iterator[Acceptance]:
    """Narrowed to the place, and to the fields where only fields are concerned: a new column is a new breach."""
    for result in results:
        places: dict[tuple[str, bool], list[Finding]] = {}
        for finding in result.findings:
            if finding.verdict == "broken":
                places.setdefault((finding.collection, bool(finding.fields)), []).append(finding)
        for (collection, _), found in places.items():
            fields = tuple(dict.fromkeys(name for finding in found for name in finding.fields))
            yield Acceptance(
                result.promise.id, wanted.reason, wanted.owner, wanted.until, collection or None, fields=fields
            )


def _judged(result: PromiseResult, entries: tuple[Acceptance, ...]) -> PromiseResult:
    findings = [accepted_by(entries, finding) for finding in result.findings]
    return concluded(result.promise, findings)
