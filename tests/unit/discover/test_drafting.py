"""A draft is valid unedited, means what was guessed, marks every line, and proposes again only what is new."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.discover.building import USERS, facts, saas, sample, table

from troth.core.diagnostics import Diagnostics
from troth.core.yamlfile import parse_document
from troth.discover.drafting import Drafted, Place, draft
from troth.discover.facts import Facts, Seen, TableFacts
from troth.discover.guessing import guess
from troth.discover.words import PolicyWords
from troth.discover.worklist import worklist
from troth.register.load import load_register
from troth.services.starting import starter
from troth.systems.load import read_systems
from troth.systems.model import System
from troth.systems.resolve import TableNames, resolve

PLACE = Place("db", "postgresql", "${DB_URL}")
ORDERS = table(
    "orders",
    "id:number! user_id:number! total:number comment billing_email state created_at:datetime",
    refers={"user_id": "users"},
)


def drafted(known: Facts, system: System | None = None) -> Drafted:
    return draft(known, guess(known), saas(), PLACE, system)


def read(text: str) -> System:
    found = Diagnostics()
    document = parse_document(text, "systems.yaml", found)
    assert document is not None, found.items
    system = read_systems(document, found).systems["db"]
    assert found.items == []
    return system


def names(known: Facts) -> dict[str, TableNames]:
    return {name: TableNames(each.names, each.info.key) for name, each in known.tables.items()}


def test_the_short_form() -> None:
    text = drafted(facts(USERS, ORDERS, table("tags", "id:number! label"))).text
    assert text.endswith(SHORT), text


SHORT = """\
    items:
      "{*_email,email}": email # guess: by name; 2 columns
      "*_password": password # guess: by name; 1 column
    people:
      # guess: a name of people, found by email; account_closed: a date of ending
      users: {subject: customer, by: email, for: account, \
events: {recorded: created_at, account_closed: deleted_at}, fields: {name: name}}
    tables:
      orders: {for: billing, belongs_to: user_id, events: {recorded: created_at}, free_text: [comment]} \
# guess: foreign key user_id
    not_personal:
      - tags # guess: nothing in it leads to a person
"""


def test_every_line_is_marked_as_a_guess_with_its_reason() -> None:
    text = drafted(facts(USERS, ORDERS, table("tags", "id:number! label"))).text
    body = text.partition("    items:\n")[2].splitlines()
    for at, line in enumerate(body):
        if line.startswith("      ") and not line.strip().startswith("#"):
            marked = "# guess" in line or body[at - 1].strip().startswith("# guess")
            assert marked, line
    assert all(re.search(r"# guess(, weak)?: \S", line) for line in body if "# guess" in line)


def test_two_names_for_one_column_are_told_apart() -> None:
    """``name`` is a person's in one declared table and not in another."""
    order = table("orders", "id:number! user_id:number! name", refers={"user_id": "users"})
    known = facts(USERS, order)
    system = read(drafted(known).text)
    found = {each.id: {field.name for field in each.fields} for each in resolve(system, names(known)).collections}
    assert found == {"db.users": {"email", "name", "encrypted_password"}, "db.orders": set()}


def test_what_is_undecided_is_said_and_left_out() -> None:
    known = facts(USERS, table("orders", "id:number! user_id:number! zorblax", refers={"user_id": "users"}))
    made = drafted(known)
    assert "zorblax" in made.text.partition("# to decide")[2]
    assert resolve(read(made.text), names(known)).undeclared_fields == (("orders", "zorblax"),)
    assert made.open == {"orders.zorblax"}


def test_drafted_again_nothing_is_proposed() -> None:
    known = facts(USERS, ORDERS)
    system = read(drafted(known).text)
    assert drafted(known, system).lines == ()


def test_a_changed_schema_gets_lines_for_what_is_new_alone() -> None:
    system = read(drafted(facts(USERS, ORDERS)).text)
    before = "id:number! email name encrypted_password created_at:datetime deleted_at:datetime"
    wider = table("users", f"{before} phone shoe_size:number")
    logins = table("logins", "id:number! user_id:number! ip created_at:datetime", refers={"user_id": "users"})
    lines = drafted(facts(wider, ORDERS, logins), system).lines
    assert [(line.section, line.key) for line in lines if line.section in {"people", "tables"}] == [
        ("tables", "logins")
    ]
    text = "\n".join(f"{line.section} {line.key} {line.value}" for line in lines)
    assert "items phone phone" in text
    assert "items ip ip" in text
    assert "shoe_size" in text
    assert "email" not in text


