"""troth package: an approved plan of copies carried out. Each copy is written, recorded, and only then given its name.

So a copy that has its name is in the evidence, and one that was half written when the process died is no copy: the same
command writes it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from troth import __version__
from troth.core.errors import NotReached, Refused, Stopped, TrothError
from troth.evidence import entries
from troth.evidence.values import PlanId, StepId
from troth.execution.disclosing import count_parts, person_sets
from troth.execution.keys import Keys
from troth.planning.access import draft_access, person_keys
from troth.planning.access_plan import AccessPlan, Answer, Part, read_any_plan
from troth.publish.copy_report import CopyReport, Sheet
from troth.publish.language import Language
from troth.register.load import Register
from troth.services.applying import refuse_dropped
from troth.services.copyfiles import Place
from troth.services.copying import held_counts, write_copy
from troth.services.judging import Consent, refuse_too_early, refuse_unapproved
from troth.services.looking import Look, look
from troth.services.making import all_reached, place_of
from troth.services.project import Project
from troth.services.recording import Recorder, RunLedger
from troth.services.soundness import refuse_if_lost
from troth.services.staleness import changed_much
from troth.state import keysets, plans, steps, tasks
from troth.state.database import State


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where copies go and how: ``expires`` is the last day they are kept by whoever makes them."""

    out: Path
    language: Language
    expires: date
    zipped: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy that is there: whose answer it is, its rows, and where."""

    answer: Answer
    rows: int
    path: Path


@dataclass(frozen=True, slots=True)
class Packaged:
    """How it ended. ``waiting``: tasks that people do by hand and sign."""

    plan: AccessPlan
    copies: tuple[Copy, ...]
    waiting: tuple[tasks.Task, ...]
    finished: bool

    def exit_status(self) -> int:
        """0 every copy is made; 1 a task waits for a signature."""
        return 0 if self.finished else 1


def disclosure_of(document: bytes) -> AccessPlan:
    """The plan in ``document``, which must be one of copies."""
    plan = read_any_plan(document)
    if not isinstance(plan, AccessPlan):
        raise Refused(
            f"plan {plan.id[:12]} changes stores and makes no copy for anybody",
            hint="troth apply PLAN",
            code="PLAN-CHANGE",
        )
    return plan


def package(
    project: Project,
    plan_id: str,
    consent: Consent | None,
    wanted: Wanted,
    moved: Callable[[Answer, int], None],
) -> Packaged:
    """Approve (when a ``consent`` is given) and write every copy that is not there yet.

    Raises ``Refused`` for a wrong approval, another database, changed files, or when what a copy would hold is other
    now; ``Stopped`` when it stopped on the way. Copies that are whole stay; what was half written is removed.
    """
    register = project.load()
    with project.state(register) as state, state.apply_lock(plan_id):
        with state.reading() as conn:
            plan = disclosure_of(plans.document(conn, plan_id))
            begun = bool(steps.listed(conn, plan_id))
            saved = plans.find(conn, plan_id)
        if saved.status == "finished":
            state.scrub()
            raise Refused(
                f"the copies of plan {plan_id[:12]} were made before", hint="make a new one", code="PLAN-DONE"
            )
        refuse_dropped(saved)
        recorder = Recorder(project, register, state)
        refuse_unapproved(recorder, plan, consent)
        refuse_if_lost(project, register, state, recorder.signer, len(plan.steps))
        refuse_too_early(project, register, plan)
        with look(register, project.secrets(), plan.at) as seen:
            all_reached(seen)
            _refuse_other_place(plan, seen)
            keys = {answer.id: _keys(state, plan, answer, seen) for answer in plan.answers}
            if not begun:
                _refuse_changed(plan, seen, keys)
            approval = recorder.approved(plan, consent.how) if consent else recorder.approval(plan)
            run = _Run(project, register, seen, plan, RunLedger(recorder, plan, approval or 0), wanted, keys)
            return run.carry_out(state, moved)


@dataclass(slots=True)
class _Run:
    project: Project
    register: Register
    seen: Look
    plan: AccessPlan
    ledger: RunLedger
    wanted: Wanted
    keys: Mapping[str, Keys]

    def carry_out(self, state: State, moved: Callable[[Answer, int], None]) -> Packaged:
        self.ledger.begin()
        try:
            copies = [self._copy(answer, moved) for answer in self.plan.answers]
            for task in self.plan.tasks:
                if not self.ledger.is_done(task):
                    self.ledger.task(task)
        except BaseException as reason:
            self.ledger.stopped(reason)
            if isinstance(reason, TrothError) and not isinstance(reason, Stopped):
                hint = f"{reason.hint or 'mend it'}\n  then the same command goes on"
                raise Stopped(f"stopped: {reason.message}", hint=hint, code=reason.code) from reason
            raise
        with state.reading() as conn:
            waiting = tasks.waiting(conn, self.plan.id)
        finished = not waiting and self.ledger.finish()
        return Packaged(self.plan, tuple(copies), waiting, finished)

    def _copy(self, answer: Answer, moved: Callable[[Answer, int], None]) -> Copy:
        """Write, record, name: in this order."""
        place = Place(self.wanted.out, f"{self.plan.id[:12]}-{answer.id}", self.wanted.zipped)
        if not self.ledger.is_done(answer):
            _refuse_there(place)
            report = self._report(answer)
            try:
                keys = self.keys[answer.id]
                sheets = write_copy(self.seen, report, keys, place, self.wanted.language, lambda n: moved(answer, n))
            except BaseException:
                place.remove()
                raise
            record(self.ledger, answer, sheets, self.wanted.expires)
            moved(answer, sum(sheet.rows for sheet in sheets))
        place.publish()
        return Copy(answer, self.ledger.done(answer), place.whole)

    def _report(self, answer: Answer) -> CopyReport:
        parts = tuple(self.plan.part(count.part) for count in answer.counts)
        return CopyReport(
            self.register.policy,
            self.register.data_map,
            self.plan,
            answer,
            self.project.now(),
            self.wanted.expires,
            __version__,
            parts,
            held_counts(self.seen, parts, self.keys[answer.id]),
        )


def record(ledger: RunLedger, answer: Answer, sheets: Sequence[Sheet], expires: date) -> None:
    """A copy is whole: its step and its evidence in one transaction, in numbers only."""
    now, plan = ledger.recorder.project.now(), ledger.plan
    rows = sum(sheet.rows for sheet in sheets)
    masked = sum(sheet.masked for sheet in sheets)
    with ledger.state.transaction() as conn:
        steps.start(conn, plan.id, answer.id, now)
        steps.record_batch(conn, steps.BatchRecord(plan.id, answer.id, 0, rows, now))
        steps.end(conn, plan.id, answer.id, "done", now, remaining=0)
        entry = entries.PackageMade(
            now, ledger.approval, PlanId(plan.id), StepId(answer.id), answer.rows, rows, len(sheets), masked, expires
        )
        ledger.recorder.append(conn, entry)


def _keys(state: State, plan: AccessPlan, answer: Answer, seen: Look) -> Keys:
    """The person's key sets as they are now, from the keys that were written down with the plan."""
    before = person_keys(answer.id, "of:")
    with state.reading() as conn:
        own = {
            info.name.partition("/")[2]: keysets.get(conn, plan.id, info.name)
            for info in keysets.names(conn, plan.id)
            if info.name.startswith(before)
        }
    return person_sets(seen.reached.stores, plan.questions, own)


