"""Plans, their approvals, the progress of their steps and tasks for people, as our own database keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from troth.core.errors import InputError, Refused
from troth.state import plans, steps, tasks
from troth.state.database import Connection, State, open_state
from troth.state.places import Place
from troth.state.pseudonyms import pseudonym

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
DOCUMENT = b'{"format":1}'
PLAN = hashlib.sha256(DOCUMENT).hexdigest()


@pytest.fixture
def state(state_place: Place) -> Iterator[State]:
    with closing(open_state(state_place)) as state:
        yield state


@pytest.fixture
def conn(state: State) -> Iterator[Connection]:
    with state.transaction() as conn:
        plans.save(conn, DOCUMENT, "retention", NOW)
        yield conn


def test_a_plan_is_found_by_its_id_or_the_beginning_of_it(conn: Connection) -> None:
    saved = plans.SavedPlan(PLAN, "retention", NOW, "planned", "")
    assert plans.find(conn, PLAN) == plans.find(conn, f" {PLAN[:6].upper()} ") == saved
    assert plans.document(conn, PLAN) == DOCUMENT


@pytest.mark.parametrize(
    "text,code",
    [
        (PLAN[:5], "PLAN-NAME"),
        ("", "PLAN-NAME"),
        ("%%%%%%", "PLAN-NAME"),
        ("______", "PLAN-NAME"),
        ("zzzzzzz", "PLAN-NAME"),
        (PLAN + "0", "PLAN-NAME"),
        ("0" * 64, "PLAN-UNKNOWN"),
    ],
)
def test_a_name_that_is_no_plans_is_refused(conn: Connection, text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        plans.find(conn, text)
    assert caught.value.code == code


def test_an_ambiguous_beginning_is_refused_and_the_choices_named(conn: Connection) -> None:
    found: dict[str, bytes] = {}
    number = 0
    while True:
        document = b'{"n":%d}' % number
        prefix = hashlib.sha256(document).hexdigest()[:6]
        if prefix in found:
            break
        found[prefix] = document
        number += 1
    ids = [plans.save(conn, each, "erase", NOW).id for each in (found[prefix], document)]
    with pytest.raises(InputError) as caught:
        plans.find(conn, prefix)
    assert caught.value.code == "PLAN-AMBIGUOUS"
    assert all(plan[:12] in str(caught.value) for plan in ids)
    assert plans.find(conn, ids[0]).id == ids[0]


def test_the_same_plan_made_again_is_the_one_already_kept(conn: Connection) -> None:
    plans.set_status(conn, PLAN, "running", "since noon")
    again = plans.save(conn, DOCUMENT, "retention", NOW + timedelta(days=1))
    assert (again.made_at, again.status, again.note) == (NOW, "running", "since noon")
    plans.set_status(conn, PLAN, "stopped")
    assert plans.listed(conn) == (plans.SavedPlan(PLAN, "retention", NOW, "stopped", "since noon"),)
    with pytest.raises(ValueError, match="no plan"):
        plans.set_status(conn, "0" * 64, "running")
    with pytest.raises(ValueError, match="not a status"):
        plans.set_status(conn, PLAN, "paused")  # type: ignore[arg-type]


def test_the_newest_plan_is_listed_first(conn: Connection) -> None:
    newer = plans.save(conn, b"{}", "erase", NOW + timedelta(microseconds=1))
    assert [plan.id for plan in plans.listed(conn)] == [newer.id, PLAN]


def test_a_plan_altered_in_the_database_is_not_handed_out(conn: Connection) -> None:
    conn.execute(sa.text("UPDATE plans SET document = :other"), {"other": b"{}"})
    with pytest.raises(Refused) as caught:
        plans.document(conn, PLAN)
    assert caught.value.code == "PLAN-ALTERED"


def test_approvals_are_kept_in_order(conn: Connection) -> None:
    first = plans.Approval(PLAN, "ann", NOW, "prompt", 4)
    second = plans.Approval(PLAN, "ben", NOW, "flag", None)
    plans.add_approval(conn, first)
    plans.add_approval(conn, second)
    assert plans.approvals(conn, PLAN) == (first, second)
    with pytest.raises(exc.IntegrityError):
        plans.add_approval(conn, plans.Approval("0" * 64, "ann", NOW, "prompt", None))


def test_moments_come_back_in_utc_and_naive_ones_are_refused(conn: Connection) -> None:
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    plans.add_approval(conn, plans.Approval(PLAN, "ann", paris, "prompt", None))
    at = plans.approvals(conn, PLAN)[0].at
    assert (at, at.utcoffset()) == (NOW, timedelta())
    with pytest.raises(exc.StatementError, match="time zone"):
        plans.add_approval(conn, plans.Approval(PLAN, "ann", NOW.replace(tzinfo=None), "prompt", None))


def test_a_step_from_pending_to_done(conn: Connection) -> None:
    steps.add_steps(conn, PLAN, [("s02", 25), ("s01", 0)])
    steps.add_steps(conn, PLAN, [("s02", 25), ("s01", 0)])
    assert [record.step for record in steps.listed(conn, PLAN)] == ["s02", "s01"]
    assert steps.get(conn, PLAN, "s02").status == "pending"
    assert steps.progress(conn, PLAN, "s02") == (0, 0)
    steps.start(conn, PLAN, "s02", NOW)
    steps.start(conn, PLAN, "s02", NOW + timedelta(hours=1))
    for batch in range(2):
        assert steps.record_batch(conn, steps.BatchRecord(PLAN, "s02", batch, 10, NOW))
    assert steps.progress(conn, PLAN, "s02") == (20, 2)
    steps.end(conn, PLAN, "s02", "done", NOW, no_longer_due=5, remaining=0)
    assert steps.get(conn, PLAN, "s02") == steps.StepRecord(
        plan=PLAN, step="s02", planned=25, done=20, no_longer_due=5, remaining=0, status="done", message="",
        started_at=NOW, finished_at=NOW,
    )  # fmt: skip


def test_a_batch_recorded_twice_counts_once(conn: Connection) -> None:
    steps.add_steps(conn, PLAN, [("s01", 10)])
    first = steps.BatchRecord(PLAN, "s01", 0, 10, NOW)
    assert steps.record_batch(conn, first)
    assert not steps.record_batch(conn, steps.BatchRecord(PLAN, "s01", 0, 10, NOW, replayed=True))
    assert steps.get(conn, PLAN, "s01").done == 10
    assert steps.batches(conn, PLAN, "s01") == (first,)
    with pytest.raises(Refused) as caught:
        steps.record_batch(conn, steps.BatchRecord(PLAN, "s01", 0, 11, NOW))
    assert caught.value.code == "STATE-BATCH"


def test_a_step_that_was_never_written_down_has_no_progress(conn: Connection) -> None:
    with pytest.raises(LookupError):
        steps.get(conn, PLAN, "s01")
    with pytest.raises(LookupError):
        steps.start(conn, PLAN, "s01", NOW)
    with pytest.raises(LookupError):
        steps.record_batch(conn, steps.BatchRecord(PLAN, "s01", 0, 1, NOW))
    with pytest.raises(ValueError, match="does not end"):
        steps.end(conn, PLAN, "s01", "running", NOW)


def test_a_task_waits_until_someone_signs_it(conn: Connection) -> None:
    steps.add_steps(conn, PLAN, [("s01", 3)])
    task = tasks.Task(PLAN, "s01", "stripe", "docs/stripe.md", "goes:db.users.stripe_id", 3)
    tasks.add(conn, task)
    tasks.add(conn, task)
    assert tasks.waiting(conn) == tasks.waiting(conn, PLAN) == tasks.listed(conn, PLAN) == (task,)
    signed = tasks.sign(conn, PLAN, "s01", "ann", NOW, "deleted in the dashboard")
    assert (signed.signed_by, signed.signed_at, signed.statement) == ("ann", NOW, "deleted in the dashboard")
    assert tasks.waiting(conn) == ()
    assert tasks.listed(conn, PLAN) == (signed,)
    with pytest.raises(Refused):
        tasks.sign(conn, PLAN, "s01", "ben", NOW, "me too")
    with pytest.raises(InputError):
        tasks.sign(conn, PLAN, "s02", "ann", NOW, "")


def test_a_pseudonym_is_the_same_for_the_same_and_joins_no_domains() -> None:
    ann = pseudonym("actor", "ann", "secret")
    assert ann == pseudonym("actor", "ann", "secret")
    assert len(bytes.fromhex(ann)) == 16
    others = [
        pseudonym("actor", "ben", "secret"),
        pseudonym("key", "ann", "secret"),
        pseudonym("actor", "ann", "another"),
        hashlib.sha256(b"ann").hexdigest()[:32],
    ]
    assert len({ann, *others}) == 5
