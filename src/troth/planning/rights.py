"""What each of a system's two connections needs to be allowed, and how that fits what it is allowed.

What a plan may have to do is read off the plans themselves: a retention run and an erasure are drafted over everything,
whatever rows there are, and each step says what it deletes and which columns it writes.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from troth.planning.drafting import draft
from troth.planning.reading import Erasure, Retention
from troth.planning.world import World
from troth.stores.access import RECEIPTS, Access, Grant, Power, Right, Transport, rights_on

_READ: frozenset[Right] = frozenset({"read"})

_ROLES = "troth systems grants prints what makes roles that fit"

_TOO_STRONG: Mapping[Power, str] = {
    "superuser": "is a superuser",
    "grants_roles": "may make and grant roles",
    "replication": "may follow all that is written (replication)",
    "server_files": "may use files and programs of the server",
}
"""Powers that neither connection needs. To see all rows (``all_rows``) is needed where row-level security is."""


_VERIFIED = {
    "host": "the server's name and certificate verified",
    "issuer": "the server's certificate verified, not its name",
    "nobody": "whose server it is was not verified",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a connection, and of which collections."""

    message: str
    hint: str
    names: tuple[str, ...] = ()
    code: str = field(kw_only=True)


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
    which: Literal["read", "write"], needed: tuple[Grant, ...], access: Access, undeclared: Container[str]
) -> Iterator[Fault]:
    """How far a connection's role may do less or more than it needs. Of a file's mode, only what others may do."""
    if access.by == "file":
        yield from _open_file(access)
        return
    powers = [words for power, words in _TOO_STRONG.items() if power in access.role.powers]
    superuser = "superuser" in access.role.powers
    if powers:
        yield Fault(
            f"its role {access.role.name} {' and '.join(powers[: 1 if superuser else None])}", _ROLES, code="SYS-POWER"
        )
    if lacking := tuple(_lacking(needed, access.own)):
        yield Fault("it may not do what is needed", _ROLES, lacking, code="SYS-LACKS")
    if superuser:
        return
    defined = sorted({grant.collection or RECEIPTS for grant in access.own if "define" in grant.rights} - {RECEIPTS})
    if defined or "create" in access.own_rights(None):
        said = "its role may alter the schema: it owns tables, or may make new ones"
        yield Fault(said, _ROLES, tuple(defined), code="SYS-DEFINES")
    beyond = _beyond(needed, [grant for grant in access.own if grant.collection not in defined])
    changing = {name: verbs - _READ for name, verbs in beyond.items() if verbs - _READ}
    if which == "read" and (changing or defined):
        yield Fault("it can write, and need only look", _ROLES, tuple(changing or defined), code="SYS-WRITES")
    elif changing:
        wide = tuple(f"{name} ({_words(verbs)})" for name, verbs in changing.items())
        yield Fault("it may change more than plans do", _ROLES, wide, code="SYS-WIDE")
    if foreign := tuple(name for name in beyond if name in undeclared):
        yield Fault("it may use tables that systems.yaml does not declare", _ROLES, foreign, code="SYS-STRANGE")


def _words(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)).replace("_", " ")


def _lacking(needed: tuple[Grant, ...], own: tuple[Grant, ...]) -> Iterator[str]:
    for grant in needed:
        here = [each for each in own if each.collection in (None, grant.collection)]
        whole = rights_on(here, grant.collection)
        missing = grant.rights - whole
        fields = [
            name
            for name in grant.fields
            if not missing <= frozenset[Right]().union(*(each.rights for each in here if name in each.fields))
        ]
        if missing and not (grant.fields and not fields):
            columns = f" of {', '.join(fields)}" if fields else ""
            yield f"{grant.collection} ({_words(missing)}{columns})"


def _beyond(needed: tuple[Grant, ...], own: Iterable[Grant]) -> Mapping[str, frozenset[Right]]:
    """By collection, rights that are not needed on it, or not on so many of its fields; those on all are left out."""
    found: dict[str, frozenset[Right]] = {}
    for grant in own:
        kept = [each for each in needed if each.collection == grant.collection]
        enough = [each for each in kept if not each.fields or (grant.fields and {*grant.fields} <= {*each.fields})]
        surplus = grant.rights.difference(*(each.rights for each in enough))
        if surplus and grant.collection not in (None, RECEIPTS):
            found[grant.collection] = found.get(grant.collection, frozenset()) | surplus
    return dict(sorted(found.items()))


def _open_file(access: Access) -> Iterator[Fault]:
    others = [grant for grant in access.grants if grant.role == "others"]
    if others:
        words = _words(others[0].rights & {"read", "update"})
        hint = "take its mode back to the owner, or to a group: troth systems grants says how"
        yield Fault(
            f"every user of the machine may {words.replace(', ', ' and ')} the file", hint, code="SYS-FILE-MODE"
        )


def transport_faults(transport: Transport) -> Iterator[Fault]:
    if not transport.local and not transport.encrypted:
        hint = "add sslmode=verify-full and sslrootcert=… to the address, and have the server speak TLS"
        yield Fault("what is read and written crosses a network unencrypted", hint, code="SYS-PLAIN")


def way(transport: Transport) -> str:
    """How the store is reached, in words."""
    match transport.way:
        case "file":
            return "a file of this machine"
        case "socket":
            return "a socket of this machine"
        case "loopback" | "network" as place:
            there = "over this machine's own address" if place == "loopback" else "over a network"
            if not transport.encrypted:
                return f"{there}, not encrypted"
            words = ", ".join(filter(None, (transport.protocol, transport.cipher)))
            return f"{there}, encrypted ({words}); {_VERIFIED[transport.verified]}"
