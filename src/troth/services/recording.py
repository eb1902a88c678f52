"""What happened, written down: our own database and the evidence log, in one transaction each time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path

from troth import __version__
from troth.core.errors import HumanAsked, Stopped, TrothError
from troth.evidence import entries, log
from troth.evidence.values import (
    Action,
    Digest,
    Established,
    HoldId,
    How,
    KeyId,
    Level,
    Limit,
    LogicalReason,
    Outcome,
    PlanId,
    PlanKind,
    Pseudonym,
    StepId,
    StopReason,
    Verdict,
    Version,
)
from troth.execution.apply import Holds, StepOutcome
from troth.execution.pace import Over
from troth.planning.access_plan import Answer, AnyPlan, ByHandTask, planned
from troth.planning.physical import at_level, places_outside
from troth.planning.plan import Step
from troth.proofs.note import SignerKey
from troth.register.load import Register
from troth.services.held import holds_on
from troth.services.levels import evidence_outside, level_reached
from troth.services.project import Project
from troth.services.witness import Witness
from troth.state import keysets, plans, steps, tasks
from troth.state import standing as state_standing
from troth.state.database import Connection, State
from troth.state.holds import Hold
from troth.state.logbook import SignedCheckpoint
from troth.state.pseudonyms import Domain, pseudonym
from troth.stores.conditions import Key
from troth.stores.contract import ChangeRefused, StoreUnavailable
from troth.stores.gone import Outside, Shown


class Recorder:
    """Writes entries on behalf of one actor, whom evidence knows by a pseudonym only."""

    def __init__(self, project: Project, register: Register, state: State) -> None:
        self.project = project
        self.register = register
        self.state = state
        self.witness = Witness(project, register)

    @cached_property
    def signer(self) -> SignerKey:
        return SignerKey.parse(self.project.secrets().resolve(self.register.data_map.evidence.key).strip())

    @cached_property
    def _secret(self) -> str:
        return self.project.secrets().resolve(self.register.data_map.evidence.pseudonym_key)

    def pseudonym(self, domain: Domain, name: str) -> Pseudonym:
        return Pseudonym(pseudonym(domain, name, self._secret))

    def append(self, conn: Connection, entry: entries.Entry) -> int:
        """Add an entry; the first one of a log is preceded by the one that names its key."""
        if not any(True for _ in log.entries(conn, 0, 1)):
            created = entries.ProjectCreated(self.project.now(), KeyId(self.signer.verifier.key_id.hex()))
            log.append(conn, created)
        return log.append(conn, entry)

    def plan_made(self, plan: AnyPlan, keys: Mapping[str, tuple[Key, ...]], note: str = "") -> None:
        """Keep a plan with its key sets. The same plan made again is the one already kept."""
        with self.state.transaction() as conn:
            if any(saved.id == plan.id for saved in plans.listed(conn)):
                return
            plans.save(conn, plan.to_bytes(), plan.kind, self.project.now(), note)
            for name, value in keys.items():
                keysets.put(conn, plan.id, name, value)
            self.append(conn, self._plan_entry(plan))

    def _plan_entry(self, plan: AnyPlan) -> entries.PlanMade:
        return entries.PlanMade(
            self.project.now(),
            PlanId(plan.id),
            PlanKind(plan.kind),
            plan.at,
            Digest(plan.policy),
            Digest(plan.systems),
            plan.people,
            tuple(entries.Planned(Action(action), rows) for action, rows in planned(plan).items()),
            tuple(entries.KeySet(keyset.count, Digest(keyset.digest)) for keyset in plan.keysets),
        )

    def approved(self, plan: AnyPlan, how: plans.How, standing: int | None = None) -> int:
        """Record an approval, ``standing``: by the standing approval of that entry; returns the number of its entry.
        Raises ``HumanAsked`` when that one was withdrawn a moment ago."""
        with self.state.transaction() as conn:
            current = state_standing.current(conn) if standing is not None else None
            if standing is not None and (current is None or current.entry != standing):
                hint = "nothing was done; look at the plan, and approve it by its id"
                raise HumanAsked("the standing approval was withdrawn", hint=hint, code="STANDING-NONE")
            actor = self.pseudonym("actor", self.project.actor)
            entry = entries.Approved(self.project.now(), PlanId(plan.id), actor, How(how), standing)
            number = self.append(conn, entry)
            plans.add_approval(conn, plans.Approval(plan.id, self.project.actor, self.project.now(), how, number))
            if plans.find(conn, plan.id).status == "planned":
                plans.set_status(conn, plan.id, "approved")
            return number

    def approval(self, plan: AnyPlan) -> int | None:
        """The number of the plan's last approval in the log."""
        with self.state.reading() as conn:
            found = [each.entry for each in plans.approvals(conn, plan.id) if each.entry is not None]
        return found[-1] if found else None

    def state_restored(self, conn: Connection, entries_kept: int, lost: int) -> None:
        actor = self.pseudonym("actor", self.project.actor)
        self.append(conn, entries.StateRestored(self.project.now(), actor, entries_kept, lost))

    def plan_dropped(self, conn: Connection, plan_id: str) -> None:
        actor = self.pseudonym("actor", self.project.actor)
        self.append(conn, entries.PlanDropped(self.project.now(), PlanId(plan_id), actor))

    def check_recorded(self, as_of: date, counts: Mapping[str, int]) -> int:
        """A check's counts by verdict, signed at once: a checkpoint covers them. Returns the entry's number."""
        policy, systems = self.register.policy.revision, self.register.data_map.revision
        judged = tuple(entries.Judged(Verdict(verdict), count) for verdict, count in counts.items())
        with self.state.transaction() as conn:
            now, actor = self.project.now(), self.pseudonym("actor", self.project.actor)
            entry = entries.CheckRecorded(
                now, as_of, Digest(policy), Digest(systems), Version(__version__), actor, judged
            )
            number = self.append(conn, entry)
            signed = log.checkpoint(conn, self.signer, now)
        self.witness.leave(signed.note)
        return number

    def hold_placed(self, conn: Connection, hold: Hold) -> None:
        actor = self.pseudonym("actor", hold.placed_by)
        reason = hold.reason
        entry = entries.HoldPlaced(hold.placed_at, HoldId(hold.id), actor, hold.people, reason.until, reason.review_on)
        self.append(conn, entry)

    def hold_lifted(self, conn: Connection, hold: Hold) -> None:
        actor = self.pseudonym("actor", hold.lifted_by or "")
        self.append(conn, entries.HoldLifted(hold.lifted_at or self.project.now(), HoldId(hold.id), actor))

    def task_signed(self, conn: Connection, plan: AnyPlan, task: tasks.Task, approval: int) -> None:
        entry = entries.TaskSigned(
            self.project.now(),
            approval,
            PlanId(plan.id),
            StepId(task.step),
            self.pseudonym("actor", task.signed_by or ""),
            task.count,
            self.pseudonym("statement", task.statement or ""),
        )
        self.append(conn, entry)
        steps.end(conn, plan.id, task.step, "done", self.project.now(), message="declared by a person")

    def sign(self) -> SignedCheckpoint:
        """Sign the log as it is, and leave the checkpoint with the witness."""
        with self.state.transaction() as conn:
            signed = log.checkpoint(conn, self.signer, self.project.now())
        self.witness.leave(signed.note)
        return signed

    def export(self, file: Path) -> int:
        """Sign everything and write it to ``file``; returns how many entries that are."""
        self.sign()
        with self.state.reading() as conn:
            return log.export(conn, file).entries


