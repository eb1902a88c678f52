"""Writing one person's copy: every row goes from the store to its files as it comes, and is kept nowhere."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from troth.execution.disclosing import Cell, Line, Mark, count_held, latest_starts, lines, placed
from troth.execution.keys import Keys
from troth.planning.access_plan import Part
from troth.planning.theirs import Theirs
from troth.planning.until import keepings
from troth.publish.cells import for_csv
from troth.publish.copy_data import DataFile
from troth.publish.copy_head import head
from troth.publish.copy_page import WORDS, copy_page
from troth.publish.copy_parts import SHOWN, column_title
from troth.publish.copy_report import CopyReport, Sheet
from troth.publish.language import Language, tongue
from troth.services.copyfiles import Place, writing
from troth.services.looking import Look

DATA, PAGE = "data.json", "index.html"


@dataclass(slots=True)
class _Tally:
    """What is known of a part once its rows have gone by."""

    rows: int = 0
    masked: int = 0
    undated: int = 0
    first: date | None = None
    last: date | None = None
    preview: list[tuple[tuple[Cell, ...], date | None]] = field(default_factory=list)

    def add(self, line: Line) -> None:
        self.rows += 1
        self.masked += line.cells.count(Mark.MASKED)
        if line.until is None:
            self.undated += 1
        else:
            self.first = min(self.first or line.until, line.until)
            self.last = max(self.last or line.until, line.until)
        if len(self.preview) < SHOWN:
            self.preview.append((line.cells, line.until))


def held_counts(seen: Look, parts: tuple[Part, ...], keys: Keys) -> dict[tuple[str, str], int]:
    """In how many rows there is something in a column that is only named."""
    return {
        (part.id, column.name): count_held(seen.reached.stores[part.system], part, column, keys)
        for part in parts
        for column in part.columns
        if column.shown == "held"
    }


@dataclass(slots=True)
class _Writing:
    """One copy in the making. ``rows``: how many were written so far."""

    seen: Look
    report: CopyReport
    keys: Keys
    place: Place
    language: Language
    moved: Callable[[int], None]
    rows: int = 0

    def part(self, part: Part, data: DataFile, number: int) -> Sheet:
        """The rows of one part, into its own file and into the one for programs."""
        columns, tally, name = placed(part), _Tally(), _file_name(number, part)
        spoken = tongue(self.language, *WORDS)
        masked, until = spoken.say("data.masked_csv"), spoken.say("data.until")
        data.open(part.id, [column.name for column in columns])
        with writing(self.place, name) as stream:
            sheet = csv.writer(stream)
            titles = [f"{column_title(self.report, spoken, part, each).words} ({each.name})" for each in columns]
            sheet.writerow([for_csv(title, "") for title in (*titles, until)])
            for line in self._lines(part):
                day = line.until.isoformat() if line.until else ""
                sheet.writerow([*(for_csv(cell, masked) for cell in line.cells), day])
                data.row(line.cells, line.until)
                tally.add(line)
                self.rows += 1
                if self.rows % 1000 == 0:
                    self.moved(self.rows)
        preview = tuple(tally.preview)
        return Sheet(part, tally.rows, tally.masked, tally.first, tally.last, tally.undated, name, preview)

    def _lines(self, part: Part) -> Iterator[Line]:
        world, stores = self.seen.world, self.seen.reached.stores
        keeping = keepings(world, Theirs(world), world.collections[part.collection])
        starts = latest_starts(world, stores, keeping, self.keys)
        return lines(world, stores[part.system], part, keeping, starts, self.keys)


def _file_name(number: int, part: Part) -> str:
    """``03-club.messages.csv``: in the page's order, and no table's name can spoil it."""
    return f"{number:02}-{''.join(each if each.isalnum() or each in '._-' else '-' for each in part.id)}.csv"


def write_copy(
    seen: Look, report: CopyReport, keys: Keys, place: Place, language: Language, moved: Callable[[int], None]
) -> tuple[Sheet, ...]:
    """All files of one copy, under the place's unfinished name. ``moved`` is told how many rows were written."""
    place.clear()
    work = _Writing(seen, report, keys, place, language, moved)
    with writing(place, DATA) as stream:
        data = DataFile(stream, head(report, language))
        given = [part for part in report.parts if not part.withheld]
        sheets = tuple(work.part(part, data, number) for number, part in enumerate(given, start=1))
        data.close()
    with writing(place, PAGE) as stream:
        stream.write(copy_page(report, [(sheet, placed(sheet.part)) for sheet in sheets], language))
    place.close()
    return sheets
