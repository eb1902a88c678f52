"""Drafting a plan: every collection in order, then what is not a person's own row, then what is not reached."""

from __future__ import annotations

from troth.planning.draft import Draft, DraftBlocked
from troth.planning.going import Going
from troth.planning.order import order
from troth.planning.others import draft_by_hand, draft_detach, draft_mention
from troth.planning.reading import Erasure, Question, Retention, read
from troth.planning.rows import draft_rows
from troth.planning.scope import key_questions, leads_to_people
from troth.planning.sharing import users
from troth.planning.world import World
from troth.systems.model import Mention


def draft(world: World, question: Question) -> Draft:
    """Steps for every collection the question reaches, those that refer before those that are referred to."""
    made = Draft(world, "erase" if isinstance(question, Erasure) else "retention")
    made.want(key_questions(world, "held"))
    if isinstance(question, Erasure):
        made.want(key_questions(world, "goes"))
    found = {name: reading for name, each in world.collections.items() if (reading := read(world, each, question))}
    path = order(world, found)
    _run(Going(made, question, path, {name: found[name] for name in path.collections if name in found}))
    return made


def _run(going: Going) -> None:
    for collection in going.world.collections.values():
        for link in collection.links:
            if isinstance(link, Mention):
                draft_mention(going, collection, link)
    opened = {(name, reference.fields): reference for name, reference in going.path.detached}
    for (name, _), reference in opened.items():
        if name in going.readings:
            draft_detach(going, going.readings[name], reference)
    for reading in going.readings.values():
        draft_rows(going, reading)
    for broken in going.world.broken:
        uses = going.world.purposes_of(broken.serves)
        going.made.blocked.append(DraftBlocked(broken.collection, "NO-COLUMN", broken.reason, None, uses))
    for system in going.world.data_map.systems.values():
        if system.by_hand is not None:
            draft_by_hand(going, system, system.by_hand)
    for collection in going.world.collections.values():
        if collection.id not in going.readings:
            going.made.limits.append(
                f"{collection.id}: no link leads from its rows to a person; they leave by retention"
            )
        elif isinstance(going.question, Retention) and not leads_to_people(going.world, collection):
            going.made.limits.append(
                f"{collection.id}: its rows are tied to nobody, so a hold on a person cannot keep them"
            )
        if others := users(going.world, collection):
            going.made.limits.append(
                f"{collection.id}: a row that {', '.join(others)} refers to is not its owners' alone and is not touched"
            )
        if collection.free_text:
            fields = ", ".join(collection.free_text)
            going.made.limits.append(f"{collection.id}: {fields} may name people in free words; not searched")
