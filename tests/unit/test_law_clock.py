"""Time limits: the domain's worked answers, and what must hold on any day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from troth.core.errors import InputError, Refused
from troth.core.periods import Period
from troth.law.clock import Extension, Suspension, breach_notice, due, extend, received_on, until
from troth.law.workdays import Workdays

FRANCE = Workdays("FR")
PARIS = ZoneInfo("Europe/Paris")
VECTORS = Path(__file__).parents[3] / "shared/domain/clock_vectors.yaml"


def vectors(part: str) -> list[dict[str, Any]]:
    return YAML(typ="safe").load(VECTORS)[part] if VECTORS.exists() else []


needs_vectors = pytest.mark.skipif(not VECTORS.exists(), reason="../shared/domain is not beside this repository")
day = date.fromisoformat


@needs_vectors
def test_a_request_is_due_when_the_domain_says() -> None:
    cases = vectors("response")
    assert len(cases) >= 25
    for case in cases:
        found = due(day(case["received"]), FRANCE)
        wanted = [
            case[key] for key in ("nominal", "due", "extension_notice_by", "extended_due", "extended_due_conservative")
        ]
        got = [found.nominal, found.day, found.extendable, found.extended, found.extended_strict]
        assert [str(each) for each in got] == wanted, case["note"]
        assert len(found.rest) == len(case["rolled_over"]), case["note"]


@needs_vectors
def test_the_clock_stands_still_while_somebody_is_asked_who_they_are() -> None:
    for case in vectors("suspension"):
        asked = Suspension(day(case["info_requested"]), day(case["info_received"]))
        found = due(day(case["received"]), FRANCE, [asked])
        assert asked.days(date.max) == case["suspended_days"]
        assert (str(found.day), str(found.strict)) == (case["due"], case["due_if_suspension_not_accepted"])


@needs_vectors
def test_days_are_the_controllers() -> None:
    for case in vectors("instants"):
        received = received_on(datetime.fromisoformat(case["received_utc"]), PARIS)
        found = due(received, FRANCE)
        assert (str(received), str(found.day)) == (case["local_day"], case["due"])
        assert until(found.day, PARIS) == datetime.fromisoformat(case["deadline_utc"])


@needs_vectors
def test_what_is_kept_gains_no_day() -> None:
    for case in vectors("retention"):
        last = Period.parse(case["period"]).after(day(case["event"]))
        assert (str(last), str(last + timedelta(days=1))) == (case["last_day_kept"], case["purge_from"])


@needs_vectors
def test_hours_of_a_breach_are_elapsed_hours() -> None:
    for case in vectors("breach"):
        aware = datetime.fromisoformat(case["aware"]).astimezone(PARIS)
        assert breach_notice(aware) == datetime.fromisoformat(case["notify_by"])


def test_an_extension_is_told_in_time_once_and_with_its_reason() -> None:
    found = due(date(2026, 4, 1), FRANCE)
    assert extend(found, found.day, "forty requests").why == "forty requests"
    refused = [
        (found.day + timedelta(days=1), "complex", None),
        (found.day, "  ", None),
        (found.day, "complex", Extension(date(2026, 4, 2), "complex")),
        (date(2026, 3, 31), "complex", None),
    ]
    for told, why, before in refused:
        with pytest.raises(Refused) as error:
            extend(found, told, why, before)
        assert error.value.code == "LAW-EXTENSION"


def test_what_is_asked_late_or_not_answered_does_not_stop_the_clock() -> None:
    received = date(2026, 3, 2)
    plain = due(received, FRANCE)
    assert due(received, FRANCE, [Suspension(date(2026, 3, 9), date(2026, 3, 20))]) == plain
    open_question = [Suspension(date(2026, 3, 4))]
    assert due(received, FRANCE, open_question) == plain
    assert due(received, FRANCE, open_question, today=date(2026, 3, 10)).nominal == plain.nominal + timedelta(days=6)


def test_holidays_are_those_of_the_country_and_its_region() -> None:
    easter_monday, st_stephen = date(2026, 4, 6), date(2028, 12, 26)
    assert FRANCE.rest(easter_monday) == "Lundi de Pâques"
    assert Workdays("PT").rest(easter_monday) is None
    assert FRANCE.rest(st_stephen) is None
    assert Workdays("FR", "57").rest(st_stephen)
    for wrong in (Workdays("XX"), Workdays("FR", "Nowhere")):
        with pytest.raises(InputError, match="public holidays"):
            wrong.rest(easter_monday)


DAYS = st.dates(date(2018, 5, 25), date(2040, 12, 31))


@given(DAYS, st.sampled_from(["FR", "DE", "IE", "PL"]))
def test_on_any_day(received: date, country: str) -> None:
    workdays = Workdays(country)
    found = due(received, workdays)
    assert found.nominal <= found.day == found.strict <= found.extended_strict <= found.extended
    assert workdays.rest(found.day) is None
    assert all(workdays.rest(found.nominal + timedelta(days=each)) for each in range((found.day - found.nominal).days))
    assert 28 <= (found.nominal - received).days <= 31
    assert found.nominal.day == received.day or (found.nominal + timedelta(days=1)).day == 1


@given(DAYS, st.integers(0, 3), st.integers(0, 60))
def test_a_suspension_only_adds_its_days(received: date, asked: int, lasted: int) -> None:
    first = received + timedelta(days=asked)
    found = due(received, FRANCE, [Suspension(first, first + timedelta(days=lasted))])
    plain = due(received, FRANCE)
    late = FRANCE.after(received, 3) < first
    assert found.nominal - plain.nominal == timedelta(days=0 if late else lasted)
    assert found.strict == plain.day
