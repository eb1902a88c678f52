"""``troth check --html``: one page that stands alone, in English or French, for people who read no YAML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from troth.planning.check import Verdict
from troth.planning.verdicts import SEVERITY, PromiseResult
from troth.policy.model import Processing
from troth.publish.check_rules import basis_words, item_words, kept_for, purpose_words
from troth.publish.check_view import PromiseView, PromiseViews, measured_first
from troth.publish.language import Language, Said, Tongue, tongue
from troth.publish.report import CheckReport
from troth.publish.templates import render
from troth.systems.model import System

VERDICTS: tuple[Verdict, ...] = tuple(sorted(SEVERITY, key=lambda verdict: SEVERITY[verdict]))


@dataclass(frozen=True, slots=True)
class Share:
    """How many promises have a verdict, and where its part of a bar of 100 begins."""

    verdict: Verdict
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class PurposeView:
    """Why data is processed, on which basis, and how long it is kept: purposes of which the same is said together."""

    titles: tuple[Said, ...]
    basis: str
    kept: str


@dataclass(frozen=True, slots=True)
class Section:
    """One processing, or the company as a whole."""

    anchor: str
    title: Said
    role: str
    purposes: tuple[PurposeView, ...]
    items: tuple[Said, ...]
    subjects: str
    recipients: str
    promises: tuple[PromiseView, ...]
    unmeasured: tuple[PromiseView, ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class SystemView:
    """One system: what was reached, and what was seen there that no line declares. ``why`` is English."""

    id: str
    product: str
    state: str
    reached: bool
    why: str
    place: str
    undeclared: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the template shows."""

    name: str
    at: str
    version: str
    shares: tuple[Share, ...]
    lead: tuple[str, ...]
    attention: tuple[PromiseView, ...]
    sections: tuple[Section, ...]
    company: Section | None
    systems: tuple[SystemView, ...]
    lists: tuple[PromiseView, ...]
    elsewhere: tuple[str, ...]
    limits: tuple[str, ...]
    doubts: str


def check_page(report: CheckReport, language: Language) -> str:
    """The whole page as HTML: no script, nothing loaded from elsewhere, every text escaped."""
    spoken = tongue(language, "check")
    return render("check.html.j2", page=page_of(report, spoken), t=spoken, verdicts=VERDICTS)


def page_of(report: CheckReport, spoken: Tongue) -> Page:
    views = PromiseViews(report, spoken)
    by_processing: dict[str | None, list[PromiseResult]] = {}
    for result in report.results:
        key = None if result.promise.kind == "closed_list" else result.promise.processing
        by_processing.setdefault(key, []).append(result)
    sections = tuple(
        _section(report, spoken, views, processing, by_processing.get(processing.id, []))
        for processing in report.policy.processings.values()
    )
    rest = by_processing.get(None, [])
    lists = [result for result in rest if result.promise.kind == "closed_list"]
    whole = [result for result in rest if result.promise.kind != "closed_list"]
    company = _company(spoken, views, whole) if whole else None
    seen = tuple(views.of(result) for result in lists)
    shown = [view for section in sections for view in section.promises]
    shown += [*(company.promises if company else ()), *seen]
    totals: Counter[Verdict] = Counter(result.verdict for result in report.results)
    return Page(
        report.policy.controller.name,
        spoken.say("page.at", day=spoken.day(report.at)),
        report.version,
        _shares(totals),
        tuple(_lead(spoken, totals)),
        tuple(view for view in shown if view.verdict in ("broken", "not_reached")),
        sections,
        company,
        tuple(_system(report, spoken, system) for system in report.data_map.systems.values()),
        seen,
        report.elsewhere,
        report.limits,
        spoken.say("page.files", n=report.doubts) if report.doubts else "",
    )


