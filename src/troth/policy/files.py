"""The form of ``policy.yaml``, as people write it. ``load.py`` turns it into the frozen ``Policy``.

These models are also where the published JSON Schema comes from (``schema.py``). Every key may be absent or to confirm,
except where a thing would have no meaning without it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from troth.core.fileform import TO_CONFIRM, FileModel, problem
from troth.core.filewords import FormWord, Id, TextsIn, Words, Zone, one_or_many, text_or_texts
from troth.policy.words import AuthorityId, Category, Countries, Country, PeriodText, RuleText, StartText, YearEnd


def _text(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


def _rule(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


def _items(value: object) -> object:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return {item: {} for item in value}
    if isinstance(value, list | str) and value != TO_CONFIRM:
        raise problem(
            "103", "'data' takes ids, or ids with what is known of each", "write [email, name] or {email: {}}"
        )
    return value


def _item(value: object) -> object:
    return {"title": value} if isinstance(value, str) else value


class TextFile(FileModel):
    """Words for people, in English and French; a plain text is English."""

    en: Words | None = None
    fr: Words | None = None


TextIn: TypeAlias = Annotated[TextFile, BeforeValidator(_text, json_schema_input_type=str | TextFile)]


class RuleFile(FileModel):
    """One statement about how long data is kept; a plain text says the same in a sentence."""

    text: RuleText | None = Field(default=None, description="the sentence: 180 days from recorded")
    start: StartText | None = Field(default=None, description="the event the clock starts with")
    until: StartText | None = Field(default=None, description="like start, for an event that may not have come yet")
    period: PeriodText | None = None
    end_of_year: Literal["calendar", "financial"] | None = Field(
        default=None, description="start at the end of the event's year"
    )
    bound: Literal["max", "min", "both"] | None = None
    phase: Literal["active", "archive"] | None = None
    action: Literal["erase", "anonymise", "return"] | None = None
    law: Words | None = Field(
        default=None, description="the statute that demands it; the bound is then both, unless said otherwise"
    )
    quote: Words | None = None

    @model_validator(mode="after")
    def _one_way(self) -> RuleFile:
        twice = [key for key in ("start", "until", "period", "end_of_year", "bound") if getattr(self, key) is not None]
        if self.text is not None and twice:
            raise problem(
                "204",
                f"the rule says {' and '.join(twice)} beside its text",
                "say it in the text alone, or without text",
            )
        if self.start is not None and self.until is not None:
            raise problem(
                "204", "the rule says both start and until", "keep until when the event may not have come yet"
            )
        return self


RuleIn: TypeAlias = Annotated[RuleFile, BeforeValidator(_rule, json_schema_input_type=str | RuleFile)]
RulesIn: TypeAlias = Annotated[
    list[RuleIn], BeforeValidator(one_or_many, json_schema_input_type=str | RuleFile | list[str | RuleFile])
]
BasisIn: TypeAlias = Literal["6.1.a", "6.1.b", "6.1.c", "6.1.d", "6.1.e", "6.1.f"]


class PurposeFile(FileModel):
    """Why data is processed. What is absent is taken from the processing."""

    basis: BasisIn | None = Field(default=None, description="the one lawful basis, Art. 6(1) GDPR")
    title: TextIn | None = None
    interest: TextIn | None = Field(default=None, description="Art. 13(1)(d): the interest pursued, for 6.1.f")
    compelling: TextIn | None = Field(default=None, description="Art. 21(1): grounds that override an objection")
    precontract: bool | None = Field(default=None, description="steps before a contract, at the person's request")
    marketing: bool | None = None
    data: list[Id] | None = Field(default=None, description="the items it needs; all of the processing's when absent")
    retain: RulesIn | None = None
    law: Words | None = None
    quote: Words | None = None


class ItemFile(FileModel):
    """One kind of personal data."""

    title: TextIn | None = None
    category: Category | None = Field(default=None, description="a Fideslang key: user.contact.email")
    form: FormWord | None = None
    required: bool | None = Field(default=None, description="Art. 13(2)(e): necessary for the contract")
    quote: Words | None = None


ItemIn: TypeAlias = Annotated[ItemFile, BeforeValidator(_item, json_schema_input_type=str | ItemFile | None)]
ItemsIn: TypeAlias = Annotated[
    dict[Id, ItemIn],
    BeforeValidator(_items, json_schema_input_type=list[str] | dict[str, str | ItemFile | None]),
]


class ProcessingFile(FileModel):
    """One processing activity. Without ``purposes`` it has one, under its own id."""

    title: TextIn | None = None
    role: Literal["controller", "processor"] | None = None
    subjects: list[Id] | None = Field(default=None, description="whose data: customer, employee, candidate…")
    purposes: dict[Id, PurposeFile] | None = None
    data: ItemsIn | None = None
    retain: RulesIn | None = None
    basis: BasisIn | None = None
    interest: TextIn | None = None
    compelling: TextIn | None = None
    precontract: bool | None = None
    marketing: bool | None = None
    law: Words | None = None
    recipients: list[Id] | None = Field(default=None, description="an empty list says: nobody")
    source: TextIn | None = Field(
        default=None, description="Art. 14(2)(f): where data not given by the person comes from"
    )
    quote: Words | None = None


class RecipientFile(FileModel):
    """Who receives data."""

    name: Words | None = None
    role: Literal["processor", "controller", "joint", "internal", "category", "authority"] | None = None
    country: Country | None = Field(default=None, description="ISO 3166: FR")
    transfer: Literal["none", "adequacy", "scc", "bcr", "derogation"] | None = None
    contract: Words | None = None
    policy_url: Words | None = None
    quote: Words | None = None


class TrackerFile(FileModel):
    """A cookie or other tracker: exempt for a reason, or by consent."""

    name: Words | None = None
    processing: Id | None = None
    lifetime: PeriodText | None = None
    exempt: Words | None = Field(default=None, description="why no consent is needed; absent: by consent")
    quote: Words | None = None


class MeasureFile(FileModel):
    """A security measure."""

    title: TextIn | None = None
    kind: (
        Literal["place", "access", "transport", "storage", "pseudonym", "password", "trace", "organisation"] | None
    ) = None
    quote: Words | None = None
    countries: (
        Annotated[list[Countries], BeforeValidator(text_or_texts, json_schema_input_type=str | list[str])] | None
    ) = Field(default=None, description="place: where every system may be: FR, or a union of countries (EU, EEA)")
    operated_by: TextsIn | None = Field(default=None, description="place: who may run a system")
    items: TextsIn | None = Field(default=None, description="pseudonym: which items, as processing.item")


class ActivityFile(FileModel):
    """One category of processing carried out for customers."""

    title: TextIn | None = None
    quote: Words | None = None


class ProcessorFile(FileModel):
    """The processor's side of the record (Article 30(2))."""

    activities: (
        dict[Id, Annotated[ActivityFile, BeforeValidator(_item, json_schema_input_type=str | ActivityFile)]] | None
    ) = None