def test_json_paths_are_declared() -> None:
    paths = {"sms.phone_number": sample(), "theme": sample(distinct=2)}
    profile = table(
        "profiles",
        "id:number! user_id:number! prefs:json",
        refers={"user_id": "users"},
        seen={"prefs": Seen(50, 50, paths=paths)},
    )
    assert "json: {prefs.sms.phone_number: phone}" in drafted(facts(USERS, profile)).text.replace('"', "")


def test_a_policy_of_ones_own_is_spoken_to_in_its_own_words() -> None:
    words = PolicyWords((("members", frozenset({"mail", "name"})), ("books", frozenset({"payment"}))), ("member",))
    known = facts(USERS)
    text = draft(known, guess(known), words, PLACE).text
    assert "email: mail" in text
    assert "users: {subject: member, by: email, for: members" in text
    assert "password" not in text.partition("not_personal")[0].partition("people:")[0].replace("encrypted_password", "")


def test_the_worklist_begins_with_what_may_delete() -> None:
    order = table("orders", "id:number! user_id:number zorblax", rows=9)
    known = facts(USERS, order)
    tasks = worklist(known, guess(known))
    assert [(task.risk, task.where) for task in tasks] == [
        ("deletes", ("orders.user_id",)),
        ("left_out", ("orders.zorblax",)),
    ]
    assert tasks[0].rows == 9


COLUMNS = [
    "email",
    "name",
    "first_name",
    "phone",
    "user_id:number",
    "owner_id:number",
    "author_id:number",
    "item_id:number",
    "item_type",
    "ip",
    "body",
    "total:number",
    "active:boolean",
    "status",
    "created_at:datetime",
    "deleted_at:datetime",
    "prefs:json",
    "zorblax",
    "name_on",
    "address",
    "company_id:number",
    "is_new:boolean",
    "is_old:boolean",
    "is_odd:boolean",
    "token",
    "encrypted_password",
    "null",
    "yes",
    "A.b",
    "é-mail",
]
TABLES = ("users", "companies", "memberships", "orders", "order_lines", "address", "users_history", "on", "a b", "x.y")


@st.composite
def schemas(draw: st.DrawFn) -> Facts:
    made: list[TableFacts] = []
    chosen = draw(st.lists(st.sampled_from(TABLES), min_size=1, max_size=7, unique=True))
    for name in chosen:
        columns = draw(st.lists(st.sampled_from(COLUMNS), max_size=9, unique=True))
        ids = [each.partition(":")[0] for each in columns if each.endswith("id:number")]
        refers = {each: draw(st.sampled_from(chosen)) for each in ids if draw(st.booleans())}
        bang = ["id:number!", *(each + draw(st.sampled_from(["", "!"])) for each in columns if " " not in each)]
        seen = {"item_type": sample(distinct=2, words=("User", "Order"))} if draw(st.booleans()) else {}
        made.append(table(name, " ".join(bang), refers=refers, seen=seen))
    return facts(*made)


@given(schemas())
@settings(max_examples=60, deadline=None)
def test_any_draft_is_valid_means_what_was_guessed_and_is_whole(known: Facts) -> None:
    guesses = guess(known)
    made = drafted(known)
    system = read(made.text)
    resolved = resolve(system, names(known))
    assert {each.name for each in resolved.collections} == set(guesses.rooted)
    open_tables = {each.table for each in guesses.undecided if each.column is None}
    assert set(resolved.undeclared_tables) == open_tables
    assert set(resolved.undeclared_fields) <= {
        (each.table, each.column) for each in guesses.undecided if each.column is not None
    }
    for collection in resolved.collections:
        held = {each.name: each.rule.item for each in collection.fields if "." not in each.name or each.name in COLUMNS}
        wanted = {
            name: each.item
            for name, each in guesses.columns[collection.name].items()
            if each.holds == "item" and each.item != "json"
        }
        assert held == wanted, made.text
    assert drafted(known, system).lines == ()


@given(schemas())
@settings(max_examples=20, deadline=None)
def test_any_draft_fits_the_starter_policy(known: Facts) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "policy.yaml").write_text(starter("saas.yaml"), encoding="utf-8")
        (Path(folder) / "systems.yaml").write_text(drafted(known).text, encoding="utf-8")
        _, found = load_register(Path(folder))
    assert found.errors == [], drafted(known).text
