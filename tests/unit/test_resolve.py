"""Lines against live names: which line wins, what nobody declares, and what matches nothing."""

from __future__ import annotations

import string
from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from troth.core.diagnostics import Diagnostics, Mark
from troth.core.yamlfile import parse_document
from troth.systems.conventions import not_personal_by_name
from troth.systems.load import read_systems
from troth.systems.model import FieldRule, InRow, Latest, Resolved, System, TableLine, Through, Use
from troth.systems.resolve import TableNames, resolve
from troth.systems.show import show

USERS = TableNames(("id", "email", "first_name", "login_ip", "prefs", "closed_at", "shoe_size", "team_id"), ("id",))
TEXT = """\
troth: 1
systems:
  db:
    store: sqlite
    url: ${URL}
    people:
      users:
        subject: customer
        for: account
        by: email
        fields: {login_ip: {item: ip, form: first-half}}
        json: {prefs.sms.number: phone, settings.x: phone}
        events: {closed: closed_at}
    items: {"*_ip": address, "users.email": contact, email: email, "{first,last}_name": name, "*_name": other}
    events: {recorded: created_at, seen: seen_at}
    tables:
      "{log,audit}_*": {for: logs, belongs_to: user_id, fields: {ip: ip}}
      "log_*": {for: access, belongs_to: user_id}
      log_main: security
      open_orders: {table: orders, for: account, where: {state: open}, belongs_to: user_id}
      paid_orders: {table: orders, for: billing, where: {state: paid}, belongs_to: user_id}
      ghosts: account
    not_personal: [plans, "*_stats", "*.*_size", "no_such"]
"""


def system(text: str = TEXT) -> System:
    found = Diagnostics()
    document = parse_document(text, "systems.yaml", found)
    assert document is not None
    made = read_systems(document, found).systems["db"]
    assert not found.items, "\n".join(map(str, found.items))
    return made


def fields(resolved: Resolved, name: str) -> dict[str, tuple[str, int]]:
    collection = next(each for each in resolved.collections if each.name == name)
    return {each.name: (each.rule.item, each.mark.line) for each in collection.fields}


def test_the_nearest_line_wins() -> None:
    resolved = resolve(system(), {"users": USERS})
    assert fields(resolved, "users") == {
        "email": ("contact", 14),  # table and column by name, before the column alone
        "first_name": ("other", 14),  # of two patterns the later
        "login_ip": ("ip", 11),  # the table's own line before the system's
        "prefs.sms.number": ("phone", 12),  # a path into a column that is there
    }
    assert resolved.undeclared_fields == ()
    assert resolved.collections[0].key == ("id",)


def test_an_exact_name_beats_a_pattern_and_the_later_pattern_wins() -> None:
    names = TableNames(("id", "user_id", "ip", "note"), ("id",))
    resolved = resolve(system(), {"log_main": names, "log_other": names, "audit_x": names})
    assert {each.name: each.serves for each in resolved.collections} == {
        "log_main": (Use("security"),),
        "log_other": (Use("access"),),
        "audit_x": (Use("logs"),),
    }
    assert fields(resolved, "audit_x") == {"ip": ("ip", 17)}
    assert ("log_other", "ip") in resolved.undeclared_fields
    assert ("log_main", "note") in resolved.undeclared_fields


def test_two_collections_of_one_table() -> None:
    names = TableNames(("id", "user_id", "state", "note"), ("id",))
    resolved = resolve(system(), {"orders": names})
    assert [(each.id, each.table, each.where) for each in resolved.collections] == [
        ("db.open_orders", "orders", (("state", ("open",)),)),
        ("db.paid_orders", "orders", (("state", ("paid",)),)),
    ]
    assert resolved.undeclared_fields == (("orders", "note"),)
    assert resolved.undeclared_tables == ()


def test_what_no_line_declares_and_lines_that_match_nothing() -> None:
    tables = {name: TableNames(("id", "x")) for name in ("plans", "visit_stats", "letters")}
    resolved = resolve(system(), tables)
    assert resolved.collections == ()
    assert resolved.undeclared_tables == ("letters",)
    unused = {(mark.line, mark.column) for mark in resolved.unused}
    lines = {line for line, _ in unused}
    assert lines >= {7, 11, 12, 14, 15, 17, 18, 19, 20, 21, 22}
    assert {column for line, column in unused if line == 23} == {38, 50}


def test_events_of_the_system_where_the_table_has_their_columns() -> None:
    names = TableNames(("id", "user_id", "created_at"), ("id",))
    (collection,) = resolve(system(), {"log_main": names}).collections
    assert dict(collection.events) == {"recorded": InRow("created_at")}
    assert collection.event_marks["recorded"].line == 15


def test_a_column_that_is_not_there_is_said() -> None:
    resolved = resolve(system(), {"log_x": TableNames(("id", "account_id"), ("id",)), "users": TableNames(("id",))})
    assert {(each.collection, each.column, each.mark.line) for each in resolved.missing} == {
        ("db.log_x", "user_id", 18),
        ("db.users", "email", 7),
        ("db.users", "closed_at", 13),
    }


