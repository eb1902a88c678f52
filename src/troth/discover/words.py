"""The names that ``policy.yaml`` has for what is guessed: a draft uses no name that is not declared there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from troth.discover.columns import ColumnGuess
from troth.policy.model import Policy

NEAR = {
    "email": ("mail", "contact", "courriel", "e-mail"),
    "phone": ("telephone", "tel"),
    "login": ("username", "account", "name"),
    "password": ("credential", "credentials", "token"),
    "user_agent": ("browser", "device"),
    "activity": ("usage", "log", "logs"),
    "picture": ("photo", "avatar", "name"),
    "token": ("credentials", "password", "login"),
    "card": ("payment", "bank"),
    "bank": ("payment",),
    "birth": ("birth_date", "birthday"),
    "address": ("postal_address", "location"),
    "external_id": ("pseudonym", "login"),
    "device": ("user_agent", "pseudonym"),
}
"""Other names under which policies often declare an item."""


@dataclass(frozen=True, slots=True)
class PolicyWords:
    """``processings``: id → the items it declares, in the file's order; ``subjects``: whom they are about."""

    processings: tuple[tuple[str, frozenset[str]], ...]
    subjects: tuple[str, ...]

    @classmethod
    def of(cls, policy: Policy) -> PolicyWords:
        processings = tuple((each.id, frozenset(each.items)) for each in policy.processings.values())
        subjects = tuple(dict.fromkeys(word for each in policy.processings.values() for word in each.subjects))
        return cls(processings, subjects)

    def item(self, wanted: str) -> str | None:
        """The policy's name for an item, or ``None`` when it declares no such thing."""
        known = {item for _, items in self.processings for item in items}
        return next((each for each in (wanted, *NEAR.get(wanted, ())) if each in known), None)

    def rule(self, guess: ColumnGuess) -> str | None:
        """What a line says of a column that holds an item of the policy: the item, with its blank if it has one."""
        item = self.item(guess.item) if guess.holds == "item" and guess.item != "json" else None
        return f"{{item: {item}, blank: {json.dumps(guess.blank)}}}" if item and guess.blank else item

    def subject(self, wanted: str) -> str:
        return wanted if wanted in self.subjects or not self.subjects else self.subjects[0]

    def processing(self, wanted: str, columns: Iterable[ColumnGuess]) -> str:
        """The processing of that name, else the one that declares most of what the columns hold."""
        ids = [each for each, _ in self.processings]
        if wanted in ids:
            return wanted
        held = {self.item(each.item) for each in columns if each.holds == "item"}
        best = max(self.processings, key=lambda each: len(held & each[1]))
        return best[0]
