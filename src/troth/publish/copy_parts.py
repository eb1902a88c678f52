"""The tables of a copy as the page shows them: titles of the policy, the first rows, until when they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from troth.planning.access_plan import Column, Part
from troth.publish.cells import for_reader
from troth.publish.check_rules import item_words, kept_for
from troth.publish.copy_report import CopyReport, Sheet
from troth.publish.language import Said, Tongue

SHOWN = 10
"""Rows of a table on the page; all are in its file."""

SHORT = len("2026-01-01 00:00:00")

LONGEST = 400
"""Characters of a value on the page; all are in its file."""


@dataclass(frozen=True, slots=True)
class CellView:
    """``kind``: ``plain``, ``short`` (kept on one line), ``empty``, ``masked`` or ``cut``."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class ColumnView:
    """The policy's title of what a column holds, and the column's own name beside it."""

    title: Said
    name: str


@dataclass(frozen=True, slots=True)
class HeldView:
    """A column that is named and not given."""

    title: Said
    name: str
    why: str
    rows: str


@dataclass(frozen=True, slots=True)
class PartView:
    anchor: str
    name: str
    titles: tuple[Said, ...]
    others: bool
    rows: str
    columns: tuple[ColumnView, ...]
    until: bool
    body: tuple[tuple[CellView, ...], ...]
    more: str
    file: str
    kept: tuple[str, ...]
    held: tuple[HeldView, ...]
    left_out: tuple[HeldView, ...]


def anchor_of(part: str) -> str:
    """An id for the page from a part's."""
    return "data-" + "".join(each if each.isalnum() or each in "_-" else "-" for each in part)


def column_title(report: CopyReport, spoken: Tongue, part: Part, column: Column) -> Said:
    """The item's title in the first processing that the part serves and that has it; the column's name without one."""
    for use in part.uses:
        processing = report.policy.processings.get(use.partition(".")[0])
        if processing is not None and column.item in processing.items:
            return item_words(spoken, report.policy, processing.items[column.item])
    for processing in report.policy.processings.values():
        if column.item in processing.items:
            return item_words(spoken, report.policy, processing.items[column.item])
    return Said(column.name.replace("_", " "))


def part_view(report: CopyReport, spoken: Tongue, sheet: Sheet, columns: tuple[Column, ...]) -> PartView:
    """``columns``: those with a place in the rows."""
    part = sheet.part
    dated = any(until is not None for _, until in sheet.preview)
    served = dict.fromkeys(use.partition(".")[0] for use in part.uses)
    processings = [each for key in served if (each := report.policy.processings.get(key)) is not None]
    named = [column for column in part.columns if column.shown == "held"]
    left = [column for column in part.columns if column.shown == "left_out"]
    more = spoken.say("data.first", shown=SHOWN, n=spoken.number(sheet.rows)) if sheet.rows > len(sheet.preview) else ""
    return PartView(
        anchor_of(part.id),
        part.collection,
        tuple(spoken.pick(each.title, each.id) for each in processings),
        part.rows == "others",
        spoken.say("data.rows", n=sheet.rows),
        tuple(ColumnView(column_title(report, spoken, part, column), column.name) for column in columns),
        dated,
        tuple(tuple(_row(spoken, cells, until, dated=dated)) for cells, until in sheet.preview),
        more or spoken.say("data.all_in"),
        sheet.file,
        tuple(_kept(report, spoken, sheet)),
        tuple(_held(report, spoken, part, column, rows=True) for column in named),
        tuple(_held(report, spoken, part, column, rows=False) for column in left),
    )


def _row(spoken: Tongue, cells: tuple[object, ...], until: date | None, *, dated: bool) -> Iterator[CellView]:
    for cell in cells:
        if isinstance(cell, Enum):
            yield CellView(spoken.say("data.masked"), "masked")
        elif cell is None or cell == "":
            yield CellView("–", "empty")
        else:
            text, cut = for_reader(cell, LONGEST)
            yield CellView(text, "cut" if cut else "short" if len(text) <= SHORT else "plain")
    if dated:
        yield CellView(spoken.day(until) if until else spoken.say("data.criterion"), "short")


def _kept(report: CopyReport, spoken: Tongue, sheet: Sheet) -> Iterator[str]:
    """Until when the rows are kept: dates where there are some, and the criterion for the others."""
    if sheet.part.rows == "others":
        yield spoken.say("data.kept_others")
        return
    if sheet.first is not None and sheet.last is not None:
        first, last = spoken.day(sheet.first), spoken.day(sheet.last)
        one = sheet.first == sheet.last
        yield spoken.say("data.kept_all", last=last) if one else spoken.say("data.kept_between", first=first, last=last)
        if sheet.first < report.day:
            yield spoken.say("data.kept_past")
    if sheet.undated:
        rule = spoken.listed(list(dict.fromkeys(_rules(report, spoken, sheet.part)))) or spoken.say("about.no_period")
        every = sheet.undated == sheet.rows
        yield rule if every else spoken.say("data.kept_undated", n=sheet.undated, rule=rule)


def _rules(report: CopyReport, spoken: Tongue, part: Part) -> Iterator[str]:
    for use in part.uses:
        key, _, purpose = use.partition(".")
        yield kept_for(spoken, report.policy.processings[key].purposes[purpose])


def _held(report: CopyReport, spoken: Tongue, part: Part, column: Column, *, rows: bool) -> HeldView:
    number = report.held.get((part.id, column.name), 0)
    words = spoken.say("data.held_rows", n=number) if number else spoken.say("data.held_none")
    return HeldView(
        column_title(report, spoken, part, column),
        column.name,
        spoken.say(f"why.{column.why}"),
        words if rows else "",
    )
