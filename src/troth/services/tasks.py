"""Steps that people do by hand: what to look for, and the signature that says it was done."""

from __future__ import annotations

from troth.core.errors import InputError, Refused
from troth.planning.access_plan import read_any_plan
from troth.services.project import Project
from troth.services.recording import Recorder, RunLedger
from troth.state import keysets, plans, steps, tasks
from troth.state.database import Connection
from troth.stores.conditions import Key


def keys_of(project: Project, plan_prefix: str, step: str) -> tuple[Key, ...]:
    """The keys to look for, for the person who does the task. They are printed and kept nowhere else."""
    register = project.load()
    with project.state(register) as state, state.reading() as conn:
        saved = plans.find(conn, plan_prefix)
        task = next((task for task in tasks.listed(conn, saved.id) if task.step == step), None)
        if task is None:
            raise InputError(
                f"plan {saved.id[:12]} has no task {step}", hint="troth status lists the tasks", code="NO-TASK"
            )
        return keysets.get(conn, saved.id, task.keyset)


def sign(project: Project, plan_prefix: str, step: str, statement: str) -> bool:
    """Declare a task done. True when the plan is complete with it."""
    register = project.load()
    with project.state(register) as state:
        recorder = Recorder(project, register, state)
        with state.reading() as conn:
            saved = plans.find(conn, plan_prefix)
            plan = read_any_plan(plans.document(conn, saved.id))
        approval = recorder.approval(plan)
        if approval is None:
            raise Refused(f"plan {saved.id[:12]} is not approved", hint="troth apply", code="NOT-APPROVED")
        with state.transaction() as conn:
            signed = tasks.sign(conn, saved.id, step, project.actor, project.now(), statement)
            recorder.task_signed(conn, plan, signed, approval)
            left = tasks.waiting(conn, saved.id) or _not_begun(conn, saved.id)
        return not left and RunLedger(recorder, plan, approval).finish()


def _not_begun(conn: Connection, plan_id: str) -> bool:
    """Whether a run that stopped has steps to come: a last signature does not end it, and its keys are needed."""
    return any(record.status in ("pending", "running") for record in steps.listed(conn, plan_id))
