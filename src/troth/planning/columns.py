"""What a copy shows of each column: its value, a mark in its place, or only that it is held (Art. 15(4), and security).

The rule, column by column. In a row of the person's own everything is given but references to others, what only proves
who somebody is (hashes, secrets), what the application encrypts, and what no line has said anything about. In a row of
somebody else that mentions the person, only the reference itself is given, and what the files say is not personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.planning.access_plan import Column, Own, Why
from troth.planning.scope import link_target
from troth.planning.theirs import Theirs
from troth.planning.world import World
from troth.systems.model import BelongsTo, Collection, MappedField, Mention, SharedThrough
from troth.systems.resolve import field_origin, lines_of, structure_of

SECRET = re.compile(r"(^|_)(passw(or)?d|passphrase|secret|token|otp|totp|api_?key|private_?key|salt|pin|cvv)(_|$)")
"""Names of columns that hold what lets somebody in, whatever a line says of them: too dear to be wrong about."""


def columns_of(world: World, theirs: Theirs, collection: Collection, *, own_rows: bool) -> tuple[Column, ...]:
    """Every column of the table, in its order; parts of a JSON column that a line names stand for themselves."""
    mapped = {each.name: each for each in collection.fields}
    nested = [name for name in mapped if "." in name and world.info(collection).field(name) is None]
    whole = {name.partition(".")[0] for name in nested}
    found = [
        _column(world, theirs, collection, each.name, mapped.get(each.name), own_rows=own_rows)
        for each in world.info(collection).fields
        if each.name not in whole or each.name in mapped
    ]
    found += [_column(world, theirs, collection, name, mapped[name], own_rows=own_rows) for name in nested]
    found += [Column(name, "", "left_out", "undeclared") for name in sorted(whole - set(mapped))]
    return tuple(found)


def _column(
    world: World, theirs: Theirs, collection: Collection, name: str, mapped: MappedField | None, *, own_rows: bool
) -> Column:
    item = mapped.rule.item if mapped else ""
    links = [link for link in collection.links if isinstance(link, BelongsTo | Mention) and link.here == name]
    if why := _held(world, collection, name, mapped):
        return Column(name, item, "held", why)
    if links and (own_rows or any(isinstance(link, Mention) for link in links)):
        return _reference(world, theirs, collection, name, item, links)
    if not own_rows and (mapped or links or name in collection.free_text or name in collection.key):
        return Column(name, item, "masked", "others")
    if mapped or name in structure_of(collection) or _leads_on(world, collection, name):
        return Column(name, item, "given")
    return _unmapped(world, collection, name)


def _leads_on(world: World, collection: Collection, name: str) -> bool:
    """By this column a shared row is found through the person's."""
    links = [link for other in world.collections.values() for link in other.links if isinstance(link, SharedThrough)]
    return any(link.through == collection.id and link.there == name for link in links)


def _held(world: World, collection: Collection, name: str, mapped: MappedField | None) -> Why:
    """Why a value is only named: it is no use to the person, and of use to whoever steals the copy."""
    if mapped is not None:
        if mapped.rule.encrypted:
            return "encrypted"
        uses = world.purposes_of(mapped.rule.serves if mapped.rule.serves is not None else collection.serves)
        items = [item for use in uses if (item := world.item(use, mapped)) is not None]
        if mapped.rule.form == "hashed" or any(item.form == "hashed" for item in items):
            return "hash"
        if any((item.category or "").startswith("user.authorization") for item in items):
            return "secret"
    return "secret" if SECRET.search(name.rpartition(".")[2].lower()) else ""


def _reference(
    world: World, theirs: Theirs, collection: Collection, name: str, item: str, links: list[BelongsTo | Mention]
) -> Column:
    """A reference is given where it leads to the person, as the only one does by which the row can be found."""
    found_by = {link.here for link in collection.links if isinstance(link, BelongsTo)}
    if found_by == {name} and not any(isinstance(link, Mention) for link in links):
        return Column(name, item, "given")
    return Column(name, item, "own", "others", tuple(_own(world, theirs, links)))


def _own(world: World, theirs: Theirs, links: list[BelongsTo | Mention]) -> Iterator[Own]:
    for link in links:
        led = link_target(world, link)
        if led is not None and led[0].person is not None:
            yield Own(theirs.keys(*led), link.when)


def _unmapped(world: World, collection: Collection, name: str) -> Column:
    """A column without an item: given where a line or a convention says that it is not personal by itself. What looks
    like a reference, and is no declared one, might lead to anybody."""
    system = world.data_map.systems[collection.system]
    line = next((each for each in lines_of(system, collection.table) if each.mark == collection.mark), None)
    origin = field_origin(system, line, collection.table, name)[0] if line else "undeclared"
    if origin == "not_personal":
        return Column(name, "", "given")
    if origin == "convention":
        refers = name.lower().endswith("_id") or any(name in each.fields for each in world.info(collection).references)
        return Column(name, "", "left_out", "reference") if refers else Column(name, "", "given")
    return Column(name, "", "left_out", "undeclared")
