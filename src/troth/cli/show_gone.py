"""How gone a thing is, for people: the level, and each place outside with its days or what would make them known."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from troth.stores.gone import Level, Outside

_LEVELS = {
    "logical": "no query will find it (logical level)",
    "physical": "no query will find it, nor will it be in the live files (physical level)",
}


def show_gone(console: Console, system: str, level: Level, outside: tuple[Outside, ...]) -> None:
    """One paragraph; dates are told in days after the change."""
    console.print(Text.assemble(("\nHow gone: ", "bold"), (system, "bold"), f"  {_LEVELS[level]}; outside of that:"))
    for place in outside:
        line = Text.assemble((f"{place.what}  ", "bold"), _until(place), (f"  {place.how}", "dim"))
        console.print(Padding(line, (0, 0, 0, 2), expand=False))


def _until(place: Outside) -> str:
    if place.days is None:
        return "until when is not known"
    return "nothing" if place.days == 0 else f"until {place.days} days after the change"