def _refuse_there(place: Place) -> None:
    if place.whole.exists():
        raise Refused(
            f"{place.whole} is there, and was not made by this plan",
            hint="look at it, move it away, or name another folder with --out",
            code="PACKAGE-THERE",
        )


def _refuse_other_place(plan: AccessPlan, seen: Look) -> None:
    for place in plan.places:
        if place.system not in seen.health:
            raise NotReached(f"{place.system} was not reached", hint="try again when it answers", code="NOT-REACHED")
        if place_of(place.system, seen.health[place.system].identity) != place:
            raise Refused(
                f"{place.system} is not the database this plan was made on",
                hint="a plan never runs on another database; make a new one here",
                code="PLAN-PLACE",
            )


def _refuse_changed(plan: AccessPlan, seen: Look, keys: Mapping[str, Keys]) -> None:
    """What was approved is what is handed out: the same columns of the same rows, about as many."""
    now = {part.id: part for part in draft_access(seen.world).parts}
    changes = [f"{part.id} would be given otherwise" for part in plan.parts if now.get(part.id) != part]
    for answer in plan.answers:
        changes.extend(_other_counts(answer, tuple(now.values()), seen, keys[answer.id]))
    if changes:
        raise Refused(
            f"things changed since the plan was made: {'; '.join(changes)}",
            hint="make a new plan, look at it, and approve that one",
            code="PLAN-STALE",
        )


def _other_counts(answer: Answer, parts: tuple[Part, ...], seen: Look, keys: Keys) -> list[str]:
    after = count_parts(seen.reached.stores, parts, keys) if keys else {}
    then = {count.part: count.rows for count in answer.counts}
    return [
        f"{answer.id} {part.id}: {then.get(part.id, 0)} rows then, {after.get(part.id, 0)} now"
        for part in parts
        if changed_much(then.get(part.id, 0), after.get(part.id, 0))
    ]
