"""What holds mean today: key sets of people, and collections that are held whole."""

from __future__ import annotations

from datetime import date

from troth.execution.keys import Keys
from troth.planning import names
from troth.register.load import Register
from troth.services.project import Project
from troth.state import holds
from troth.state.database import State


def held_now(project: Project, register: Register) -> Keys:
    """Key sets of people on hold today, under the names that planning's conditions use."""
    if not project.state_path(register).exists():
        return {}
    with project.state(register) as state:
        return held_keys(state, project.today(register))


def held_keys(state: State, today: date) -> Keys:
    with state.reading() as conn:
        held = holds.active_keys(conn, today)
    return {f"{names.HELD}{collection}": keys for collection, keys in held.items()}


def frozen_now(project: Project, register: Register) -> frozenset[str]:
    """Collections that are on hold whole."""
    if not project.state_path(register).exists():
        return frozenset()
    with project.state(register) as state, state.reading() as conn:
        active = holds.active(conn, project.today(register))
    return frozenset(hold.scope.collection for hold in active if hold.scope.keys is None)
