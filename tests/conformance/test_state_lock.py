"""One apply at a time, on both kinds of our own database: the lock names its holder and dies with its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from troth.core.errors import NotReached, Refused
from troth.state import plans, stops
from troth.state.database import State, open_state
from troth.state.places import Place, Server
from troth.state.postgresql import ServerState
from troth.testing.postgresql import Database

PLAN = "ab" * 32
NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOLDER = """
import sys, time
from pathlib import Path
from troth.state.database import open_state
from troth.state.places import place_of
with open_state(place_of(sys.argv[1], Path())).apply_lock(sys.argv[2]):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def state(state_place: Place) -> Iterator[State]:
    with closing(open_state(state_place)) as state:
        yield state


def hold_elsewhere(place: Place) -> subprocess.Popen[str]:
    where = place.url if isinstance(place, Server) else str(place)
    process = subprocess.Popen([sys.executable, "-c", HOLDER, where, PLAN], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_apply_is_refused_with_the_name_of_the_first(state: State, state_place: Place) -> None:
    assert state.running() is None
    with state.apply_lock(PLAN), closing(open_state(state_place)) as other:
        busy = other.running()
        assert busy is not None
        assert (busy.pid, busy.plan) == (os.getpid(), PLAN)
        with pytest.raises(Refused) as caught, other.apply_lock("cd" * 32):
            pass
        assert caught.value.code == "STATE-LOCKED"
        assert f"process {os.getpid()}" in str(caught.value)
        assert f"is applying plan {PLAN[:12]}" in str(caught.value)
    assert state.running() is None
    with state.apply_lock("cd" * 32):
        pass


def test_a_killed_run_leaves_no_lock_for_a_human_to_break(state: State, state_place: Place) -> None:
    process = hold_elsewhere(state_place)
    try:
        busy = state.running()
        assert busy is not None
        assert (busy.pid, busy.plan) == (process.pid, PLAN)
        with pytest.raises(Refused, match=f"process {process.pid}"), state.apply_lock(PLAN):
            pass
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    with state.apply_lock(PLAN):
        assert state.running() is not None
    assert state.running() is None


def test_an_error_in_the_block_lets_go(state: State) -> None:
    with pytest.raises(RuntimeError), state.apply_lock(PLAN):
        raise RuntimeError
    with state.apply_lock(PLAN):
        pass


def test_a_transaction_of_a_run_whose_lock_was_cut_is_refused(postgresql_state: ServerState) -> None:
    """The server, or something between, ends the session that holds the lock; others may begin then."""
    with postgresql_state.apply_lock(PLAN):
        with postgresql_state.transaction() as conn:
            conn.execute(
                sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2")
            )
        with pytest.raises(NotReached) as caught, postgresql_state.transaction():
            pass
        assert caught.value.code == "STATE-LOCK-LOST"
    with postgresql_state.apply_lock(PLAN), postgresql_state.transaction():
        pass


def test_a_request_to_stop_is_seen_by_the_run_and_gone_when_the_next_begins(state: State) -> None:
    with state.transaction() as conn:
        plan = plans.save(conn, b"{}", "retention", NOW).id
        assert not stops.asked(conn, plan)
        stops.ask(conn, plan, "ann", NOW)
        stops.ask(conn, plan, "ben", NOW)
    with state.reading() as conn:
        assert stops.asked(conn, plan)
    with state.transaction() as conn:
        stops.clear(conn, plan)
        assert not stops.asked(conn, plan)


@pytest.fixture
def postgresql_state(pg_database: Database) -> Iterator[ServerState]:
    with closing(open_state(Server(pg_database.url))) as state:
        assert isinstance(state, ServerState)
        yield state
