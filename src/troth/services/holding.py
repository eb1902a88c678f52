"""troth hold: deletion suspended for people or for a whole collection, and what that means for key sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from troth.core.errors import InputError
from troth.planning import names
from troth.services.finding import find_people
from troth.services.looking import look
from troth.services.project import Project
from troth.services.recording import Recorder
from troth.state import holds

ARTICLES = {
    "litigation": "17(3)(e)",
    "restriction": "18(1)",
    "request": "15",
    "authority": "58(1)",
}
"""Why deletion may be suspended, and the article of the GDPR it rests on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One hold. ``people`` is ``None`` for a whole collection; ``overdue``: its review day has passed."""

    id: str
    reason: str
    article: str
    collection: str
    people: int | None
    review: date | None
    placed: date
    overdue: bool


def place(
    project: Project,
    people: Sequence[str],
    reason: str,
    review: date,
    *,
    every_match: bool = False,
    collection: str | None = None,
) -> tuple[Standing, ...]:
    """Suspend deletion for people, or for every row of ``collection``; one hold for each collection of people they are
    found in. Raises ``InputError`` for an unknown reason or collection."""
    if reason not in ARTICLES:
        raise InputError(
            f"'{reason}' is no reason for a hold", hint=f"known: {', '.join(ARTICLES)}", code="HOLD-REASON"
        )
    register = project.load()
    with look(register, project.secrets(), project.today(register)) as seen:
        if collection is not None:
            if collection not in seen.world.collections:
                known = ", ".join(sorted(seen.world.collections))
                raise InputError(f"there is no collection {collection}", hint=f"known: {known}", code="HOLD-COLLECTION")
            scopes = [holds.Scope(collection)]
        else:
            found = find_people(seen, people, every_match=every_match)
            scopes = [holds.Scope(_collection(name), keys) for name, keys in found.keys.items() if keys]
    why = holds.Reason(reason, ARTICLES[reason], review_on=review)
    with project.state(register) as state:
        with state.transaction() as conn:
            placed = [holds.place(conn, project.actor, project.now(), why, scope) for scope in scopes]
            for hold in placed:
                Recorder(project, register, state).hold_placed(conn, hold)
        return tuple(_standing(hold, project.today(register)) for hold in placed)


def list_holds(project: Project) -> tuple[Standing, ...]:
    register = project.load()
    today = project.today(register)
    with project.state(register) as state, state.reading() as conn:
        return tuple(_standing(hold, today) for hold in holds.active(conn, today))


def lift(project: Project, hold_id: str) -> str:
    """End a hold; returns its id. Its keys are gone from our files; the record that there was one stays."""
    register = project.load()
    with project.state(register) as state:
        with state.transaction() as conn:
            lifted = holds.lift(conn, hold_id, project.actor, project.now(), "lifted by command")
            Recorder(project, register, state).hold_lifted(conn, lifted)
        state.scrub()
        return lifted.id


def _collection(key_set: str) -> str:
    """``goes:db.users.id`` → ``db.users.id``: the collection and its key field, as holds keep them."""
    return key_set.removeprefix(names.GOES)


def _standing(hold: holds.Hold, today: date) -> Standing:
    review = hold.reason.review_on
    return Standing(
        hold.id,
        hold.reason.why,
        hold.reason.article,
        hold.scope.collection,
        hold.people,
        review,
        hold.placed_at.date(),
        review is not None and review < today,
    )
