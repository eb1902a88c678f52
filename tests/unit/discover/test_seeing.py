"""What a first look says is wrong: each kind, and that what is right is not said to be wrong."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.unit.discover.building import facts, sample, table

from troth.discover.facts import Facts, Seen
from troth.discover.guessing import guess
from troth.discover.seeing import Sight, look_at, questions
from troth.stores.contract import Count

COLUMNS = "id:number! email last_ip encrypted_password created_at:datetime deleted_at:datetime memo"


def users(rows: int = 100, indexed: tuple[tuple[str, ...], ...] = (), **seen: Seen) -> Facts:
    return facts(table("users", COLUMNS, seen=seen, rows=rows, indexed=indexed))


def seen_in(known: Facts, closed: int = 0) -> Sight:
    guesses = guess(known)
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    answers = {
        each: Count(closed) if each.kind == "closed_held" else Count(100, moment, moment)
        for each in questions(known, guesses)
    }
    return look_at(known, guesses, answers)


def wrong(sight: Sight) -> list[tuple[str, str, int | None, str]]:
    return [(each.code, each.column, each.rows, each.sampled) for each in sight.suspicions]


def test_nothing_is_wrong_with_what_is_right() -> None:
    right = users(last_ip=sample(ip_half=50), encrypted_password=sample(password_slow=50), memo=sample(card=1))
    assert wrong(seen_in(right)) == []


def test_people_who_are_over_and_still_have_an_e_mail_are_counted() -> None:
    known = users()
    (question,) = [each for each in questions(known, guess(known)) if each.kind == "closed_held"]
    assert question.field == "email"
    sight = seen_in(known, closed=7)
    assert wrong(sight) == [("LOOK-CLOSED", "email", 7, "")]
    assert "(deleted_at) still have email" in sight.suspicions[0].message


def test_whole_addresses_cards_and_weak_passwords_are_told_from_the_sample() -> None:
    sight = seen_in(
        users(
            last_ip=sample(ip_full=49, ip_half=1),
            memo=sample(card=20),
            encrypted_password=sample(password_slow=30, digest=15),
        )
    )
    assert wrong(sight) == [
        ("LOOK-IP", "last_ip", None, "49 of 50 sampled"),
        ("LOOK-PASSWORD", "encrypted_password", None, "15 of 50 sampled"),
        ("LOOK-PASSWORD", "encrypted_password", None, "5 of 50 sampled"),
        ("LOOK-CARD", "memo", None, "20 of 50 sampled"),
    ]
    messages = [each.message for each in sight.suspicions if each.code == "LOOK-PASSWORD"]
    assert messages == [
        "passwords under a fast or unsalted digest",
        "passwords under no scheme known here, maybe in clear",
    ]


def test_a_large_table_needs_an_index_on_its_date() -> None:
    assert wrong(seen_in(users(rows=20_000))) == [("LOOK-INDEX", "created_at", 20_000, "")]
    assert wrong(seen_in(users(rows=20_000, indexed=(("created_at",),)))) == []
    assert wrong(seen_in(users(rows=20_000, indexed=(("email", "created_at"),)))) != []


def test_what_is_there_and_how_old() -> None:
    (holding,) = seen_in(users()).holdings
    assert (holding.table, holding.rows, holding.whose) == ("users", 100, "people")
    assert holding.items == {"email": ("email",), "ip": ("last_ip",), "password": ("encrypted_password",)}
    assert holding.oldest == datetime(2020, 1, 1, tzinfo=UTC)


def test_empty_tables_are_not_asked() -> None:
    assert questions(users(rows=0), guess(users(rows=0))) == ()
