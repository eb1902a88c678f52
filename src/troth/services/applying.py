"""troth apply, resume, stop and status: an approved plan, carried out on the database it was made on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.core.errors import InputError, NotReached, Refused, Stopped, TrothError
from troth.execution.apply import Watch, carry_out
from troth.planning.access_plan import AccessPlan, AnyPlan, read_any_plan
from troth.planning.plan import Plan, Step
from troth.register.load import Register
from troth.services.held import held_now
from troth.services.looking import Look, look
from troth.services.making import place_of
from troth.services.opening import naming, open_store
from troth.services.project import Project
from troth.services.recording import Recorder, RunLedger
from troth.services.staleness import refuse_if_stale
from troth.state import keysets, lock, plans, steps, tasks
from troth.state.database import State
from troth.state.plans import SavedPlan
from troth.state.secrets import Secrets
from troth.state.steps import StepRecord
from troth.stores.contract import Store

APPROVED_BY = 12
"""Characters of a plan's id that an approval must give at least."""


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

    @property
    def remaining(self) -> int:
        return sum(step.remaining or 0 for step in self.steps)

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


def find_plan(project: Project, prefix: str) -> SavedPlan:
    register = project.load()
    with project.state(register) as state, state.reading() as conn:
        return plans.find(conn, prefix)


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
    saved = find_plan(project, prefix)
    state = project.state_path(project.load())
    busy = lock.running(state)
    if busy is None or busy.plan != saved.id:
        raise Refused(f"plan {saved.id[:12]} is not running", hint="troth status says what is", code="NOT-RUNNING")
    stop_file(state, saved.id).touch()
    return saved.id


def stop_file(state: Path, plan_id: str) -> Path:
    return state.with_name(f"stop-{plan_id[:16]}")


def apply(
    project: Project,
    plan_id: str,
    approve: str | None,
    how: plans.How,
    moved: Callable[[Step, int], None],
    asked: Callable[[], bool] = lambda: False,
) -> Applied:
    """Approve (when ``approve`` is given) and carry out, or go on where the last run stopped. ``asked`` says, before
    each batch, whether to stop, as ``stop`` does from another process.

    Raises ``Refused`` for a wrong approval, another database, changed files, a plan whose day has not come or that has
    gone stale; ``Stopped`` when it stopped on the way. In every case what was done is recorded.
    """
    register = project.load()
    with project.state(register) as state, lock.apply_lock(state.location, plan_id):
        with state.reading() as conn:
            plan = change_of(read_any_plan(plans.document(conn, plan_id)))
            begun = bool(steps.listed(conn, plan_id))
            saved = plans.find(conn, plan_id)
        if saved.status == "finished":
            state.scrub()  # which the run that ended it may not have come to
            raise Refused(f"plan {plan_id[:12]} was carried out before", hint="make a new one", code="PLAN-DONE")
        refuse_dropped(saved)
        stop_file(state.location, plan_id).unlink(missing_ok=True)
        recorder = Recorder(project, register, state)
        refuse_unapproved(recorder, plan, approve)
        if not begun:
            refuse_too_early(project, register, plan)
        frozen = held_now(project, register).frozen
        with (
            look(register, project.secrets(), plan.at, frozen) as seen,
            _writers(seen, project.secrets(), plan) as writers,
        ):
            _refuse_other_place(plan, seen, writers)
            if not begun:
                refuse_if_stale(project, register, seen, plan, state)
            approval = recorder.approved(plan, how) if approve is not None else recorder.approval(plan)
            signal = stop_file(state.location, plan_id)
            watch = Watch(moved, lambda: asked() or signal.exists())
            try:
                return _run(recorder, state, plan, approval or 0, seen, writers, watch)
            finally:
                signal.unlink(missing_ok=True)


def _run(
    recorder: Recorder,
    state: State,
    plan: Plan,
    approval: int,
    seen: Look,
    writers: Mapping[str, Store],
    watch: Watch,
) -> Applied:
    ledger = RunLedger(recorder, plan, approval)
    ledger.begin()
    try:
        carry_out(plan, seen.reached.stores, writers, ledger, watch)
    except BaseException as reason:
        ledger.stopped(reason)
        if isinstance(reason, TrothError) and not isinstance(reason, Stopped):
            hint = f"{reason.hint or 'mend it'}\n  then go on with: troth resume {plan.id[:12]}"
            raise Stopped(f"stopped: {reason.message}", hint=hint, code=reason.code) from reason
        raise
    with state.reading() as conn:
        waiting = len(tasks.waiting(conn, plan.id))
    finished = ledger.finish() if not waiting else False
    with state.reading() as conn:
        return Applied(plan, steps.listed(conn, plan.id), waiting, finished)


def refuse_unapproved(recorder: Recorder, plan: AnyPlan, approve: str | None) -> None:
    """The approval is judged first and recorded last, when nothing else stands in the way."""
    if approve is not None:
        given = approve.strip().lower()
        if len(given) < APPROVED_BY or not plan.id.startswith(given):
            raise Refused(
                f"that does not approve this plan, whose id begins with {plan.id[:APPROVED_BY]}",
                hint=f"give its first {APPROVED_BY} characters or more; a changed plan has another id",
                code="NOT-APPROVED",
            )
    elif recorder.approval(plan) is None:
        raise Refused(
            f"plan {plan.id[:12]} is not approved",
            hint=f"give --approve {plan.id[:12]}",
            code="NOT-APPROVED",
        )


def refuse_too_early(project: Project, register: Register, plan: AnyPlan) -> None:
    today = project.today(register)
    if plan.at > today:
        raise Refused(
            f"the plan is as of {plan.at}, and that day has not come (it is {today})",
            hint="it shows what will fall due; make one without --at to apply",
            code="PLAN-EARLY",
        )
    if (plan.policy, plan.systems) != (register.policy.revision, register.data_map.revision):
        raise Refused(
            "policy.yaml or systems.yaml was changed after the plan was made",
            hint="make a new plan with the files as they are",
            code="PLAN-FILES",
        )


def _refuse_other_place(plan: Plan, seen: Look, writers: Mapping[str, Store]) -> None:
    """The read connection must lead to where the plan was made, the write connection to the same database."""
    made_on = {place.system: place for place in plan.places}
    for system, store in writers.items():
        if system in seen.reached.unreached:
            raise NotReached(
                f"{system}: it is not known whether this is where the plan was made: {seen.reached.unreached[system]}",
                hint="nothing was changed; try again when its read connection answers",
                code="NOT-REACHED",
            )
        read = place_of(system, seen.health[system].identity)
        write = place_of(system, store.check().identity)
        if made_on.get(system) != read or write.database != read.database:
            raise Refused(
                f"{system} is not the database this plan was made on",
                hint="a plan never runs on another database; make a new one here",
                code="PLAN-PLACE",
            )


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


def status(project: Project, *, every: bool = False) -> tuple[RunStatus, ...]:
    """Plans that run, stopped or wait, the newest first; ``every``: also those that ended."""
    register = project.load()
    if not project.state_path(register).exists():
        return ()
    with project.state(register) as state:
        busy = lock.running(state.location)
        with state.reading() as conn:
            found = []
            for saved in plans.listed(conn):
                if every or saved.status not in ("finished", "refused"):
                    plan = read_any_plan(plans.document(conn, saved.id))
                    keys = sum(info.count for info in keysets.names(conn, saved.id))
                    at_work = busy is not None and busy.plan == saved.id
                    records = steps.listed(conn, saved.id)
                    found.append(RunStatus(saved, plan, records, at_work, tasks.waiting(conn, saved.id), keys))
            return tuple(found)
