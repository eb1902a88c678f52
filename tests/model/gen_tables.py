"""Random schemas with the lines that say what they mean: keys, links with and without foreign keys, fields, events."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.model.dice import Dice
from tests.model.gen_policy import ITEMS
from tests.model.spec import Column, Foreign, OnDelete, Table

from troth.core.diagnostics import Mark
from troth.systems.model import (
    BelongsTo,
    Collection,
    EventSource,
    FieldRule,
    InRow,
    Latest,
    Link,
    MappedField,
    Mention,
    Person,
    SharedThrough,
    StateOnly,
    Through,
    Use,
    Where,
)

NAMES = ("users", "orders", "notes", "teams", "logs", "files")
MARK = Mark("systems.yaml")
SERVES = (
    (Use("main"),),
    (Use("main", "m1"),),
    (Use("side"),),
    (Use("main"), Use("side")),
    (Use("main", "m1"), Use("side")),
)
ON_DELETE: tuple[OnDelete, ...] = ("NO ACTION", "CASCADE", "SET NULL")


@dataclass
class Making:
    """One table while it is being made."""

    name: str
    system: str = "db"
    declared: bool = True
    people: bool = False
    key: tuple[str, ...] = ("id",)
    columns: dict[str, Column] = field(default_factory=dict)
    foreign: list[Foreign] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    events: dict[str, EventSource] = field(default_factory=dict)
    fields: list[MappedField] = field(default_factory=list)
    points: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Column → (table, column) its values come from."""

    @property
    def id(self) -> str:
        return f"{self.system}.{self.name}"

    @property
    def shared(self) -> bool:
        return any(isinstance(link, SharedThrough) for link in self.links)

    def add(self, column: Column) -> str:
        self.columns.setdefault(column.name, column)
        return column.name

    def table(self) -> Table:
        return Table(
            self.system, self.name, tuple(self.columns.values()), self.key, tuple(self.foreign), tuple(self.checks)
        )


def tables(dice: Dice) -> list[Making]:
    """References and links may lead back to where they came from, or from people to people."""
    count = dice.number(2, len(NAMES))
    made = [_keys(dice, name, first=not at) for at, name in enumerate(NAMES[:count])]
    for making in made:
        for _ in range(dice.number(0, 2) if not making.people else int(dice.chance(25))):
            _link(dice, making, made)
        if making.declared and dice.chance(7):
            _polymorphic(dice, making, made)
    for making in made:
        if making.declared and not making.people and dice.chance(18):
            _share(dice, making, made)
    for making in made:
        if making.declared:
            _fields(dice, making)
            _events(dice, making, made)
        if dice.chance(8):
            _check(dice, making)
    return made


def _keys(dice: Dice, name: str, *, first: bool) -> Making:
    declared = first or not dice.chance(18)
    making = Making(name, declared=declared, people=first or (declared and dice.chance(10)))
    if not making.people and dice.chance(10):
        making.system = "far"
    style = dice.pick(["number"] * 7 + ["text"] * 2 + (["pair", "none"] if not making.people else []))
    match style:
        case "pair":
            making.key = ("k1", "k2")
            making.columns = {name: Column(name, "INTEGER", null=False) for name in making.key}
        case "none":
            making.key = ()
        case _:
            making.add(Column("id", "INTEGER" if style == "number" else "TEXT", null=False))
    making.add(Column("n", "INTEGER", null=False))
    return making


def _link(dice: Dice, making: Making, made: list[Making]) -> None:
    """A column that leads to another table (seldom to the same), with or without a foreign key, declared or not."""
    earlier = made[: made.index(making)] if making in made else made
    if not made:
        return
    target = dice.pick(earlier if earlier and not dice.chance(30) else made)
    same = target.system == making.system
    null, on_delete = not dice.chance(35), dice.pick(ON_DELETE)
    if len(target.key) == 2 and same:
        names = tuple(making.add(Column(f"{target.name}_{part}", "INTEGER", null=null)) for part in target.key)
        making.foreign.append(Foreign(names, target.name, target.key, on_delete))
        making.points.update({name: (target.name, part) for name, part in zip(names, target.key, strict=True)})
        return
    there = target.key[0] if len(target.key) == 1 else "n"
    if target.key and dice.chance(8):
        there = target.add(Column("code", "TEXT", null=False, unique=True))
    name = f"to_{target.name}" if f"to_{target.name}" not in making.columns else f"by_{target.name}"
    if name in making.columns:
        return
    making.add(Column(name, target.columns[there].type, null=null))
    making.points[name] = (target.name, there)
    if same and there != "n" and dice.chance(75):
        making.foreign.append(Foreign((name,), target.name, (there,), on_delete))
    if making.declared and target.declared and dice.chance(85):
        said = None if target.key == (there,) and dice.chance(50) else there
        making.links.append(_to(dice, name, target, said))


def _polymorphic(dice: Dice, making: Making, made: list[Making]) -> None:
    """owner_kind + owner: leads to one table or to another, by the word in it."""
    fit = [each for each in made if each.declared and each.key == ("id",) and each.columns["id"].type == "INTEGER"]
    if len(fit) < 2 or making.shared:
        return
    one, other = dice.some(fit, 2, 2)
    making.add(Column("owner_kind"))
    making.add(Column("owner", "INTEGER"))
    making.points["owner"] = (one.name, "id")
    for target, word in ((one, "one"), (other, "other")):
        making.links.append(_to(dice, "owner", target, "id", (("owner_kind", (word,)),)))


