"""troth drop: a plan that was made and is not wanted. Its keys are forgotten, and it can be applied no more."""

from __future__ import annotations

from troth.core.errors import Refused
from troth.services.project import Project
from troth.services.recording import Recorder
from troth.state import keysets, plans, steps


def drop(project: Project, prefix: str) -> tuple[str, int]:
    """Drop a plan that was never begun: (its id, how many keys were forgotten). Dropping it again forgets none.

    The plan file is left where it is: it holds no key, and may have been copied. Raises ``Refused`` for a plan that was
    begun (some of its rows are gone, the others need its keys) or carried out, and while a plan is being applied.
    """
    register = project.load()
    with project.state(register) as state:
        with state.reading() as conn:
            plan = plans.find(conn, prefix).id
        with state.apply_lock(plan):
            with state.transaction() as conn:
                saved = plans.find(conn, plan)
                if saved.status == "finished":
                    raise Refused(
                        f"plan {plan[:12]} was carried out before",
                        hint="its keys are forgotten; there is nothing to drop",
                        code="PLAN-DONE",
                    )
                if steps.listed(conn, plan):
                    raise Refused(
                        f"plan {plan[:12]} was begun and cannot be dropped: its rows may be half way",
                        hint=f"bring it to its end: troth resume {plan[:12]}",
                        code="PLAN-BEGUN",
                    )
                count = keysets.drop(conn, plan)
                if saved.status != "refused":
                    plans.set_status(conn, plan, "refused")
                    Recorder(project, register, state).plan_dropped(conn, plan)
            state.scrub()
        return plan, count
