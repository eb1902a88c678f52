"""Promises about who has access: what the store grants, against the roles that systems.yaml declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from troth.planning.check import Measure
from troth.planning.facts import Facts, Reach, not_seen, told
from troth.planning.world import World
from troth.register.promises import Promise
from troth.stores.access import EVERYTHING, Access, Right
from troth.systems.globs import matches
from troth.systems.model import System

_MAY: Mapping[str, frozenset[Right]] = {
    "read": frozenset({"read"}),
    "change": frozenset({"read", "insert", "update", "delete"}),
    "all": EVERYTHING,
}

_NO_ACCESS: frozenset[Right] = frozenset({"create", "refresh"})
"""Rights by which nobody sees or changes a row."""

_MOST = 6
"""Tables of one role that a message names."""


def access(world: World, promise: Promise, facts: Facts) -> Iterator[Measure]:
    """For each role that somebody can use and that reaches personal data: is it declared, and for that much? The roles
    of our own connections are declared by being these, unless they are superusers."""
    for system in world.data_map.systems.values():
        if system.by_hand is not None:
            said = f"{system.id} is done by hand: nobody sees who has access there"
            yield told(promise, system.id, "unprovable", said, system.by_hand.how, code="BY-HAND")
            continue
        seen = facts.of(system.id)
        found = next((reach.access for reach in seen if reach.access is not None), None)
        if found is None or system.id not in world.schemas:
            yield not_seen(
                promise, system.id, "; ".join(filter(None, (reach.why for reach in seen))) or "not looked at"
            )
        else:
            yield from _system(world, promise, system, found, _own(seen))


def _own(seen: Iterable[Reach]) -> frozenset[str]:
    roles = [reach.access.role for reach in seen if reach.access is not None]
    return frozenset(role.name for role in roles if "superuser" not in role.powers)


def _system(world: World, promise: Promise, system: System, found: Access, own: frozenset[str]) -> Iterator[Measure]:
    personal = _personal(world, system)
    others = {role: on for role, on in _reaching(found, personal).items() if role not in own}
    notes = f"; not seen: {'; '.join(found.limits)}" if found.limits else ""
    if others and not system.roles:
        said = f"no role is declared for it; these have access to personal data: {', '.join(others)}"
        lines = ", ".join(f"{role}: [{_line(on, personal)}]" for role, on in others.items())
        hint = f"say in systems.yaml who may, for example roles: {{{lines}}}"
        yield told(promise, system.id, "unprovable", said, hint, code="ACCESS-UNSAID")
        return
    faults = 0
    for role, on in others.items():
        declared = [each for each in system.roles if matches(each.pattern, role)]
        allowed = {
            table: frozenset[Right]().union(
                *(_MAY[right] for each in declared for right, pattern in each.may if matches(pattern, table))
            )
            for table in personal
        }
        surplus = {table: on[table] - allowed[table] for table in on if on[table] - allowed[table]}
        if not surplus:
            continue
        faults += 1
        where, by = f"{system.id}.{role}", _users(found, role)
        if not declared:
            said = f"the role {role}{by} is not declared and may {_words(surplus, personal)}"
            hint = "take the rights back, or declare the role under roles: in systems.yaml"
            yield told(promise, where, "broken", said, hint, code="ACCESS-UNDECLARED")
        else:
            said = f"the role {role}{by} may {_words(surplus, personal)}, more than systems.yaml declares"
            hint = "take the rights back, or declare them under roles: in systems.yaml"
            yield told(promise, where, "broken", said, hint, code="ACCESS-WIDE")
    if not faults:
        said = f"{len(others)} roles besides our own have access to personal data, all as declared{notes}"
        yield told(promise, system.id, "kept", said, code="KEPT")


def _personal(world: World, system: System) -> tuple[str, ...]:
    """Tables with personal data, and the views that show their rows."""
    tables = {each.table for each in world.collections.values() if each.system == system.id}
    views = [info.name for info in world.schemas[system.id].collections if tables & set(info.reads_from)]
    return tuple(sorted(tables.union(views)))


def _reaching(found: Access, personal: Sequence[str]) -> dict[str, dict[str, frozenset[Right]]]:
    """Role → personal table → rights, of the roles that somebody can enter the store as, or act as. A role that is not
    among the store's is its word for everybody."""
    known = {role.name for role in found.roles}
    used = {name for role in found.roles if role.enters for name in (role.name, *role.within)}
    reached: dict[str, dict[str, frozenset[Right]]] = {}
    for grant in found.grants:
        rights = grant.rights - _NO_ACCESS
        if not rights or (grant.role in known and grant.role not in used):
            continue
        for table in personal if grant.collection is None else {grant.collection} & set(personal):
            on = reached.setdefault(grant.role, {})
            on[table] = on.get(table, frozenset()) | rights
    return dict(sorted(reached.items()))


def _users(found: Access, role: str) -> str:
    """Who can act as a role that nobody enters the store as."""
    users = [each.name for each in found.roles if each.enters and role in each.within]
    enters = any(each.enters for each in found.roles if each.name == role)
    return f" (which {', '.join(users)} can act as)" if users and not enters else ""


def _words(on: Mapping[str, frozenset[Right]], personal: Sequence[str]) -> str:
    """``read members and visits``: by what it may do, the tables."""
    by_right: dict[tuple[Right, ...], list[str]] = {}
    for table, rights in sorted(on.items()):
        by_right.setdefault(tuple(sorted(rights & _MAY["change"]) or sorted(rights)), []).append(table)
    parts = []
    for verbs, tables in by_right.items():
        shown = tables[:_MOST]
        more = f" and {len(tables) - _MOST} more" if len(tables) > _MOST else ""
        names = "every table" if len(tables) == len(personal) > 1 else f"{', '.join(shown)}{more}"
        parts.append(f"{', '.join(verbs)} {names}")
    return "; ".join(parts)


def _line(on: Mapping[str, frozenset[Right]], personal: Sequence[str]) -> str:
    """The line of ``roles`` that would declare just this."""
    by_word: dict[str, list[str]] = {}
    for table, rights in sorted(on.items()):
        word = next(word for word, enough in _MAY.items() if rights <= enough)
        by_word.setdefault(word, []).append(table)
    parts = [
        f"{word} *" if len(tables) == len(personal) else ", ".join([f"{word} {tables[0]}", *tables[1:]])
        for word, tables in by_word.items()
    ]
    return ", ".join(parts).replace(" *", "")
