"""Planning a disclosure: who asked, what a copy for each would hold, and the plan kept as any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from secrets import token_hex

from troth.execution.disclosing import count_parts, person_sets
from troth.planning import names
from troth.planning.access import AccessDraft, Counted, draft_access, finish_access, person_keys, task_keys
from troth.planning.access_plan import AccessPlan
from troth.planning.plan import KeySet
from troth.services.finding import Asked, find_people
from troth.services.looking import Look, look
from troth.services.making import all_reached, outside, places_of
from troth.services.project import Project
from troth.services.recording import Recorder
from troth.state import keysets
from troth.stores.conditions import Key


@dataclass(frozen=True, slots=True)
class MadeAccess:
    """A plan of copies, kept in our own database under its id."""

    plan: AccessPlan


def plan_access(
    project: Project,
    at: date | None,
    people: Sequence[str],
    on_ask: Callable[[str], None],
    *,
    every_match: bool = False,
) -> MadeAccess:
    """One answer for each person named, also for one whom nobody knows: that, too, is an answer (Art. 15(1) GDPR).

    Raises ``Refused`` when a name fits several rows of one collection, unless ``every_match`` says that they are one
    person: two people in one copy would each read the other's data.
    """
    register = project.load()
    with look(register, project.secrets(), project.today(register, at)) as seen:
        all_reached(seen)
        found = find_people(seen, people, every_match=every_match, or_nobody=True)
        made = draft_access(seen.world)
        kept: dict[str, tuple[Key, ...]] = {}
        counted = [_counted(seen, made, f"s{at:02}", each, kept, on_ask) for at, each in enumerate(found.each, 1)]
        secret = project.secrets().resolve(register.data_map.evidence.pseudonym_key)
        sets = [KeySet(name, len(keys), keysets.digest(keys, secret)) for name, keys in sorted(kept.items())]
        places = places_of(seen, {part.system for part in made.parts})
        beyond = (f"{name}: its logs, replicas and backups are not looked at" for name in seen.health)
        limits = [*_undeclared(seen), *outside(seen), *beyond]
        plan = finish_access(seen.world, made, counted, sets, places, nonce=token_hex(8), limits=limits)
        with project.state(register) as state:
            Recorder(project, register, state).plan_made(plan, kept)
        return MadeAccess(plan)


def own_keys(asked: Mapping[str, tuple[Key, ...]]) -> dict[str, tuple[Key, ...]]:
    """The keys of a person's own rows, under the names that the conditions of a copy use."""
    return {f"{names.OF}{name.removeprefix(names.GOES)}": keys for name, keys in asked.items()}


def _counted(
    seen: Look,
    made: AccessDraft,
    person: str,
    asked: Asked,
    kept: dict[str, tuple[Key, ...]],
    on_ask: Callable[[str], None],
) -> Counted:
    """Count for one person, and add to ``kept`` the keys to write down: the person's own, and those for tasks."""
    on_ask(person)
    stores, own = seen.reached.stores, own_keys(asked.keys)
    keys = person_sets(stores, [*made.questions, *(wanted.question for wanted in made.by_hand)], own)
    by_hand = {wanted.system: keys.get(wanted.question.name, ()) for wanted in made.by_hand}
    kept.update({person_keys(person, name): found for name, found in own.items()})
    kept.update({task_keys(person, system): found for system, found in by_hand.items() if found})
    rows = count_parts(stores, made.parts, keys) if keys else {}
    return Counted(asked.lines, bool(own), rows, {system: len(found) for system, found in by_hand.items()})


def _undeclared(seen: Look) -> list[str]:
    found = {name: len(lines.undeclared_tables) for name, lines in seen.resolved.items() if lines.undeclared_tables}
    return [
        f"{name}: {number} tables are in no line of systems.yaml and not looked at" for name, number in found.items()
    ]
