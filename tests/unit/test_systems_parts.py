"""``systems.yaml`` in parts means what one file would, and everything that is wrong is told at its own place."""

from __future__ import annotations

from pathlib import Path

import pytest

from troth.core.diagnostics import Diagnostics
from troth.register.load import load_register
from troth.systems.load import read_systems
from troth.systems.model import System
from troth.systems.parts import read_with_parts

WHOLE = """\
troth: 1
systems:
  db:
    store: sqlite
    url: ${URL}
    items: {"*email": email}
    people: {users: {by: email, for: account}}
    tables: {orders: {for: billing, belongs_to: user_id}}
    not_personal: [tags]
"""
BILLING = """\
troth: 1
systems:
  db:
    items: {iban: bank}
    tables:
      invoices: {for: billing, belongs_to: {order_id: orders}}
    not_personal: [currencies, "*.vat"]
"""


def load(folder: Path, whole: str = WHOLE, **parts: str) -> tuple[System, Diagnostics]:
    (folder / "systems.yaml").write_text(whole)
    (folder / "systems").mkdir(exist_ok=True)
    for name, text in parts.items():
        (folder / "systems" / f"{name}.yaml").write_text(text)
    found = Diagnostics()
    document = read_with_parts(folder / "systems.yaml", found)
    assert document is not None
    return read_systems(document, found).systems["db"], found


def test_lines_of_parts_come_after_and_keep_their_places(tmp_path: Path) -> None:
    logs = "troth: 1\nsystems: {db: {not_personal: [jobs], events: {recorded: created_at}}}\n"
    system, found = load(tmp_path, billing=BILLING, logs=logs)
    assert found.items == []
    places = {line.pattern: (Path(line.mark.file).name, line.mark.line) for line in system.lines}
    assert places == {"users": ("systems.yaml", 7), "orders": ("systems.yaml", 8), "invoices": ("billing.yaml", 6)}
    assert [name for name, _, _ in (*system.items, *system.events)] == ["*email", "iban", "recorded"]
    assert [(name, Path(mark.file).name, mark.column) for name, mark in system.not_personal] == [
        ("tags", "systems.yaml", 20),
        ("currencies", "billing.yaml", 20),
        ("*.vat", "billing.yaml", 32),
        ("jobs", "logs.yaml", 31),
    ]


def test_any_byte_of_a_part_changes_the_revision_and_none_leaves_the_file_s_own(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("troth: 1\n")
    revisions = []
    for text in ("", BILLING, f"{BILLING}# seen\n"):
        load(tmp_path, **({"billing": text} if text else {}))
        revisions.append(load_register(tmp_path)[0].data_map.revision)
    assert len(set(revisions)) == 3


@pytest.mark.parametrize(
    "part, wrong",
    [
        ("troth: 1\nsystems: {db: {store: sqlite}}\n", ("S312", 2, 16)),
        ("troth: 1\nstate: other.db\n", ("S312", 2, 1)),
        ("troth: 1\nsystems: {bd: {tables: {notes: account}}}\n", ("S313", 2, 11)),
        ("troth: 1\nsystems: {db: {tables: {orders: account}}}\n", ("S314", 2, 25)),
        ("systems: {db: {}}\n", ("S105", 1, 1)),
        ("troth: 1\nsystems: {db: {tables: [orders]}}\n", ("S103", 2, 24)),
        ("troth: 1\nsystems: {db: [orders]}\n", ("S103", 2, 15)),
        ("troth: 1\nsystems: {db: {tables: {notes: {for: account, fro: x}}}}\n", ("S101", 2, 47)),
        ("troth: 1\nsystems:\n\tdb: {}\n", ("Y005", 3, 1)),
        ("troth: 1\nsystems: {db: {not_personal: [plans, {a: b}]}}\n", ("S103", 2, 38)),
    ],
)
def test_what_is_wrong_is_told_at_its_place_and_left_out(
    tmp_path: Path, part: str, wrong: tuple[str, int, int]
) -> None:
    system, found = load(tmp_path, one=part)
    said = [(each.code, Path(each.mark.file).name, each.mark.line, each.mark.column) for each in found.items]
    assert said == [(wrong[0], "one.yaml", *wrong[1:])]
    assert [line.pattern for line in system.lines][:2] == ["users", "orders"]


def test_a_line_of_one_file_may_name_what_another_declares(tmp_path: Path) -> None:
    part = "troth: 1\nsystems: {db: {tables: {lines: {for: billing, belongs_to: {invoice_id: invoices}}}}}\n"
    _, found = load(tmp_path, billing=BILLING, zlines=part)
    assert found.items == []
