"""What machines write: the access log, the log of operations on content, visits of the website.

The job that should have emptied the logs stopped long ago; the analytics tool writes whole addresses since its last
upgrade.
"""

from __future__ import annotations

from collections.abc import Iterator

from company.people import Customer, People
from company.seeds import Chance, Row, World
from company.words import ACTIONS, AGENTS, BROWSERS, PAGES, PATHS, SCREENS, STRANGERS, SYSTEMS

ACCESS_DAYS = 500
OPERATION_DAYS = 560
VISIT_DAYS = 400
UPGRADED = 74
"""Days since the upgrade after which ``visits.ip`` holds whole addresses."""


def access_rows(world: World, people: People) -> Iterator[Row]:
    """Sixty a customer."""
    chance, days = world.chance("access_log"), world.days()
    total = 60 * world.customers
    for number in range(1, total + 1):
        day = world.today - ACCESS_DAYS + number * ACCESS_DAYS // total
        somebody = _open_on(chance, people, day)
        login = None if chance.once_in(9) else chance.of(STRANGERS) if chance.once_in(60) else somebody.login
        status = 200 if login and not chance.once_in(25) else chance.of((302, 401, 403, 404, 500))
        yield (
            number, login, chance.ip(), None if chance.once_in(90) else chance.of(AGENTS), chance.of(PATHS), status,
            f"{days[day]} {chance.clock()}",
        )  # fmt: skip


def connection_rows(world: World, people: People) -> Iterator[Row]:
    """Ten a customer; two rows are of customers that nobody knows any more."""
    chance, days = world.chance("connection_log"), world.days()
    total = 10 * world.customers
    for number in range(1, total + 1):
        day = world.today - OPERATION_DAYS + number * OPERATION_DAYS // total
        somebody = _open_on(chance, people, day)
        application = chance.of(people.apps_of(somebody))[0]
        customer = world.customers + number if number in (total // 3, total // 2) else somebody.id
        yield (
            number, customer, application, chance.of(("create", "update", "update", "update", "delete")),
            chance.of(("git+ssh", "git+ssh", "https")), chance.ip(), f"{days[day]} {chance.clock()}",
        )  # fmt: skip


def visit_rows(world: World) -> Iterator[Row]:
    """Fourteen a customer, though visitors are seldom customers."""
    chance, acts, days = world.chance("visits"), world.chance("actions"), world.days()
    total = 14 * world.customers
    for number in range(1, total + 1):
        day = world.today - VISIT_DAYS + number * VISIT_DAYS // total
        ip = _visitor_ip(chance, whole=day > world.today - UPGRADED)
        yield (
            number, f"{chance.getrandbits(48):012x}", ip, chance.of(BROWSERS), chance.of(SYSTEMS),
            chance.of(("computer", "computer", "telephone", "tablet")), chance.of(SCREENS),
            f"https://www.hosting.example{chance.of(PAGES)}", acts.of(ACTIONS), f"{days[day]} {chance.clock()}",
        )  # fmt: skip


def _visitor_ip(chance: Chance, *, whole: bool) -> str | None:
    if chance.once_in(50):
        return None
    ip = chance.ip()
    if whole:
        return ip
    if ":" in ip:
        return f"{':'.join(ip.split(':')[:3])}::"
    return f"{'.'.join(ip.split('.')[:2])}.0.0"


def _open_on(chance: Chance, people: People, day: int) -> Customer:
    while True:
        somebody = chance.of(people.customers)
        if somebody.open_on(day):
            return somebody