class AcceptedFile(FileModel):
    """A known breach somebody answers for until a date."""

    promise: str
    collection: str | None = None
    fields: list[str] | None = None
    reason: Annotated[str, StringConstraints(min_length=1)]
    owner: Annotated[str, StringConstraints(min_length=1)]
    until: date


class RightFile(FileModel):
    """One right that the policy names."""

    title: TextIn | None = None
    article: Words | None = Field(default=None, description="where the right comes from: 15, or 85 of loi 78-17")
    quote: Words | None = None


class RightsFile(FileModel):
    """Where people ask, what they may ask for, and how soon they are answered."""

    email: Words | None = None
    post: Words | None = None
    within: PeriodText | None = Field(default=None, description="Art. 12(3): the answer comes within: 1 month")
    identity: Words | None = Field(default=None, description="Art. 12(6): what is asked to know who asks")
    named: (
        dict[Id, Annotated[RightFile, BeforeValidator(_item, json_schema_input_type=str | RightFile | None)]] | None
    ) = Field(default=None, description="the rights that the policy names, by id")
    quote: Words | None = None


class ControllerFile(FileModel):
    """Who promises."""

    name: Words | None = None
    contact: Words | None = None
    address: Words | None = None
    dpo: Words | None = None
    representative: Words | None = None
    authority: AuthorityId | None = None
    timezone: Zone | None = Field(default=None, description="of the legal day: Europe/Paris")
    financial_year_end: YearEnd | None = Field(default=None, description="month and day: 12-31")
    quote: Words | None = None


class PolicyFile(FileModel):
    """What a company promises about personal data."""

    troth: Literal[1]
    title: TextIn | None = None
    last_updated: date | None = None
    controller: ControllerFile | None = None
    recipients: dict[Id, RecipientFile] | None = None
    processings: dict[Id, ProcessingFile] | None = None
    trackers: dict[Id, TrackerFile] | None = None
    rights: RightsFile | None = None
    security: dict[Id, MeasureFile] | None = None
    processor: ProcessorFile | None = None
    accepted: list[AcceptedFile] | None = None
