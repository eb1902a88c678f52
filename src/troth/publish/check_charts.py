"""The age of the data against its period, as the bars of a table: readable without its drawing, and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from troth.planning.ages import Ages, Bin
from troth.publish.check_rules import rule_words
from troth.publish.language import Tongue

DAYS_OF_MONTH, DAYS_OF_YEAR = 30.4375, 365.25


@dataclass(frozen=True, slots=True)
class Bar:
    """One class of age. ``share``: of the fullest class, in percent, rounded up so that what is there is seen."""

    label: str
    rows: str
    share: float
    past: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """``inside`` and ``beyond`` lie on the two sides of the limit, ages growing downwards."""

    anchor: str
    title: str
    caption: str
    limit: str
    inside: tuple[Bar, ...]
    beyond: tuple[Bar, ...]
    longer: str


def chart(tongue: Tongue, ages: Ages, at: date, anchor: str) -> Chart | None:
    """``None`` where the age cannot be drawn, or nothing is there."""
    most = max((each.rows for each in ages.bins), default=0)
    if not most:
        return None
    rule = rule_words(tongue, ages.rule)
    event = (ages.rule.event or "").replace("_", " ")
    bars = [
        Bar(
            _label(tongue, ages, each, at),
            tongue.number(each.rows),
            max(round(100 * each.rows / most, 1), 0.6) if each.rows else 0,
            each.past,
        )
        for each in ages.bins
    ]
    return Chart(
        anchor,
        tongue.say("age.title", place=" – ".join(filter(None, (ages.collection, tongue.listed(list(ages.fields)))))),
        tongue.say("age.caption", event=tongue.quoted(event)),
        tongue.say("age.limit", rule=rule, day=tongue.day(ages.limit)),
        tuple(bar for bar in bars if not bar.past),
        tuple(bar for bar in bars if bar.past),
        tongue.say("age.longer", n=ages.longer) if ages.longer else "",
    )


def _label(tongue: Tongue, ages: Ages, each: Bin, at: date) -> str:
    """An age in the unit of the period; months of the calendar where the period counts from the end of a year."""
    if ages.rule.of_year is not None:
        if each.first is None:
            return tongue.say("age.before", to=tongue.month(each.end or at))
        if each.end is None:
            return tongue.say("age.since", **{"from": tongue.month(each.first)})
        return tongue.say("age.dates", **{"from": tongue.month(each.first), "to": tongue.month(each.end)})
    unit, days = _unit(ages, at)
    if each.first is None:
        return tongue.say("age.over", **{"from": _age(tongue, at, each.end or at, unit, days)})
    older = _age(tongue, at, each.first, unit, days)
    if each.end is None:
        return tongue.say("age.up_to", to=older)
    younger = tongue.number(_count(at, each.end, days))
    return tongue.say("age.between", **{"from": younger, "to": older})


def _unit(ages: Ages, at: date) -> tuple[str, float]:
    period = ages.rule.period
    span = (at - ages.limit).days
    if period is not None and period.days and span < 2 * DAYS_OF_YEAR:
        return "day", 1
    return ("month", DAYS_OF_MONTH) if span < 3 * DAYS_OF_YEAR else ("year", DAYS_OF_YEAR)


def _count(at: date, edge: date, days: float) -> float:
    return round((at - edge).days / days, 1 if days > 1 else 0)


def _age(tongue: Tongue, at: date, edge: date, unit: str, days: float) -> str:
    return tongue.unit(_count(at, edge, days), unit)
