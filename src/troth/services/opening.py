"""Opening stores by kind. A kind's package, and its driver, are loaded when the first store of that kind is opened."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from troth.core.errors import InputError, NotReached
from troth.state.secrets import Secrets
from troth.stores.contract import Store
from troth.systems.model import System


@contextmanager
def naming(system: System) -> Generator[None]:
    """What goes wrong in the block is said of ``system``, since a project has several."""
    try:
        yield
    except (InputError, NotReached) as error:
        raise type(error)(f"{system.id}: {error.message}", hint=error.hint, code=error.code) from error


def open_store(system: System, secrets: Secrets, *, writable: bool) -> Store:
    """The store of ``system`` by its read or its write reference. Raises ``InputError`` for a reference that is
    missing or does not resolve, ``StoreUnavailable`` when nothing answers."""
    reference = system.write if writable else system.read
    if reference is None:
        word = "write" if writable else "read"
        raise InputError(
            f"system {system.id} has no {word}: connection",
            hint=f"add {word}: ${{NAME}} to it in systems.yaml",
            code="NO-CONNECTION",
        )
    url = secrets.resolve(reference)
    match system.store:
        case "sqlite" | "postgresql" | "mariadb" | "mysql":
            from troth.stores.sql import open_store as open_sql

            return open_sql(
                system.store, url, writable=writable, schemas=system.schemas, zone=system.zone, base=secrets.base
            )
        case _:
            raise InputError(
                f"no store of kind {system.store}",
                hint="known: sqlite, postgresql, mariadb, by_hand",
                code="STORE-KIND",
            )
