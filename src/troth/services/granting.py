"""troth systems grants: what an administrator has to run, so that two roles may do what is needed and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from troth.core.diagnostics import did_you_mean
from troth.core.errors import InputError, NotReached
from troth.planning.rights import needed_to_read, needed_to_write
from troth.services.looking import look
from troth.services.project import Project
from troth.stores.access import Granting


@dataclass(frozen=True, slots=True)
class Granted:
    """The text for one system; ``roles``: whom it makes."""

    system: str
    store: str
    roles: tuple[str, ...]
    text: str


def grants(
    project: Project, system: str | None, reader: str, writer: str, on_step: Callable[[str], None]
) -> tuple[Granted, ...]:
    """One text for each system that a store reaches, or for the one that is named; nothing is changed.

    The role for changes is left out where a system declares no ``write:``. Raises ``NotReached`` when the live schema
    of one cannot be seen, since half a list of rights is none.
    """
    register = project.load()
    reached = [each for each in register.data_map.systems.values() if each.by_hand is None]
    chosen = [each for each in reached if system in (None, each.id)]
    if not chosen:
        hint = did_you_mean(system or "", [each.id for each in reached]) or "add one to systems.yaml"
        raise InputError(f"systems.yaml has no system '{system}' that a store reaches", hint=hint, code="NO-SYSTEM")
    if reader == writer:
        raise InputError(
            "both connections would be one role", hint="name two: --read-role and --write-role", code="ONE-ROLE"
        )
    made: list[Granted] = []
    with look(register, project.secrets(), project.today(register)) as seen:
        for each in chosen:
            on_step(each.id)
            if why := seen.reached.unreached.get(each.id):
                raise NotReached(f"{each.id}: {why}", hint="grants are made of its live schema", code="STORE-AWAY")
            wanted = needed_to_read(seen.world, each.id, reader)
            roles = [reader]
            if each.write is not None:
                wanted += needed_to_write(seen.world, each.id, writer)
                roles.append(writer)
            physical = writer if each.write is not None and each.physical is not None else None
            text = seen.reached.stores[each.id].explain(Granting(wanted, physical))
            made.append(Granted(each.id, each.store, tuple(roles), text))
    return tuple(made)
