"""troth status: what runs, what stopped, what waits for whom, and the one thing to do now, if there is one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from troth.evidence import log
from troth.register.load import Register
from troth.services.applying import RunStatus, runs
from troth.services.health import Health, health
from troth.services.orders import Order, orders
from troth.services.project import Project
from troth.state import holds, logbook, standing
from troth.state.database import Connection
from troth.state.holds import Hold
from troth.state.standing import StandingApproval

SOON = timedelta(days=14)
"""A day that is nearer than this is shown before it comes."""

_LOOKED_AT = 2_000
"""Last entries among which the last run and check are looked for."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the last run that the log knows ended: ``complete``, ``incomplete``, or the reason it stopped for."""

    plan: str
    at: datetime
    ended: str


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The last check that was recorded: promises by verdict."""

    at: datetime
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose day is near or has passed."""

    day: date
    what: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything on the screen. ``orders``: the most urgent first; none: nothing to do. Without a state nothing was
    ever planned, and ``health`` is None."""

    now: datetime
    runs: tuple[RunStatus, ...]
    orders: tuple[Order, ...]
    last: LastRun | None
    checked: LastCheck | None
    due: tuple[Due, ...]
    health: Health | None


def situation(project: Project, *, every: bool = False) -> Situation:
    """Looks at our own database and the two files alone: it answers when a store is away. ``every``: also runs that
    have ended."""
    register = project.load()
    today = project.today(register)
    accepted = tuple(_accepted(register))
    with project.known_state(register) as state:
        if state is None:
            return Situation(project.now(), (), (), None, None, _near(accepted, today), None)
        found = runs(state, every=every)
        sound = health(project, register, state)
        with state.reading() as conn:
            active = holds.active(conn, today)
            last, checked = _last(conn)
            given = standing.current(conn)
    due = _near((*accepted, *_ends(active), *_to_come(found), *_standing(given)), today)
    return Situation(project.now(), found, tuple(orders(found, sound, active, today)), last, checked, due, sound)


def _ends(active: tuple[Hold, ...]) -> Iterator[Due]:
    for hold in active:
        name = f"the hold {hold.id[-8:]} on {hold.scope.collection}"
        if hold.reason.review_on is not None:
            yield Due(hold.reason.review_on, f"{name} is to be reviewed")
        if hold.reason.until is not None:
            yield Due(hold.reason.until, f"{name} ends by itself")


def _to_come(found: tuple[RunStatus, ...]) -> Iterator[Due]:
    for run in found:
        if run.saved.status == "planned":
            yield Due(run.plan.at, f"plan {run.saved.id[:12]} can be applied")


def _standing(given: StandingApproval | None) -> Iterator[Due]:
    if given is not None:
        yield Due(given.until, "the standing approval of purges ends; then troth run asks about each")


def _accepted(register: Register) -> Iterator[Due]:
    for each in register.policy.accepted:
        yield Due(each.until, f"the breach of {each.promise} is accepted no longer ({each.owner})")


def _near(due: tuple[Due, ...], today: date) -> tuple[Due, ...]:
    """What is ahead, and soon; what has passed is an order or nobody's."""
    return tuple(sorted((each for each in due if today < each.day <= today + SOON), key=lambda each: each.day))


def _last(conn: Connection) -> tuple[LastRun | None, LastCheck | None]:
    size = logbook.read_frontier(conn)[0]
    ended = checked = None
    for _, document in log.entries(conn, max(0, size - _LOOKED_AT), size):
        entry = json.loads(document)
        if entry["kind"] == "check_recorded":
            verdicts = {each["verdict"]: each["promises"] for each in entry["judged"]}
            checked = LastCheck(datetime.fromisoformat(entry["at"]), verdicts)
        if entry["kind"] in ("finished", "stopped"):
            at = datetime.fromisoformat(entry["at"])
            ended = LastRun(entry["plan"], at, entry.get("outcome") or entry["reason"])
    return ended, checked