def test_ends_of_an_event_that_are_not_written_are_keys() -> None:
    text = TEXT.replace("{closed: closed_at}", "{closed: {latest: at, of: log_main, there: user_id}}").replace(
        "log_main: security",
        "log_main: {for: security, belongs_to: u, events: {closed: {through: u, of: users}}}",
    )
    resolved = resolve(system(text), {"users": USERS, "log_main": TableNames(("n", "u"), ("n",))})
    users, log = resolved.collections
    assert users.events["closed"] == Latest("db.log_main", "user_id", "id", "at")
    assert log.events["closed"] == Through("db.users", "u", "id", "closed")


def test_show_says_which_line_gave_each_value() -> None:
    shown = show(system(), {"users": USERS, "plans": TableNames(("id",)), "letters": TableNames(("id",))}, "users")
    columns = {each.name: (each.value, each.origin, each.mark.line if each.mark else None) for each in shown}
    assert columns["email"] == ("contact", "items", 14)
    assert columns["login_ip"] == ("ip, as first-half", "fields", 11)
    assert columns["id"] == ("not personal by its name (a convention)", "convention", None)
    assert columns["shoe_size"] == ("not personal", "not_personal", 23)
    assert columns["prefs"][1] == "structure"
    assert columns["prefs.sms.number"] == ("phone", "fields", 12)
    assert columns["closed"] == ("closed_at", "", 13)


def test_show_of_other_tables() -> None:
    tables = {"plans": TableNames(("id",)), "letters": TableNames(("id",)), "orders": TableNames(("id", "state"))}
    assert [(each.kind, each.mark and each.mark.line) for each in show(system(), tables, "plans")] == [
        ("not_personal", 23)
    ]
    assert [(each.kind, each.mark) for each in show(system(), tables, "letters")] == [("undeclared", None)]
    assert show(system(), tables, "nothing") == ()
    assert {each.collection for each in show(system(), tables, "orders")} == {"db.open_orders", "db.paid_orders"}
    assert {each.collection for each in show(system(), tables, "paid_orders")} == {"db.paid_orders"}


def test_conventions() -> None:
    for name in ("id", "user_id", "created_at", "last_update", "login_count", "status", "amount", "ID", "owner_type"):
        assert not_personal_by_name(name), name
    for name in ("email", "last_login_at", "national_id", "stripe_customer_id", "born_on", "name", "session_id"):
        assert not not_personal_by_name(name), name


NAMES = st.text(string.ascii_lowercase[:3] + "_", min_size=1, max_size=3)
PATTERNS = st.lists(st.sampled_from(["a", "b", "_", "*", "?"]), min_size=1, max_size=4).map("".join)


@given(
    st.lists(st.tuples(PATTERNS, st.integers(0, 99)), max_size=5),
    st.lists(st.tuples(PATTERNS, st.integers(0, 99)), max_size=5),
    st.lists(NAMES, min_size=1, max_size=5, unique=True),
)
def test_one_item_per_column_by_the_rule_of_the_nearest_line(
    own: list[tuple[str, int]], items: list[tuple[str, int]], columns: list[str]
) -> None:
    """Against the rule read plainly: own lines first; in each group exact names first, then the last pattern."""

    def rules(group: list[tuple[str, int]], line: int) -> tuple[tuple[str, FieldRule, Mark], ...]:
        return tuple((p, FieldRule(str(n)), Mark("f", line, i + 1)) for i, (p, n) in enumerate(group))

    made = System(
        "db",
        "sqlite",
        None,
        None,
        lines=(TableLine("t", None, (Use("a"),), fields=rules(own, 1)),),
        items=rules(items, 2),
    )
    (collection,) = resolve(made, {"t": TableNames(tuple(columns))}).collections
    expected = {}
    for column in columns:
        for group in (own, items):
            hits = [
                (pattern == column, i, str(n)) for i, (pattern, n) in enumerate(group) if fnmatchcase(column, pattern)
            ]
            if hits:
                expected[column] = max(hits)[2]
                break
    assert {each.name: each.rule.item for each in collection.fields} == expected


@given(
    st.lists(NAMES, max_size=6, unique=True),
    st.lists(PATTERNS, max_size=4, unique=True),
    st.lists(PATTERNS, max_size=4),
)
def test_every_table_is_declared_or_skipped_or_said(names: list[str], lines: list[str], skips: list[str]) -> None:
    made = System(
        "db",
        "sqlite",
        None,
        None,
        lines=tuple(TableLine(p, None, (Use("a"),), mark=Mark("f", i + 1)) for i, p in enumerate(lines)),
        not_personal=tuple((p, Mark("f", 99, i + 1)) for i, p in enumerate(skips)),
    )
    resolved = resolve(made, {name: TableNames(("id",)) for name in names})
    for name in names:
        declared = any(fnmatchcase(name, pattern) for pattern in lines)
        skipped = any(fnmatchcase(name, pattern) for pattern in skips)
        assert sum(each.table == name for each in resolved.collections) == declared
        assert (name in resolved.undeclared_tables) == (not declared and not skipped)
