"""Candidates and their interviews, of which nothing was ever erased."""

from __future__ import annotations

from collections.abc import Iterator

from company.people import address, plain
from company.seeds import Row, World
from company.words import DOMAINS, FIRST_NAMES, LAST_NAMES, RESULTS, RESUMES

RECRUITING_DAYS = 1500


def _how_many(world: World) -> int:
    return max(40, world.customers // 20)


def candidate_rows(world: World) -> Iterator[Row]:
    chance, decisions, days = world.chance("candidates"), world.chance("decisions"), world.days()
    total = _how_many(world)
    for number in range(1, total + 1):
        applied = world.today - RECRUITING_DAYS + number * (RECRUITING_DAYS - 40) // total
        contact = min(applied + chance.below(90), world.today)
        decided = contact + decisions.below(30)
        first, family = chance.of(FIRST_NAMES), chance.of(LAST_NAMES)
        born = f"{1962 + chance.below(42)}-{chance.below(12) + 1:02}-{chance.below(28) + 1:02}"
        yield (
            number, f"{first} {family}", None if chance.once_in(4) else born,
            f"{plain(first)}.{plain(family)}@{chance.of(DOMAINS)}.example",
            None if chance.once_in(6) else chance.phone(), None if chance.once_in(3) else address(chance),
            chance.of(RESUMES), None if chance.once_in(2) else (32 + chance.below(40)) * 1000,
            f"{days[applied]} {chance.clock()}", None if chance.once_in(40) else f"{days[contact]} {chance.clock()}",
            None if decided > world.today or decisions.once_in(9) else f"{days[decided]} 17:00:00",
        )  # fmt: skip


def interview_rows(world: World) -> Iterator[Row]:
    """None, one, two or three a candidate; some were agreed upon and never had a date."""
    chance, days = world.chance("interviews"), world.days()
    total, held = _how_many(world), 0
    for number in range(1, total + 1):
        applied = world.today - RECRUITING_DAYS + number * (RECRUITING_DAYS - 40) // total
        for place in range(chance.below(4)):
            held += 1
            day = min(applied + 5 + place * 8, world.today)
            when = None if chance.once_in(15) else f"{days[day]} {9 + chance.below(8):02}:30:00"
            yield held, number, 900 + chance.below(24), when, chance.of(RESULTS)
