"""troth run: what a timer calls. It goes on with what was begun, plans what is past its time, applies what a standing
approval allows, and checks; a person is asked about the rest. One run at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from troth.core.errors import HumanAsked, Refused, TrothError
from troth.execution.pace import Bounds, Ending, Watch
from troth.planning.plan import Plan, read_plan
from troth.register.load import Register
from troth.services.applying import apply
from troth.services.checking import Checked, check, record
from troth.services.dropping import drop
from troth.services.judging import Consent
from troth.services.making import plan_retention, write_plan
from troth.services.project import Project
from troth.services.standing import in_force, refuse_above_ceiling
from troth.state import lock, plans, steps, tasks
from troth.state.steps import StepRecord

MADE_BY_RUN = "made by troth run"
"""The note of a plan that nobody asked for by itself: the next run puts a newer one in its place."""

TO_APPROVE = "retention-to-approve.json"

Watching: TypeAlias = Callable[[Plan], AbstractContextManager[Watch]]


@dataclass(frozen=True, slots=True)
class Worked:
    """What this run did on one plan: ``changed``, rows by action; ``left``, rows of it that are still there."""

    plan: Plan
    changed: dict[str, int]
    left: int
    ended: Ending | None


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run came to. ``problem`` is what kept it from doing all it should; ``waiting``, tasks to be done by hand;
    ``alone`` is false when another run was at work, and this one did nothing."""

    at: datetime
    seconds: float
    worked: tuple[Worked, ...] = ()
    checked: Checked | None = None
    waiting: int = 0
    problem: TrothError | None = None
    alone: bool = True

    @property
    def left(self) -> int:
        return sum(each.left for each in self.worked)

    @property
    def changed(self) -> dict[str, int]:
        """Rows by action."""
        found: dict[str, int] = {}
        for each in self.worked:
            for action, rows in each.changed.items():
                found[action] = found.get(action, 0) + rows
        return found

    def exit_status(self) -> int:
        """0 all done and kept; 1 something left or broken; 2, 3, 4, 5 and 130 as the problem says; 3 not reached."""
        if self.problem is not None:
            return self.problem.exit_status
        if self.left or self.waiting:
            return 1
        return self.checked.exit_status() if self.checked is not None else 0


