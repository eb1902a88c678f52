"""``systems.yaml`` → the frozen ``DataMap``, with everything that is wrong in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from troth.core.diagnostics import Diagnostics, Mark, did_you_mean
from troth.core.fileform import check_form
from troth.core.yamlfile import Document
from troth.core.yamltree import Where
from troth.systems.files import (
    EvidenceFile,
    FieldFile,
    LinkFile,
    PeopleFile,
    SharedFile,
    SourceFile,
    SystemFile,
    SystemsFile,
    TableFile,
)
from troth.systems.globs import is_pattern, matches
from troth.systems.model import (
    BelongsTo,
    ByHand,
    DataMap,
    DeclaredRole,
    EventSource,
    Evidence,
    FieldRule,
    InRow,
    Latest,
    Link,
    Mention,
    PaceLimits,
    Person,
    PhysicalLimits,
    SharedThrough,
    StateOnly,
    System,
    TableLine,
    Through,
    Use,
)
from troth.systems.model import Where as RowsWhere
from troth.systems.secrets import scheme_of
from troth.systems.shortforms import singular

_REACHED_ONLY = (
    "url", "read", "write", "schemas", "pace", "physical", "items", "events", "people", "tables", "not_personal",
    "roles",
)  # fmt: skip
_SCHEMES = {
    "sqlite": {"sqlite"}, "postgresql": {"postgresql", "postgres"}, "mariadb": {"mariadb", "mysql"},
    "mysql": {"mariadb", "mysql"},
}  # fmt: skip
_BY_HAND_ONLY = ("serves", "key_from", "how")


def read_systems(document: Document, found: Diagnostics) -> DataMap:
    """The data map, and every diagnostic of its document. What is wrong is left out."""
    file, rest = check_form(SystemsFile, document, "S", found)
    systems = {
        key: _SystemMaker(key, each, rest, document, found).system() for key, each in (file.systems or {}).items()
    }
    evidence, usual = file.evidence or EvidenceFile(), Evidence()
    return DataMap(
        systems=systems,
        evidence=Evidence(
            evidence.origin or usual.origin,
            evidence.key or usual.key,
            evidence.pseudonym_key or usual.pseudonym_key,
            evidence.witness,
        ),
        state=file.state or DataMap({}).state,
        revision=document.revision,
    )


class _SystemMaker:
    """Makes one system. ``doc`` is the sound part of the file, ``whole`` all of it: see ``policy.load``."""

    def __init__(self, key: str, file: SystemFile, doc: Document, whole: Document, found: Diagnostics) -> None:
        self.key, self.file, self.doc, self.whole, self.found = key, file, doc, whole, found
        self.way: Where = ("systems", key)

    def system(self) -> System:
        file = self.file
        by_hand = file.store == "by_hand"
        self._must(self.way, "store")
        if file.store is not None:
            self._connections(by_hand)
        return System(
            id=self.key,
            store=file.store or "",
            read=file.read or file.url,
            write=file.write or file.url,
            lines=tuple(sorted(self._lines(), key=lambda line: line.mark)),
            items=self._fields(file.items, (*self.way, "items")),
            events=self._events(file.events, (*self.way, "events")),
            not_personal=tuple(
                (pattern, self.doc.value(*self.way, "not_personal", index))
                for index, pattern in enumerate(file.not_personal or ())
            ),
            schemas=tuple(file.schemas or ()),
            zone=file.timezone or "UTC",
            location=file.location,
            operated_by=file.operated_by,
            limits=tuple(file.limits or ()),
            pace=PaceLimits(**(file.pace.model_dump(exclude_none=True) if file.pace else {})),
            physical=self._physical(),
            backups=file.backups.keep if file.backups else None,
            logs=file.logs.keep if file.logs else None,
            roles=tuple(
                DeclaredRole(
                    name, tuple((each.may, each.on) for each in allowed), self.doc.key(*self.way, "roles", name)
                )
                for name, allowed in (file.roles or {}).items()
            ),
            by_hand=ByHand(_uses(file.serves), file.key_from, file.how or "") if by_hand else None,
            mark=self.doc.key(*self.way),
        )

    def _physical(self) -> PhysicalLimits | None:
        said = self.file.physical
        if said is None:
            return None
        for name in ("lock", "disk"):
            self._must((*self.way, "physical"), name)
        return None if said.lock is None or said.disk is None else PhysicalLimits(said.lock, said.disk)

    def _connections(self, by_hand: bool) -> None:
        file = self.file
        for name in _REACHED_ONLY if by_hand else _BY_HAND_ONLY:
            if getattr(file, name) is not None:
                key = {"serves": "for"}.get(name, name)
                other = "a system that people do by hand" if by_hand else "a system that a store reaches"
                self._error("301", f"'{key}' says nothing for {other}", (*self.way, key), "remove it")
        for name in ("url", "read", "write"):
            scheme = scheme_of(getattr(file, name) or "")
            if scheme and scheme not in _SCHEMES.get(file.store or "", {scheme}):
                known = " or ".join(f"{each}:" for each in sorted(_SCHEMES[file.store or ""]))
                self._error(
                    "311",
                    f"an address of '{scheme}' for a store '{file.store}'",
                    (*self.way, name),
                    f"begin with {known}",
                )
        if by_hand:
            for name in ("serves", "how"):
                key = {"serves": "for"}.get(name, name)
                if not getattr(file, name) and not self._wrote(self.way, key):
                    what = "for which processing" if key == "for" else "what a person has to do there"
                    self._error("302", f"'{self.key}' does not say {what}", self.way, f"add {key}: …")
        elif file.url and (file.read or file.write):
            self._error("303", "'url' stands for both 'read' and 'write'", (*self.way, "url"), "keep url, or the two")
        elif not any(self._wrote(self.way, key) for key in ("url", "read")):
            self._error("303", f"'{self.key}' does not say how it is reached", self.way, "add read: ${NAME} (or url:)")

    def _lines(self) -> Iterator[TableLine]:
        people, tables = self.file.people or {}, self.file.tables or {}
        for pattern, person in people.items():
            yield self._line(pattern, person, (*self.way, "people", pattern))
        for pattern, table in tables.items():
            way = (*self.way, "tables", pattern)
            if pattern in people:
                line = self.doc.key(*self.way, "people", pattern).line
                self._error(
                    "304", f"'{pattern}' is under people: too", way, f"keep one of them; the other is at line {line}"
                )
                continue
            yield self._line(pattern, table, way)

    def _line(self, pattern: str, file: TableFile, way: Where) -> TableLine:
        person = None
        if isinstance(file, PeopleFile):
            person = Person(file.subject or "", dict((file.by or {}).items()))
            self._must(way, "by")
        if not file.serves and not self._wrote(way, "for"):
            self._error(
                "305", f"'{pattern}' does not say for which processing", way, "add for: a processing of policy.yaml"
            )
        if file.table is not None and is_pattern(pattern):
            self._error(
                "306", "'table' gives one collection another name, and this is a pattern", way, "write a plain name"
            )
        return TableLine(
            pattern=pattern,
            table=file.table,
            serves=_uses(file.serves),
            person=person,
            key=tuple(file.key) if file.key else None,
            where=_where(file.where),
            fields=(*self._fields(file.fields, (*way, "fields")), *self._fields(file.json_paths, (*way, "json"))),
            links=tuple(self._links(pattern, file, way)),
            events=self._events(file.events, (*way, "events")),
            free_text=tuple(file.free_text or ()),
            mark=self.doc.key(*way),
        )

    def _fields(self, fields: dict[str, FieldFile] | None, way: Where) -> tuple[tuple[str, FieldRule, Mark], ...]:
        return tuple(
            (
                pattern,
                FieldRule(
                    each.item,
                    each.form,
                    bool(each.encrypted),
                    each.blank,
                    _uses(each.serves) if each.serves is not None else None,
                ),
                self.doc.key(*way, pattern),
            )
            for pattern, each in (fields or {}).items()
        )

    def _events(self, events: dict[str, SourceFile] | None, way: Where) -> tuple[tuple[str, EventSource, Mark], ...]:
        return tuple(
            (name, self._source(name, each, (*way, name)), self.doc.key(*way, name))
            for name, each in (events or {}).items()
        )

    def _source(self, name: str, file: SourceFile, way: Where) -> EventSource:
        unit = file.unit or "native"
        if file.column is not None:
            return InRow(file.column, unit, _where(file.where))
        if file.when is not None:
            return StateOnly(_where(file.when))
        of = self._target(file.of or "", (*way, "of"))
        elsewhere = not of.startswith(f"{self.key}.")
        if file.latest is not None:
            return Latest(of, file.there or "", file.here or "", file.latest, unit)
        if elsewhere and not file.there:
            self._error(
                "307", f"'{name}' leads to another system and names no column there", way, "add there: the column"
            )
        return Through(of, file.through or "", file.there or "", file.event or name)

    def _links(self, pattern: str, file: TableFile, way: Where) -> Iterator[Link]:
        for link in file.belongs_to or ():
            yield BelongsTo(*self._end(link, (*way, "belongs_to")))
        for link in file.mentions or ():
            yield Mention(*self._end(link, (*way, "mentions")))
        for shared in file.shared_through or ():
            place = (*way, "shared_through")
            through = self._target(shared.table, place)
            there = shared.row or self._row(pattern, shared, place)
            yield SharedThrough(through, there, shared.here, self.doc.key(*place))

    def _end(self, link: LinkFile, way: Where) -> tuple[str, str, str | None, RowsWhere, Mark]:
        mark = self.doc.keys.get((*way, link.column)) or self.doc.key(*way)
        return link.column, self._target(link.to, way), link.there, _where(link.when), mark

    def _target(self, to: str | None, way: Where) -> str:
        """The collection id that a link names; without a name, the system's only table of people."""
        if to is None:
            people = sorted(self._names(self.key, "people"))
            if len(people) == 1 and not is_pattern(people[0]):
                return f"{self.key}.{people[0]}"
            which = f"write one of: {', '.join(people)}" if people else "write column: system.table"
            self._error("308", "this link does not say to which people it leads", way, which)
            return ""
        system, dot, table = to.partition(".")
        systems = self._systems()
        if not (dot and system in systems):
            system, table = self.key, to
        names = self._names(system, "people") | self._names(system, "tables")
        if not any(matches(name, table) for name in names):
            hint = did_you_mean(table, {name for name in names if not is_pattern(name)})
            known = hint if hint.startswith("did") else f"declare it under people: or tables: of '{system}'"
            self._error("309", f"no line of '{system}' declares the table '{table}'", way, known)
        return f"{system}.{table}"

    def _row(self, pattern: str, shared: SharedFile, way: Where) -> str:
        """The column of the owners' table that leads here: its own link to this table, else ``<this>_id``."""
        tables: Any = {**(self.file.people or {}), **(self.file.tables or {})}
        owners = tables.get(shared.table)
        for link in [*(owners.belongs_to or ()), *(owners.mentions or ())] if owners else []:
            if link.to == pattern:
                return str(link.column)
        if is_pattern(pattern) or is_pattern(shared.table):
            self._error(
                "310", "this pattern does not say which column leads here", way, "write {table: …, row: column}"
            )
        return f"{singular(pattern)}_id"

    def _must(self, way: Where, key: str) -> None:
        if not self._wrote(way, key):
            self._error("102", f"'{key}' is missing in '{'.'.join(map(str, way))}'", way, f"add {key}: …")

    def _wrote(self, way: Where, key: str) -> bool:
        """Whether the file has this key, were it wrong."""
        return (*way, key) in self.whole.keys

    def _systems(self) -> set[str]:
        written = self.whole.tree.get("systems")
        return set(written) if isinstance(written, dict) else set()

    def _names(self, system: str, section: str) -> set[str]:
        holder: Any = self.whole.tree["systems"]
        holder = holder[system].get(section) if isinstance(holder[system], dict) else None
        return set(holder) if isinstance(holder, dict) else set()

    def _error(self, code: str, message: str, way: Where, hint: str) -> None:
        self.found.error(f"S{code}", message, self.doc.key(*way), hint)


def _uses(serves: list[str] | None) -> tuple[Use, ...]:
    split = (each.partition(".") for each in serves or ())
    return tuple(Use(processing, purpose or None) for processing, _, purpose in split)


def _where(where: dict[str, list[Any]] | None) -> RowsWhere:
    return tuple((column, tuple(values)) for column, values in (where or {}).items())
