"""The verifier on standing approvals: what stands on one must have been allowed by it. Older logs verify as before."""

from __future__ import annotations

from typing import Any

import pytest

from troth.core.canonical import canonical
from troth.proofs.errors import NotVerified
from troth.proofs.replay import Replay

AT = {"at": "2026-03-01T12:30:15Z"}
FILES = {"policy": "aa" * 32, "systems": "bb" * 32}
ACTOR = {"actor": "cc" * 16}
CEILINGS = {"max_rows": 10, "max_share": 1, "until": "2026-04-01"}
PLANNED = [{"action": "mask", "rows": 4}, {"action": "delete", "rows": 6}]
GIVEN = {"kind": "standing_given", **AT, **ACTOR, **FILES, **CEILINGS}
MADE = {"kind": "plan_made", **AT, **FILES, "plan": "dd", "plan_kind": "retention", "planned": PLANNED}
APPROVED = {"kind": "approved", **AT, **ACTOR, "plan": "dd", "how": "standing", "standing": 0}
WITHDRAWN = {"kind": "standing_withdrawn", **AT, **ACTOR, "standing": 0}


def replayed(*entries: dict[str, Any]) -> Replay:
    replay = Replay()
    for entry in entries:
        replay.add(canonical(entry))
    return replay


def test_what_was_allowed_is_counted() -> None:
    assert replayed(GIVEN, MADE, APPROVED, WITHDRAWN).standing.count == 1


def test_an_approval_as_older_versions_wrote_it() -> None:
    older = {name: value for name, value in APPROVED.items() if name != "standing"}
    assert replayed(MADE, older).standing.count == 0


@pytest.mark.parametrize(
    "entries",
    [
        (MADE, APPROVED),
        (GIVEN, APPROVED),
        (GIVEN, MADE, WITHDRAWN, APPROVED),
        (GIVEN, WITHDRAWN, WITHDRAWN),
        (WITHDRAWN,),
        (GIVEN, MADE, APPROVED | {"standing": True}),
        (GIVEN, MADE | {"policy": "ee" * 32}, APPROVED),
        (GIVEN, MADE | {"systems": "ee" * 32}, APPROVED),
        (GIVEN, MADE | {"plan_kind": "erase"}, APPROVED),
        (GIVEN | {"max_rows": 9}, MADE, APPROVED),
        (GIVEN, MADE | {"planned": "many"}, APPROVED),
    ],
)
def test_what_was_not_allowed_does_not_verify(entries: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(NotVerified) as found:
        replayed(*entries)
    assert found.value.code == "EVIDENCE-STANDING"
