"""Looking at the stores: reach each one, describe it, and read the lines of systems.yaml against what is there."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from troth.core.errors import InputError, NotReached
from troth.execution.measure import Reached
from troth.planning.world import Broken, World
from troth.register.load import Register
from troth.services.opening import open_store
from troth.state.secrets import Secrets
from troth.stores.contract import Health, Schema, Store
from troth.systems.model import Collection, Resolved, System
from troth.systems.resolve import TableNames, resolve


@dataclass(frozen=True)
class Look:
    """Everything that was seen on the read connections, which stay open as long as the look lasts."""

    register: Register
    world: World
    resolved: Mapping[str, Resolved]
    health: Mapping[str, Health]
    reached: Reached


@contextmanager
def look(register: Register, secrets: Secrets, today: date, frozen: frozenset[str] = frozenset()) -> Generator[Look]:
    """Open every store for reading. One that does not answer is remembered with its reason; a reference that does not
    resolve is the user's to correct and raises ``InputError``."""
    stores: dict[str, Store] = {}
    try:
        yield _look(register, secrets, today, frozen, stores)
    finally:
        for store in stores.values():
            store.close()


def _look(register: Register, secrets: Secrets, today: date, frozen: frozenset[str], stores: dict[str, Store]) -> Look:
    schemas: dict[str, Schema] = {}
    resolved: dict[str, Resolved] = {}
    health: dict[str, Health] = {}
    unreached: dict[str, str] = {}
    collections: dict[str, Collection] = {}
    broken: list[Broken] = []
    for system in register.data_map.systems.values():
        if system.by_hand is not None:
            continue
        try:
            store = open_store(system, secrets, writable=False)
            stores[system.id] = store
            health[system.id] = store.check()
            schemas[system.id] = store.describe()
        except NotReached as error:
            unreached[system.id] = secrets.scrub("; ".join(filter(None, (error.message, error.hint))))
            continue
        except InputError as error:
            raise InputError(f"{system.id}: {error.message}", hint=error.hint, code=error.code) from error
        resolved[system.id] = read_lines(system, schemas[system.id])
        asked = {found.table for found in resolved[system.id].collections}
        health[system.id] = replace(health[system.id], limits=health[system.id].limits_of(asked))
        lacking = {missing.collection for missing in resolved[system.id].missing}
        collections.update({found.id: found for found in resolved[system.id].collections if found.id not in lacking})
        broken.extend(_broken(resolved[system.id]))
    world = World(register.policy, register.data_map, collections, schemas, today, frozen, tuple(broken))
    reached = Reached({name: store for name, store in stores.items() if name not in unreached}, unreached)
    return Look(register, world, resolved, health, reached)


def _broken(resolved: Resolved) -> Iterator[Broken]:
    for collection in resolved.collections:
        missing = [each for each in resolved.missing if each.collection == collection.id]
        if missing:
            columns = tuple(each.column for each in missing)
            yield Broken(collection.id, collection.serves, columns, tuple(str(each.mark) for each in missing))


def read_lines(system: System, schema: Schema) -> Resolved:
    """The system's lines against its live schema."""
    return resolve(system, table_names(schema))


def table_names(schema: Schema) -> dict[str, TableNames]:
    """Base tables only: views show others' rows, parts of a table belong to it."""
    return {
        info.name: TableNames(tuple(field.name for field in info.fields), info.key)
        for info in schema.collections
        if info.kind == "table" and info.part_of is None
    }
