"""How gone a thing is, for people: the level, and each place outside with its days or what would make them known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from troth.planning.plan import Gone
from troth.services.applying import Applied

LEVELS: Mapping[str, str] = {
    "logical": "no query finds what was to go (logical level)",
    "physical": "no query finds what was to go, and the live files do not hold it (physical level)",
}


def show_gone(console: Console, gone: Gone) -> None:
    """What a plan will reach in one system; dates are told in days after the change."""
    head = f"\nWhen done, gone from {gone.system} on the {gone.level} level"
    console.print(Text.assemble((head, "bold"), "; outside of that copies may be in"))
    for place in gone.outside:
        if place.days is None:
            until = "until when is not known"
        else:
            until = f"until {place.days} days after the change" if place.days else "none"
        line = Text.assemble((place.what, "bold"), f"  {until}", (f"  {place.how}", "dim"))
        console.print(Padding(line, (0, 0, 0, 2), expand=False))


def show_left_outside(console: Console, applied: Applied) -> None:
    """Where copies may be after a run, and until which day."""
    for gone in applied.gone:
        kept = [place for place in gone.outside if place.days != 0]
        known = [f"{place.what} until {place.until(applied.day)}" for place in kept if place.days]
        unknown = [place.what for place in kept if place.days is None]
        line = Text.assemble(("outside of ", "dim"), (gone.system, "bold"), f"  {'; '.join(known)}")
        if unknown:
            line.append(f"{'; ' if known else ''}not known until when: {', '.join(unknown)}", style="dim")
        console.print(line)


def gone_json(applied: Applied) -> list[dict[str, object]]:
    return [
        {
            "system": gone.system,
            "level": gone.level,
            "outside": [
                {**asdict(place), "until": str(until) if (until := place.until(applied.day)) else None}
                for place in gone.outside
            ],
        }
        for gone in applied.gone
    ]
