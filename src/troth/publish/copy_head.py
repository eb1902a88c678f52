"""What ``data.json`` says before the rows: of the copy, of each processing and field, and of what is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from troth.planning.access_plan import Column, Part
from troth.publish.copy_about import ProcessingView, processing_view
from troth.publish.copy_parts import column_title
from troth.publish.copy_report import CopyReport
from troth.publish.copy_rights import authority_of
from troth.publish.language import Language, Tongue, tongue

FORMAT = 1


def head(report: CopyReport, language: Language) -> Mapping[str, object]:
    """Plain values, the words in ``language``. ``data`` follows: part → rows."""
    spoken = tongue(language, "check", "access")
    controller, authority = report.policy.controller, authority_of(report.policy)
    return {
        "format": FORMAT,
        "about": {
            "controller": controller.name,
            "contact": report.policy.rights.email or controller.contact,
            "authority": {"name": authority.name, "url": authority.url} if authority else None,
            "language": str(language),
            "made": report.made.isoformat(timespec="seconds"),
            "expires": report.expires.isoformat(),
            "plan": report.plan.id,
            "answer": report.answer.id,
            "found": report.answer.known,
        },
        "processings": [_processing(processing_view(report, spoken, each)) for each in report.processings()],
        "dictionary": {
            part.id: [_field(report, spoken, part, column) for column in part.columns]
            for part in report.parts
            if not part.withheld
        },
        "not_in_this_copy": [
            *({"where": part.collection, "code": part.withheld} for part in report.parts if part.withheld),
            *({"where": task.system, "code": "BY-HAND"} for task in report.tasks),
            *({"where": each.where, "code": each.code} for each in report.plan.withheld),
        ],
    }


def _field(report: CopyReport, spoken: Tongue, part: Part, column: Column) -> Mapping[str, object]:
    found: dict[str, object] = {
        "name": column.name,
        "item": column.item or None,
        "title": column_title(report, spoken, part, column).words,
        "shown": column.shown,
        "why": column.why or None,
    }
    if column.shown == "held":
        found["rows"] = report.held.get((part.id, column.name), 0)
    return found


def _processing(view: ProcessingView) -> Mapping[str, object]:
    return {
        "id": view.id,
        "title": view.title.words,
        "purposes": [
            {"titles": [title.words for title in each.titles], "basis": each.basis, "kept": each.kept}
            for each in view.purposes
        ],
        "categories": [item.words for item in view.items],
        "recipients": None if view.recipients is None else [asdict(each) for each in view.recipients],
        "source": view.source.words or None,
        "rights": {each.id: {"answer": each.answer, "conditions": each.conditions} for each in view.rights},
        "parts": view.parts,
        "by_hand": view.by_hand,
    }
