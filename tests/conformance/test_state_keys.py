"""Key sets and holds: references to people, which come back as they were put and go without a trace."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy.exc
from hypothesis import given
from hypothesis import strategies as st

from troth.core.errors import InputError, NotReached, Refused
from troth.state import holds, keysets, plans
from troth.state.database import Connection, State, open_state
from troth.state.keysets import Key
from troth.state.places import Place
from troth.state.sqlite import FileState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOCUMENT = b'{"format":1}'
PLAN = hashlib.sha256(DOCUMENT).hexdigest()
CANARY = "canary-4711"
WINDOW = 24
"""Bytes of stored content whose presence in a file means that content is still there."""

keys = st.lists(
    st.tuples(st.integers(-(2**53), 2**53) | st.text(max_size=8), st.integers() | st.text(max_size=8)), max_size=30
)


@pytest.fixture
def state(state_place: Place) -> Iterator[State]:
    with closing(open_state(state_place)) as state:
        with state.transaction() as conn:
            plans.save(conn, DOCUMENT, "erase", NOW)
        yield state


@pytest.fixture
def conn(state: State) -> Iterator[Connection]:
    with state.transaction() as conn:
        yield conn


def test_keys_come_back_as_they_were_put(conn: Connection) -> None:
    several = [(number, f"tenant-{number % 7}") for number in range(25_000)]
    assert keysets.put(conn, PLAN, "due:orders", several) == keysets.KeySetInfo("due:orders", 25_000)
    keysets.put(conn, PLAN, "empty", [])
    assert keysets.get(conn, PLAN, "due:orders") == tuple(several)
    assert keysets.get(conn, PLAN, "empty") == ()
    assert [len(chunk) for chunk in keysets.chunks(conn, PLAN, "due:orders")] == [10_000, 10_000, 5_000]
    assert [(info.name, info.count) for info in keysets.names(conn, PLAN)] == [("due:orders", 25_000), ("empty", 0)]
    with pytest.raises(LookupError):
        keysets.get(conn, PLAN, "absent")


def test_a_set_put_again_is_replaced(conn: Connection) -> None:
    keysets.put(conn, PLAN, "due", [(number,) for number in range(15_000)])
    keysets.put(conn, PLAN, "due", [(1,)])
    assert keysets.get(conn, PLAN, "due") == ((1,),)


def test_a_set_belongs_to_a_plan_that_was_saved(conn: Connection) -> None:
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        keysets.put(conn, "0" * 64, "due", [(1,)])


@given(keys)
def test_any_keys_pack_and_unpack(given_keys: list[Key]) -> None:
    assert keysets.unpack(keysets.pack(given_keys)) == tuple(given_keys)


def test_keys_of_several_widths_are_no_set() -> None:
    with pytest.raises(ValueError, match="one width"):
        keysets.pack([(1,), (1, 2)])


@given(keys, st.randoms())
def test_a_digest_is_of_the_set_not_of_its_order(given_keys: list[Key], random: object) -> None:
    shuffled = [*given_keys]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert keysets.digest(given_keys, "secret") == keysets.digest(iter(shuffled), "secret")
    assert keysets.digest([*given_keys, ("another", "")], "secret") != keysets.digest(given_keys, "secret")
    assert keysets.digest(given_keys, "other") != keysets.digest(given_keys, "secret")


def test_a_digest_tells_a_number_from_its_text_and_where_a_key_ends() -> None:
    sets: list[list[Key]] = [[(1,)], [("1",)], [(1, 2)], [(1,), (2,)], [("a\n", "b")], [("a",), ("b",)], []]
    assert len({keysets.digest(each, "secret") for each in sets}) == len(sets)


def stored(state: State, query: str) -> list[bytes]:
    """Pieces of the stored content, long enough to be found by chance nowhere else."""
    with state.reading() as conn:
        contents = [bytes(content) for content in conn.exec_driver_sql(query).scalars()]
    pieces = [
        content[at : at + WINDOW]
        for content in contents
        for at in range(16, len(content) - WINDOW, max(WINDOW, len(content) // 200))
    ]
    assert len(pieces) > 5
    return pieces


def found(state: State, pieces: list[bytes]) -> int:
    """How many pieces are in any live file of the state: of its folder, or of the server's tables."""
    content = b"".join(_of_folder(state.location.parent) if isinstance(state, FileState) else _of_tables(state))
    return sum(piece in content for piece in pieces)


def _of_folder(folder: Path) -> Iterator[bytes]:
    yield from (file.read_bytes() for file in folder.iterdir())


def _of_tables(state: State) -> Iterator[bytes]:
    """What the server's files hold, tables for long values among them, once it has written everything out."""
    with state.transaction() as conn:
        conn.exec_driver_sql("CHECKPOINT")
        ours = "SELECT oid FROM pg_class WHERE relnamespace = 'troth'::regnamespace AND relkind = 'r'"
        query = "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class WHERE oid IN "
        query += f"({ours} UNION SELECT reltoastrelid FROM pg_class WHERE reltoastrelid > 0 AND oid IN ({ours}))"
        yield from map(bytes, conn.exec_driver_sql(query).scalars())


@pytest.mark.parametrize("size", [20, 30_000])
def test_forgotten_keys_are_in_no_file_any_more(state: State, size: int) -> None:
    people = [(f"{CANARY}-{hashlib.sha256(str(number).encode()).hexdigest()}",) for number in range(size)]
    with state.transaction() as conn:
        keysets.put(conn, PLAN, "goes:users.id", people)
    pieces = stored(state, "SELECT keys FROM keyset_chunks")
    assert found(state, pieces) >= 0.9 * len(pieces), "the test sees what is there, but for ends of pages"
    with state.reading() as conn:
        assert keysets.get(conn, PLAN, "goes:users.id") == tuple(people)
    assert keysets.forget(state, PLAN) == size
    assert found(state, pieces) == 0
    assert found(state, [CANARY.encode()]) == 0
    with state.reading() as conn:
        assert keysets.names(conn, PLAN) == ()
    assert keysets.forget(state, PLAN) == 0


