"""Random policies: one to three purposes of one processing, one of another, with every shape of rule there is."""

from __future__ import annotations

from tests.model.dice import Dice

from troth.core.periods import Period
from troth.policy.model import Basis, Controller, Item, Policy, Processing, Purpose, Rule, Text

ITEMS = ("name", "mail", "note")
EVENTS = ("closed", "made")

MONTH, YEAR, DECADE = Period(days=30), Period(months=12), Period(months=120)
PERIODS = (MONTH, YEAR, Period(months=1), DECADE)
SHAPES = (
    *("cap", "until", "exactly", "archive", "year", "floor", "cap") * 3,
    *("cap",) * 3, *("until",) * 3, "until then", "floor", "exactly", "year", "two caps", "archive", "cap and floor",
    "anonymise", "financial", "open", "none", "contradiction",
)  # fmt: skip
YEAR_ENDS = ((12, 31), (6, 30))


def policies(dice: Dice, *, erasure: bool) -> Policy:
    zone = "UTC" if not dice.chance(20) else dice.pick(["Europe/Paris", "Pacific/Auckland"])
    main = _processing(dice, "main", dice.number(1, 3), erasure=erasure)
    side = _processing(dice, "side", 1, erasure=erasure)
    controller = Controller("Acme", zone=zone, year_end=dice.pick(YEAR_ENDS))
    return Policy(controller, {"main": main, "side": side}, revision="r1")


def _processing(dice: Dice, name: str, purposes: int, *, erasure: bool) -> Processing:
    optional = erasure and dice.chance(25)
    items = {item: Item(item, Text(item), required=False if optional and item == "note" else None) for item in ITEMS}
    found = [_purpose(dice, f"{name[0]}{number}", erasure=erasure) for number in range(1, purposes + 1)]
    role = "processor" if erasure and name == "side" and dice.chance(10) else "controller"
    return Processing(name, Text(name), role, ("customer",), {each.id: each for each in found}, items)  # type: ignore[arg-type]


def _purpose(dice: Dice, name: str, *, erasure: bool) -> Purpose:
    bases = [Basis.CONTRACT, Basis.LEGAL_OBLIGATION, Basis.CONSENT, Basis.LEGITIMATE_INTERESTS]
    basis: Basis | None = dice.pick(bases) if erasure or dice.chance(40) else Basis.CONTRACT
    if erasure and dice.chance(3):
        basis = dice.pick([Basis.VITAL_INTERESTS, Basis.PUBLIC_TASK, None])
    items = ITEMS if not dice.chance(45) else tuple(dice.some(ITEMS, 1, 3))
    compelling = Text("we must") if basis is Basis.LEGITIMATE_INTERESTS and dice.chance(40) else Text()
    precontract = basis is Basis.CONTRACT and erasure and dice.chance(20)
    return Purpose(name, Text(name), basis, _rules(dice), items, compelling=compelling, precontract=precontract)


def _rules(dice: Dice) -> tuple[Rule, ...]:
    shape = dice.pick(SHAPES)
    event, period = dice.pick(EVENTS), dice.pick(PERIODS)
    cap = Rule(event, period)
    match shape:
        case "until":
            return (Rule(event, Period(), until=True),)
        case "until then":
            return (Rule(event, MONTH, until=True),)
        case "floor":
            return (Rule(event, period, bound="min"),)
        case "exactly":
            return (Rule(event, period, bound="both"),)
        case "year":
            return (Rule(event, YEAR, "calendar", bound=dice.pick(["max", "both", "min"])),)
        case "financial":
            return (Rule(event, YEAR, "financial"),)
        case "two caps":
            return (cap, Rule(dice.pick(EVENTS), dice.pick(PERIODS)))
        case "cap and floor":
            return (
                Rule(event, DECADE),
                Rule(dice.pick(EVENTS), dice.pick(PERIODS[:3]), bound="min"),
            )
        case "contradiction":
            return (Rule(event, MONTH), Rule(event, YEAR, bound="min"))
        case "archive":
            return (Rule(event, Period(), until=True), Rule(event, period, bound="both", phase="archive"))
        case "anonymise":
            return (Rule(event, period, action="anonymise"),)
        case "open":
            return (Rule(None, None),)
        case "none":
            return ()
        case _:
            return (cap,)
