"""The policy as frozen values, after ``policy.yaml`` was read. What the law demands may be absent: ``None`` stands
for "to confirm", and whatever needs it is unprovable until somebody writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from troth.core.diagnostics import Mark
from troth.core.periods import Period


class Basis(StrEnum):
    """The lawful bases of Article 6(1) GDPR, by the letter."""

    CONSENT = "6.1.a"
    CONTRACT = "6.1.b"
    LEGAL_OBLIGATION = "6.1.c"
    VITAL_INTERESTS = "6.1.d"
    PUBLIC_TASK = "6.1.e"
    LEGITIMATE_INTERESTS = "6.1.f"


@dataclass(frozen=True, slots=True)
class Text:
    """Words for people, in the languages they were written in. ``str()`` gives English, else French."""

    en: str = ""
    fr: str = ""

    def __str__(self) -> str:
        return self.en or self.fr


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement about how long. The clock starts with ``event`` (or with the end of the year it falls in) and
    runs for ``period``; a zero period means "until the event".

    ``bound``: ``max`` no longer than, ``min`` no shorter than (a statute), ``both`` exactly this long.
    ``event`` and ``period`` are ``None`` while to confirm.
    """

    event: str | None
    period: Period | None
    of_year: Literal["calendar", "financial"] | None = None
    bound: Literal["max", "min", "both"] = "max"
    phase: Literal["active", "archive"] = "active"
    action: Literal["erase", "anonymise", "return"] = "erase"
    until: bool = False
    """Written as "until EVENT": a row without the moment has not come to it yet, rather than lost it."""
    law: str | None = None
    quote: str = ""
    mark: Mark = Mark("policy.yaml")

    @property
    def decidable(self) -> bool:
        return self.event is not None and self.period is not None

    def __str__(self) -> str:
        if self.event is None or self.period is None:
            return "to confirm"
        years = {"calendar": "end of year of ", "financial": "end of financial year of "}
        event = f"{years[self.of_year] if self.of_year else ''}{self.event}"
        if self.period == Period():
            return f"until {event}"
        return f"{'at least ' if self.bound == 'min' else ''}{self.period} from {event}"


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why data is processed: exactly one basis, its own rules. ``items`` are the ids it needs (of its processing)."""

    id: str
    title: Text
    basis: Basis | None
    rules: tuple[Rule, ...]
    items: tuple[str, ...]
    interest: Text = Text()
    """Art. 13(1)(d): the interest pursued, for 6.1.f."""
    compelling: Text = Text()
    """Art. 21(1): compelling legitimate grounds that override an objection, where the controller claims them."""
    precontract: bool = False
    """Steps before a contract, at the person's request (a candidate): erasure withdraws the request."""
    marketing: bool = False
    law: str | None = None
    quote: str = ""
    mark: Mark = Mark("policy.yaml")


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of personal data in a processing. ``form`` names a declared form (``first-half``, ``hashed``,
    ``no-card``); ``required`` says whether it is necessary for the contract (Art. 13(2)(e)), ``None`` = to confirm."""

    id: str
    title: Text
    category: str | None = None
    form: str | None = None
    required: bool | None = None
    quote: str = ""
    mark: Mark = Mark("policy.yaml")


@dataclass(frozen=True, slots=True)
class Processing:
    """One processing activity. ``recipients`` is ``None`` while to confirm, empty when the policy says none."""

    id: str
    title: Text
    role: Literal["controller", "processor"]
    subjects: tuple[str, ...]
    purposes: Mapping[str, Purpose]
    items: Mapping[str, Item]
    recipients: tuple[str, ...] | None = None
    source: Text = Text()
    quote: str = ""
    mark: Mark = Mark("policy.yaml")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives data (Art. 13(1)(e), 30(1)(d)), in which role and country, under which transfer mechanism."""

    id: str
    name: str
    role: Literal["processor", "controller", "joint", "internal", "category", "authority"] | None = None
    country: str | None = None
    transfer: Literal["none", "adequacy", "scc", "bcr", "derogation"] | None = None
    contract: str | None = None
    policy_url: str | None = None
    quote: str = ""
    mark: Mark = Mark("policy.yaml")


@dataclass(frozen=True, slots=True)
class Tracker:
    """A cookie or other tracker (LIL art. 82): exempt with a reason, or by consent."""

    id: str
    name: str
    processing: str
    lifetime: Period | None = None
    exempt: str | None = None
    quote: str = ""
    mark: Mark = Mark("policy.yaml")


@dataclass(frozen=True, slots=True)
class Measure:
    """A security measure (Art. 30(1)(g), 32). ``kind`` links it to the kind of promise that could measure it."""

    id: str
    title: Text
    kind: Literal["place", "access", "transport", "storage", "pseudonym", "password", "trace", "organisation"]
    quote: str = ""
    mark: Mark = Mark("policy.yaml")
    countries: tuple[str, ...] = ()
    """Of a place: where every system may be. Empty: the policy does not say it in a word that could be compared."""
    operated_by: tuple[str, ...] = ()
    """Of a place: who may run a system."""
    items: tuple[tuple[str, str], ...] = ()
    """Of a pseudonym: which (processing, item) pairs the sentence is about."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A known breach that its owner accepts until a date. ``collection`` narrows it to one place, ``fields`` to these
    columns of it: a breach of another one is not accepted."""

    promise: str
    reason: str
    owner: str
    until: date
    collection: str | None = None
    mark: Mark = Mark("policy.yaml")
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Controller:
    """Who promises. ``zone`` is the IANA zone of the legal day; ``year_end`` closes the financial year."""

    name: str
    contact: str = ""
    address: str = ""
    dpo: str | None = None
    representative: str | None = None
    authority: str | None = None
    zone: str = "UTC"
    year_end: tuple[int, int] = (12, 31)
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Right:
    """A right that the policy names. ``article`` is where it comes from, as written; ``None`` = to confirm."""

    id: str
    title: Text
    article: str | None = None
    quote: str = ""
    mark: Mark = Mark("policy.yaml")


@dataclass(frozen=True, slots=True)
class RightsContact:
    """Where a person asks (Art. 12(2)), which rights the policy names, within which time it says they are answered, and
    what it asks to know who they are (Art. 12(6)). What a person may ask for follows the law, not this list."""

    email: str = ""
    post: str = ""
    quote: str = ""
    within: Period | None = None
    identity: str = ""
    named: Mapping[str, Right] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Activity:
    """One category of processing carried out for customers as processor (Art. 30(2)(b))."""

    id: str
    title: Text
    quote: str = ""
    mark: Mark = Mark("policy.yaml")


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole text. ``revision`` is the SHA-256 of the file's bytes."""

    controller: Controller
    processings: Mapping[str, Processing]
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    trackers: Mapping[str, Tracker] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    activities: Mapping[str, Activity] = field(default_factory=dict)
    rights: RightsContact = RightsContact()
    accepted: tuple[Acceptance, ...] = ()
    title: Text = Text()
    last_updated: date | None = None
    revision: str = ""
