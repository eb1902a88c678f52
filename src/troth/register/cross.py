"""Cross-references between policy.yaml and systems.yaml (codes ``R…``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from troth.core.diagnostics import Diagnostics, Mark, did_you_mean
from troth.core.yamlfile import Document
from troth.policy.model import Policy, Purpose
from troth.register.promises import Promise
from troth.systems.globs import matches
from troth.systems.model import (
    BelongsTo,
    DataMap,
    FieldRule,
    SharedThrough,
    System,
    TableLine,
    Use,
)

_ANY = "*"
"""Stands for the events of a row that a wrong link leads to: the link has its own diagnostic."""


class Cross:
    """Looks at every reference from one file into the other. The documents tell what was written at all, so that an
    entry left out for an error of its own is not reported again by what refers to it."""

    def __init__(
        self,
        policy: Policy,
        data_map: DataMap,
        promises: tuple[Promise, ...],
        policy_document: Document,
        systems_document: Document,
        found: Diagnostics,
    ) -> None:
        self.policy, self.data_map, self.promises = policy, data_map, promises
        self.written = _group(policy_document.tree.get("processings"))
        self.policy_document, self.systems_document, self.found = policy_document, systems_document, found

    def check(self) -> None:
        for system in self.data_map.systems.values():
            self._uses(system)
            self._items(system)
            if not self._partial("P"):
                self._people(system)
            self._links(system)
            self._key_from(system)
        self._accepted()
        if not self._partial("S"):
            self._events()
            self._unserved()

    def _partial(self, letter: str) -> bool:
        """Whether something was left out of a file for its form: then nobody can say what it lacks."""
        return any(each.code[0] == letter and each.code[1] in "12" for each in self.found.errors)

    def _uses(self, system: System) -> None:
        for use, mark in _every_use(system):
            processing = self.policy.processings.get(use.processing)
            if use.processing not in self.written:
                hint = did_you_mean(use.processing, self.written) or "declare it under processings: of policy.yaml"
                self.found.error("R101", f"policy.yaml has no processing '{use.processing}'", mark, hint)
            elif use.purpose and processing and use.purpose not in self._purposes(use.processing):
                self.found.error(
                    "R102",
                    f"the processing '{use.processing}' has no purpose '{use.purpose}'",
                    mark,
                    did_you_mean(use.purpose, self._purposes(use.processing)),
                )

    def _items(self, system: System) -> None:
        for _, rule, mark in system.items:
            self._item(rule, tuple(rule.serves or ()), mark)
        for line in system.lines:
            for _, rule, mark in line.fields:
                self._item(rule, line.serves if rule.serves is None else rule.serves, mark)

    def _item(self, rule: FieldRule, uses: tuple[Use, ...], mark: Mark) -> None:
        """An item has to be declared; by a processing that the line serves, where it serves one."""
        homes = [key for key in self.written if rule.item in self._items_of(key)]
        if not homes:
            every = {item for key in self.written for item in self._items_of(key)}
            hint = did_you_mean(rule.item, every)
            add = hint if hint.startswith("did") else "declare it under data: of the processing that this line serves"
            self.found.error("R103", f"no processing of policy.yaml declares the item '{rule.item}'", mark, add)
            return
        serving = [use.processing for use in uses if use.processing in self.written]
        if serving and not set(serving) & set(homes):
            self.found.warning(
                "R104",
                f"'{rule.item}' is data of {_listed(homes)}, and this line serves {_listed(serving)}",
                mark,
                f"declare it under data: of '{serving[0]}', or say for: {homes[0]} here",
            )
        for key in serving or homes:
            processing = self.policy.processings.get(key)
            item = processing.items.get(rule.item) if processing else None
            if item and rule.form and item.form and item.form != rule.form:
                self.found.warning(
                    "R105",
                    f"policy.yaml promises '{rule.item}' in the form '{item.form}', this line says '{rule.form}'",
                    mark,
                    "the policy's form is the one that is measured; make the two agree",
                )

    def _people(self, system: System) -> None:
        subjects = {subject for each in self.policy.processings.values() for subject in each.subjects}
        for line in system.lines:
            subject = line.person.subject if line.person else ""
            if subject and subject not in subjects:
                self.found.warning(
                    "R106",
                    f"no processing names '{subject}' among its subjects",
                    line.mark,
                    did_you_mean(subject, subjects) or "add it to subjects: of a processing in policy.yaml",
                )

    def _links(self, system: System) -> None:
        for line in system.lines:
            for link in line.links:
                if isinstance(link, SharedThrough) and not self._leads_to_people(link.through, set()):
                    self.found.error(
                        "R107",
                        f"'{link.through}' leads to no person, so '{line.pattern}' would never lose its last owner",
                        link.mark,
                        "give that table belongs_to: a column that leads to people",
                    )

    def _leads_to_people(self, collection: str, seen: set[str]) -> bool:
        if collection in seen or not collection:
            return not collection  # a link without a target has its own diagnostic
        seen.add(collection)
        lines = self._lines_of(collection)
        if not lines:
            return True  # likewise
        for line in lines:
            if line.person:
                return True
            for link in line.links:
                target = link.through if isinstance(link, SharedThrough) else link.target
                if isinstance(link, BelongsTo | SharedThrough) and self._leads_to_people(target, seen):
                    return True
        return False

    def _lines_of(self, collection: str) -> list[TableLine]:
        key, _, name = collection.partition(".")
        system = self.data_map.systems.get(key)
        return [line for line in system.lines if matches(line.pattern, name)] if system else []

    def _key_from(self, system: System) -> None:
        key_from = system.by_hand.key_from if system.by_hand else None
        if key_from is None:
            return
        mark = self.systems_document.value("systems", system.id, "key_from")
        first, _, rest = key_from.partition(".")
        table, dot, _ = rest.rpartition(".")
        systems = _group(self.systems_document.tree.get("systems"))
        if not dot:
            self.found.error("R108", f"'{key_from}' is not system.table.column", mark, "write it like db.users.email")
        elif first not in systems:
            self.found.error("R108", f"there is no system '{first}'", mark, did_you_mean(first, systems))
        elif first in self.data_map.systems and not self._lines_of(f"{first}.{table}"):
            hint = did_you_mean(table, [line.pattern for line in self.data_map.systems[first].lines])
            self.found.error("R108", f"no line of '{first}' declares the table '{table}'", mark, hint)

    def _events(self) -> None:
        """A rule's event has to be known for every collection that serves the purpose: by its own lines, by a default
        of its system, or by the row that it belongs to."""
        for processing in self.policy.processings.values():
            for purpose in processing.purposes.values():
                serving = [
                    (system, line)
                    for system in self.data_map.systems.values()
                    for line in system.lines
                    if _serves(line, processing.id, purpose)
                ]
                for rule in purpose.rules if serving else ():
                    if rule.event:
                        self._event(rule.event, rule.mark, serving)

    def _event(self, event: str, mark: Mark, serving: list[tuple[System, TableLine]]) -> None:
        known = [self._events_of(system, line, set()) for system, line in serving]
        lacking = [pair for pair, names in zip(serving, known, strict=True) if not names & {event, _ANY}]
        if len(lacking) == len(serving):
            near = did_you_mean(event, set().union(*known))
            where = ", ".join(f"{system.id}.{line.pattern}" for system, line in serving)
            self._warn_once(
                "R201",
                f"no collection tells when '{event}' happens: the promise is unprovable",
                mark,
                f"{near} Or " * near.startswith("did") + f"add events: {{{event}: column}} to one of: {where}",
            )
            return
        for system, line in lacking:
            self._warn_once(
                "R203",
                f"no line tells when '{event}' happens to a row of '{system.id}.{line.pattern}'",
                line.mark,
                f"add events: {{{event}: column}}, or a belongs_to that leads to a row that has it",
            )

    def _events_of(self, system: System, line: TableLine, seen: set[Mark]) -> set[str]:
        """The events that a line's rows can have, those of the rows they belong to included."""
        seen.add(line.mark)
        names = {name for name, _, _ in (*system.events, *line.events)}
        for link in line.links:
            target = link.through if isinstance(link, SharedThrough) else link.target
            if not isinstance(link, BelongsTo | SharedThrough):
                continue
            names |= set() if target else {_ANY}
            other = self.data_map.systems.get(target.partition(".")[0])
            for each in self._lines_of(target) if other else ():
                if each.mark not in seen and other:
                    names |= self._events_of(other, each, seen)
        return names

    def _warn_once(self, code: str, message: str, mark: Mark, hint: str) -> None:
        if not any(each.code == code and each.mark == mark and each.message == message for each in self.found.items):
            self.found.warning(code, message, mark, hint)

    def _unserved(self) -> None:
        if any(each.code == "R101" for each in self.found.errors):
            return  # a misspelt name, most likely
        served = {use.processing for system in self.data_map.systems.values() for use, _ in _every_use(system)}
        for processing in self.policy.processings.values():
            if processing.id not in served and processing.role == "controller":
                self.found.warning(
                    "R202",
                    f"no system says that it serves '{processing.id}': its promises are unprovable",
                    processing.mark,
                    "add for: to the tables that hold its data, or a system with store: by_hand",
                )

    def _accepted(self) -> None:
        promises = {promise.id for promise in self.promises}
        for each in self.policy.accepted:
            if each.promise not in promises:
                self.found.error(
                    "R109",
                    f"there is no promise '{each.promise}' to accept a breach of",
                    each.mark,
                    did_you_mean(each.promise, promises),
                )
            if each.collection and not self._lines_of(each.collection) and not self._closed(each.collection):
                self.found.error(
                    "R110",
                    f"there is no collection '{each.collection}'",
                    each.mark,
                    "write system.table, as troth check shows it",
                )

    def _closed(self, collection: str) -> bool:
        """An undeclared table can be accepted too; its system must be there."""
        return collection.partition(".")[0] in self.data_map.systems

    def _purposes(self, processing: str) -> set[str]:
        written = self.written.get(processing)
        own = _group(written.get("purposes")) if isinstance(written, dict) else {}
        return set(own) or {processing}

    def _items_of(self, processing: str) -> set[str]:
        written = self.written.get(processing)
        data: Any = written.get("data") if isinstance(written, dict) else None
        return {str(item) for item in data} if isinstance(data, dict | list) else set()


def _every_use(system: System) -> Iterator[tuple[Use, Mark]]:
    for line in system.lines:
        yield from ((use, line.mark) for use in line.serves)
        yield from ((use, mark) for _, rule, mark in line.fields for use in rule.serves or ())
    yield from ((use, mark) for _, rule, mark in system.items for use in rule.serves or ())
    if system.by_hand:
        yield from ((use, system.mark) for use in system.by_hand.serves)


def _serves(line: TableLine, processing: str, purpose: Purpose) -> bool:
    uses = [*line.serves, *(use for _, rule, _ in line.fields for use in rule.serves or ())]
    return any(use.processing == processing and use.purpose in {None, purpose.id} for use in uses)


def _group(tree: object) -> dict[str, Any]:
    return tree if isinstance(tree, dict) else {}


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in dict.fromkeys(names))
