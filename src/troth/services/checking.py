"""troth check: every promise against the real stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from troth.core.diagnostics import Diagnostic, Mark, did_you_mean
from troth.core.errors import InputError
from troth.execution.keys import Keys, bind, fill
from troth.execution.measure import measured, scan
from troth.planning.ages import Ages, ages_of, draft_ages
from troth.planning.check import CheckDraft, draft_check
from troth.planning.facts import NO_FACTS, Facts
from troth.planning.surroundings import draft_surroundings
from troth.planning.verdicts import SEVERITY, PromiseResult, conclude
from troth.register.live import live_warnings
from troth.register.load import Register
from troth.services.facts import gather
from troth.services.held import held_now
from troth.services.looking import Look, look
from troth.services.project import Project
from troth.services.recording import Recorder


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on every promise. ``databases``: system → product and version; ``elsewhere``: seen, not declared."""

    name: str
    results: tuple[PromiseResult, ...]
    at: date
    databases: Mapping[str, str]
    unreached: Mapping[str, str]
    limits: tuple[str, ...]
    elsewhere: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]
    """What is likely to be wrong in the two files, now that the tables were seen; changes no verdict."""
    register: Register
    lines: Mapping[str, Mark]
    """The line of systems.yaml that each collection comes from."""
    accepted_now: int = 0
    """How many breaches this check has just written down as accepted."""
    recorded: int | None = None
    """The number of the evidence entry that holds this check's counts, when it was recorded."""
    ages: tuple[Ages, ...] = ()
    """Of each place that is measured against a period; asked for only by who wants to draw it."""

    def count(self, verdict: str) -> int:
        return sum(result.verdict == verdict for result in self.results)

    def exit_status(self, *, strict: bool = False) -> int:
        """0 kept or accepted, 1 broken, 3 something not reached; unprovable fails only when ``strict``."""
        if self.count("broken"):
            return 1
        if self.unreached or self.count("not_reached"):
            return 3
        return 1 if strict and self.count("unprovable") else 0


def check(
    project: Project, at: date | None, on_ask: Callable[[str], None], *, exact: bool = False, ages: bool = False
) -> Checked:
    """Measure everything. ``exact``: also what would be dear, of which otherwise a sample is asked. ``ages``: also
    how old the data is, which asks each dated place some times more."""
    register = project.load()
    secrets = project.secrets()
    with look(register, secrets, project.today(register, at), held_now(project, register).frozen) as seen:
        draft = _drafted(seen, gather(project, seen))
        keys = _keys(project, register, seen, draft)
        drafts = draft_ages(seen.world, draft) if ages else ()
        asks = [measure.ask for measure in draft.measures if measure.ask is not None]
        asks += [ask for each in drafts for ask in each.asks]
        answers = measured(list(dict.fromkeys(asks)), seen.reached, keys, on_ask, exact=exact)
        scans = scan(draft, seen.reached, keys, on_ask)
        results = conclude(seen.world, register.promises, draft, answers, scans)
        return checked_of(seen, results, ages_of(seen.world, drafts, answers))


def record(project: Project, checked: Checked) -> Checked:
    """Leave the counts in the evidence, signed: no value, no name, and the revisions of both files."""
    counts: dict[str, int] = {verdict: checked.count(verdict) for verdict in SEVERITY}
    with project.state(checked.register) as state:
        number = Recorder(project, checked.register, state).check_recorded(checked.at, counts)
    return replace(checked, recorded=number)


def explain(project: Project, promise: str, at: date | None) -> tuple[str, ...]:
    """The exact queries behind a promise, values written in, so that anyone can run them and get the same numbers.

    Raises ``InputError`` for an unknown promise and for one that no query measures.
    """
    register = project.load()
    if register.promise(promise) is None:
        hint = did_you_mean(promise, (known.id for known in register.promises))
        raise InputError(f"there is no promise '{promise}'", hint=hint, code="NO-PROMISE")
    with look(register, project.secrets(), project.today(register, at), held_now(project, register).frozen) as seen:
        draft = _drafted(seen, NO_FACTS)
        keys = _keys(project, register, seen, draft)
        texts: list[str] = []
        for measure in draft.measures:
            ask = measure.ask or (measure.scan.ask if measure.scan else None)
            if promise in measure.promises and ask is not None and ask.system in seen.reached.stores:
                text = seen.reached.stores[ask.system].explain(bind(ask.table, ask.where, keys))
                scanned = " (each value is then tested by troth)" if measure.scan else ""
                texts.append(f"-- {measure.collection}: {measure.code}{scanned}\n{text.rstrip(';')};")
        if not texts:
            raise InputError(
                f"no query measures {promise}", hint="troth check says what is known of it", code="NO-QUERY"
            )
        return tuple(texts)


def _drafted(seen: Look, facts: Facts) -> CheckDraft:
    """Every question, and what is told of promises that no question is asked for."""
    draft = draft_check(seen.world, seen.resolved, seen.reached.unreached)
    around = draft_surroundings(seen.world, seen.register.promises, facts)
    return replace(draft, measures=(*draft.measures, *around))


def _keys(project: Project, register: Register, seen: Look, draft: CheckDraft) -> Keys:
    questions = [ask for ask in draft.questions if ask.system in seen.reached.stores]
    return fill(seen.reached.stores, questions, held_now(project, register).keys)


def checked_of(seen: Look, results: tuple[PromiseResult, ...], ages: tuple[Ages, ...]) -> Checked:
    """The verdicts with what was seen around them."""
    return Checked(
        seen.register.policy.controller.name,
        results,
        seen.world.today,
        {name: health.version for name, health in seen.health.items()},
        dict(seen.reached.unreached),
        tuple(f"{name}: {limit}" for name, health in seen.health.items() for limit in health.limits),
        tuple(f"{name}: {other}" for name, schema in seen.world.schemas.items() for other in schema.elsewhere),
        live_warnings(seen.register.policy, seen.resolved),
        seen.register,
        {collection.id: collection.mark for collection in seen.world.collections.values()},
        ages=ages,
    )
