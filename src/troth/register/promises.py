"""A policy compiled into promises: each one sentence that can be measured, or is said to be unmeasured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from troth.core.diagnostics import Mark
from troth.policy.model import Policy, Processing, Purpose, Rule
from troth.systems.model import DataMap, Evidence

Kind: TypeAlias = Literal[
    "retention",
    "form",
    "closed_list",
    "recipients",
    "place",
    "access",
    "transport",
    "storage",
    "pseudonym",
    "rights",
    "opt_out",
    "erased_stays_erased",
    "publication",
    "evidence",
]

_MEASURES: dict[str, Kind] = {
    "place": "place", "access": "access", "transport": "transport", "storage": "storage", "pseudonym": "pseudonym",
}  # fmt: skip
"""The kinds of security measure that are promises of their own; the others are said, and proved by other kinds."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise. ``id`` is stable while the files keep their ids; ``quote`` is the company's sentence, or empty;
    ``purpose`` is ``None`` when it holds for all of the processing's."""

    id: str
    kind: Kind
    processing: str | None
    purpose: str | None
    item: str | None
    quote: str
    mark: Mark
    system: str | None = None
    """For promises about one system (closed list, place)."""


def compile_promises(policy: Policy, data_map: DataMap) -> tuple[Promise, ...]:
    """Every promise of the two files, in a stable order: what this version measures first."""
    return (
        *_retention(policy),
        *_forms(policy),
        *_closed_lists(policy, data_map),
        *_recipients(policy),
        *_measures(policy),
        *_places(data_map),
        *_trackers(policy),
        *_whole(policy, data_map),
    )


def retention_id(processing: Processing, purpose: Purpose) -> str:
    """``retention.payments`` when one line says how long for the whole processing, else ``retention.account.billing``:
    one sentence about how long is one promise, however many purposes it holds for."""
    parts = [processing.id] if _one_line(processing) else [processing.id, purpose.id]
    return ".".join(["retention", *parts])


def retention_quote(processing: Processing, purpose: Purpose, rules: Iterable[Rule]) -> str:
    """The sentence of the promise ``retention_id``, or empty: of ``rules``, else of the whole that it holds for."""
    around = (processing.quote, purpose.quote) if _one_line(processing) else (purpose.quote, processing.quote)
    return _first(*(rule.quote for rule in rules), *around)


def _one_line(processing: Processing) -> bool:
    """Whether all purposes have the same rules, from the same line: one alone, or all that the processing's says."""
    return len({purpose.rules for purpose in processing.purposes.values()}) == 1


def _retention(policy: Policy) -> Iterator[Promise]:
    for processing in policy.processings.values():
        shared = len(processing.purposes) > 1 and _one_line(processing)
        for purpose in list(processing.purposes.values())[: 1 if shared else None]:
            if processing.role == "processor" and not purpose.rules:
                continue
            mark = purpose.rules[0].mark if purpose.rules else processing.mark if shared else purpose.mark
            yield Promise(
                id=retention_id(processing, purpose),
                kind="retention",
                processing=processing.id,
                purpose=None if shared else purpose.id,
                item=None,
                quote=retention_quote(processing, purpose, purpose.rules),
                mark=mark,
            )


def _forms(policy: Policy) -> Iterator[Promise]:
    for processing in policy.processings.values():
        for item in processing.items.values():
            if item.form:
                yield Promise(
                    id=f"form.{processing.id}.{item.id}",
                    kind="form",
                    processing=processing.id,
                    purpose=None,
                    item=item.id,
                    quote=_first(item.quote, processing.quote),
                    mark=item.mark,
                )


def _closed_lists(policy: Policy, data_map: DataMap) -> Iterator[Promise]:
    for system in data_map.systems.values():
        if system.by_hand is None:
            quote = _first(policy.controller.quote)
            yield Promise(f"closed_list.{system.id}", "closed_list", None, None, None, quote, system.mark, system.id)


def _recipients(policy: Policy) -> Iterator[Promise]:
    for processing in policy.processings.values():
        if processing.recipients is None:
            continue
        quotes = [policy.recipients[key].quote for key in processing.recipients if key in policy.recipients]
        yield Promise(
            id=f"recipients.{processing.id}",
            kind="recipients",
            processing=processing.id,
            purpose=None,
            item=None,
            quote=_first(*quotes, processing.quote),
            mark=processing.mark,
        )


def _measures(policy: Policy) -> Iterator[Promise]:
    for measure in policy.measures.values():
        if kind := _MEASURES.get(measure.kind):
            yield Promise(f"{kind}.{measure.id}", kind, None, None, None, measure.quote, measure.mark)


def _places(data_map: DataMap) -> Iterator[Promise]:
    for system in data_map.systems.values():
        if system.location:
            yield Promise(f"place.system.{system.id}", "place", None, None, None, "", system.mark, system.id)


def _trackers(policy: Policy) -> Iterator[Promise]:
    for tracker in policy.trackers.values():
        processing = tracker.processing or None
        yield Promise(f"opt_out.{tracker.id}", "opt_out", processing, None, None, tracker.quote, tracker.mark)


def _whole(policy: Policy, data_map: DataMap) -> Iterator[Promise]:
    top = Mark("policy.yaml")
    decided = [purpose for each in policy.processings.values() for purpose in each.purposes.values() if purpose.rules]
    if decided:
        top = Mark(decided[0].mark.file)
    rights = policy.rights
    if rights.email or rights.post or rights.quote:
        yield Promise("rights", "rights", None, None, None, rights.quote, top)
    if any(rule.decidable for purpose in decided for rule in purpose.rules):
        yield Promise("erased_stays_erased", "erased_stays_erased", None, None, None, "", top)
    if policy.last_updated:
        yield Promise("publication", "publication", None, None, None, "", top)
    if data_map.evidence.origin != Evidence().origin:
        yield Promise("evidence", "evidence", None, None, None, "", top)


def _first(*quotes: str) -> str:
    return next((quote for quote in quotes if quote), "")
