"""``index.html`` of a copy: what a person reads first. It stands alone, has no script, and prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.law.values import Authority
from troth.planning.access_plan import Column, Withheld
from troth.publish.copy_about import ProcessingView, processing_view
from troth.publish.copy_parts import PartView, anchor_of, part_view
from troth.publish.copy_report import CopyReport, Sheet
from troth.publish.copy_rights import RightView, authority_of, rights_of
from troth.publish.language import Language, Said, Tongue, tongue
from troth.publish.templates import render

WORDS = ("check", "access")


@dataclass(frozen=True, slots=True)
class Page:
    """What the template shows. ``anchors``: part → where it is on the page, for those that are."""

    name: str
    known: bool
    lead: tuple[str, ...]
    at: str
    reference: str
    expires: str
    processings: tuple[ProcessingView, ...]
    parts: tuple[PartView, ...]
    anchors: dict[str, str]
    absent: tuple[str, ...]
    left_out: tuple[PartView, ...]
    rights: tuple[RightView, ...]
    contact: str
    post: str
    within: str
    dpo: str
    address: str
    authority: Authority | None
    safeguards: tuple[Said, ...]
    data_file: str
    version: str


def copy_page(report: CopyReport, sheets: Sequence[tuple[Sheet, tuple[Column, ...]]], language: Language) -> str:
    """The whole page as HTML; every text escaped, nothing loaded from elsewhere."""
    spoken = tongue(language, *WORDS)
    return render("access.html.j2", page=page_of(report, sheets, spoken), t=spoken)


def page_of(report: CopyReport, sheets: Sequence[tuple[Sheet, tuple[Column, ...]]], spoken: Tongue) -> Page:
    controller, asked = report.policy.controller, report.policy.rights
    parts = tuple(part_view(report, spoken, sheet, columns) for sheet, columns in sheets)
    purposes = [processing.purposes[key] for processing in report.processings() for key in report.purposes(processing)]
    within = spoken.say("rights.within", period=spoken.period(asked.within)) if asked.within else ""
    reference = spoken.say("page.reference", plan=report.plan.id[:12], answer=report.answer.id)
    return Page(
        controller.name,
        report.answer.known,
        tuple(_lead(report, spoken, sheets)),
        spoken.say("page.at", day=spoken.day(report.day)),
        reference,
        spoken.say("page.expires", day=spoken.day(report.expires), name=controller.name),
        tuple(processing_view(report, spoken, each) for each in report.processings()),
        parts,
        {sheet.part.id: anchor_of(sheet.part.id) for sheet, _ in sheets},
        tuple(_absent(report, spoken, sheets)),
        tuple(part for part in parts if part.left_out),
        rights_of(spoken, report.policy, purposes, report.day),
        asked.email or controller.contact,
        asked.post or controller.address,
        within,
        controller.dpo or "",
        controller.address,
        authority_of(report.policy),
        tuple(spoken.pick(measure.title, measure.id) for measure in report.policy.measures.values()),
        "data.json",
        report.version,
    )


def _lead(report: CopyReport, spoken: Tongue, sheets: Sequence[tuple[Sheet, tuple[Column, ...]]]) -> Iterator[str]:
    name = report.policy.controller.name
    if not report.answer.known:
        yield spoken.say("lead.unknown", name=name)
        yield spoken.say("lead.unknown_more")
        return
    yield spoken.say("lead.known", n=sum(sheet.rows for sheet, _ in sheets), name=name)
    yield spoken.say("lead.places", n=len({sheet.part.collection for sheet, _ in sheets}))


def _absent(report: CopyReport, spoken: Tongue, sheets: Sequence[tuple[Sheet, tuple[Column, ...]]]) -> Iterator[str]:
    """What is not in the copy and why: the person can tell a gap from an answer."""
    if report.answer.known:
        masked = sum(sheet.masked for sheet, _ in sheets)
        yield spoken.say("absent.masked", n=masked) if masked else spoken.say("absent.masked_none")
        for task in report.tasks:
            yield spoken.say("absent.by_hand", system=task.system, name=report.policy.controller.name)
        for part in report.parts:
            if part.withheld:
                yield spoken.say("absent.processor", where=part.collection)
    yield from (_withheld(spoken, each) for each in report.plan.withheld)
    if report.answer.known:
        yield spoken.say("absent.free_text")
    yield spoken.say("absent.outside")


def _withheld(spoken: Tongue, each: Withheld) -> str:
    names = {"R-PROC": "processor", "R-11-2": "unlinked", "NO-COLUMN": "broken", "BY-HAND": "by_hand_no"}
    return spoken.say(f"absent.{names[each.code]}", where=each.where)