def _to(dice: Dice, here: str, target: Making, there: str | None, when: Where = ()) -> Link:
    """Two of three rows belong to what they lead to; the third only mentions it."""
    return Mention(here, target.id, there, when) if dice.number(0, 2) == 2 else BelongsTo(here, target.id, there, when)


def _share(dice: Dice, making: Making, made: list[Making]) -> None:
    """Its rows have owners in another table, which may be the people's own."""
    fit = [
        each
        for each in made
        if each is not making
        and each.declared
        and each.system == making.system
        and not each.shared
        and len(making.key) == 1
    ]
    if not fit:
        return
    through = dice.pick(fit)
    key = making.key[0]
    name = through.add(Column(f"in_{making.name}", making.columns[key].type, null=not dice.chance(30)))
    if name not in through.points:
        through.points[name] = (making.name, key)
        if dice.chance(60):
            through.foreign.append(Foreign((name,), making.name, (key,), dice.pick(ON_DELETE)))
    making.links = [link for link in making.links if isinstance(link, Mention)]
    making.links.append(SharedThrough(through.id, name))


def _fields(dice: Dice, making: Making) -> None:
    for item in ITEMS:
        if not dice.chance(55):
            continue
        null, unique = not dice.chance(35), dice.chance(10)
        kind = "TEXT" if not dice.chance(5) else "INTEGER"
        if dice.chance(6):
            kind = "VARCHAR(6)"
        blank = dice.pick(["gone", "{unique}@gone", ""]) if dice.chance(10) and kind == "TEXT" else None
        serves = dice.pick(SERVES) if dice.chance(15) else None
        making.add(Column(item, kind, null=null, unique=unique))
        making.fields.append(MappedField(item, FieldRule(item, blank=blank, serves=serves), MARK))
    if dice.chance(4) and len(making.key) == 1:
        making.fields.append(MappedField(making.key[0], FieldRule("mail"), MARK))
    if "code" in making.columns and dice.chance(30):
        making.fields.append(MappedField("code", FieldRule("name"), MARK))
    for name in list(making.points):
        if dice.chance(3):
            making.fields.append(MappedField(name, FieldRule("note"), MARK))


def _events(dice: Dice, making: Making, made: list[Making]) -> None:
    usual = (
        ["row", "row", "row", "where", "state", "epoch", "day"] if making.people else ["row", "none", "none", "none"]
    )
    for event in ("closed", "made"):
        source = dice.pick([*usual, "none", "through", "latest"] + ["row"] * (event == "made") * 3)
        found = _source(dice, making, made, event, source)
        if found is not None:
            making.events[event] = found


def _source(dice: Dice, making: Making, made: list[Making], event: str, source: str) -> EventSource | None:
    at = f"{event}_at"
    match source:
        case "row":
            return InRow(making.add(Column(at, dice.pick(["DATETIME", "TEXT", "TIMESTAMP"]))))
        case "day":
            return InRow(making.add(Column(at, "DATE")))
        case "epoch":
            return InRow(making.add(Column(at, "INTEGER")), "epoch_s")
        case "where":
            making.add(Column("state"))
            return InRow(making.add(Column(at, "DATETIME")), where=(("state", ("shut",)),))
        case "state":
            making.add(Column("state"))
            return StateOnly((("state", ("shut",)),))
        case "through":
            for link in making.links:
                if isinstance(link, BelongsTo) and not link.when and link.target != making.id and link.there:
                    other = dice.pick(["closed", "made"])
                    return Through(link.target, link.here, link.there, other)
        case "latest":
            for each in made:
                if each.declared and each.system == making.system and each is not making:
                    for name, (table, there) in each.points.items():
                        if table == making.name:
                            return Latest(each.id, name, there, each.add(Column("made_at", "DATETIME")))
        case _:
            pass
    return None


def _check(dice: Dice, making: Making) -> None:
    choices = []
    if "name" in making.columns and making.columns["name"].type == "TEXT":
        choices.append("name <> ''")
    if making.points:
        making.add(Column("state"))
        choices += [f"{name} IS NOT NULL OR state = 'open'" for name in making.points]
    if choices:
        making.checks.append(dice.pick(choices))


def collections(dice: Dice, made: list[Making]) -> list[Collection]:
    found = []
    for making in made:
        if not making.declared:
            continue
        split = dice.chance(8)
        if split:
            making.add(Column("state"))
        found.append(_collection(making, making.id, dice.pick(SERVES), (("state", ("open",)),) if split else ()))
        if split and not making.people and dice.chance(60):
            rest: Where = (("state", ("shut", None)),)
            found.append(_collection(making, f"{making.id}_2", dice.pick(SERVES), rest))
    return found


def _collection(making: Making, name: str, serves: tuple[Use, ...], where: Where) -> Collection:
    person = Person("customer", {"id": making.key[0]}) if making.people else None
    fields, links = tuple(making.fields), tuple(making.links)
    return Collection(name, making.system, making.name, serves, fields, making.key, person, where, links, making.events)
