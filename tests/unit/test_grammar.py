"""The sentences of retention rules: what they mean, that they are written back the same, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.periods import Period
from troth.policy.grammar import GrammarError, Statement, parse_period, parse_rule, parse_start, write_rule

EVENTS = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
PERIODS = st.builds(Period, st.integers(0, 12 * 900), st.integers(0, 300_000))
YEARS = st.sampled_from([None, "calendar", "financial"])
STATEMENTS = st.one_of(
    st.builds(Statement, EVENTS, PERIODS, YEARS, st.sampled_from([None, "max", "min", "both"])),
    st.builds(Statement, EVENTS, PERIODS, YEARS, st.none(), st.just(True)),
)


@pytest.mark.parametrize(
    "text, meant",
    [
        ("to confirm", Statement()),
        ("180 days from recorded", Statement("recorded", Period(days=180))),
        ("at most 180 days from recorded", Statement("recorded", Period(days=180), None, "max")),
        ("at least 1 year from paid", Statement("paid", Period(12), None, "min")),
        ("exactly 1 year from operation", Statement("operation", Period(12), None, "both")),
        ("10 years from end of year of paid", Statement("paid", Period(120), "calendar")),
        ("10 years from end of calendar year of paid", Statement("paid", Period(120), "calendar")),
        ("10 years from the end of financial year of invoiced", Statement("invoiced", Period(120), "financial")),
        ("until account_closed", Statement("account_closed", Period(), until=True)),
        ("until account_closed + 30 days", Statement("account_closed", Period(days=30), until=True)),
        ("until end of year of paid", Statement("paid", Period(), "calendar", until=True)),
        ("1 year and 6 months from x", Statement("x", Period(18))),
        ("P1Y6M from x", Statement("x", Period(18))),
        ("  2   weeks\n from x ", Statement("x", Period(days=14))),
    ],
)
def test_what_a_sentence_means(text: str, meant: Statement) -> None:
    assert parse_rule(text) == meant


@given(STATEMENTS)
def test_what_is_written_reads_the_same(statement: Statement) -> None:
    assert parse_rule(write_rule(statement)) == statement


@given(PERIODS)
def test_a_period_as_people_read_it_reads_the_same(period: Period) -> None:
    assert parse_period(str(period)) == period


@given(st.text())
def test_any_text_is_read_or_refused_with_a_hint(text: str) -> None:
    statement, refused = _read(text)
    if refused is None:
        assert parse_rule(write_rule(statement)) == statement
    else:
        assert refused.code in {"201", "202", "203"}
        assert str(refused)
        assert refused.hint


def _read(text: str) -> tuple[Statement, GrammarError | None]:
    try:
        return parse_rule(text), None
    except GrammarError as error:
        return Statement(), error


@pytest.mark.parametrize(
    "text, code",
    [
        ("", "201"),
        ("180 days", "201"),
        ("forever", "201"),
        ("until", "201"),
        ("from paid", "201"),
        ("180 days from", "201"),
        ("180 days from the moon landing", "201"),
        ("soon from paid", "202"),
        ("-1 days from paid", "202"),
        ("12000 years and 1 month from paid", "202"),
        ("until closed + soon", "202"),
        ("1 year from Paid", "203"),
        ("1 year from end of year of 2paid", "203"),
    ],
)
def test_what_is_not_a_rule(text: str, code: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_rule(text)
    assert caught.value.code == code


def test_a_message_never_repeats_an_address() -> None:
    with pytest.raises(GrammarError) as caught:
        parse_rule("ask ada@customer.example first")
    assert "ada" not in str(caught.value)


def test_a_start_alone() -> None:
    assert parse_start("end of financial year of paid") == ("paid", "financial")
    assert parse_start("paid") == ("paid", None)