def _lead(spoken: Tongue, totals: Mapping[Verdict, int]) -> Iterator[str]:
    broken, unproved = totals["broken"], totals["unprovable"] + totals["not_reached"]
    yield spoken.say("lead.broken", n=broken) if broken else spoken.say("lead.none_broken")
    total = spoken.number(sum(totals.values()))
    yield (
        spoken.say("lead.kept", n=totals["kept"], all=total)
        if totals["kept"]
        else spoken.say("lead.none_kept", all=total)
    )
    if unproved:
        yield spoken.say("lead.unproved", n=unproved)


def _shares(totals: Mapping[Verdict, int]) -> tuple[Share, ...]:
    total = sum(totals.values())
    shares: list[Share] = []
    start = 0.0
    for verdict in VERDICTS:
        width = 100 * totals[verdict] / total if total else 0.0
        shares.append(Share(verdict, totals[verdict], round(start, 3), round(width, 3)))
        start += width
    return tuple(shares)


def _section(
    report: CheckReport, spoken: Tongue, views: PromiseViews, processing: Processing, results: Sequence[PromiseResult]
) -> Section:
    measured, unmeasured = measured_first(results)
    purposes: dict[tuple[str, str], list[Said]] = {}
    for purpose in processing.purposes.values():
        said = (basis_words(spoken, purpose, report.at), kept_for(spoken, purpose))
        purposes.setdefault(said, []).append(purpose_words(spoken, processing, purpose))
    return Section(
        f"processing-{processing.id}",
        spoken.pick(processing.title, processing.id),
        spoken.say("about.role_processor") if processing.role == "processor" else "",
        tuple(PurposeView(tuple(titles), basis, kept) for (basis, kept), titles in purposes.items()),
        tuple(item_words(spoken, report.policy, item) for item in processing.items.values()),
        spoken.listed([subject.replace("_", " ") for subject in processing.subjects]),
        _recipients(report, spoken, processing),
        tuple(views.of(result) for result in measured),
        tuple(views.of(result) for result in unmeasured),
        _shares(Counter(result.verdict for result in results)),
    )


def _recipients(report: CheckReport, spoken: Tongue, processing: Processing) -> str:
    if processing.recipients is None:
        return spoken.say("about.to_confirm")
    known = report.policy.recipients
    names = [known[key].name if key in known else key for key in processing.recipients]
    return spoken.listed(names) or spoken.say("about.nobody")


def _company(spoken: Tongue, views: PromiseViews, results: Sequence[PromiseResult]) -> Section:
    measured, unmeasured = measured_first(results)
    return Section(
        "company",
        Said(spoken.say("part.company")),
        "",
        (),
        (),
        "",
        "",
        tuple(views.of(result) for result in measured),
        tuple(views.of(result) for result in unmeasured),
        _shares(Counter(result.verdict for result in results)),
    )


def _system(report: CheckReport, spoken: Tongue, system: System) -> SystemView:
    reached = system.id in report.databases and system.id not in report.unreached
    state = "by_hand" if system.by_hand is not None else "reached" if reached else "not_reached"
    findings = [
        finding
        for result in report.results
        if result.promise.kind == "closed_list" and result.promise.system == system.id
        for finding in result.findings
    ]
    counts = Counter(finding.code for finding in findings)
    parts = [
        spoken.say(name, n=counts[code])
        for code, name in (("CLOSED-TABLE", "systems.tables"), ("CLOSED-FIELD", "systems.columns"))
        if counts[code]
    ]
    return SystemView(
        system.id,
        report.databases.get(system.id, "" if system.by_hand is not None else system.store),
        spoken.say(f"systems.{state}"),
        state != "not_reached",
        report.unreached.get(system.id, ""),
        ", ".join(filter(None, (system.location, system.operated_by))) or spoken.say("systems.no_place"),
        _undeclared(spoken, parts, known=reached),
        f"promise-closed_list-{system.id}" if parts else "",
    )


def _undeclared(spoken: Tongue, parts: Iterable[str], *, known: bool) -> str:
    listed = spoken.listed(list(parts))
    return listed or spoken.say("systems.nothing" if known else "systems.not_known")
