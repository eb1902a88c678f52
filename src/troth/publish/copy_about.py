"""What the company does with the data of a copy: Art. 15(1)(a) to (h) and (2) GDPR, one processing after the other."""

from __future__ import annotations

from dataclasses import dataclass

from babel.core import Locale

from troth.law.read import authorities
from troth.policy.model import Processing, Purpose, Recipient
from troth.publish.check_rules import basis_words, item_words, kept_for, purpose_words
from troth.publish.copy_report import CopyReport
from troth.publish.copy_rights import RightView, rights_of
from troth.publish.language import Said, Tongue


@dataclass(frozen=True, slots=True)
class PurposeView:
    """Why data is processed: titles of purposes of which the rest is the same."""

    titles: tuple[Said, ...]
    basis: str
    kept: str
    interest: Said


@dataclass(frozen=True, slots=True)
class RecipientView:
    """Who receives data: by name, in which role, where, and what protects it on the way out of the Union."""

    name: str
    role: str
    place: str
    transfer: str


@dataclass(frozen=True, slots=True)
class ProcessingView:
    """One processing of the person's data. ``by_hand``: systems asked by hand, ``parts``: anchors of its tables."""

    anchor: str
    id: str
    title: Said
    role: str
    purposes: tuple[PurposeView, ...]
    items: tuple[Said, ...]
    recipients: tuple[RecipientView, ...] | None
    source: Said
    rights: tuple[RightView, ...]
    parts: tuple[str, ...]
    by_hand: tuple[str, ...]


def processing_view(report: CopyReport, spoken: Tongue, processing: Processing) -> ProcessingView:
    wanted = report.purposes(processing)
    purposes = [purpose for key, purpose in processing.purposes.items() if key in wanted]
    served = frozenset(f"{processing.id}.{key}" for key in wanted)
    return ProcessingView(
        f"processing-{processing.id}",
        processing.id,
        spoken.pick(processing.title, processing.id),
        spoken.say("about.role_processor") if processing.role == "processor" else "",
        tuple(_purposes(report, spoken, processing, purposes)),
        _items(report, spoken, processing, served),
        _recipients(report, spoken, processing),
        spoken.pick(processing.source),
        rights_of(spoken, report.policy, purposes, report.day),
        tuple(part.id for part in report.parts if served & set(part.uses)),
        tuple(task.system for task in report.tasks if served & set(task.uses)),
    )


def _purposes(report: CopyReport, spoken: Tongue, processing: Processing, purposes: list[Purpose]) -> list[PurposeView]:
    found: dict[tuple[str, str, Said], list[Said]] = {}
    for purpose in purposes:
        same = (basis_words(spoken, purpose, report.day), kept_for(spoken, purpose), spoken.pick(purpose.interest))
        found.setdefault(same, []).append(purpose_words(spoken, processing, purpose))
    return [PurposeView(tuple(titles), *same) for same, titles in found.items()]


def _items(report: CopyReport, spoken: Tongue, processing: Processing, served: frozenset[str]) -> tuple[Said, ...]:
    """The categories of which there is a column among the person's rows; all of them where a system done by hand may
    hold any."""
    held = {column.item for part in report.parts if served & set(part.uses) for column in part.columns}
    every = any(served & set(task.uses) for task in report.tasks)
    items = [item for key, item in processing.items.items() if every or key in held]
    return tuple(dict.fromkeys(item_words(spoken, report.policy, item) for item in items))


def _recipients(report: CopyReport, spoken: Tongue, processing: Processing) -> tuple[RecipientView, ...] | None:
    """``None`` while to confirm."""
    if processing.recipients is None:
        return None
    known = report.policy.recipients
    return tuple(recipient_view(spoken, known.get(key), key) for key in processing.recipients)


def recipient_view(spoken: Tongue, recipient: Recipient | None, key: str) -> RecipientView:
    if recipient is None:
        return RecipientView(key, "", "", "")
    return RecipientView(
        recipient.name,
        spoken.say(f"role.{recipient.role}") if recipient.role else spoken.say("about.to_confirm"),
        country(spoken, recipient.country) if recipient.country else _no_place(spoken, recipient),
        _transfer(spoken, recipient),
    )


def _no_place(spoken: Tongue, recipient: Recipient) -> str:
    outside = recipient.role in ("processor", "controller", "joint")
    return spoken.say("recipient.no_country") if outside else ""


def _transfer(spoken: Tongue, recipient: Recipient) -> str:
    """The safeguard (Art. 46) of a transfer; inside the European Economic Area, where each country's authority is known
    here, there is none to have."""
    if recipient.country is None:
        return ""
    if recipient.country in {each.country for each in authorities().values()}:
        return spoken.say("transfer.inside")
    return spoken.say(f"transfer.{recipient.transfer or 'unknown'}")


def country(spoken: Tongue, code: str) -> str:
    """A country by its name in the language; the code where it has none."""
    locale: Locale = spoken.locale
    return str(locale.territories.get(code.upper(), code))
