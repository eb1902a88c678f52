"""Django's ways: numbers of content types, tables that begin with their application, tables between two others."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.discover.building import facts, saas, sample, table
from tests.unit.discover.test_links import belongs, mentions

from troth.discover.drafting import Place, draft
from troth.discover.facts import Facts, TableFacts
from troth.discover.frameworks import apps_of, own_words, tables_by_type, type_column
from troth.discover.guessing import guess
from troth.discover.worklist import worklist

TYPES = table("django_content_type", "id:number! app_label model")
MIGRATIONS = table("django_migrations", "id:number! app name")
USERS = table("accounts_user", "id:number! email password first_name date_joined:datetime_tz!")


def django(*tables: TableFacts, types: dict[str, str] | None = None, apps: tuple[str, ...] = ()) -> Facts:
    known = facts(TYPES, MIGRATIONS, USERS, *tables)
    return Facts(known.tables, types=types or {}, apps=frozenset(apps))


def comments(*words: str) -> TableFacts:
    seen = {"content_type_id": sample(words=words, distinct=len(words))} if words else {}
    columns = "id:number! content_type_id:number! object_id:number! body"
    return table("notes_note", columns, refers={"content_type_id": "django_content_type"}, seen=seen)


def test_the_number_of_a_content_type_names_a_table() -> None:
    types = [("4", "accounts", "user"), ("7", "shop", "orderline"), ("9", "admin", "logentry"), ("11", "gone", "thing")]
    tables = ["accounts_user", "shop_order_line", "django_admin_logentry", "public.other"]
    assert tables_by_type(types, tables) == {"4": "accounts_user", "7": "shop_order_line", "9": "django_admin_logentry"}


def test_a_row_about_people_belongs_to_them_by_the_number() -> None:
    guesses = guess(django(comments("4", "7"), types={"4": "accounts_user", "7": "shop_order"}))
    (edge,) = guesses.rooted["notes_note"].belongs
    assert (edge.column, edge.target, edge.when) == ("object_id", "accounts_user", ("content_type_id", 4))
    text = draft(django(comments("4"), types={"4": "accounts_user"}), guesses, saas(), Place("db", "sqlite", "x")).text
    assert "belongs_to: {object_id: {to: accounts_user, when: {content_type_id: 4}}}" in text


def test_a_row_about_people_that_has_an_author_only_mentions_them() -> None:
    log = table(
        "django_admin_log",
        "id:number! action_time:datetime_tz object_id object_repr content_type_id:number user_id:number!",
        refers={"content_type_id": "django_content_type", "user_id": "accounts_user"},
        seen={"content_type_id": sample(words=("4",), distinct=1)},
    )
    guesses = guess(django(log, types={"4": "accounts_user"}))
    assert belongs(guesses, "django_admin_log") == [("user_id", "accounts_user")]
    assert mentions(guesses, "django_admin_log") == [("object_id", "accounts_user")]


def test_without_rows_nothing_is_guessed_and_it_is_left_to_decide() -> None:
    known = django(comments(), types={"4": "accounts_user"})
    guesses = guess(known)
    assert "notes_note" not in guesses.rooted
    assert ("left_out", ("notes_note.object_id",)) in [(task.risk, task.where) for task in worklist(known, guesses)]


def test_pairs_of_columns_with_a_word_before() -> None:
    columns = "id:number! actor_content_type_id:number actor_object_id target_object_id owner_type owner_id"
    action = table("actions", columns)
    assert type_column(action, "actor_object_id") == "actor_content_type_id"
    assert type_column(action, "owner_id") == "owner_type"
    assert type_column(action, "target_object_id") is None


def test_the_application_before_a_name_is_no_part_of_it() -> None:
    assert own_words("teams_team", frozenset({"teams"})) == ("team",)
    assert own_words("user_profiles_address", frozenset({"user_profiles"})) == ("address",)
    assert apps_of(django(table("shop_order", "id:number!"))) == {"django", "accounts", "shop"}
    assert apps_of(django(apps=("shop",))) == {"shop"}
    assert apps_of(facts(table("shop_order", "id:number!"))) == frozenset()


def test_a_reference_without_a_key_finds_a_table_behind_its_application() -> None:
    line = table("shop_line", "id:number! user_id:number!", seen={"user_id": sample()})
    known = django(line)
    agreed = facts(*known.tables.values(), agreed={("shop_line", "user_id", "accounts_user"): (50, 50)})
    assert belongs(guess(agreed), "shop_line") == [("user_id", "accounts_user")]


def test_a_team_is_an_organisation_whatever_its_application() -> None:
    team = table("teams_team", "id:number! name billing_email")
    member = table(
        "teams_membership",
        "id:number! team_id:number! user_id:number! role",
        refers={"team_id": "teams_team", "user_id": "accounts_user"},
    )
    (shared,) = guess(django(team, member)).rooted["teams_team"].shared
    assert (shared.owners, shared.row) == ("teams_membership", "team_id")


def test_a_table_of_nothing_but_two_keys_goes_with_its_people() -> None:
    project = table("work_project", "id:number! title")
    watchers = table(
        "work_project_watchers",
        "id:number! project_id:number! user_id:number!",
        refers={"project_id": "work_project", "user_id": "accounts_user"},
    )
    friends = table(
        "accounts_user_friends",
        "id:number! from_user_id:number! to_user_id:number!",
        refers={"from_user_id": "accounts_user", "to_user_id": "accounts_user"},
    )
    guesses = guess(django(project, watchers, friends))
    assert belongs(guesses, "work_project_watchers") == [("user_id", "accounts_user")]
    assert belongs(guesses, "accounts_user_friends") == [
        ("from_user_id", "accounts_user"),
        ("to_user_id", "accounts_user"),
    ]


def test_copies_of_simple_history_go_with_the_row() -> None:
    columns = "id:number email password first_name date_joined:datetime_tz history_id:number!"
    info = table("accounts_historicaluser", columns)
    history = replace(info, info=replace(info.info, key=("history_id",)))
    assert belongs(guess(django(history)), "accounts_historicaluser") == [("id", "accounts_user")]


def test_what_may_not_be_null_and_is_no_text_gets_a_blank() -> None:
    people = table("users", "id:number! email! birth_date:date! last_login:datetime_tz! last_ip:network phone:number!")
    other = table("guests", "id:number! email! birth_date:date", rows=3)
    known = facts(people, other)
    text = draft(known, guess(known), saas(), Place("db", "sqlite", "x")).text
    assert 'last_login: {item: activity, blank: "1970-01-02 00:00:00+00:00"}' in text
    assert "email: email" in text
    # one of two columns of that name needs it, so each table says its own
    assert 'birth_date: {item: birth, blank: "1900-01-01"}' in text
    assert "fields: {birth_date: birth}" in text
    assert '"*_ip": ip ' in text
