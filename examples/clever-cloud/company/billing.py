"""Invoices of every month, and what was paid of them."""

from __future__ import annotations

from collections.abc import Iterator

from company.people import Customer, People
from company.seeds import Row, World


def invoice_rows(world: World, people: People) -> Iterator[Row]:
    chance, days = world.chance("invoices"), world.days()
    for number, day, customer in _issued(world, people):
        amount = 480 + int(chance.random() ** 3 * 90_000)
        yield (
            number, f"F{days[day][:4]}-{number:07}", customer.id, customer.name, customer.address, amount, "EUR",
            f"{days[day]} {chance.clock()}",
        )  # fmt: skip


def payment_rows(world: World, people: People) -> Iterator[Row]:
    """One in forty invoices was never paid."""
    chance, days = world.chance("payments"), world.days()
    paid = 0
    for number, day, customer in _issued(world, people):
        if chance.once_in(40):
            continue
        paid += 1
        when = min(day + chance.below(chance.of((3, 3, 3, 40))), world.today)
        method = chance.of(("card", "card", "card", "transfer", "paypal"))
        reference = None if method == "transfer" else f"{method[:2]}_{chance.getrandbits(64):016x}"
        yield (
            paid, number, customer.id, method, reference, 480 + int(chance.random() ** 3 * 90_000),
            f"{days[when]} {chance.clock()}",
        )  # fmt: skip


def _issued(world: World, people: People) -> Iterator[tuple[int, int, Customer]]:
    """Each invoice with its day: the second of the month, for who was a customer in the month before."""
    number = 0
    for month, first in enumerate(world.months()):
        for customer in people.customers:
            every = customer.every
            if every and (month + customer.id) % every == 0 and customer.open_on(first - 1):
                number += 1
                yield number, min(first + 1, world.today), customer
