"""troth apply, resume, stop and status: an approved plan, carried out on the database it was made on."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from troth.core.errors import InputError, Refused, Stopped, TrothError
from troth.execution.apply import BATCH, UNBOUNDED, carry_out
from troth.execution.pace import Bounds, Ending, Over, Watch
from troth.planning.access_plan import AccessPlan, AnyPlan, read_any_plan
from troth.planning.physical import gone_after, reached
from troth.planning.plan import Gone, Plan
from troth.services.held import held_now
from troth.services.judging import Consent, refuse_other_place, refuse_too_early, refuse_unapproved
from troth.services.looking import Look, look
from troth.services.opening import naming, open_store
from troth.services.project import Project
from troth.services.recording import Recorder, RunLedger
from troth.services.soundness import refuse_if_lost
from troth.services.staleness import refuse_if_stale
from troth.state import keysets, plans, steps, stops, tasks
from troth.state.database import State
from troth.state.plans import SavedPlan
from troth.state.secrets import Secrets
from troth.state.steps import StepRecord
from troth.stores.contract import Store
from troth.stores.gone import Level


@dataclass(frozen=True, slots=True)
class Opened:
    """A plan file that this project's state knows. ``approved``: somebody approved its id before."""

    plan: AnyPlan
    approved: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """How a run ended: every step's record, and what still waits for a person or could not be done."""

    plan: Plan
    steps: tuple[StepRecord, ...]
    waiting: int
    finished: bool
    ended: Ending | None = None
    """Why it came to its end before the plan did, as it was told to."""

    @property
    def level(self) -> Level:
        """Of all that the plan has removed, as far as it could be shown."""
        return reached(self.plan, {step.step for step in self.steps if step.status == "done"})

    @property
    def gone(self) -> tuple[Gone, ...]:
        """The same for each system, with what lies outside."""
        return gone_after(self.plan, {step.step for step in self.steps if step.status == "done"})

    @property
    def day(self) -> date:
        """The day of its last step's end, or that of the plan before any."""
        return max((step.finished_at.date() for step in self.steps if step.finished_at), default=self.plan.at)

    @property
    def remaining(self) -> int:
        return sum(step.remaining or 0 for step in self.steps)

    @property
    def left(self) -> int:
        """Rows of the plan that are still there: counted, or not come to yet."""
        return sum(step.left for step in self.steps)

    def exit_status(self) -> int:
        """0 all of it done; 1 the store still holds rows of the plan, or a task waits for a signature."""
        return 0 if self.finished and not self.remaining and not self.waiting else 1


def open_plan(project: Project, file: Path) -> Opened:
    """Read a plan file. Raises ``InputError`` when it is no plan or was altered, ``Refused`` when it was made for
    another state than this project's: the people it is about are written down there and nowhere else."""
    try:
        document = file.read_bytes()
    except OSError as error:
        hint = "name a file that troth plan wrote"
        raise InputError(f"{file} cannot be read: {error.strerror}", hint=hint, code="PLAN-FILE") from error
    plan = read_any_plan(document)
    register = project.load()
    with project.state(register) as state, state.reading() as conn:
        known = [saved for saved in plans.listed(conn) if saved.id == plan.id]
        if not known:
            raise Refused(
                f"plan {plan.id[:12]} was not made by this project",
                hint="apply it where it was made, or make it again here with troth plan",
                code="PLAN-FOREIGN",
            )
        refuse_dropped(known[0])
        return Opened(plan, bool(plans.approvals(conn, plan.id)))


def refuse_dropped(saved: SavedPlan) -> None:
    if saved.status == "refused":
        raise Refused(
            f"plan {saved.id[:12]} was dropped, and the keys it was made for are forgotten",
            hint="make a new one with troth plan",
            code="PLAN-DROPPED",
        )


def kept_plan(project: Project, prefix: str) -> AnyPlan:
    """The plan that this project's state keeps under an id or its first characters."""
    register = project.load()
    with project.state(register) as state, state.reading() as conn:
        return read_any_plan(plans.document(conn, plans.find(conn, prefix).id))


def change_of(plan: AnyPlan) -> Plan:
    """``plan``, which must be one of a change: a copy for a person is not made by ``apply``."""
    if isinstance(plan, AccessPlan):
        raise Refused(
            f"plan {plan.id[:12]} changes nothing: it makes a copy for each person who asked",
            hint="troth package PLAN --out FOLDER; the same goes on where it stopped",
            code="PLAN-ACCESS",
        )
    return plan


def stop(project: Project, prefix: str) -> str:
    """Ask a running plan to stop after its present batch; returns its id. Raises ``Refused`` when it is not running."""
    with project.state(project.load()) as state:
        with state.reading() as conn:
            saved = plans.find(conn, prefix)
        busy = state.running()
        if busy is None or busy.plan != saved.id:
            raise Refused(f"plan {saved.id[:12]} is not running", hint="troth status says what is", code="NOT-RUNNING")
        with state.transaction() as conn:
            stops.ask(conn, saved.id, project.actor, project.now())
        return saved.id