@dataclass(slots=True)
class _Run:
    project: Project
    watching: Watching
    bounds: Bounds
    worked: list[Worked] = field(default_factory=list)

    def all(self) -> Ran:
        """Whatever goes wrong is a part of the result; the check comes last, so that it tells what the run leaves."""
        began, checked, waiting, problem, alone = time.monotonic(), None, 0, None, False
        try:
            with _alone(self.project):
                alone = True
                register = self.project.load()
                try:
                    self._work(register)
                except TrothError as error:
                    problem = error
                checked = check(self.project, None, _silently)
                waiting = self._waiting(register)
                record(self.project, checked)
        except TrothError as error:
            problem = problem or error
        seconds = time.monotonic() - began
        return Ran(self.project.now(), seconds, tuple(self.worked), checked, waiting, problem, alone)

    def _work(self, register: Register) -> None:
        for plan in self._begun(register):
            if self._carry_out(plan, None):
                return
        self._new(register)

    def _begun(self, register: Register) -> Iterator[Plan]:
        """Plans that a run left half way, the oldest first. Raises ``HumanAsked`` for one that only a standing approval
        let begin, when none counts any more."""
        with self.project.state(register) as state, state.reading() as conn:
            found: list[tuple[Plan, bool]] = []
            for saved in reversed(plans.listed(conn)):
                if saved.kind == "access" or saved.status not in ("stopped", "running"):
                    continue
                over = {record.status for record in steps.listed(conn, saved.id)} <= {"done", "waiting_for_human"}
                if not (over and tasks.waiting(conn, saved.id)):
                    by_a_person = any(each.how != "standing" for each in plans.approvals(conn, saved.id))
                    found.append((read_plan(plans.document(conn, saved.id)), by_a_person))
            for plan, by_a_person in found:
                try:
                    standing = None if by_a_person else in_force(conn, register, self.project.today(register))
                except HumanAsked as asked:
                    raise _half_way(plan, asked) from asked
                if standing and (plan.policy, plan.systems) != (standing.policy, standing.systems):
                    reason = "it was made for other files than the standing approval"
                    raise _half_way(plan, HumanAsked(reason, code="STANDING-FILES"))
        yield from (plan for plan, _ in found)

    def _new(self, register: Register) -> None:
        """Plan what is past its time, and apply it when a standing approval allows. Else the plan waits for a person,
        in the place of the one that waited before."""
        with self.project.state(register) as state, state.reading() as conn:
            older = [each for each in plans.listed(conn) if each.status in ("planned", "approved")]
            older = [each for each in older if each.note == MADE_BY_RUN and not steps.listed(conn, each.id)]
        for saved in older:
            drop(self.project, saved.id)
        made = plan_retention(self.project, None, _silently, note=MADE_BY_RUN, totals=True)
        if not made.plan.steps:
            return
        try:
            with self.project.state(register) as state, state.reading() as conn:
                standing = in_force(conn, register, self.project.today(register))
            refuse_above_ceiling(standing, made.plan, made.totals)
        except HumanAsked as asked:
            raise _asked_about(made.plan, self.project, asked) from asked
        self._carry_out(made.plan, Consent(made.plan.id, "standing", standing.entry))

    def _carry_out(self, plan: Plan, consent: Consent | None) -> bool:
        """Whether it ended with the window."""
        before = {record.step: record.done for record in self._records(plan)}
        ended: Ending | None = None
        try:
            with self.watching(plan) as watch:
                ended = apply(self.project, plan.id, consent, watch, self.bounds).ended
        finally:
            changed: dict[str, int] = {}
            records = self._records(plan)
            for record in records:
                action = plan.step(record.step).action
                changed[action] = changed.get(action, 0) + record.done - before.get(record.step, 0)
            left = sum(record.left for record in records)
            self.worked.append(Worked(plan, {action: rows for action, rows in changed.items() if rows}, left, ended))
        return ended is not None

    def _records(self, plan: Plan) -> tuple[StepRecord, ...]:
        with self.project.state(self.project.load()) as state, state.reading() as conn:
            return steps.listed(conn, plan.id)

    def _waiting(self, register: Register) -> int:
        with self.project.state(register) as state, state.reading() as conn:
            return len(tasks.waiting(conn))


def run(project: Project, watching: Watching, bounds: Bounds) -> Ran:
    """One unattended run; never raises what is an error of ours. ``watching`` gives each plan its watch."""
    return _Run(project, watching, bounds).all()


def _silently(_: str) -> None:
    """Nobody looks on while questions are asked."""


@contextmanager
def _alone(project: Project) -> Generator[None]:
    """One run at a time for each folder, by a lock of the operating system that dies with its process."""
    place = project.folder / ".troth" / "run"
    place.parent.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(lock.apply_lock(place, ""))
        except Refused as taken:
            other = lock.running(place)
            who = f" (process {other.pid})" if other is not None and other.pid else ""
            hint = "this one did nothing; troth status says what is done and left"
            raise Refused(f"another troth run is at work{who}", hint=hint, code="RUN-BUSY") from taken
        yield


def _half_way(plan: Plan, asked: HumanAsked) -> HumanAsked:
    message = f"plan {plan.id[:12]} is half way, and {asked.message}"
    return HumanAsked(message, hint=f"look: troth status; go on with: troth resume {plan.id[:12]}", code=asked.code)


def _asked_about(plan: Plan, project: Project, asked: HumanAsked) -> HumanAsked:
    """The error that names the plan's file and the command that approves this one plan."""
    file: Path = write_plan(project, plan, project.folder / "plans" / TO_APPROVE)
    rows = sum(step.rows for step in plan.steps)
    there = "" if project.folder == Path() else f" -C {project.folder}"
    return HumanAsked(
        f"{rows:,} row{'' if rows == 1 else 's'} are past their time, and {asked.message}",
        hint=f"{asked.hint}\n  this one plan: troth{there} apply {file} --approve {plan.id[:12]}",
        code=asked.code,
    )
