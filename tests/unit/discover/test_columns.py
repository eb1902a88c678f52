"""What a column holds: by its name, its kind, its sample; and the reason that is said."""

from __future__ import annotations

import pytest
from tests.unit.discover.building import column, sample, table

from troth.discover.columns import ColumnGuess, guess_column, guess_paths
from troth.discover.facts import Seen
from troth.discover.naming import bare_names, plain, stem, words_of


def guessed(
    name: str, kind: str = "text", seen: Seen | None = None, *, people: bool = False, length: int | None = None
) -> ColumnGuess:
    facts = table("things", "id:number!", seen={name: seen} if seen else {})
    return guess_column(facts, column(name, kind, length=length), plain(name), people=people, address=False)


@pytest.mark.parametrize(
    "name, kind, item",
    [
        ("email", "text", "email"),
        ("emailAddress", "text", "email"),
        ("courriel", "text", "email"),
        ("phone_number", "text", "phone"),
        ("téléphone", "text", "phone"),
        ("first_name", "text", "name"),
        ("prenom", "text", "name"),
        ("nom_de_famille", "text", "name"),
        ("postal_code", "text", "address"),
        ("code_postal", "text", "address"),
        ("date_of_birth", "date", "birth"),
        ("date_naissance", "date", "birth"),
        ("civilite", "text", "gender"),
        ("last_sign_in_ip", "network", "ip"),
        ("user_agent", "text", "user_agent"),
        ("latitude", "number", "location"),
        ("username", "text", "login"),
        ("mot_de_passe", "text", "password"),
        ("encrypted_password", "text", "password"),
        ("reset_password_token", "text", "token"),
        ("avatar", "text", "picture"),
        ("iban", "text", "bank"),
        ("card_number", "text", "card"),
        ("numero_secu", "text", "national_id"),
        ("stripe_customer_id", "text", "external_id"),
        ("last_login_at", "datetime_tz", "activity"),
    ],
)
def test_a_name_in_english_or_french_tells_the_item(name: str, kind: str, item: str) -> None:
    guess = guessed(name, kind)
    assert (guess.holds, guess.item, guess.certainty) == ("item", item, "likely")
    assert guess.reason == f"name like {guess.pattern}"


@pytest.mark.parametrize(
    "name, kind",
    [
        ("email_count", "number"),
        ("email_verified", "boolean"),
        ("phone_type", "text"),
        ("has_avatar", "boolean"),
        ("email_sent_at", "datetime"),
    ],
)
def test_a_name_that_only_sounds_like_it_is_none(name: str, kind: str) -> None:
    assert guessed(name, kind).holds in {"not_personal", "convention"}


def test_the_sample_outweighs_the_name() -> None:
    by_sample = guessed("contact_ref", "text", sample(email=48))
    assert (by_sample.item, by_sample.certainty) == ("email", "sure")
    assert by_sample.reason == "sample: 96% of 50 are addresses with an @"
    assert guessed("email", "text", sample(word=50)).holds != "item"


def test_a_few_values_decide_nothing() -> None:
    assert guessed("contact_ref", "text", sample(filled=3, distinct=3, email=3)).item == ""


def test_a_few_cards_are_enough() -> None:
    assert guessed("memo_field", "text", sample(card=10)).item == "card"


def test_a_name_is_a_persons_where_people_are() -> None:
    assert guessed("name", people=True).item == "name"
    assert guessed("name").holds == "not_personal"


@pytest.mark.parametrize(
    "name, kind, holds, reason",
    [
        ("created_at", "datetime", "convention", "a convention"),
        ("newsletter", "boolean", "not_personal", "yes or no"),
        ("weight", "number", "not_personal", "a number, by name no person's"),
        ("shipped", "date", "not_personal", "a moment, by name no person's"),
        ("body", "text", "free_text", "by name a text in which people write"),
        ("commentaire", "text", "free_text", "by name a text in which people write"),
        ("locale", "text", "not_personal", "by name a setting, a code or a file"),
        ("thumbnail", "bytes", "undecided", "bytes: nobody looked inside"),
        ("zorblax", "text", "undecided", "a text: its name says nothing, and there is no row"),
        ("prefs", "json", "undecided", "JSON, and no row to look at"),
    ],
)
def test_what_is_no_item_has_a_reason(name: str, kind: str, holds: str, reason: str) -> None:
    guess = guessed(name, kind)
    assert (guess.holds, guess.reason) == (holds, reason)


def test_a_text_of_few_words_is_no_persons() -> None:
    guess = guessed("zorblax", "text", sample(distinct=3))
    assert (guess.holds, guess.reason) == ("not_personal", "sample: 3 different words in 50")


def test_sentences_are_free_text() -> None:
    assert guessed("zorblax", "text", sample(prose=40)).holds == "free_text"


def test_a_text_that_tells_nothing_stays_undecided_with_rows_too() -> None:
    assert guessed("zorblax", "text", sample()).reason == "a text: neither its name nor the sample says what"


def test_paths_into_json_by_name_and_by_shape() -> None:
    paths = {"sms.number": sample(), "contact": sample(email=50), "theme": sample(distinct=2)}
    facts = table("profiles", "id:number! prefs:json", seen={"prefs": Seen(50, 50, paths=paths)})
    found = guess_paths(facts, facts.columns[1])
    assert {path: item for path, (item, _) in found.items()} == {"prefs.contact": "email"}
    paths["phone_number"] = sample()
    assert guess_paths(facts, facts.columns[1])["prefs.phone_number"] == ("phone", "name like phone_number*")


def test_names_have_one_plain_form() -> None:
    assert plain("emailAddress") == plain("Email Address") == plain("email_address") == "email_address"
    assert words_of("public.people") == ("person",)
    assert words_of("companies") == ("company",)
    assert [stem(name) for name in ("user_id", "userId", "id_client", "note")] == ["user", "user", "client", ""]


def test_the_word_that_a_tables_columns_share_is_left_out() -> None:
    names = bare_names(("id_adh", "nom_adh", "prenom_adh", "email_adh", "tel_adh", "ville_adh"))
    assert names["email_adh"] == "email"
    assert bare_names(("id", "email", "user_id"))["user_id"] == "user_id"


def test_a_tables_own_name_says_what_its_numbers_are() -> None:
    phones, mails = table("phone_numbers", "id:number! number"), table("user_emails", "id:number! address")
    phone = guess_column(phones, phones.columns[1], "number", people=False, address=False)
    mail = guess_column(mails, mails.columns[1], "address", people=False, address=True)
    assert (phone.item, phone.reason) == ("phone", "in a table of phones by its name")
    assert mail.item == "email"