def apply(project: Project, plan_id: str, consent: Consent | None, watch: Watch, bounds: Bounds = UNBOUNDED) -> Applied:
    """Approve (when a ``consent`` is given) and carry out, or go on where the last run stopped. The ``watch`` says,
    before each batch, whether to stop, as ``stop`` does from another process.

    Raises ``Refused`` for a wrong approval, another database, changed files, a plan whose day has not come or that has
    gone stale; ``Stopped`` when it stopped on the way. In every case what was done is recorded.
    """
    register = project.load()
    with project.state(register) as state, state.apply_lock(plan_id):
        with state.reading() as conn:
            plan = change_of(read_any_plan(plans.document(conn, plan_id)))
            begun = bool(steps.listed(conn, plan_id))
            saved = plans.find(conn, plan_id)
        if saved.status == "finished":
            state.scrub()  # which the run that ended it may not have come to
            raise Refused(f"plan {plan_id[:12]} was carried out before", hint="make a new one", code="PLAN-DONE")
        refuse_dropped(saved)
        with state.transaction() as conn:
            stops.clear(conn, plan_id)
        recorder = Recorder(project, register, state)
        refuse_unapproved(recorder, plan, consent)
        refuse_if_lost(project, register, state, recorder.signer, sum(step.rows // BATCH + 2 for step in plan.steps))
        if not begun:
            refuse_too_early(project, register, plan)
        frozen = held_now(project, register).frozen
        with (
            look(register, project.secrets(), plan.at, frozen) as seen,
            _writers(seen, project.secrets(), plan) as writers,
        ):
            refuse_other_place(plan, seen, writers)
            if not begun:
                refuse_if_stale(project, register, seen, plan, state)
            approval = recorder.approved(plan, consent.how, consent.standing) if consent else recorder.approval(plan)
            watched = replace(watch, stop=lambda: watch.stop() or _asked_to_stop(state, plan_id))
            return _run(plan, RunLedger(recorder, plan, approval or 0), seen, writers, watched, bounds)


def _asked_to_stop(state: State, plan_id: str) -> bool:
    with state.reading() as conn:
        return stops.asked(conn, plan_id)


def _run(
    plan: Plan, ledger: RunLedger, seen: Look, writers: Mapping[str, Store], watch: Watch, bounds: Bounds
) -> Applied:
    state = ledger.state
    limits = {name: system.pace for name, system in seen.register.data_map.systems.items()}
    ledger.begin()
    ended: Ending | None = None
    try:
        carry_out(plan, seen.reached.stores, writers, ledger, watch, bounds, limits)
    except BaseException as reason:
        ledger.stopped(reason)
        if isinstance(reason, TrothError) and not isinstance(reason, Stopped):
            hint = f"{reason.hint or 'mend it'}\n  then go on with: troth resume {plan.id[:12]}"
            raise Stopped(f"stopped: {reason.message}", hint=hint, code=reason.code) from reason
        if not isinstance(reason, Over):
            raise
        ended = reason.why
    with state.reading() as conn:
        waiting = len(tasks.waiting(conn, plan.id))
    finished = ledger.finish() if ended is None and not waiting else False
    with state.reading() as conn:
        return Applied(plan, steps.listed(conn, plan.id), waiting, finished, ended)


@contextmanager
def _writers(seen: Look, secrets: Secrets, plan: Plan) -> Generator[Mapping[str, Store]]:
    wanted = dict.fromkeys(step.system for step in plan.steps if step.action != "task")
    opened: dict[str, Store] = {}
    try:
        for system in wanted:
            with naming(declared := seen.register.data_map.systems[system]):
                opened[system] = open_store(declared, secrets, writable=True)
        yield opened
    finally:
        for store in opened.values():
            store.close()


@dataclass(frozen=True, slots=True)
class RunStatus:
    """One plan: its row, its steps, whether a process is at work on it, and the tasks that wait for a person."""

    saved: SavedPlan
    plan: AnyPlan
    steps: tuple[StepRecord, ...]
    running: bool
    waiting: tuple[tasks.Task, ...]
    keys: int

    @property
    def died(self) -> bool:
        """Its process left it without a word."""
        at_rest = self.waiting and all(step.status not in ("pending", "running") for step in self.steps)
        return self.saved.status == "running" and not self.running and not at_rest


def runs(state: State, *, every: bool) -> tuple[RunStatus, ...]:
    """Plans that run, stopped or wait, the newest first; ``every``: also those that ended."""
    busy = state.running()
    found = []
    with state.reading() as conn:
        for saved in plans.listed(conn):
            if every or saved.status not in ("finished", "refused"):
                plan = read_any_plan(plans.document(conn, saved.id))
                keys = sum(info.count for info in keysets.names(conn, saved.id))
                at_work = busy is not None and busy.plan == saved.id
                records = steps.listed(conn, saved.id)
                found.append(RunStatus(saved, plan, records, at_work, tasks.waiting(conn, saved.id), keys))
    return tuple(found)