class RunLedger:
    """One run of one plan, as ``execution.apply`` writes it down."""

    def __init__(self, recorder: Recorder, plan: AnyPlan, approval: int) -> None:
        self.recorder = recorder
        self.state = recorder.state
        self.plan = plan
        self.approval = approval
        self._keys: dict[str, tuple[Key, ...]] = {}

    def begin(self) -> None:
        """What the run stands on is signed, and the witness knows it, before anything is changed."""
        with self.state.transaction() as conn:
            steps.add_steps(conn, self.plan.id, [(step.id, step.rows) for step in self.plan.steps])
            plans.set_status(conn, self.plan.id, "running")
        self.recorder.sign()

    def is_done(self, step: Step | Answer | ByHandTask) -> bool:
        with self.state.reading() as conn:
            return steps.get(conn, self.plan.id, step.id).status in ("done", "waiting_for_human")

    def done(self, step: Step | Answer) -> int:
        """Rows of a step that are done."""
        with self.state.reading() as conn:
            return steps.get(conn, self.plan.id, step.id).done

    def progress(self, step: Step) -> tuple[int, int]:
        with self.state.reading() as conn:
            return steps.progress(conn, self.plan.id, step.id)

    def batch(self, step: Step, batch: int, rows: int, *, replayed: bool) -> None:
        """A batch that moved no row is recorded too: its number is used up in the store. It is no evidence of a
        change, and makes no entry."""
        now = self.recorder.project.now()
        with self.state.transaction() as conn:
            steps.start(conn, self.plan.id, step.id, now)
            fresh = steps.record_batch(conn, steps.BatchRecord(self.plan.id, step.id, batch, rows, now, replayed))
            if fresh and rows:
                plan, name = PlanId(self.plan.id), StepId(step.id)
                entry = entries.Batch(now, self.approval, plan, name, batch, rows, replayed)
                self.recorder.append(conn, entry)

    def step_done(self, step: Step, outcome: StepOutcome) -> None:
        now = self.recorder.project.now()
        status: steps.Status = "blocked" if outcome.remaining else "done"
        message = "a hold, a reference or new rows keep them" if outcome.remaining else ""
        with self.state.transaction() as conn:
            steps.end(
                conn,
                self.plan.id,
                step.id,
                status,
                now,
                no_longer_due=outcome.no_longer_due,
                remaining=outcome.remaining,
                message=message,
            )
            self.recorder.append(
                conn,
                entries.StepDone(
                    now,
                    self.approval,
                    PlanId(self.plan.id),
                    StepId(step.id),
                    step.rows,
                    outcome.done,
                    outcome.no_longer_due,
                    outcome.remaining,
                    Established.MEASURED,
                    limits=(Limit.DATABASE_LOG, Limit.FREED_PAGES, Limit.REPLICAS, Limit.BACKUPS),
                    outside=evidence_outside(at_level(self.plan, step.system, "logical"), now.date()),
                ),
            )

    def rewritten(self, step: Step, shown: Shown, outside: tuple[Outside, ...]) -> None:
        now, system = self.recorder.project.now(), self.recorder.register.data_map.systems[step.system]
        places = places_outside(system, outside, shown.level)
        entry = entries.Rewritten(
            now,
            self.approval,
            PlanId(self.plan.id),
            StepId(step.id),
            Level(shown.level),
            LogicalReason(shown.reason) if shown.reason else None,
            evidence_outside(places, now.date()),
        )
        physical = shown.level == "physical"
        message = "the live files do not hold what went" if physical else f"logical level alone: {shown.why}"
        with self.state.transaction() as conn:
            status: steps.Status = "done" if physical else "blocked"
            steps.end(conn, self.plan.id, step.id, status, now, remaining=0, message=message)
            self.recorder.append(conn, entry)

    def swept(self, round_: int, rows: int) -> None:
        with self.state.transaction() as conn:
            now, plan = self.recorder.project.now(), PlanId(self.plan.id)
            self.recorder.append(conn, entries.Sweep(now, self.approval, plan, round_, rows))

    def task(self, step: Step | ByHandTask) -> None:
        now = self.recorder.project.now()
        with self.state.transaction() as conn:
            task = tasks.Task(self.plan.id, step.id, step.system, step.how, step.keys, step.rows)
            tasks.add(conn, task)
            steps.end(conn, self.plan.id, step.id, "waiting_for_human", now)

    def keys(self, name: str) -> tuple[Key, ...]:
        if name not in self._keys:
            with self.state.reading() as conn:
                self._keys[name] = keysets.get(conn, self.plan.id, name)
        return self._keys[name]

    def held(self) -> Holds:
        return holds_on(self.state, self.recorder.project.today(self.recorder.register))

    def stopped(self, error: BaseException) -> None:
        """The run ends before the plan does; the keys stay written down for whoever resumes it."""
        now = self.recorder.project.now()
        with self.state.transaction() as conn:
            note = str(error) if isinstance(error, TrothError | Over) else ""
            plans.set_status(conn, self.plan.id, "stopped", note)
            self.recorder.append(conn, entries.Stopped(now, self.approval, PlanId(self.plan.id), _reason(error)))

    def finish(self) -> bool:
        """The plan has come to its end: forget its keys, sign the log. True when nothing of it is left."""
        now = self.recorder.project.now()
        with self.state.transaction() as conn:
            left = [record for record in steps.listed(conn, self.plan.id) if record.status != "done"]
            outcome = Outcome.INCOMPLETE if left else Outcome.COMPLETE
            level = level_reached(self.plan, steps.listed(conn, self.plan.id))
            plans.set_status(conn, self.plan.id, "finished")
            self.recorder.append(conn, entries.Finished(now, self.approval, PlanId(self.plan.id), outcome, level))
            signed = log.checkpoint(conn, self.recorder.signer, now)
            keysets.drop(conn, self.plan.id)
        self.recorder.witness.leave(signed.note)
        self.state.scrub()
        return not left


def _reason(error: BaseException) -> StopReason:
    match error:
        case KeyboardInterrupt():
            return StopReason.INTERRUPTED
        case Stopped() if isinstance(error.__cause__, StoreUnavailable):
            return StopReason.STORE_UNAVAILABLE
        case Over():
            return StopReason(error.why)
        case Stopped(code="REPLICA-LAG" | "LOCK-WAIT"):
            return StopReason.PRESSURE
        case Stopped():
            return StopReason.ASKED
        case ChangeRefused():
            return StopReason.CHANGE_REFUSED
        case _:
            return StopReason.FAILED
