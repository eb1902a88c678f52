"""Conversations with support: customers and staff write, and both write about others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from company.people import Customer, People, address
from company.seeds import Chance, Row, World
from company.words import ANSWERS, MENTIONS, QUESTIONS, STAFF_MENTIONS, SUBJECTS

SUPPORT_YEARS = 7


@dataclass(frozen=True, slots=True)
class Conversation:
    id: int
    customer: Customer
    opened: int
    subject: str
    about: Customer | None = None
    """Somebody whom this conversation certainly mentions."""

    @property
    def length(self) -> int:
        """How many messages: no chance in it, so that both tables agree."""
        return 6 if self.about else 2 + self.id * 7 % 5

    def day(self, message: int, today: int) -> int:
        return min(self.opened + message * (1 + self.id % 3) // 2, today)


def conversations(world: World, people: People) -> Iterator[Conversation]:
    chance = world.chance("conversations")
    hero, total = people.hero, world.customers * 18 // 10
    span = SUPPORT_YEARS * 365
    for number in range(1, total + 1):
        day = world.today - span + number * span // total
        somebody = chance.of(people.customers)
        while not somebody.open_on(day):
            somebody = chance.of(people.customers)
        yield Conversation(number, somebody, day, chance.of(SUBJECTS))
    colleague = people.organizations[hero.organizations[0] - 1].members[1]
    yield Conversation(total + 1, hero, world.today - 61, "Facture introuvable", about=colleague)
    yield Conversation(total + 2, hero, world.today - 9, "Lost second factor", about=colleague)
    yield Conversation(total + 3, colleague, world.today - 8, "Ajouter un membre", about=hero)


def conversation_rows(world: World, people: People) -> Iterator[Row]:
    chance, days = world.chance("conversation rows"), world.days()
    for each in conversations(world, people):
        last = each.day(each.length, world.today)
        still_open = chance.once_in(40) or last > world.today - 3
        ended = f"{days[last]} 18:30:00"
        yield (
            each.id, each.customer.id, each.customer.email, each.customer.phone,
            None if chance.once_in(10) else chance.ip(), each.subject,
            f"{days[each.opened]} 07:{chance.below(60):02}:00",
            None if each.about is None and chance.once_in(400) else ended, None if still_open else ended,
        )  # fmt: skip


def message_rows(world: World, people: People) -> Iterator[Row]:
    chance, days = world.chance("messages"), world.days()
    number = 0
    for each in conversations(world, people):
        app = people.apps_of(each.customer)[0][1]
        for place in range(each.length):
            number += 1
            other = _other(chance, people, each, place)
            by_staff = place % 2 == 1
            author = 900 + chance.below(24) if by_staff else each.customer.id
            if each.about is people.hero and place == 4:
                author, other = people.hero.id, None
            body = _body(chance, each.customer, app, other, by_staff=by_staff)
            sent = f"{days[each.day(place, world.today)]} {8 + place:02}:{chance.below(60):02}:{chance.below(60):02}"
            kind = "staff" if by_staff else "customer"
            yield number, each.id, kind, author, other.id if other else None, body, sent


def _other(chance: Chance, people: People, conversation: Conversation, place: int) -> Customer | None:
    """A colleague that this message is about, now and then."""
    if conversation.about is not None:
        return conversation.about if place in (2, 3) else None
    if not chance.once_in(9):
        return None
    organization = people.organizations[conversation.customer.organizations[0] - 1]
    other = chance.of(organization.members)
    return None if other is conversation.customer else other


def _body(chance: Chance, customer: Customer, app: str, other: Customer | None, *, by_staff: bool) -> str:
    if other is not None:
        return chance.of(STAFF_MENTIONS if by_staff else MENTIONS).format(other=other.name, app=app)
    return chance.of(ANSWERS if by_staff else QUESTIONS).format(
        app=app,
        first=customer.first_name,
        email=customer.email,
        phone=customer.phone or "01 99 00 12 34",
        address=customer.address or address(chance),
    )
