"""The batches of one step: compiled once as long as nothing changes, and never looking for their rows in vain for long.

A batch looks for its rows by itself, which an index or the order of the table makes quick. Where it does not, each next
ten thousand would be looked for from the beginning, past all rows that stay, and a step would read the table once per
batch. As soon as batches become slow, the places of many rows are therefore written down at once, in a temporary table,
and each batch takes its portion. What is written down decides nothing: every statement tests its rows again. When the
portions are used up, the next batch looks everywhere once more, so a step that ends has looked at all.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy import exc

from troth.stores.contract import Delete, Mask, ReceiptKey
from troth.stores.sql.catalog import Catalog
from troth.stores.sql.problems import forbids
from troth.stores.sql.server import Batch, Changes

SURVEYED = 1_000_000
"""Rows whose places are written down at once."""

SLOW = 0.15
"""Seconds from which a full batch may count as slow."""

SLOWER = 3.0
"""How many times as long as the quickest of its step a slow batch takes, too. Two of them in a row are enough."""


@dataclass(slots=True)
class Step:
    """What is known between two batches of one step on one session. ``lasting``: the compiled batch holds good for the
    same change again, since no temporary table stands behind it that others may fill anew."""

    plan: str
    step: str
    catalog: Catalog
    change: Delete | Mask
    batch: Batch
    lasting: bool
    portions: int = 0
    taken: int = 0
    slow: int = 0
    quickest: float = float("inf")
    surveys: bool = True

    def fits(self, key: ReceiptKey, catalog: Catalog) -> bool:
        return (self.plan, self.step) == (key.plan, key.step) and self.catalog is catalog

    def compiled_for(self, change: Delete | Mask) -> bool:
        return self.lasting and self.change == change

    def take(self, change: Delete | Mask, batch: Batch, *, lasting: bool) -> None:
        """Go on with another condition, as when somebody is put on hold between two batches."""
        if change.limit != self.change.limit:
            self.portions = self.taken = 0
        self.change, self.batch, self.lasting = change, batch, lasting

    def survey(self, connection: sa.Connection, changes: Changes) -> None:
        """Before a batch, outside of its transaction: write down what the next batches will look at."""
        if self.slow < 2 or not self.surveys or self.taken < self.portions:
            return
        try:
            with connection.begin():
                self.portions = changes.survey(connection, self.batch, SURVEYED)
        except exc.DBAPIError as error:
            if not forbids(error):
                raise
            self.portions, self.surveys = 0, False
        self.taken = self.slow = 0

    def run(self, connection: sa.Connection, changes: Changes, attempt: int = 0) -> int:
        """Rows changed. Each further ``attempt``, when somebody else has changed one of its rows, takes fewer."""
        if attempt:
            fewer = replace(self.batch, limit=max(1, self.batch.limit >> 3 * attempt))
            return changes.run(connection, fewer)
        while self.taken < self.portions:
            self.taken += 1
            if rows := changes.run(connection, self.batch, self.taken - 1):
                return rows
        started = time.perf_counter()
        rows = changes.run(connection, self.batch)
        seconds = time.perf_counter() - started
        self.quickest = min(self.quickest, seconds)
        slow = rows >= self.change.limit and seconds >= max(SLOW, SLOWER * self.quickest)
        self.slow = self.slow + 1 if slow else 0
        return rows
