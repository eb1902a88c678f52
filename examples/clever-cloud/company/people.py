"""Customers, the organisations they share, and the applications these run."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from company.seeds import Chance, Row, World
from company.words import DOMAINS, FIRST_NAMES, LAST_NAMES, PRODUCTS, RUNTIMES, STREETS, THINGS, TOWNS, TRADES


@dataclass(slots=True)
class Customer:
    """``closed`` is the day the account was closed, ``None`` while it is open; ``every`` how many months there are
    between two invoices, 0 when there are none."""

    id: int
    name: str
    email: str
    phone: str | None
    address: str | None
    login: str
    created: int
    closed: int | None
    every: int
    closed_at: str = ""
    organizations: list[int] = field(default_factory=list)

    def open_on(self, day: int) -> bool:
        return self.created <= day and (self.closed is None or day < self.closed)

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]


@dataclass(slots=True)
class Organization:
    id: int
    name: str
    created: int
    members: list[Customer] = field(default_factory=list)
    applications: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody, in memory: a few megabytes; what they leave behind is made row by row."""

    customers: list[Customer]
    organizations: list[Organization]
    hero: Customer

    def apps_of(self, customer: Customer) -> list[tuple[int, str]]:
        return [app for each in customer.organizations for app in self.organizations[each - 1].applications]


def make_people(world: World) -> People:
    customers = list(_customers(world))
    hero = _hero(world, customers)
    organizations = list(_organizations(world, customers, hero))
    _applications(world, organizations)
    return People(customers, organizations, hero)


def _customers(world: World) -> Iterator[Customer]:
    chance = world.chance("customers")
    days = sorted(int(world.today * chance.random() ** 0.7) for _ in range(world.customers))
    logins: set[str] = set()
    last: Customer | None = None
    for number, created in enumerate(days, 1):
        first, family = chance.of(FIRST_NAMES), chance.of(LAST_NAMES)
        stem = f"{plain(first)}.{plain(family)}"
        email = f"{stem}@{chance.of(DOMAINS)}.example"
        login = stem
        while login in logins:
            login = f"{stem}{chance.below(9000) + 1000}"
        if login != stem:
            email = email.replace("@", f"{login.removeprefix(stem)}@")
        logins.add(login)
        customer = Customer(
            id=number,
            name=f"{first} {family}",
            email=email,
            phone=None if chance.once_in(5) else chance.phone(),
            address=None if chance.once_in(8) else address(chance),
            login=login,
            created=created,
            closed=_closed(chance, created, world.today),
            every=chance.of((1, 3, 3, 3, 12, 12, 0, 0)),
        )
        if last is not None and last.email.islower() and chance.once_in(200):
            # the same person again, with the e-mail in another case
            customer.name, customer.email = last.name, last.email.title()
        yield customer
        last = customer


def _closed(chance: Chance, created: int, today: int) -> int | None:
    """The day of the end of the contract for a quarter of them, and none of them was ever purged."""
    day = created + 20 + int((today - created) * chance.random())
    return day if chance.once_in(4) and day < today else None


