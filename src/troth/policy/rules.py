"""Retention rules and bases as a policy's lines give them: which line is nearest, and what it means."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.diagnostics import Mark
from troth.core.periods import Period
from troth.policy.files import ProcessingFile, PurposeFile, RuleFile
from troth.policy.grammar import Statement, parse_period, parse_rule, parse_start
from troth.policy.model import Basis, Rule


def law_and_basis(file: PurposeFile, around: ProcessingFile) -> tuple[str | None, Basis | None]:
    """The statute and the basis of a purpose.

    A statute without a basis means 6.1.c; the processing's statute stays with the purposes that rest on it.
    """
    own = Basis(file.basis) if file.basis else None
    outer = Basis(around.basis) if around.basis else None
    if file.wrote("basis"):
        inherits = own in {None, Basis.LEGAL_OBLIGATION} and not file.wrote("law")
        return (around.law if inherits else file.law), own
    if file.wrote("law"):
        return file.law, Basis.LEGAL_OBLIGATION if file.law else outer
    if around.law and not around.wrote("basis"):
        return around.law, Basis.LEGAL_OBLIGATION
    return around.law, outer


def make_rule(file: RuleFile, mark: Mark, around: str | None) -> Rule:
    """One rule; ``around`` is the statute of its purpose, and a rule under a statute binds both ways."""
    law = file.law if file.wrote("law") else around
    said = _said(file)
    return Rule(
        event=said.event,
        period=said.period,
        of_year=said.of_year,
        bound=said.bound or ("both" if law else "max"),
        phase=file.phase or "active",
        action=file.action or "erase",
        until=said.until,
        law=law,
        quote=file.quote or "",
        mark=mark,
    )


def _said(file: RuleFile) -> Statement:
    """What the sentence says, or the keys that stand for one."""
    if file.text:
        return parse_rule(file.text)
    start = file.until or file.start
    event, of_year = parse_start(start) if start else (None, None)
    period = parse_period(file.period) if file.period else None
    if file.until and not file.wrote("period"):
        period = Period()
    return Statement(event, period, file.end_of_year or of_year, file.bound, file.until is not None)


def contradictions(rules: tuple[Rule, ...]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs (minimum, maximum) of one purpose that no day satisfies: same start, same phase, the minimum is longer."""
    for low in rules:
        for high in rules:
            if low is high or low.bound == "max" or high.bound == "min" or _clock(low) != _clock(high):
                continue
            if low.decidable and high.decidable and _longer(low, high):
                yield low, high


def _clock(rule: Rule) -> tuple[str | None, str | None, str]:
    return rule.event, rule.of_year, rule.phase


def _longer(low: Rule, high: Rule) -> bool:
    """Certainly longer, in whatever month the clock starts: a month has 28 to 31 days."""
    if low.period is None or high.period is None:
        return False
    months, days = low.period.months - high.period.months, low.period.days - high.period.days
    if months >= 0 and days >= 0:
        return months + days > 0
    return months * (28 if months > 0 else 31) + days > 0
