"""``troth look --html``: one page that stands alone, in English or French, of what a database seems to hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from troth.core.explained import explained
from troth.publish.check_charts import Bar
from troth.publish.language import NBSP, Language, Tongue, spaced, tongue
from troth.publish.look_report import HeldTable, LookReport, Wrong
from troth.publish.templates import render
from troth.publish.text import plain

MONTHS, YEARS = 15, 15
"""Bars that a drawing has at most; beyond them each is a year, then five years, then twenty-five …"""
STEPS = ("init", "draft", "check")
"""The words of the commands that come next, in their order."""


@dataclass(frozen=True, slots=True)
class WrongView:
    """Everything that looks wrong in one way: what it means, what to do, and where, with how many."""

    code: str
    means: str
    do: str
    places: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """One table with personal data. ``bars``: when its rows were made, as far as a sample tells."""

    table: str
    rows: str
    whose: str
    dates: str
    items: tuple[tuple[str, tuple[str, ...]], ...]
    bars: tuple[Bar, ...]
    sampled: str


def look_page(report: LookReport, language: Language) -> str:
    """The whole page as HTML: no script, nothing loaded from elsewhere, every text escaped."""
    spoken = tongue(language, "look")
    held = [each for each in report.tables if each.items]
    linked = [each for each in report.tables if not each.items]
    return render(
        "look.html.j2",
        t=spoken,
        page=report,
        at=spoken.say("page.at", day=spoken.day(report.at)),
        lead=tuple(_lead(spoken, report, len(held), len(linked))),
        wrong=tuple(_wrong(spoken, report)),
        tables=tuple(_table(spoken, each) for each in held),
        linked=tuple((each.table, _whose(spoken, each)) for each in linked),
        steps=tuple(zip(report.commands, STEPS, strict=True)),
    )


def _lead(spoken: Tongue, report: LookReport, held: int, linked: int) -> Iterator[str]:
    yield spoken.say("lead.held", n=held)
    if linked:
        yield spoken.say("lead.linked", n=linked)
    if report.undecided:
        yield spoken.say("lead.undecided", n=len(report.undecided))
    yield spoken.say("lead.others", n=len(report.others))


def _wrong(spoken: Tongue, report: LookReport) -> Iterator[WrongView]:
    language = spoken.language
    for code in dict.fromkeys(each.code for each in report.wrong):
        (entry,) = explained(code)
        means, do = (spaced(plain(words.of(language)), language) for words in (entry.means, entry.do))
        places = tuple(_place(spoken, each) for each in report.wrong if each.code == code)
        yield WrongView(code, means, do, places)


def _place(spoken: Tongue, wrong: Wrong) -> tuple[str, str, str]:
    many = (
        spoken.say("wrong.rows", n=wrong.rows)
        if wrong.rows is not None
        else spoken.say("wrong.sampled", hits=spoken.number(wrong.hits), drawn=spoken.number(wrong.drawn))
    )
    return f"{wrong.table}.{wrong.column}", many, spoken.say(f"scheme.{wrong.scheme}") if wrong.scheme else ""


def _table(spoken: Tongue, held: HeldTable) -> TableView:
    return TableView(
        held.table,
        spoken.say("table.rows", n=held.rows) if held.rows is not None else spoken.say("table.rows_unknown"),
        _whose(spoken, held),
        _dates(spoken, held),
        tuple((spoken.say(f"item.{item.replace(' ', '_')}"), columns) for item, columns in held.items.items()),
        tuple(_bars(spoken, held)),
        spoken.say("age.sampled", n=sum(held.months.values())),
    )


def _whose(spoken: Tongue, held: HeldTable) -> str:
    return spoken.say(f"whose.{held.relation}", target=held.target)


def _dates(spoken: Tongue, held: HeldTable) -> str:
    if held.oldest is None:
        return spoken.say("table.no_date") if held.rows else ""
    return spoken.say("table.dates", **{"from": spoken.day(held.oldest), "to": spoken.day(held.latest or held.oldest)})


def _bars(spoken: Tongue, held: HeldTable) -> Iterator[Bar]:
    """Equal spans from the first month of the sample to the last, those without a row too; none for a single one."""
    counts = {int(month[:4]) * 12 + int(month[5:7]) - 1: rows for month, rows in held.months.items()}
    if len(counts) < 2:
        return
    first, last = min(counts), max(counts)
    span = 1 if last - first < MONTHS else 12
    while span > 1 and last // span - first // span >= YEARS:
        span *= 5
    classes: Counter[int] = Counter()
    for month, rows in counts.items():
        classes[month // span] += rows
    total, most = classes.total(), max(classes.values())
    for at in range(first // span, last // span + 1):
        share = max(round(100 * classes[at] / most, 1), 0.6) if classes[at] else 0
        part = classes[at] / total
        said = spoken.percent(part) if not 0 < part < 0.01 else f"<{NBSP}{spoken.percent(0.01)}"
        yield Bar(_label(spoken, at, span), said, share, past=False)


def _label(spoken: Tongue, at: int, span: int) -> str:
    if span == 1:
        return spoken.month(date(at // 12, at % 12 + 1, 1))
    years = span // 12
    return str(at) if years == 1 else f"{years * at}–{years * at + years - 1}"