def _hero(world: World, customers: list[Customer]) -> Customer:
    """The customer who asks for erasure: she closes her account on the last day."""
    hero = customers[len(customers) * 3 // 10]
    hero.name, hero.login = "Camille Tilleul", "camille.tilleul-1"
    hero.email = "camille.tilleul@atelier-tilleul.example"
    hero.phone, hero.address = "+33 6 39 98 12 34", "12 rue des Tilleuls, 44000 Nantes"
    hero.every, hero.closed, hero.closed_at = 1, world.today, "09:12:40"
    return hero


def _organizations(world: World, customers: list[Customer], hero: Customer) -> Iterator[Organization]:
    """Two customers of three begin one of their own; the others join one of the last, as colleagues do."""
    chance = world.chance("organizations")
    recent: list[Organization] = []
    number = 0
    for customer in customers:
        if recent and customer is not hero and not chance.once_in(1.5):
            joined = chance.of(recent)
        else:
            number += 1
            joined = Organization(number, _organization_name(chance, customer), customer.created)
            recent = [*recent[-40:], joined]
            yield joined
        _join(joined, customer)
        if customer is not hero and len(recent) > 1 and chance.once_in(12):
            other = chance.of(recent)
            if customer not in other.members:
                _join(other, customer)
        if customer is hero:
            joined.name = "Atelier Tilleul"
            others = [each for each in customers[customer.id : customer.id + 40] if each.closed is None][:2]
            for colleague in others:
                _join(joined, colleague)
    for _ in range(3):  # nobody knows whose these were
        number += 1
        yield Organization(number, f"{chance.of(TRADES)} {chance.of(LAST_NAMES)}", chance.below(world.today))


def _join(organization: Organization, customer: Customer) -> None:
    organization.members.append(customer)
    customer.organizations.append(organization.id)


def _organization_name(chance: Chance, customer: Customer) -> str:
    return customer.name if chance.once_in(3) else f"{chance.of(TRADES)} {customer.name.partition(' ')[2]}"


def _applications(world: World, organizations: list[Organization]) -> None:
    chance = world.chance("applications")
    number = 0
    for each in organizations:
        for _ in range(1 + chance.below(3)):
            number += 1
            each.applications.append((number, f"{chance.of(THINGS)}-{plain(each.name)[:24]}"))


def address(chance: Chance) -> str:
    return f"{chance.below(140) + 1} {chance.of(STREETS)}, {chance.of(TOWNS)}"


def plain(text: str) -> str:
    """In letters that a login may have."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return ascii_only.lower().replace(" ", "-").replace("'", "")


def customer_rows(world: World, people: People) -> Iterator[Row]:
    chance, factors, days = world.chance("customer rows"), world.chance("second factors"), world.days()
    for each in people.customers:
        closed_at = None if each.closed is None else f"{days[each.closed]} {each.closed_at or chance.clock()}"
        last = (each.closed or world.today) - 1
        seen = last - int(min(700, last - each.created) * chance.random() ** 3)
        never = chance.once_in(30)
        yield (
            each.id, each.email, each.name, each.phone, each.address, each.login, _password(chance, each.id),
            f"{days[each.created]} {chance.clock()}", closed_at,
            None if never else f"{days[seen]} {chance.clock()}", None if never else chance.ip(),
            factors.text(32) if factors.once_in(4) else None, chance.below(100) if chance.once_in(3) else None,
        )  # fmt: skip


def _password(chance: Chance, number: int) -> str:
    """What a password hash looks like; nothing was hashed. Old accounts still have the older scheme."""
    if number % 5 == 0:
        return f"$2b$12${chance.text(53)}"
    return f"$argon2id$v=19$m=65536,t=3,p=4${chance.text(22)}${chance.text(43)}"


def organization_rows(world: World, people: People) -> Iterator[Row]:
    chance, days = world.chance("organization rows"), world.days()
    for each in people.organizations:
        yield each.id, each.name, f"{days[each.created]} {chance.clock()}"


def membership_rows(world: World, people: People) -> Iterator[Row]:
    chance, days = world.chance("membership rows"), world.days()
    number = 0
    for each in people.organizations:
        for place, member in enumerate(each.members):
            number += 1
            role = "owner" if place == 0 else chance.of(("developer", "developer", "accounting", "owner"))
            yield number, each.id, member.id, role, f"{days[max(each.created, member.created)]} {chance.clock()}"


def application_rows(world: World, people: People) -> Iterator[Row]:
    chance, days = world.chance("application rows"), world.days()
    for each in people.organizations:
        for number, name in each.applications:
            url = None if chance.once_in(4) else f"https://git.example/{plain(each.name)}/{name}"
            created = each.created + chance.below(max(1, (world.today - each.created) // 4))
            yield number, each.id, name, chance.of(RUNTIMES), url, f"{days[created]} {chance.clock()}"


def addon_rows(world: World, people: People) -> Iterator[Row]:
    """None, one or two an application."""
    chance, days = world.chance("addons"), world.days()
    number = 0
    for each in people.organizations:
        for application, _ in each.applications:
            for _ in range(chance.below(3)):
                number += 1
                product = chance.of(PRODUCTS)
                created = each.created + chance.below(max(1, (world.today - each.created) // 3))
                yield number, application, product, f"{product}_{number:x}{chance.getrandbits(40):010x}", days[created]
