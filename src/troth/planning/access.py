"""Drafting a disclosure: which parts a copy has, what people do by hand, and what no copy can hold. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from troth.planning.access_plan import AccessPlan, Answer, ByHandTask, Part, PartCount, Withheld
from troth.planning.columns import columns_of
from troth.planning.plan import FORMAT, KeyQuestion, KeySet, Place
from troth.planning.theirs import Theirs
from troth.planning.world import World, field_of
from troth.stores.conditions import NOTHING, Blank, Condition, Held, both
from troth.systems.model import Collection, System, Use

ARTICLE = "Art. 15 GDPR"

HOW = "Get a copy of what it holds under these keys and give it to the person; change nothing there."
"""What a system's own ``how:`` says is how it is erased: not what to do when somebody asks for a copy."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to ask of a system that people do by hand: the set of keys by which the person is known there."""

    system: str
    how: str
    question: KeyQuestion
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccessDraft:
    """A disclosure before anybody was counted. ``questions`` are asked for each person, in their order."""

    parts: tuple[Part, ...]
    questions: tuple[KeyQuestion, ...]
    by_hand: tuple[Wanted, ...]
    withheld: tuple[Withheld, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted for one person: rows by part, and keys by the system that people do by hand."""

    lines: tuple[int, ...]
    known: bool
    rows: Mapping[str, int]
    by_hand: Mapping[str, int]


def draft_access(world: World) -> AccessDraft:
    """Every collection, whoever asks: what is a person's own, what mentions them, and what cannot be told."""
    theirs = Theirs(world)
    people_first = sorted(world.collections.values(), key=lambda collection: collection.person is None)
    parts = [part for collection in people_first for part in _parts(world, theirs, collection)]
    wanted: list[Wanted] = []
    withheld = list(_unlinked(world, theirs))
    for system in world.data_map.systems.values():
        if system.by_hand is not None:
            answer = _by_hand(world, theirs, system)
            if isinstance(answer, Wanted):
                wanted.append(answer)
            elif answer is not None:
                withheld.append(answer)
    return AccessDraft(
        tuple(parts), tuple(theirs.questions.values()), tuple(wanted), tuple(withheld), tuple(_limits(world))
    )


def finish_access(
    world: World,
    made: AccessDraft,
    people: Sequence[Counted],
    keysets: Sequence[KeySet],
    places: Sequence[Place],
    *,
    nonce: str,
    limits: Sequence[str] = (),
) -> AccessPlan:
    """The plan. Parts of which nobody has a row are left out."""
    filled = {name for counted in people for name, rows in counted.rows.items() if rows}
    parts = tuple(part for part in made.parts if part.id in filled)
    answers = tuple(
        Answer(
            f"s{at:02}",
            counted.lines,
            counted.known,
            tuple(PartCount(part.id, counted.rows[part.id]) for part in parts if counted.rows.get(part.id)),
        )
        for at, counted in enumerate(people, start=1)
    )
    return AccessPlan(
        FORMAT,
        nonce,
        "access",
        world.today,
        world.policy.revision,
        world.data_map.revision,
        tuple(places),
        sum(answer.known for answer in answers),
        tuple(keysets),
        made.questions,
        parts,
        answers,
        tuple(_tasks(made, answers, people)),
        made.withheld,
        tuple(dict.fromkeys([*made.limits, *limits])),
    )


def task_keys(person: str, system: str) -> str:
    """The name of the set that names a person in a system done by hand."""
    return f"{person}/task:{system}"


def person_keys(person: str, name: str) -> str:
    """The name under which a key set of one person is written down."""
    return f"{person}/{name}"


def _tasks(made: AccessDraft, answers: Sequence[Answer], people: Sequence[Counted]) -> Iterator[ByHandTask]:
    number = len(answers)
    for answer, counted in zip(answers, people, strict=True):
        for wanted in made.by_hand:
            if rows := counted.by_hand.get(wanted.system, 0):
                number += 1
                keys = task_keys(answer.id, wanted.system)
                yield ByHandTask(f"s{number:02}", answer.id, wanted.system, wanted.how, keys, rows, wanted.uses)


def _parts(world: World, theirs: Theirs, collection: Collection) -> Iterator[Part]:
    uses = _uses(world, collection)
    code = "R-PROC" if uses and all(_is_processor(world, use) for use in uses) else ""
    kinds: tuple[tuple[Literal["own", "others"], str, Condition], ...] = (
        ("own", collection.id, theirs.rows(collection)),
        ("others", f"{collection.id}/mentions", theirs.mentioning(collection)),
    )
    for rows, name, found in kinds:
        if found != NOTHING:
            columns = () if code else columns_of(world, theirs, collection, own_rows=rows == "own")
            where = both(world.rows(collection), found)
            named = tuple(map(str, uses))
            yield Part(name, collection.system, collection.id, collection.table, rows, where, columns, named, code)


def _uses(world: World, collection: Collection) -> tuple[Use, ...]:
    """Every purpose that the rows or single fields of them serve."""
    fields = [use for mapped in collection.fields for use in mapped.rule.serves or ()]
    return world.purposes_of((*collection.serves, *fields))


def _is_processor(world: World, use: Use) -> bool:
    return world.processing(use).role == "processor"


def _unlinked(world: World, theirs: Theirs) -> Iterator[Withheld]:
    """Collections from whose rows no link leads to a person: nobody can be recognised in them (Art. 11(2))."""
    for collection in world.collections.values():
        uses = _uses(world, collection)
        if theirs.rows(collection) == NOTHING and uses:
            reason = "no link leads from its rows to a person, so nobody can be recognised in them"
            yield Withheld(collection.id, "R-11-2", "Art. 11(2) GDPR", reason, tuple(map(str, uses)))
    for broken in world.broken:
        uses = world.purposes_of(broken.serves)
        yield Withheld(broken.collection, "NO-COLUMN", ARTICLE, broken.reason, tuple(map(str, uses)))


def _by_hand(world: World, theirs: Theirs, system: System) -> Wanted | Withheld | None:
    by_hand = system.by_hand
    if by_hand is None:
        return None
    uses = world.purposes_of(by_hand.serves)
    names_of_uses = tuple(map(str, uses))
    if uses and all(_is_processor(world, use) for use in uses):
        reason = "held for customers, who are its controllers and decide"
        return Withheld(system.id, "R-PROC", "Art. 28(3)(e) GDPR", reason, names_of_uses)
    source, _, name = (by_hand.key_from or "").rpartition(".")
    collection = world.collections.get(source)
    rows = theirs.rows(collection) if collection is not None else NOTHING
    if collection is None or rows == NOTHING:
        reason = f"done by hand, and no key_from says by which key people are known there ({by_hand.how})"
        return Withheld(system.id, "BY-HAND", ARTICLE, reason, names_of_uses)
    where = both(world.rows(collection), rows, Held(field_of(name), Blank()))
    question = KeyQuestion(f"task:{system.id}", collection.system, collection.table, where, (field_of(name),))
    return Wanted(system.id, HOW, question, names_of_uses)


def _limits(world: World) -> Iterator[str]:
    """What the files cannot say of single values: said in every plan."""
    for collection in world.collections.values():
        if collection.free_text:
            fields = ", ".join(collection.free_text)
            yield f"{collection.id}: {fields} may name other people in free words; given as written, not searched"
