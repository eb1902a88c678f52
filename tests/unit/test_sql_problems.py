"""Errors of drivers in our words: what a driver quotes of a row is not passed on."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy import exc

from troth.core.errors import TrothError
from troth.stores.contract import ChangeRefused, StoreUnavailable
from troth.stores.sql.problems import may_succeed, problem

CANARY = "canary@mail.example"


def sqlite_error(name: str, message: str = CANARY) -> sqlite3.Error:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorname = name
    return error


def postgresql_error(state: str) -> psycopg.Error:
    kind = psycopg.errors.lookup(state)
    return kind(f"Key (email)=({CANARY}) already exists")


@pytest.mark.parametrize(
    "error, kind",
    [
        *((sqlite_error(name), StoreUnavailable) for name in (
            "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "SQLITE_INTERRUPT", "SQLITE_FULL",
            "SQLITE_IOERR_WRITE", "SQLITE_READONLY_ROLLBACK",
            "SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT")),
        *((sqlite_error(name), ChangeRefused) for name in (
            "SQLITE_READONLY", "SQLITE_CONSTRAINT_TRIGGER", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_ERROR",
            "SQLITE_TOOBIG")),
        *((postgresql_error(state), StoreUnavailable) for state in (
            "08006", "28P01", "3D000", "53100", "55P03", "57014", "57P01", "40001", "40P01", "25P03", "XX000")),
        *((postgresql_error(state), ChangeRefused) for state in (
            "23505", "23503", "23514", "23502", "25006", "42P01", "42703", "22001", "P0001", "27000", "0A000",
            "42883")),
    ],
)  # fmt: skip
def test_later_or_never_and_nothing_of_a_row(error: Exception, kind: type[TrothError]) -> None:
    for changing in (False, True):
        found = problem(exc.DBAPIError("delete …", {"email": CANARY}, error), changing=changing)
        assert isinstance(found, kind)
        assert "canary" not in f"{found!r}{found}"


def test_rights_are_never_for_a_change_and_later_for_a_question() -> None:
    assert isinstance(problem(postgresql_error("42501"), changing=True), ChangeRefused)
    assert isinstance(problem(postgresql_error("42501"), changing=False), StoreUnavailable)


def test_what_names_alone_is_passed_on() -> None:
    text = "UNIQUE constraint failed: users.email"
    assert text in problem(sqlite_error("SQLITE_CONSTRAINT_UNIQUE", text), changing=True).message
    assert (
        "no such column: day" not in problem(sqlite_error("SQLITE_ERROR", "no such column: day"), changing=True).message
    )
    assert "column day" in problem(sqlite_error("SQLITE_ERROR", "no such column: day"), changing=True).message


@pytest.mark.parametrize(
    "text, hint",
    [
        ('FATAL:  password authentication failed for user "canary"', "password"),
        ("connection refused", "port"),
        ("could not translate host name", "host"),
        ("connection timeout expired", "time"),
        ('FATAL:  database "canary" does not exist', "database"),
        ("something else", "again"),
    ],
)
def test_connections_that_fail_say_what_to_check(text: str, hint: str) -> None:
    found = problem(psycopg.OperationalError(text), changing=False)
    assert isinstance(found, StoreUnavailable)
    assert hint in found.hint
    assert "canary" not in f"{found!r}{found}"


def test_what_is_worth_another_try_at_once() -> None:
    assert may_succeed(postgresql_error("40001"))
    assert may_succeed(postgresql_error("40P01"))
    assert not may_succeed(postgresql_error("23505"))
    assert not may_succeed(sqlite_error("SQLITE_BUSY"))


def test_our_own_errors_pass_unchanged() -> None:
    ours = ChangeRefused("x")
    assert problem(ours, changing=True) is ours
    assert isinstance(problem(exc.TimeoutError(), changing=False), StoreUnavailable)
