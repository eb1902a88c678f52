"""Guesses as lines of ``systems.yaml``: what each table's line says, and what patterns say for all tables at once.

The lines are read back with the program's own reader and resolver; where a pattern says something else for a column
than what was guessed for it, the column gets a line of its own. So what the file means is what was guessed, no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from troth.core.diagnostics import Diagnostics
from troth.core.yamlfile import parse_document
from troth.discover.columns import ColumnGuess
from troth.discover.facts import Facts
from troth.discover.guessing import Guesses
from troth.discover.patterns import PLAINLY, item_lines, not_personal_lines
from troth.discover.tablelines import personal_paths, table_value
from troth.discover.unsaid import ByHand, held_by, unsaid
from troth.discover.words import PolicyWords
from troth.discover.writing import Line, braced, key_of, written
from troth.systems.load import read_systems
from troth.systems.model import System, TableLine
from troth.systems.resolve import TableNames, field_origin, lines_of, skipping


@dataclass(slots=True)
class _Corrections:
    fields: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    not_here: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """How the system is written: its id, kind of store, and the references to its connections, never resolved."""

    system: str
    store: str
    read: str
    schemas: tuple[str, ...] = ()
    origin: str = ""
    """The name that evidence is signed under, where a key was made for one."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """``lines`` of one system, in order. ``text``: the whole file, valid by itself beside ``policy.yaml``."""

    lines: tuple[Line, ...]
    text: str
    open: frozenset[str] = frozenset()
    """Tables, and columns as ``table.column``, that still nothing is written for."""
    by_hand: tuple[ByHand, ...] = ()


def draft(facts: Facts, guesses: Guesses, words: PolicyWords, place: Place, known: System | None = None) -> Drafted:
    """The short form. With ``known``, a system that is written already, only what its lines do not say yet."""
    work = _Draft(facts, guesses, words, place, known)
    return work.result()


class _Draft:
    def __init__(self, facts: Facts, guesses: Guesses, words: PolicyWords, place: Place, known: System | None) -> None:
        self.facts, self.guesses, self.words, self.place, self.known = facts, guesses, words, place, known
        self.names = {name: TableNames(table.names, table.info.key) for name, table in facts.tables.items()}
        self.fresh = [name for name in guesses.rooted if known is None or not _said(known, name)]
        """Tables that get a line."""
        self.wanted = {name: self._wanted(name) for name in self._declared()}

    def _declared(self) -> list[str]:
        """Tables whose columns are looked at: those that get a line, and those that have one already."""
        return [name for name in self.facts.tables if name in self.fresh or (self.known and lines_of(self.known, name))]

    def _wanted(self, table: str) -> dict[str, ColumnGuess]:
        """The columns that are no part of what holds the table together, and that no line written already decides."""
        used = self._structure(table)
        guesses = self.guesses.columns[table]
        wanted = {name: each for name, each in guesses.items() if name not in used or each.holds == "item"}
        if self.known is None:
            return wanted
        line = next(iter(lines_of(self.known, table)), TableLine(table, None, ()))
        held = set() if table in self.fresh else held_by(self.known, table) | set(self.names[table].key)
        return {
            name: each
            for name, each in wanted.items()
            if name not in held
            and (origin := field_origin(self.known, line, table, name)[0]) in {"undeclared", "convention"}
            and (origin == "undeclared" or table in self.fresh)
        }

    def _structure(self, table: str) -> set[str]:
        rooted = self.guesses.rooted.get(table)
        links = (*rooted.belongs, *rooted.mentions) if rooted else ()
        used = {each.column for each in links} | {each.when[0] for each in links if each.when}
        used |= {each.column for each in self.guesses.events.get(table, ())}
        return used | set(self.names[table].key)

    def result(self) -> Drafted:
        corrections = _Corrections()
        lines = self._lines(corrections)
        for _ in range(3):
            system = self._read(lines)
            if not self._correct(system, corrections):
                break
            lines = self._lines(corrections)
        place = self.place
        there = [name for name in self.wanted if name not in self.fresh]
        by_hand = unsaid(self.known, there, self.facts, self.guesses, self.words) if self.known else ()
        text = written(place.system, place.store, place.read, place.schemas, lines, self._open(), place.origin)
        return Drafted(tuple(lines), text, frozenset(self._still_open()), by_hand)

    def _text(self, lines: Iterable[Line]) -> str:
        return written(self.place.system, self.place.store, self.place.read, self.place.schemas, lines)

    def _still_open(self) -> Mapping[str, str]:
        """What nothing is written for → the reason."""
        found = {}
        for each in self.guesses.undecided:
            if each.column is None and (self.known is None or not _said(self.known, each.table)):
                found[each.table] = f"a table; {each.reason}"
            elif each.column is not None and each.column in self.wanted.get(each.table, {}):
                found[f"{each.table}.{each.column}"] = each.reason
        return found

    def _open(self) -> list[str]:
        by_reason: dict[str, list[str]] = defaultdict(list)
        for name, reason in self._still_open().items():
            by_reason[reason].append(name)
        return [f"{reason}: {', '.join(names)}" for reason, names in by_reason.items()]

    # reading back

    def _read(self, lines: Iterable[Line]) -> System:
        """The draft as the program reads it, together with what is written already."""
        found = Diagnostics()
        document = parse_document(self._text(lines), "draft", found)
        if document is None:
            raise AssertionError(f"the draft is no YAML: {found.items[0].code}")
        return read_systems(document, found).systems[self.place.system]

    def _correct(self, system: System, corrections: _Corrections) -> bool:
        """Note every column for which the lines say something else than its guess; whether there was one."""
        changed = False
        for table, wanted in self.wanted.items():
            fresh = table in self.fresh
            for name, each in wanted.items():
                line = next(iter(lines_of(system if fresh else (self.known or system), table)))
                origin, rule, _ = field_origin(system, line, table, name)
                item = self.words.rule(each)
                if item and (rule is None or (rule.item, rule.blank or "") != (self.words.item(each.item), each.blank)):
                    changed |= corrections.fields[table].get(name) != item
                    corrections.fields[table][name] = item
                elif (
                    item is None
                    and each.holds != "undecided"
                    and (rule is not None or (origin == "undeclared" and each.holds in PLAINLY))
                ):
                    changed |= (table, name) not in corrections.not_here
                    corrections.not_here[table, name] = each.reason
        return changed

    # lines

    def _lines(self, corrections: _Corrections) -> list[Line]:
        return [
            *self._events(),
            *item_lines(self.wanted, self.words, open_patterns=self.known is None),
            *self._single_items(corrections),
            *self._tables(corrections),
            *self._not_personal_tables(),
            *not_personal_lines(self.wanted, corrections.not_here),
        ]

    def _single_items(self, corrections: _Corrections) -> Iterator[Line]:
        """Columns of tables that have a line already: said beside it, so that it stays as somebody wrote it."""
        for table, fields in corrections.fields.items():
            for name, item in fields.items() if table not in self.fresh else ():
                yield Line("items", f"{table}.{name}", item, self.guesses.columns[table][name].reason, "likely")

    def _events(self) -> list[Line]:
        """The column that most tables have for the moment of recording, once for all."""
        usual = self._usual_recorded()
        if usual is None or (self.known and any(name == "recorded" for name, _, _ in self.known.events)):
            return []
        count = sum(usual in self.names[name].columns for name in self.fresh)
        return [Line("events", "recorded", key_of(usual), f"{count} tables have it", "likely")]

    def _usual_recorded(self) -> str | None:
        counted: dict[str, int] = defaultdict(int)
        for name in self.fresh:
            for each in self.guesses.events[name]:
                if each.event == "recorded":
                    counted[each.column] += 1
        best = max(counted.items(), key=lambda each: each[1], default=("", 0))
        return best[0] if best[1] >= 3 else None

    def _tables(self, corrections: _Corrections) -> list[Line]:
        usual = self._usual_recorded()
        if self.known:
            usual = next((getattr(s, "field", None) for name, s, _ in self.known.events if name == "recorded"), usual)
        grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
        reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
        people = [name for name in self.guesses.people if name in self.guesses.rooted]
        for name in self.fresh:
            paths = personal_paths(self.facts, self.words, name)
            value, reason = table_value(
                name, self.guesses, self.words, people, usual, corrections.fields.get(name, {}), paths
            )
            section = "people" if name in self.guesses.people else "tables"
            key = (section, value) if section == "tables" else (f"people {name}", value)
            grouped[key].append(name)
            reasons[key].append(reason)
        lines = []
        for (section, value), names in grouped.items():
            for group in braced(names):
                why = list(dict.fromkeys(reasons[section, value]))
                more = f" (and {len(why) - 1} like it)" if len(why) > 1 else ""
                weak = any(self.guesses.rooted[name].certainty == "weak" for name in names)
                lines.append(Line(section.split(" ")[0], group, value, why[0] + more, "weak" if weak else "likely"))
        return sorted(lines, key=lambda line: line.section != "people")

    def _not_personal_tables(self) -> list[Line]:
        names = [name for name in self.guesses.not_personal() if self.known is None or not _said(self.known, name)]
        plain = "nothing in it leads to a person"
        bare, dotted = [name for name in names if "." not in name], [name for name in names if "." in name]
        return [Line("not_personal", "", group, plain, "likely") for group in (*braced(bare), *dotted)]


def _said(system: System, table: str) -> bool:
    return bool(lines_of(system, table) or skipping(system, table))
