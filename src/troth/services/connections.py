"""troth systems check: is every system reached on both connections, and do its lines and its schema know each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from troth.core.errors import InputError, NotReached
from troth.services.looking import look
from troth.services.opening import open_store
from troth.services.project import Project
from troth.state.secrets import Secrets
from troth.stores.contract import ChangeRefused
from troth.systems.model import Resolved, System

NOT_LOOKED_AT = "whether a connection is encrypted, and which rights its role has beyond what was tried"

LAG_HIDDEN = "this role may not see how far replicas are behind (pg_read_all_stats): no run pauses for them"


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection of one system. ``why``: the reason it was not reached; empty when it was.

    ``limits``: what its role may not see, in words.
    """

    system: str
    which: str
    reached: bool
    version: str = ""
    why: str = ""
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """``absent``: what lines name and the database does not have; ``undeclared``: the other way round; ``elsewhere``:
    databases and schemas that were seen and lie outside the declared ones."""

    connections: tuple[Connection, ...]
    absent: tuple[str, ...]
    undeclared: tuple[str, ...]
    elsewhere: tuple[str, ...]

    def exit_status(self) -> int:
        """3 when something was not reached, 1 when lines and schema do not fit, else 0."""
        if not all(each.reached for each in self.connections):
            return 3
        return 1 if self.absent or self.undeclared else 0


def check_systems(project: Project, on_step: Callable[[str], None]) -> Checked:
    """Looks on the read connections; opens each write connection once and changes nothing on it."""
    register = project.load()
    secrets = project.secrets()
    with look(register, secrets, project.today(register)) as seen:
        found: list[Connection] = []
        for system in register.data_map.systems.values():
            if system.by_hand is not None:
                continue
            on_step(system.id)
            why = seen.reached.unreached.get(system.id)
            if why is None:
                health = seen.health[system.id]
                found.append(Connection(system.id, "read", True, health.version, "", health.limits))
            else:
                found.append(Connection(system.id, "read", False, "", why))
            if system.write is not None:
                found.append(_write(system, secrets))
        absent = tuple(each for name, lines in seen.resolved.items() for each in _absent(name, lines))
        undeclared = tuple(each for name, lines in seen.resolved.items() for each in _undeclared(name, lines))
        elsewhere = tuple(f"{name}: {other}" for name, each in seen.world.schemas.items() for other in each.elsewhere)
    return Checked(tuple(found), absent, undeclared, elsewhere)


def _write(system: System, secrets: Secrets) -> Connection:
    try:
        store = open_store(system, secrets, writable=True)
    except (InputError, NotReached) as error:
        return Connection(
            system.id, "write", False, "", secrets.scrub("; ".join(filter(None, (error.message, error.hint))))
        )
    try:
        health = store.check()
        why = "" if health.writable else "it cannot write: a replica, or a file that this user may only read"
        hidden = (LAG_HIDDEN,) if health.lag_hidden else ()
        return Connection(system.id, "write", health.writable, health.version, why, (*health.limits, *hidden))
    except (NotReached, ChangeRefused) as error:
        return Connection(system.id, "write", False, "", secrets.scrub(error.message))
    finally:
        store.close()


def _absent(system: str, lines: Resolved) -> Iterator[str]:
    yield from (f"{mark}: matches nothing in {system}" for mark in lines.unused)
    yield from (f"{each.mark}: {each.collection} has no column {each.column}" for each in lines.missing)


def _undeclared(system: str, lines: Resolved) -> Iterator[str]:
    yield from (f"{system}.{table}" for table in lines.undeclared_tables)
    yield from (f"{system}.{table}.{column}" for table, column in lines.undeclared_fields)
