"""What people ask otherwise than in the chat: calls to the hotline, requests about their rights, and instructions for
after their death. Nothing of it was ever erased."""

from __future__ import annotations

from collections.abc import Iterator

from company.people import People, plain
from company.seeds import Row, World
from company.words import ASKED, DOMAINS, FIRST_NAMES, IDENTITY_CHECKS, LAST_NAMES, REQUESTS

HOTLINE_DAYS = 900
REQUEST_DAYS = 1500


def hotline_rows(world: World, people: People) -> Iterator[Row]:
    """A call for two customers; of one in six nobody knows who called. The last is hers who asks, and still open."""
    chance, days = world.chance("hotline"), world.days()
    total = world.customers // 2
    for number in range(1, total + 1):
        day = world.today - HOTLINE_DAYS + number * HOTLINE_DAYS // (total + 1)
        somebody = chance.of(people.customers)
        known = somebody.open_on(day) and not chance.once_in(6)
        closed = day + chance.below(6)
        yield (
            number, somebody.id if known else None, (known and somebody.phone) or chance.phone(),
            900 + chance.below(24), f"{days[day]} 09:{chance.below(60):02}:00",
            None if closed >= world.today else f"{days[closed]} 18:00:00",
        )  # fmt: skip
    hero = people.hero
    yield total + 1, hero.id, hero.phone, 907, f"{days[world.today - 1]} 16:20:00", None


def request_rows(world: World, people: People) -> Iterator[Row]:
    """One for thirty customers, half of them from people who have no account; the last is hers who asks."""
    chance, days = world.chance("rights requests"), world.days()
    total = max(20, world.customers // 30)
    for number in range(1, total + 1):
        day = world.today - REQUEST_DAYS + number * REQUEST_DAYS // (total + 1)
        somebody = chance.of(people.customers)
        known = somebody.open_on(day)
        stranger = f"{plain(chance.of(FIRST_NAMES))}.{plain(chance.of(LAST_NAMES))}@{chance.of(DOMAINS)}.example"
        replied = day + 2 + chance.below(34)
        yield (
            number, somebody.id if known else None, somebody.email if known else stranger, chance.of(ASKED),
            chance.of(REQUESTS), chance.of(IDENTITY_CHECKS), f"{days[day]} {chance.clock()}",
            None if replied >= world.today else f"{days[replied]} {chance.clock()}",
        )  # fmt: skip
    hero, received = people.hero, f"{days[world.today]} 10:40:00"
    yield total + 1, hero.id, hero.email, "erasure", REQUESTS[1], "link to the address on file", received, None


def directive_rows(world: World, people: People) -> Iterator[Row]:
    """Of one customer in eighty; the first few have died. She who asks has left one too."""
    chance, days = world.chance("directives"), world.days()
    number = 0
    for each in people.customers:
        if each is not people.hero and each.id % 80 != 1:
            continue
        number += 1
        instruction = chance.of(("erase", "erase", "communicate", "keep"))
        designee = f"{chance.of(FIRST_NAMES)} {chance.of(LAST_NAMES)}" if instruction == "communicate" else None
        email = f"{plain(designee)}@{chance.of(DOMAINS)}.example" if designee else None
        given = each.created + chance.below(max(1, ((each.closed or world.today) - each.created) // 2))
        died = each is not people.hero and number % 4 == 1
        notified = given + int((world.today - given) * chance.random()) if died else None
        yield (
            number, each.id, instruction, designee, email, f"{days[given]} {chance.clock()}",
            None if notified is None else f"{days[notified]} 11:00:00",
        )  # fmt: skip
