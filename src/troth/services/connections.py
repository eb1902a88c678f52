"""troth systems check: is every system reached on both connections, as it should be, and is what is declared there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from troth.core.errors import InputError, NotReached
from troth.planning.rights import Fault, needed_to_read, needed_to_write, rights_faults, transport_faults
from troth.services.looking import Look, look
from troth.services.opening import open_store
from troth.services.project import Project
from troth.state.secrets import Secrets
from troth.stores.access import Access, Transport
from troth.stores.contract import ChangeRefused, Health, Store
from troth.systems.model import Resolved, System

Which: TypeAlias = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection of one system. ``why``: the reason it was not reached; empty when it was.

    ``limits``: what is not seen on it, in words; ``role`` and ``transport`` are there when it was reached.
    """

    system: str
    which: Which
    reached: bool
    version: str = ""
    why: str = ""
    limits: tuple[str, ...] = ()
    role: str = ""
    transport: Transport | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with a system; ``which`` connection, where it is one's alone."""

    system: str
    which: Which | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class Checked:
    """``absent``: what lines name and the database does not have; ``undeclared``: the other way round; ``elsewhere``:
    databases and schemas that were seen and lie outside the declared ones, which is no fault."""

    connections: tuple[Connection, ...]
    found: tuple[Found, ...]
    absent: tuple[str, ...]
    undeclared: tuple[str, ...]
    elsewhere: tuple[str, ...]

    def exit_status(self) -> int:
        """3 when something was not reached, 1 when anything else was found, else 0."""
        if not all(each.reached for each in self.connections):
            return 3
        return 1 if self.found else 0


def check_systems(project: Project, on_step: Callable[[str], None]) -> Checked:
    """Looks on the read connections; opens each write connection once and changes nothing on it."""
    register = project.load()
    secrets = project.secrets()
    connections: list[Connection] = []
    found: list[Found] = []
    with look(register, secrets, project.today(register)) as seen:
        for system in register.data_map.systems.values():
            if system.by_hand is not None:
                continue
            on_step(system.id)
            both = [_read(seen, system)] + ([_write(seen, system, secrets)] if system.write is not None else [])
            connections += [connection for connection, _ in both]
            for connection, faults in both:
                found += [Found(system.id, connection.which, fault) for fault in faults]
            if (lines := seen.resolved.get(system.id)) is not None:
                found += [Found(system.id, None, fault) for fault in _lines_faults(system.id, lines)]
        absent = tuple(each for name, lines in seen.resolved.items() for each in _absent(name, lines))
        undeclared = tuple(each for name, lines in seen.resolved.items() for each in _undeclared(name, lines))
        elsewhere = tuple(f"{name}: {other}" for name, each in seen.world.schemas.items() for other in each.elsewhere)
    return Checked(tuple(connections), tuple(found), absent, undeclared, elsewhere)


Judged: TypeAlias = tuple[Connection, tuple[Fault, ...]]


def _read(seen: Look, system: System) -> Judged:
    if (why := seen.reached.unreached.get(system.id)) is not None:
        return _not_reached(system, "read", why)
    return _judged(seen, system, "read", seen.reached.stores[system.id], seen.health[system.id])


def _write(seen: Look, system: System, secrets: Secrets) -> Judged:
    try:
        store = open_store(system, secrets, writable=True)
    except (InputError, NotReached) as error:
        return _not_reached(system, "write", secrets.scrub("; ".join(filter(None, (error.message, error.hint)))))
    try:
        health = store.check()
        if not health.writable:
            why = "it cannot write: a replica, or a file that this user may only read"
            return _not_reached(system, "write", why, health.version)
        return _judged(seen, system, "write", store, health)
    except (NotReached, ChangeRefused) as error:
        return _not_reached(system, "write", secrets.scrub(error.message))
    finally:
        store.close()


def _not_reached(system: System, which: Which, why: str, version: str = "") -> Judged:
    fault = Fault(why, "see that the server runs and what the reference says", code="SYS-AWAY")
    return Connection(system.id, which, False, version, why), (fault,)


def _judged(seen: Look, system: System, which: Which, store: Store, health: Health) -> Judged:
    """``needed`` is asked of the live schema; where that was not seen, rights are told and not judged."""
    access = store.access()
    faults = list(transport_faults(health.transport))
    if system.id in seen.world.schemas:
        need = needed_to_read if which == "read" else needed_to_write
        strangers = seen.resolved[system.id].undeclared_tables
        faults += rights_faults(which, need(seen.world, system.id, access.role.name), access, strangers)
    limits = (*health.limits, *_limits(health, access))
    connection = Connection(system.id, which, True, health.version, "", limits, access.role.name, health.transport)
    return connection, tuple(faults)


def _limits(health: Health, access: Access) -> Iterable[str]:
    return (*health.transport.limits, *access.limits)


def _lines_faults(system: str, lines: Resolved) -> Iterator[Fault]:
    if absent := tuple(_absent(system, lines)):
        hint = "correct the names in systems.yaml, or take the lines out"
        yield Fault("lines of systems.yaml name what is not there", hint, absent, code="SYS-ABSENT")
    if undeclared := tuple(_undeclared(system, lines)):
        hint = "troth systems draft proposes lines for them"
        yield Fault("tables and columns are in no line of systems.yaml", hint, undeclared, code="SYS-UNDECLARED")


def _absent(system: str, lines: Resolved) -> Iterator[str]:
    yield from (f"{mark}: matches nothing in {system}" for mark in lines.unused)
    yield from (f"{each.mark}: {each.collection} has no column {each.column}" for each in lines.missing)


def _undeclared(system: str, lines: Resolved) -> Iterator[str]:
    yield from (f"{system}.{table}" for table in lines.undeclared_tables)
    yield from (f"{system}.{table}.{column}" for table, column in lines.undeclared_fields)
