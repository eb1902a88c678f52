"""No entry can hold a text from outside: the types that entries are made of are walked, kind by kind."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.canonical import canonical
from troth.evidence import entries as entries_module
from troth.evidence import values
from troth.evidence.entries import (
    Approved,
    Batch,
    CheckRecorded,
    Entry,
    Finished,
    HoldLifted,
    HoldPlaced,
    Judged,
    KeySet,
    Outside,
    PackageMade,
    PlanDropped,
    PlanMade,
    Planned,
    ProjectCreated,
    Rewritten,
    StandingGiven,
    StandingWithdrawn,
    StateRestored,
    StepDone,
    Stopped,
    Sweep,
    TaskSigned,
)

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
PLAN = values.PlanId("ab" * 32)
ACTOR = values.Pseudonym("cd" * 16)
STEP = values.StepId("s01")
HOLD = values.HoldId("0195a3f0-7c4e-7a53-9a4e-3d2c1b0a9f8e")
DIGEST = values.Digest("ef" * 32)

ONE_OF_EACH: list[Entry] = [
    ProjectCreated(NOW, values.KeyId("c74f20a3")),
    PlanMade(
        NOW, PLAN, values.PlanKind.ERASE, date(2026, 3, 1), DIGEST, DIGEST, 3,
        (Planned(values.Action.DELETE, 12),), (KeySet(3, DIGEST),),
    ),
    Approved(NOW, PLAN, ACTOR, values.How.PROMPT),
    StandingGiven(NOW, ACTOR, DIGEST, DIGEST, 1000, 10_000, date(2026, 9, 1)),
    StandingWithdrawn(NOW, 3, ACTOR),
    Batch(NOW, 2, PLAN, STEP, 0, 12),
    StepDone(NOW, 2, PLAN, STEP, 12, 12, 0, 0, values.Established.MEASURED, limits=(values.Limit.BACKUPS,)),
    Rewritten(
        NOW, 2, PLAN, STEP, values.Level.LOGICAL, values.LogicalReason.HELD_BACK,
        (Outside(values.OutsidePlace.BACKUPS, values.Known.DECLARED, date(2026, 4, 1)),),
    ),
    Sweep(NOW, 2, PLAN, 1, 0),
    Finished(NOW, 2, PLAN, values.Outcome.COMPLETE),
    Stopped(NOW, 2, PLAN, values.StopReason.ASKED),
    PlanDropped(NOW, PLAN, ACTOR),
    CheckRecorded(
        NOW, date(2026, 3, 1), DIGEST, DIGEST, values.Version("1.4.0rc1"), ACTOR, (Judged(values.Verdict.KEPT, 7),)
    ),
    HoldPlaced(NOW, HOLD, ACTOR, 2, None, date(2026, 4, 1)),
    HoldLifted(NOW, HOLD, ACTOR),
    PackageMade(NOW, 2, PLAN, STEP, 7, 8, 3, 1, date(2026, 4, 1)),
    TaskSigned(NOW, 2, PLAN, STEP, ACTOR, 3, ACTOR),
    StateRestored(NOW, ACTOR, 24, 3),
]  # fmt: skip
KINDS: tuple[type[Any], ...] = get_args(Entry)
CHANGES = {Batch, StepDone, Rewritten, Sweep, Finished, Stopped, TaskSigned, PackageMade}
PLAIN = {int, bool, datetime, date, NoneType}


def leaves(hint: object) -> set[object]:
    """Every type that a value of type ``hint`` can be made of."""
    if get_origin(hint) in (Union, UnionType, tuple):
        return set().union(*(leaves(one) for one in get_args(hint) if one is not Ellipsis))
    if get_origin(hint) is Literal:
        return {type(one) for one in get_args(hint)}
    if isinstance(hint, type) and is_dataclass(hint):
        return set().union(*(leaves(one) for one in hints(hint).values()))
    return {hint}


def hints(kind: type) -> dict[str, object]:
    known = get_type_hints(kind)
    return {field.name: known[field.name] for field in fields(kind)}


def test_one_of_each_kind_is_looked_at_and_the_set_is_closed() -> None:
    assert [type(entry) for entry in ONE_OF_EACH] == list(KINDS)
    defined = {
        kind
        for kind in vars(entries_module).values()
        if isinstance(kind, type) and issubclass(kind, entries_module._Entry) and kind is not entries_module._Entry
    }
    assert defined == set(KINDS)
    assert len({kind.kind for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_made_of_numbers_moments_hashes_ids_and_closed_lists_alone(kind: type) -> None:
    for leaf in leaves(kind):
        assert isinstance(leaf, type)
        assert leaf in PLAIN or issubclass(leaf, (values.FixedText, StrEnum)), leaf


@pytest.mark.parametrize("entry", ONE_OF_EACH, ids=lambda entry: entry.kind)
def test_no_field_takes_a_text_whatever_the_type_checker_let_through(entry: Entry) -> None:
    kind: Any = type(entry)
    given_values = {field.name: getattr(entry, field.name) for field in fields(entry)}
    for name in given_values:
        for intruder in ("ann@customer.example", "", PLAN.upper(), b"x", 1.5, -1, 2**53, ["x"], ("ann",), {"a": 1}):
            with pytest.raises(TypeError) as caught:
                kind(**{**given_values, name: intruder})
            assert "customer" not in str(caught.value)


@pytest.mark.parametrize("entry", ONE_OF_EACH, ids=lambda entry: entry.kind)
def test_an_entry_is_canonical_json_with_its_kind_and_time(entry: Entry) -> None:
    said = json.loads(canonical(entry.to_json()))
    assert (said["kind"], said["at"]) == (entry.kind, "2026-03-01T12:30:15Z")
    assert set(said) == {"kind", *(field.name for field in fields(entry))}


def test_what_is_about_a_change_says_which_approval_it_stands_on() -> None:
    assert {kind for kind in KINDS if "approval" in hints(kind)} == CHANGES


def test_a_task_done_by_hand_is_declared_and_nothing_else() -> None:
    (signed,) = (each for each in ONE_OF_EACH if isinstance(each, TaskSigned))
    assert signed.to_json()["established"] == "declared"
    with pytest.raises(TypeError):
        TaskSigned(NOW, 2, PLAN, STEP, ACTOR, 3, ACTOR, values.Established.MEASURED)  # type: ignore[arg-type]


def test_times_are_aware_and_written_in_utc() -> None:
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    assert HoldLifted(paris, HOLD, ACTOR).to_json()["at"] == "2026-03-01T12:30:15Z"
    with pytest.raises(TypeError, match="takes nothing but datetime"):
        HoldLifted(NOW.replace(tzinfo=None), HOLD, ACTOR)


def test_nested_values_are_written_as_objects() -> None:
    said = ONE_OF_EACH[1].to_json()
    assert said["planned"] == [{"action": "delete", "rows": 12}]
    assert said["keysets"] == [{"count": 3, "digest": "ef" * 32}]
    assert said["as_of"] == "2026-03-01"


TEXTS = [values.PlanId, values.StepId, values.Digest, values.Pseudonym, values.HoldId, values.KeyId]


@given(st.sampled_from(TEXTS), st.text(max_size=70))
def test_a_fixed_text_refuses_what_is_not_of_its_form_without_repeating_it(
    kind: type[values.FixedText], text: str
) -> None:
    if kind.form.fullmatch(text):
        assert str(kind(text)) == text
    else:
        with pytest.raises(ValueError, match=f"^not a {kind.__name__}$"):
            kind(text)


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("text", ["", "ann", "ann@customer.example", "+33 6 12 34 56 78", "ab" * 32 + "\n", "s01\n"])
def test_no_name_address_or_number_of_a_person_passes_for_one(kind: type[values.FixedText], text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        kind(text)


def test_the_base_of_fixed_texts_takes_nothing() -> None:
    with pytest.raises(ValueError, match="not a FixedText"):
        values.FixedText("")
