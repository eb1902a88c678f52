"""What is on hold today: key sets of people, and collections that are held whole."""

from __future__ import annotations

from datetime import date

from troth.execution.apply import Holds
from troth.planning import names
from troth.register.load import Register
from troth.services.project import Project
from troth.state import holds
from troth.state.database import State


def held_now(project: Project, register: Register) -> Holds:
    """What is on hold today; nothing when the project has no state yet."""
    with project.known_state(register) as state:
        return Holds({}, frozenset()) if state is None else holds_on(state, project.today(register))


def holds_on(state: State, today: date) -> Holds:
    """Keys are under the names that planning's conditions use."""
    with state.reading() as conn:
        active = holds.active(conn, today)
        keys = holds.active_keys(conn, today)
    frozen = frozenset(hold.scope.collection for hold in active if hold.scope.keys is None)
    return Holds({f"{names.HELD}{collection}": held for collection, held in keys.items()}, frozen)
