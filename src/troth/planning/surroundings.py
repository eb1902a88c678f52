"""Promises about what is around the data: where it is, which way it goes, whether our own log holds.

Nothing here is asked of rows. What the files declare is compared, and what was found on live connections
(``facts.py``); each answer says which of the two it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from troth.law.read import countries
from troth.planning.accesses import access
from troth.planning.check import Measure
from troth.planning.facts import Facts, not_seen, told
from troth.planning.pseudonyms import pseudonym
from troth.planning.rights import way
from troth.planning.world import World
from troth.register.promises import Kind, Promise
from troth.systems.model import System

_DECLARED = "as systems.yaml declares it; where the server stands was not measured"

Draft = Callable[[World, Promise, Facts], Iterator[Measure]]


def draft_surroundings(world: World, promises: tuple[Promise, ...], facts: Facts) -> tuple[Measure, ...]:
    """The measures of every promise of these kinds."""
    drafts: Mapping[Kind, Draft] = {
        "place": _place, "transport": _transport, "access": access, "pseudonym": pseudonym, "evidence": _evidence,
    }  # fmt: skip
    found = [(promise, drafts[promise.kind]) for promise in promises if promise.kind in drafts]
    return tuple(measure for promise, draft in found for measure in draft(world, promise, facts))


def _place(world: World, promise: Promise, _: Facts) -> Iterator[Measure]:
    """A sentence about all systems; of a promise about one system, every such sentence for it alone."""
    spoken = [each for each in world.policy.measures.values() if each.kind == "place"]
    chosen = [each for each in spoken if promise.system is not None or promise.id == f"place.{each.id}"]
    allowed = [countries(each.countries) for each in chosen if each.countries]
    operators = [frozenset(each.operated_by) for each in chosen if each.operated_by]
    if not allowed and not operators:
        hint = "write countries: or operated_by: beside it under security: in policy.yaml"
        said = "the policy says no country and no operator that could be compared"
        yield told(promise, promise.system or "", "unprovable", said, hint, code="PLACE-UNSAID")
        return
    for system in world.data_map.systems.values():
        if promise.system in (None, system.id):
            yield from _placed(promise, system, allowed, operators)


def _placed(
    promise: Promise, system: System, allowed: list[frozenset[str]], operators: list[frozenset[str]]
) -> Iterator[Measure]:
    location, operator = system.location, system.operated_by
    if allowed and location is None:
        said, hint = "systems.yaml does not say where it is", "add location: with a country code (FR)"
        yield told(promise, system.id, "unprovable", said, hint, code="PLACE-UNKNOWN")
    elif location is not None and not all(location in each for each in allowed):
        said, hint = (
            f"it is in {location}, which the policy leaves out",
            "move the data, or correct one of the two files",
        )
        yield told(promise, system.id, "broken", said, hint, code="PLACE-ELSEWHERE")
    elif operators and operator is None:
        said, hint = "systems.yaml does not say who operates it", "add operated_by: with a name that the policy gives"
        yield told(promise, system.id, "unprovable", said, hint, code="PLACE-UNKNOWN")
    elif operator is not None and not all(operator in each for each in operators):
        said, hint = (
            f"{operator} operates it, whom the policy leaves out",
            "move the data, or correct one of the two files",
        )
        yield told(promise, system.id, "broken", said, hint, code="PLACE-OPERATOR")
    else:
        yield told(promise, system.id, "kept", _DECLARED, code="KEPT")


def _transport(world: World, promise: Promise, facts: Facts) -> Iterator[Measure]:
    """Of the connections that are ours; how the application reaches its store is not seen."""
    for system in world.data_map.systems.values():
        if system.by_hand is not None:
            said = f"{system.id} is done by hand: nobody sees by which way people reach it"
            yield told(promise, system.id, "unprovable", said, system.by_hand.how, code="BY-HAND")
        for reach in facts.of(system.id):
            if reach.transport is None and reach.unset:
                said = f"its {reach.which} connection was not opened here: {reach.why}"
                hint = "check once where the variable is set"
                yield told(promise, system.id, "unprovable", said, hint, code="TRANSPORT-UNSEEN")
            elif reach.transport is None:
                yield not_seen(promise, system.id, f"its {reach.which} connection: {reach.why}")
            elif not reach.transport.local and not reach.transport.encrypted:
                said = f"its {reach.which} connection crosses a network unencrypted"
                hint = "ask for TLS in the address (sslmode=verify-full), and have the server speak it"
                yield told(promise, system.id, "broken", said, hint, code="TRANSPORT-PLAIN")
            else:
                said = (
                    f"its {reach.which} connection goes {way(reach.transport)}; those of the application were not seen"
                )
                yield told(promise, system.id, "kept", said, code="KEPT")


def _evidence(_: World, promise: Promise, facts: Facts) -> Iterator[Measure]:
    log = facts.log
    if log is None:
        said, hint = "nothing has been recorded yet, so there is no log", "it begins with the first plan"
        yield told(promise, "", "unprovable", said, hint, code="EVIDENCE-NONE")
    elif log.unread:
        hint = "put the key back that evidence: names in systems.yaml"
        yield told(promise, "", "unprovable", log.unread, hint, code="EVIDENCE-UNREAD")
    elif log.fault:
        hint = "keep the state as it is, compare it with a backup and with exported evidence, and find out who wrote it"
        yield told(promise, "", "broken", log.fault, hint, code="EVIDENCE-BROKEN")
    else:
        said = f"{log.entries} entries read again; {log.checkpoints} checkpoints hold, the last over {log.signed}"
        yield told(promise, "", "kept", said, code="KEPT")
