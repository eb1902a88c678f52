"""What each of a system's two connections needs to be allowed, and how that fits what it is allowed.

What a plan may have to do is read off the plans themselves: a retention run and an erasure are drafted over everything,
whatever rows there are, and each step says what it deletes and which columns it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from troth.planning.drafting import draft
from troth.planning.reading import Erasure, Retention
from troth.planning.world import World
from troth.stores.access import RECEIPTS, Access, Grant, Power, Right, Transport, rights_on

_READ: frozenset[Right] = frozenset({"read"})

_ROLES = "troth systems grants prints the statements for two roles that may do what is needed and no more"

_TOO_STRONG: frozenset[Power] = frozenset({"superuser", "grants_roles", "replication", "server_files"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a connection, and of which collections."""

    code: str
    message: str
    hint: str
    names: tuple[str, ...] = ()


def needed_to_read(world: World, system: str, role: str) -> tuple[Grant, ...]:
    """To look, check and plan: the declared collections, and what refers to them by a foreign key."""
    declared = [each for each in world.collections.values() if each.system == system]
    names = {each.table for each in declared}
    names.update(info.name for each in declared for info, _ in world.references_to(each))
    return tuple(Grant(role, _READ, name) for name in sorted(names))


def needed_to_write(world: World, system: str, role: str) -> tuple[Grant, ...]:
    """To apply: reading again before each batch, what plans delete and write, and our own record of batches."""
    changes = tuple(_changes(world, system, role))
    receipts = Grant(role, frozenset({"read", "insert"}), RECEIPTS)
    return (*needed_to_read(world, system, role), *changes, receipts)


def _changes(world: World, system: str, role: str) -> Iterator[Grant]:
    whole = replace(world, frozen=frozenset())
    deleted: set[str] = set()
    written: dict[str, set[str]] = {}
    for question in (Retention(), Erasure()):
        for step in draft(whole, question).steps:
            if step.system == system and step.action == "delete":
                deleted.add(step.table)
            elif step.system == system and step.blanks:
                written.setdefault(step.table, set()).update(name.column for name, _ in step.blanks)
    yield from (Grant(role, frozenset({"delete"}), name) for name in sorted(deleted))
    yield from (Grant(role, frozenset({"update"}), name, tuple(sorted(written[name]))) for name in sorted(written))
    changed = deleted | set(written)
    for info in world.schemas[system].collections:
        if info.kind == "materialized_view" and changed & set(info.reads_from):
            yield Grant(role, frozenset({"refresh"}), info.name)


def rights_faults(
    which: Literal["read", "write"], needed: tuple[Grant, ...], access: Access, undeclared: Iterable[str]
) -> Iterator[Fault]:
    """How far a connection's role may do less or more than it needs. Of a file's mode, only what others may do."""
    if access.by == "file":
        yield from _open_file(access)
        return
    powers = access.role.powers & _TOO_STRONG
    if powers:
        yield Fault("SYS-POWER", f"its role {access.role.name} is {_words(powers)}", _ROLES)
    if lacking := tuple(_lacking(needed, access.own)):
        yield Fault("SYS-LACKS", "it may not do what is needed", _ROLES, lacking)
    if "superuser" in powers:
        return
    own = [grant for grant in access.own if grant.collection is not None]
    defined = tuple(sorted({grant.collection or "" for grant in own if "define" in grant.rights}))
    if defined or "create" in access.own_rights(None):
        yield Fault(
            "SYS-DEFINES", "its role may alter the schema: it owns tables, or may make new ones", _ROLES, defined
        )
    rest = [grant for grant in own if grant.collection not in defined]
    strangers = set(undeclared)
    beyond = {name: verbs for grant in rest if (verbs := _beyond(grant, needed)) and (name := grant.collection)}
    if which == "read":
        writing = tuple(sorted(name for name, verbs in beyond.items() if verbs - _READ))
        if writing or defined:
            yield Fault("SYS-WRITES", "it can write, and need only look", _ROLES, writing or defined)
        beyond = {name: verbs & _READ for name, verbs in beyond.items()}
    wide = tuple(sorted(f"{name} ({_words(verbs)})" for name, verbs in beyond.items() if verbs - _READ))
    if wide:
        yield Fault("SYS-WIDE", "it may change more than plans do", _ROLES, wide)
    if foreign := tuple(sorted(name for name, verbs in beyond.items() if verbs and name in strangers)):
        yield Fault("SYS-STRANGE", "it may use tables that systems.yaml does not declare", _ROLES, foreign)


def _words(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)).replace("_", " ")


def _lacking(needed: tuple[Grant, ...], own: tuple[Grant, ...]) -> Iterator[str]:
    for grant in needed:
        here = [each for each in own if each.collection in (None, grant.collection)]
        whole = rights_on(here, grant.collection)
        missing = grant.rights - whole - ({"refresh"} if "define" in whole else set())
        fields = [
            name
            for name in grant.fields
            if not missing <= frozenset[Right]().union(*(each.rights for each in here if name in each.fields))
        ]
        if missing and not (grant.fields and not fields):
            columns = f" of {', '.join(fields)}" if fields else ""
            yield f"{grant.collection} ({_words(missing)}{columns})"


def _beyond(grant: Grant, needed: tuple[Grant, ...]) -> frozenset[Right]:
    """Of these rights, those that are not needed on the collection, or on so many of its fields."""
    kept = [each for each in needed if each.collection == grant.collection]
    enough = (
        each.rights for each in kept if not each.fields or (grant.fields and set(grant.fields) <= set(each.fields))
    )
    return grant.rights - frozenset[Right]().union(*enough)


def _open_file(access: Access) -> Iterator[Fault]:
    others = [grant for grant in access.grants if grant.role == "others"]
    if others:
        words = _words(others[0].rights & {"read", "update"})
        hint = "take its mode back to the owner, or to a group: troth systems grants says how"
        yield Fault("SYS-FILE-MODE", f"every user of the machine may {words.replace(', ', ' and ')} the file", hint)


def transport_faults(transport: Transport) -> Iterator[Fault]:
    if not transport.local and not transport.encrypted:
        hint = "add sslmode=verify-full and sslrootcert=… to the address, and have the server speak TLS"
        yield Fault("SYS-PLAIN", "what is read and written crosses a network unencrypted", hint)
