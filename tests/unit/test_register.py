"""The two files together: promises, the examples, and that no file, however wrong, is more than diagnostics."""

from __future__ import annotations

import io
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from troth.core.diagnostics import DiagnosticsError
from troth.register.live import live_warnings, undeclared_items
from troth.register.load import Register, load_register, read_register
from troth.register.promises import retention_id
from troth.systems.model import Resolved
from troth.systems.resolve import TableNames, resolve

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
SHARED = ROOT.parent / "shared"
SOURCE = SHARED / "domain/source-policy.txt"

POLICY = """\
troth: 1
last_updated: 2026-01-01
controller: {name: Acme, quote: We are careful.}
recipients: {crisp: {quote: Crisp answers you.}}
processings:
  account:
    subjects: [customer]
    data: {email: {}, password: {form: hashed, quote: Never in clear.}, ip: {form: first-half}}
    purposes:
      manage: {basis: 6.1.b, quote: to manage it}
      bill: {law: X, retain: {text: 10 years from paid, quote: ten years}}
    retain: until account_closed
    recipients: [crisp]
    quote: Your account.
  news: {subjects: [customer], data: [email], quote: Our news., recipients: []}
  hosting: {role: processor, data: [files]}
trackers: {id: {processing: news, quote: a cookie}}
rights: {email: privacy@acme.example}
security: {ours: {kind: place, quote: our servers}, tls: {kind: transport}, staff: {kind: organisation}}
"""
SYSTEMS = """\
troth: 1
evidence: {origin: acme.example/log}
systems:
  db:
    store: sqlite
    url: ${URL}
    location: FR
    people: {users: {subject: customer, by: email, for: [account, news], events: {account_closed: at, paid: paid_at}}}
  letters: {store: by_hand, for: hosting, how: Ask them.}
"""


def folder(path: Path, policy: str | bytes = POLICY, systems: str | bytes = SYSTEMS) -> Path:
    for name, content in (("policy.yaml", policy), ("systems.yaml", systems)):
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_the_policy_compiles_into_promises_that_quote(tmp_path: Path) -> None:
    register = read_register(folder(tmp_path))
    assert {each.id: each.quote for each in register.promises} == {
        "retention.account.manage": "to manage it",
        "retention.account.bill": "ten years",
        "retention.news": "Our news.",
        "form.account.password": "Never in clear.",
        "form.account.ip": "Your account.",
        "closed_list.db": "We are careful.",
        "recipients.account": "Crisp answers you.",
        "recipients.news": "Our news.",
        "place.ours": "our servers",
        "transport.tls": "",
        "place.system.db": "",
        "opt_out.id": "a cookie",
        "rights": "",
        "erased_stays_erased": "",
        "publication": "",
        "evidence": "",
    }
    promise = register.promise("form.account.password")
    assert promise is not None
    assert (promise.kind, promise.processing, promise.item, promise.mark.line) == ("form", "account", "password", 8)
    assert register.promise("nothing") is None
    closed = register.promise("closed_list.db")
    assert closed is not None
    assert closed.system == "db"


def test_a_promise_keeps_the_name_that_its_purpose_gives_it(tmp_path: Path) -> None:
    register = read_register(folder(tmp_path))
    for processing in register.policy.processings.values():
        for purpose in processing.purposes.values():
            promise = register.promise(retention_id(processing, purpose))
            assert processing.role == "processor" or (promise is not None and promise.purpose == purpose.id)


def test_the_revision_is_of_both_files(tmp_path: Path) -> None:
    first = read_register(folder(tmp_path)).revision
    assert read_register(folder(tmp_path)).revision == first
    assert read_register(folder(tmp_path, systems=SYSTEMS + "# a word\n")).revision != first
    assert read_register(folder(tmp_path, policy=POLICY + "# a word\n")).revision != first


def test_two_files_may_be_named(tmp_path: Path) -> None:
    folder(tmp_path)
    by_name, found = load_register(tmp_path / "policy.yaml", tmp_path / "systems.yaml")
    assert (by_name.revision, found.items) == (read_register(tmp_path).revision, [])