def test_forgetting_beside_a_reader_does_not_claim_what_is_not_so(state_place: Place) -> None:
    state = open_state(state_place, patience=0.05)
    with state.transaction() as conn:
        plans.save(conn, DOCUMENT, "erase", NOW)
        keysets.put(conn, PLAN, "goes", [(f"{CANARY}-{number}",) for number in range(1_000)])
    with state.reading() as reader:
        assert len(keysets.get(reader, PLAN, "goes")) == 1_000
        with pytest.raises(NotReached) as caught:
            keysets.forget(state, PLAN)
        assert caught.value.code == "STATE-BUSY"
    assert keysets.forget(state, PLAN) == 0
    state.close()


def test_many_keys_are_put_and_read_in_flat_memory(state: State) -> None:
    with state.transaction() as conn:
        tracemalloc.start()
        keysets.put(conn, PLAN, "due", ((number,) for number in range(200_000)))
        assert sum(len(chunk) for chunk in keysets.chunks(conn, PLAN, "due")) == 200_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10_000_000


REASON = holds.Reason("an access request is open", "GDPR 15", review_on=date(2026, 4, 1))
PEOPLE = holds.Scope("db.users", ((7,), (9,)))


def test_a_hold_is_active_until_it_is_lifted(conn: Connection) -> None:
    hold = holds.place(conn, "ann", NOW, REASON, PEOPLE)
    assert holds.listed(conn) == holds.active(conn, date(2030, 1, 1)) == holds.active(conn, date(1999, 1, 1)) == (hold,)
    assert hold.people == 2
    lifted = holds.lift(conn, hold.id[-8:], "ben", NOW + timedelta(days=3), "the answer was sent")
    assert lifted.scope == holds.Scope("db.users", ())
    assert (lifted.people, lifted.lifted_by, lifted.lifted_why) == (2, "ben", "the answer was sent")
    assert holds.active(conn, date(2026, 3, 4)) == ()
    assert holds.listed(conn) == (lifted,)
    with pytest.raises(Refused):
        holds.lift(conn, hold.id, "ben", NOW, "again")


def test_a_hold_with_a_last_day_ends_by_itself(conn: Connection) -> None:
    reason = holds.Reason("litigation", "GDPR 17(3)(e)", until=date(2026, 4, 1))
    hold = holds.place(conn, "ann", NOW, reason, holds.Scope("db.orders", processing="billing"))
    assert holds.active(conn, date(2026, 4, 1)) == (hold,)
    assert (hold.scope.keys, hold.people) == (None, None)
    assert holds.active(conn, date(2026, 4, 2)) == ()


def test_a_date_to_review_does_not_end_a_hold(conn: Connection) -> None:
    hold = holds.place(conn, "ann", NOW, REASON, PEOPLE)
    assert holds.active(conn, date(2026, 4, 2)) == (hold,)
    assert holds.due_for_review(holds.listed(conn), date(2026, 4, 1)) == (hold,)
    assert holds.due_for_review(holds.listed(conn), date(2026, 3, 31)) == ()


def test_held_people_are_listed_once_by_collection(conn: Connection) -> None:
    holds.place(conn, "ann", NOW, REASON, PEOPLE)
    holds.place(conn, "ann", NOW, REASON, holds.Scope("db.users", ((9,), (11,)), "billing"))
    holds.place(conn, "ann", NOW, REASON, holds.Scope("db.orders"))
    held = holds.active_keys(conn, NOW.date())
    assert list(held) == ["db.users"]
    assert sorted(held["db.users"]) == [(7,), (9,), (11,)]


def test_a_hold_on_nobody_or_without_a_date_is_refused(conn: Connection) -> None:
    with pytest.raises(InputError) as caught:
        holds.place(conn, "ann", NOW, holds.Reason("why", "GDPR 18"), PEOPLE)
    assert caught.value.code == "HOLD-DATE"
    with pytest.raises(InputError) as caught:
        holds.place(conn, "ann", NOW, REASON, holds.Scope("db.users", ()))
    assert caught.value.code == "HOLD-NOBODY"


@pytest.mark.parametrize("text", ["", "abc", "%%%%%%", "______", "0" * 12])
def test_a_name_that_is_no_holds_is_refused(conn: Connection, text: str) -> None:
    holds.place(conn, "ann", NOW, REASON, PEOPLE)
    with pytest.raises(InputError):
        holds.find(conn, text)


def test_the_keys_of_a_lifted_hold_are_in_no_file_any_more(state: State) -> None:
    people = tuple((hashlib.sha256(str(number).encode()).hexdigest(),) for number in range(2_000))
    with state.transaction() as conn:
        hold = holds.place(conn, "ann", NOW, REASON, holds.Scope("db.users", people))
    pieces = stored(state, "SELECT keys FROM holds")
    with state.transaction() as conn:
        holds.lift(conn, hold.id, "ann", NOW, "over")
    state.scrub()
    assert found(state, pieces) == 0


def test_secrets_lock_and_pseudonyms_do_without_a_database() -> None:
    code = (
        "import sys, troth.state.secrets, troth.state.lock, troth.state.places, troth.state.pseudonyms\n"
        "print('sqlalchemy' in sys.modules, 'sqlite3' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"
