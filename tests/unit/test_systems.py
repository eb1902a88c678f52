"""What systems.yaml means: short forms of tables, links, events and fields, and the places they come from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from troth.core.diagnostics import Diagnostics
from troth.core.yamlfile import parse_document
from troth.systems.load import read_systems
from troth.systems.model import (
    BelongsTo,
    ByHand,
    DataMap,
    EventSource,
    Evidence,
    FieldRule,
    InRow,
    Latest,
    Link,
    Mention,
    SharedThrough,
    StateOnly,
    System,
    TableLine,
    Through,
    Use,
)
from troth.systems.schema import part_schema, systems_schema

ROOT = Path(__file__).parents[2]


def read(text: str) -> DataMap:
    found = Diagnostics()
    document = parse_document(f"troth: 1\n{text}", "systems.yaml", found)
    assert document is not None, found.items
    data_map = read_systems(document, found)
    assert not found.items, "\n".join(map(str, found.items))
    return data_map


def system(lines: str, others: str = "") -> System:
    body = "\n".join(f"    {line}" for line in lines.splitlines())
    return read(f"systems:\n  db:\n    store: sqlite\n    url: ${{URL}}\n{body}\n{others}").systems["db"]


PEOPLE = "people: {users: {subject: customer, by: email, for: account}}\n"


def table(line: str, more: str = "") -> TableLine:
    return next(each for each in system(f"{PEOPLE}tables: {{{more} t: {line}}}").lines if each.pattern == "t")


def bare(links: tuple[Link, ...]) -> list[tuple[object, ...]]:
    """Links without their marks."""
    made: list[tuple[object, ...]] = []
    for link in links:
        if isinstance(link, SharedThrough):
            made.append((SharedThrough, link.through, link.there, link.here))
        else:
            made.append((type(link), link.here, link.target, link.there, link.when))
    return made


def test_a_url_is_both_connections_and_reading_alone_is_enough() -> None:
    assert (system("").read, system("").write) == ("${URL}", "${URL}")
    only = read("systems: {db: {store: postgresql, read: '${R}'}}").systems["db"]
    assert (only.read, only.write) == ("${R}", None)


@pytest.mark.parametrize(
    "line, serves",
    [
        ("account", (Use("account"),)),
        ("[account, account.billing]", (Use("account"), Use("account", "billing"))),
        ("{for: account.billing}", (Use("account", "billing"),)),
    ],
)
def test_what_a_table_serves(line: str, serves: tuple[Use, ...]) -> None:
    assert table(line).serves == serves


USERS = "db.users"
OWNER = ("owner_type", ("User",))


@pytest.mark.parametrize(
    "links, made",
    [
        ("belongs_to: user_id", [(BelongsTo, "user_id", USERS, None, ())]),
        ("belongs_to: {user_id: users}", [(BelongsTo, "user_id", USERS, None, ())]),
        ("belongs_to: {user_id: db.users}", [(BelongsTo, "user_id", USERS, None, ())]),
        ("belongs_to: {user_id: }", [(BelongsTo, "user_id", USERS, None, ())]),
        (
            "belongs_to: {owner_id: {to: users, there: code, when: {owner_type: User}}}",
            [(BelongsTo, "owner_id", USERS, "code", (OWNER,))],
        ),
        (
            "belongs_to: [author_id, {owner_id: {when: {owner_type: [User, null]}}}]",
            [
                (BelongsTo, "author_id", USERS, None, ()),
                (BelongsTo, "owner_id", USERS, None, (("owner_type", ("User", None)),)),
            ],
        ),
        ("mentions: [a, b]", [(Mention, "a", USERS, None, ()), (Mention, "b", USERS, None, ())]),
        ("mentions: {a: {there: login}}", [(Mention, "a", USERS, "login", ())]),
        ("shared_through: {table: users, row: t_ref, here: code}", [(SharedThrough, USERS, "t_ref", "code")]),
        ("shared_through: users", [(SharedThrough, USERS, "t_id", None)]),
    ],
)
def test_links(links: str, made: list[tuple[object, ...]]) -> None:
    assert bare(table(f"{{for: account, {links}}}").links) == made


def test_shared_through_asks_the_owners_table_which_column_leads_here() -> None:
    seats = "seats: {for: account, belongs_to: [user_id, {group_ref: t}]},"
    assert bare(table("{for: account, shared_through: seats}", seats).links) == [
        (SharedThrough, "db.seats", "group_ref", None)
    ]


def test_a_link_to_another_system() -> None:
    line = "{notes: {for: account, belongs_to: {user: db.users}}}"
    notes = f"  notes:\n    store: sqlite\n    url: ${{N}}\n    tables: {line}\n"
    made = read(f"systems:\n  db: {{store: sqlite, url: '${{U}}', {PEOPLE.strip()}}}\n{notes}")
    assert bare(made.systems["notes"].lines[0].links) == [(BelongsTo, "user", USERS, None, ())]


@pytest.mark.parametrize(
    "source, made",
    [
        ("created_at", InRow("created_at")),
        ("{column: at, unit: epoch_ms, where: {kind: x}}", InRow("at", "epoch_ms", (("kind", ("x",)),))),
        ("{when: {active: [false, 0, 'N']}}", StateOnly((("active", (False, 0, "N")),))),
        ("{when: {closed: }}", StateOnly((("closed", (None,)),))),
        ("{latest: at, of: users, there: t_id}", Latest(USERS, "t_id", "", "at")),
        ("{latest: at, of: db.users, there: c, here: d, unit: epoch_s}", Latest(USERS, "c", "d", "at", "epoch_s")),
        ("{through: user_id, of: users}", Through(USERS, "user_id", "", "closed")),
        ("{through: user_id, of: users, there: code, event: left}", Through(USERS, "user_id", "code", "left")),
    ],
)
def test_sources_of_events(source: str, made: EventSource) -> None:
    (event,) = table(f"{{for: account, events: {{closed: {source}}}}}").events
    assert event[:2] == ("closed", made)


def test_fields() -> None:
    line = table(
        "{for: account, fields: {a: email, b: {item: name, form: hashed, encrypted: true, blank: '', for: account.x}},"
        " json: {prefs.sms.number: phone}}"
    )
    assert [(name, rule) for name, rule, _ in line.fields] == [
        ("a", FieldRule("email")),
        ("b", FieldRule("name", "hashed", True, "", (Use("account", "x"),))),
        ("prefs.sms.number", FieldRule("phone")),
    ]


def test_a_second_collection_of_a_table() -> None:
    line = table("{table: users, for: account, where: {role: [owner, member], gone: null}, key: [a, b], free_text: x}")
    assert (line.table, line.key, line.free_text) == ("users", ("a", "b"), ("x",))
    assert line.where == (("role", ("owner", "member")), ("gone", (None,)))


def test_lines_stand_in_the_order_of_the_file() -> None:
    made = system('tables: {"a*": x}\npeople: {"b*": {by: email, for: x}}\n'.replace("x", "account"))
    assert [line.pattern for line in made.lines] == ["a*", "b*"]


def test_people_are_found_by_several_names() -> None:
    made = system("people: {u: {by: {email: mail, login: nick}, for: account}}")
    assert made.lines[0].person is not None
    assert dict(made.lines[0].person.by) == {"email": "mail", "login": "nick"}


def test_a_system_by_hand() -> None:
    made = read("systems: {mail: {store: by_hand, for: [news, account.x], how: Ask them., key_from: db.u.email}}")
    assert made.systems["mail"].by_hand == ByHand((Use("news"), Use("account", "x")), "db.u.email", "Ask them.")


def test_evidence_and_state() -> None:
    made = read("evidence: {origin: acme.example/log, key: '${KEY}'}\nstate: var/state.db\n")
    assert made.evidence == Evidence("acme.example/log", "${KEY}", Evidence().pseudonym_key)
    assert made.state == "var/state.db"
    assert read("").evidence == Evidence()


def test_the_rest_of_a_system() -> None:
    made = system(
        "schemas: [app, audit]\ntimezone: Europe/Paris\nlocation: FR\noperated_by: us\nlimits: a lag of one hour\n"
        'not_personal: [plans, "*.active"]\nitems: {"*email": email}\nevents: {recorded: created_at}'
    )
    assert (made.schemas, made.zone, made.location, made.operated_by) == (("app", "audit"), "Europe/Paris", "FR", "us")
    assert made.limits == ("a lag of one hour",)
    assert [(pattern, mark.line, mark.column) for pattern, mark in made.not_personal] == [
        ("plans", 11, 20),
        ("*.active", 11, 27),
    ]
    assert [name for name, _, _ in (*made.items, *made.events)] == ["*email", "recorded"]


@pytest.mark.parametrize("name, make", [("systems", systems_schema), ("systems-part", part_schema)])
def test_the_published_schema_is_this_one(name: str, make: Callable[[], dict[str, Any]]) -> None:
    """``TROTH_WRITE_DOCS=1`` writes it again."""
    path = ROOT / f"docs/schemas/{name}.schema.json"
    schema = make()
    if os.environ.get("TROTH_WRITE_DOCS"):
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
    assert json.loads(path.read_text()) == schema, "write it again: TROTH_WRITE_DOCS=1 pytest"