def test_a_wrong_register_is_not_read_on(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        read_register(folder(tmp_path, policy=POLICY.replace("6.1.b", "6.1.x")))
    assert [each.code for each in caught.value.diagnostics] == ["P104"]


def test_one_file_that_cannot_be_read_hides_nothing_of_the_other(tmp_path: Path) -> None:
    found = load_register(folder(tmp_path, policy=b"\xff", systems=SYSTEMS.replace("sqlite", "sqlit")))[1]
    assert {each.code for each in found.items} == {"Y003", "S202"}


def test_an_item_that_its_table_does_not_serve_is_found_on_the_live_schema(tmp_path: Path) -> None:
    more = '    items: {"*mail": email, secret: files}\n    tables: {t: {for: news, belongs_to: u}}\n  letters'
    register = read_register(folder(tmp_path, systems=SYSTEMS.replace("  letters", more)))
    tables = {"t": TableNames(("id", "u", "mail", "secret"), ("id",))}
    resolved = resolve(register.data_map.systems["db"], tables)
    found = [(each.id, name, mark.line) for each, name, mark in undeclared_items(register.policy, resolved.collections)]
    assert found == [("db.t", "secret", 9)]
    (warning,) = [each for each in live_warnings(register.policy, {"db": resolved}) if each.code == "R302"]
    assert warning.mark.line == 9
    assert "db.t" in warning.message
    assert "secret" in warning.message


def test_a_line_that_matches_nothing_is_a_warning_on_the_live_schema(tmp_path: Path) -> None:
    more = "    tables: {t: {for: news, belongs_to: u, fields: {maill: email}}, gone: {for: news, belongs_to: u}}\n"
    register = read_register(folder(tmp_path, systems=SYSTEMS.replace("  letters", f"{more}  letters")))
    resolved = resolve(register.data_map.systems["db"], {"t": TableNames(("id", "u", "mail"), ("id",))})
    found = live_warnings(register.policy, {"db": resolved})
    assert {each.code for each in found} == {"R301"}
    assert [each.mark.column for each in found if each.mark.line == 9] == [53, 69]


# --- The examples


def live(script: str | None, database: Path | None) -> dict[str, TableNames]:
    connection = sqlite3.connect(database if database else ":memory:")
    try:
        if script:
            connection.executescript(script)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {}
        for name in names:
            columns = connection.execute(f"PRAGMA table_info('{name}')").fetchall()
            tables[name] = TableNames(tuple(each[1] for each in columns), tuple(each[1] for each in columns if each[5]))
        return tables
    finally:
        connection.close()


def resolved(register: Register, system: str, tables: dict[str, TableNames]) -> Resolved:
    made = resolve(register.data_map.systems[system], tables)
    assert not made.missing
    assert not list(undeclared_items(register.policy, made.collections))
    return made


@pytest.mark.parametrize("name", ["clever-cloud", "clever-cloud-literal", "sakila"])
def test_an_example_has_no_diagnostic(name: str) -> None:
    assert load_register(EXAMPLES / name)[1].items == []


def test_the_hosting_company_declares_all_but_the_column_added_in_a_hurry() -> None:
    register = read_register(EXAMPLES / "clever-cloud")
    tables = live((EXAMPLES / "clever-cloud/schema.sql").read_text(), None)
    made = resolved(register, "platform", tables)
    assert made.undeclared_tables == ()
    assert made.undeclared_fields == (("customers", "marketing_score"),)
    assert made.unused == ()


SAKILA = SHARED / "data/sakila/sakila.sqlite3"


@pytest.mark.skipif(not SAKILA.exists(), reason="../shared/data/sakila is not beside this repository")
def test_sakila_declares_every_table_and_column() -> None:
    made = resolved(read_register(EXAMPLES / "sakila"), "shop", live(None, SAKILA))
    assert (made.undeclared_tables, made.undeclared_fields, made.unused) == ((), (), ())


def folded(text: str) -> str:
    """Letters and digits alone: the text's lines break sentences where a dot stands."""
    return re.sub(r"\W+", "", text.replace("’", "'")).lower()


def quotes(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        own = [str(tree["quote"])] if "quote" in tree else []
        return own + [quote for value in tree.values() for quote in quotes(value)]
    return [quote for each in tree for quote in quotes(each)] if isinstance(tree, list) else []


@pytest.mark.skipif(not SOURCE.exists(), reason="../shared/domain/source-policy.txt is not beside this repository")
@pytest.mark.parametrize("name", ["clever-cloud", "clever-cloud-literal"])
def test_the_hosting_company_quotes_its_policy_word_for_word(name: str) -> None:
    said = quotes(YAML(typ="safe").load(EXAMPLES / name / "policy.yaml"))
    source = folded(SOURCE.read_text())
    assert len(said) > 100
    assert [quote for quote in said if folded(quote) not in source] == []


# --- Whatever the files hold, the answer is diagnostics


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 2030),
    st.floats(allow_nan=False),
    st.sampled_from(["account", "email", "to confirm", "180 days from recorded", "6.1.b", "users.id", "*", "", "a b"]),
)
WORDS = """
    processings purposes data retain law basis recipients accepted controller title systems tables people fields items
    events belongs_to mentions shared_through for by when latest through of there store url key_from how account email
    db users not_personal where json blank form quote period start bound evidence security trackers troth
"""
KEYS = st.sampled_from(WORDS.split())
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))
FUZZ = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def dumped(tree: object) -> bytes:
    out = io.BytesIO()
    YAML(typ="safe", pure=True).dump(tree, out)
    return out.getvalue()


@FUZZ
@given(st.dictionaries(KEYS, TREES, max_size=6), st.dictionaries(KEYS, TREES, max_size=6))
def test_any_tree_is_diagnosed(tmp_path: Path, policy: dict[str, object], systems: dict[str, object]) -> None:
    files = folder(tmp_path, dumped({"troth": 1, **policy}), dumped({"troth": 1, **systems}))
    check(load_register(files))


@FUZZ
@given(st.data())
def test_a_value_replaced_by_any_other_is_diagnosed(tmp_path: Path, data: st.DataObject) -> None:
    policy, systems = YAML(typ="safe").load(POLICY), YAML(typ="safe").load(SYSTEMS)
    for tree in (policy, systems):
        mutate(tree, data)
    check(load_register(folder(tmp_path, dumped(policy), dumped(systems))))


@FUZZ
@given(st.integers(0, len(POLICY)), st.binary(max_size=5))
def test_bytes_in_the_middle_of_a_file_are_diagnosed(tmp_path: Path, at: int, garbage: bytes) -> None:
    whole = POLICY.encode()
    check(load_register(folder(tmp_path, whole[:at] + garbage + whole[at:])))


def mutate(tree: Any, data: st.DataObject) -> None:
    while True:
        key = data.draw(st.sampled_from(sorted(tree) if isinstance(tree, dict) else range(len(tree))))
        if isinstance(tree[key], dict | list) and tree[key] and data.draw(st.booleans()):
            tree = tree[key]
            continue
        tree[key] = data.draw(TREES)
        return


def check(answer: tuple[Register, Any]) -> None:
    register, found = answer
    assert isinstance(register, Register)
    for each in found.items:
        assert re.fullmatch(r"[YPSR]\d{3}", each.code)
        assert each.message
        assert each.mark.line >= 1
        assert each.mark.column >= 1
        assert "{" not in each.code
    if not found.items:
        assert register.revision
