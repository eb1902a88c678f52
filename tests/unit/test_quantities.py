"""Amounts on the command line: what is read as what, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from troth.core.errors import InputError
from troth.core.quantities import parse_share, parse_window, share_words


@pytest.mark.parametrize(
    "text, share, words",
    [("1%", 10_000, "1 %"), ("0.5 %", 5_000, "0.5 %"), ("0,0001%", 1, "0.0001 %"), ("100%", 10**6, "100 %")],
)
def test_a_share(text: str, share: int, words: str) -> None:
    assert parse_share(text) == share
    assert share_words(share) == words


@pytest.mark.parametrize("text", ["1", "0%", "101%", "-1%", "0.00001%", "one%", "", "%", "١%"])
def test_no_share(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_share(text)
    assert refusal.value.code == "SHARE"


@pytest.mark.parametrize(
    "text, seconds", [("2h", 7200), ("90m", 5400), ("1h30m", 5400), ("45 s", 45), ("1h 5min 3s", 3903)]
)
def test_a_window(text: str, seconds: int) -> None:
    assert parse_window(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["2", "", "0h", "h", "2d", "-1h", "1.5h", "30m1h"])
def test_no_window(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_window(text)
    assert refusal.value.code == "WINDOW"
