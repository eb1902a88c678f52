"""Kinds of words that policy.yaml alone has: periods, starts, countries, authorities, days of the year."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from troth import law
from troth.core.diagnostics import did_you_mean
from troth.core.fileform import problem
from troth.core.filewords import quoted
from troth.policy.grammar import GrammarError, parse_period, parse_rule, parse_start


def _country(code: str) -> str:
    if not re.match(r"^[A-Z]{2}$", code):
        raise problem("218", f"{quoted(code)} is not a country code", "write two capital letters (ISO 3166): FR")
    return code


def _countries(code: str) -> str:
    return code if code == "EEA" else _country(code)


def _year_end(text: str) -> str:
    if not re.match(r"^\d{2}-\d{2}$", text):
        raise problem("216", f"{quoted(text)} is not a day of the year", 'write month and day like "12-31"')
    try:
        date(2024, int(text[:2]), int(text[3:]))
    except ValueError:
        raise problem("216", f"there is no day '{text}' in the calendar", 'write month and day like "12-31"') from None
    return text


def _authority(key: str) -> str:
    if key not in law.authorities():
        raise problem("213", f"{quoted(key)} is not an authority known here", did_you_mean(key, law.authorities()))
    return key


def _category(category: str) -> str:
    if not re.match(r"^(user|system)(\.[a-z][a-z0-9_]*)*$", category):
        raise problem("217", f"{quoted(category)} is not a Fideslang category", "write it like user.contact.email")
    return category


def _rule_text(text: str) -> str:
    try:
        parse_rule(text)
    except GrammarError as error:
        raise problem(error.code, str(error), error.hint) from None
    return text


def _period_text(text: str) -> str:
    try:
        parse_period(text)
    except GrammarError as error:
        raise problem(error.code, str(error), error.hint) from None
    return text


def _start_text(text: str) -> str:
    try:
        parse_start(text)
    except GrammarError as error:
        raise problem(error.code, str(error), error.hint) from None
    return text


PeriodText: TypeAlias = Annotated[str, AfterValidator(_period_text)]
StartText: TypeAlias = Annotated[str, AfterValidator(_start_text)]
RuleText: TypeAlias = Annotated[str, AfterValidator(_rule_text)]
Country: TypeAlias = Annotated[str, AfterValidator(_country)]
Countries: TypeAlias = Annotated[str, AfterValidator(_countries)]
"""A country, or a union of countries: EU, EEA."""
YearEnd: TypeAlias = Annotated[str, AfterValidator(_year_end)]
AuthorityId: TypeAlias = Annotated[str, AfterValidator(_authority)]
Category: TypeAlias = Annotated[str, AfterValidator(_category)]
