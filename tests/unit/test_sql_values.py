"""Given values read as what a column holds: exactly, or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.stores.sql import values


@pytest.mark.parametrize(
    "value, bits, expected",
    [
        ("7", 64, 7), ("+7", 64, 7), ("-7", 64, -7), (8, 64, 8), ("007", 64, 7), ("7.0", 64, None), ("7e1", 64, None),
        ("", 64, None),
        ("7\n", 64, None), (" 7", 64, None), ("٧", 64, None), ("0x7", 64, None), (2**63, 64, None), (2**63 - 1, 64,
        2**63 - 1),
        (40_000, 16, None), (-32_768, 16, -32_768), ("9" * 5_000, 64, None), ("1_0", 64, None),
    ],
)  # fmt: skip
def test_integers(value: str | int, bits: int, expected: int | None) -> None:
    assert values.as_integer(value, bits) == expected


def test_other_numbers() -> None:
    assert values.as_decimal("1.50") == Decimal("1.5")
    assert values.as_decimal(3) == Decimal(3)
    for text in ("nan", "inf", "-Infinity", "", "1,5", "1.5x", "1e9999"):
        assert values.as_decimal(text) is None
        assert values.as_float(text) is None
    assert values.as_float("1e3") == 1000.0
    assert values.as_float("1e999") is None or values.as_float("1e999") == float("inf")


def test_everything_else() -> None:
    assert values.as_uuid("00000000-0000-0000-0000-000000000001") == UUID(int=1)
    assert values.as_uuid("0" * 31 + "1") == UUID(int=1)
    assert values.as_date("2020-02-29") == date(2020, 2, 29)
    assert values.as_datetime("2020-02-29T10:00:00", aware=False) == datetime(2020, 2, 29, 10)
    assert values.as_datetime("2020-02-29T10:00:00+00:00", aware=True) == datetime(2020, 2, 29, 10, tzinfo=UTC)
    assert values.as_bytes("\\x00ff") == values.as_bytes("00FF") == b"\x00\xff"
    assert values.as_network("10.0.0.1") == "10.0.0.1/32"
    assert values.as_text("é") == "é"
    for nothing in (
        values.as_uuid("nope"), values.as_uuid(7), values.as_date("2021-02-29"), values.as_date("20200101"),
        values.as_date(7),
        values.as_datetime("2020-02-29T10:00:00", aware=True), values.as_datetime("2020-02-29T10:00:00Z", aware=False),
        values.as_datetime("x", aware=True), values.as_datetime(7, aware=True), values.as_bytes("0"),
        values.as_bytes(7),
        values.as_network("10.0.0.256"), values.as_network(7), values.as_text("a\0b"), values.as_text("\ud800"),
    ):  # fmt: skip
        assert nothing is None


@pytest.mark.parametrize(
    "text, truth", [("TRUE", True), ("y", True), (1, True), ("Off", False), (0, False), ("x", None), (2, None)]
)
def test_booleans(text: str | int, truth: bool | None) -> None:
    assert values.as_boolean(text) is truth


@given(st.text(max_size=20).map(str.lower), st.data())
def test_a_name_is_found_whatever_case_a_store_leaves(text: str, data: st.DataObject) -> None:
    """A store that folds ASCII alone leaves every other letter as somebody wrote it: up to six of them, in any case."""
    letters = [char for char in text if not char.isascii()]
    if any(len(char.upper()) != 1 or char.upper().lower() != char for char in letters) or len(letters) > 6:
        return
    stored = "".join(char.upper() if not char.isascii() and data.draw(st.booleans()) else char for char in text)
    assert stored in values.folded(text)
    assert text in values.folded(text)


def test_a_long_name_is_given_in_few_cases() -> None:
    text = "é" * 40
    found = values.folded(text)
    assert {text, text.upper()} <= set(found)
    assert len(found) <= 65
