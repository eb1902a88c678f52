"""What policy.yaml means: short forms, inheritance (the nearest line wins), and what may be left to confirm."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from troth.core.diagnostics import Diagnostics
from troth.core.periods import Period
from troth.core.yamlfile import parse_document
from troth.policy.load import load_policy, read_policy
from troth.policy.model import Basis, Policy, Processing, Text
from troth.policy.schema import policy_schema

ROOT = Path(__file__).parents[2]


def read(text: str) -> Policy:
    found = Diagnostics()
    document = parse_document(f"troth: 1\n{text}", "policy.yaml", found)
    assert document is not None, found.items
    policy = read_policy(document, found, date(2026, 11, 23))
    assert not found.items, "\n".join(map(str, found.items))
    return policy


def processing(line: str) -> Processing:
    return read(f"processings:\n  account: {{{line}}}\n").processings["account"]


def test_a_processing_without_purposes_has_one_under_its_own_id() -> None:
    made = processing("title: Your account, basis: 6.1.f, interest: {fr: servir}, data: [email], quote: We keep it.")
    assert list(made.purposes) == ["account"]
    purpose = made.purposes["account"]
    assert (purpose.title, purpose.basis, purpose.interest) == (
        Text("Your account"),
        Basis.LEGITIMATE_INTERESTS,
        Text("", "servir"),
    )
    assert purpose.items == ("email",)
    assert (purpose.quote, purpose.mark, made.mark.line) == ("We keep it.", made.mark, 3)


def test_the_rights_that_a_policy_names() -> None:
    rights = read(
        "rights: {email: a@b.example, within: 1 month, identity: a link, quote: Write to us.,"
        " named: {access: {title: {fr: accès}, article: '15', quote: You may ask.}, update: Update, other: to confirm}}"
    ).rights
    assert (rights.email, rights.within, rights.identity, rights.quote) == (
        "a@b.example",
        Period(months=1),
        "a link",
        "Write to us.",
    )
    assert [(each.id, str(each.title), each.article, each.quote) for each in rights.named.values()] == [
        ("access", "accès", "15", "You may ask."),
        ("update", "Update", None, ""),
        ("other", "", None, ""),
    ]
    assert rights.named["access"].mark.line == 2
    assert read("rights: {within: to confirm, post: here}").rights.within is None


def test_what_a_purpose_does_not_say_comes_from_its_processing() -> None:
    made = processing(
        "basis: 6.1.b, precontract: true, retain: 1 year from paid, data: [email, name],"
        "purposes: {a: {}, b: {basis: 6.1.f, data: [name], retain: until closed, precontract: false},"
        " c: {retain: to confirm}}"
    )
    a, b, c = made.purposes.values()
    assert (a.basis, a.items, a.precontract) == (Basis.CONTRACT, ("email", "name"), True)
    assert [str(rule) for rule in a.rules] == ["1 year from paid"]
    assert (b.basis, b.items, b.precontract) == (Basis.LEGITIMATE_INTERESTS, ("name",), False)
    assert [str(rule) for rule in b.rules] == ["until closed"]
    assert [rule.decidable for rule in c.rules] == [False]


@pytest.mark.parametrize(
    "line, basis, law, bound",
    [
        ("law: C. com. L123-22", "6.1.c", "C. com. L123-22", "both"),
        ("basis: 6.1.b", "6.1.b", None, "max"),
        ("law: X, basis: 6.1.b", "6.1.b", "X", "both"),
        ("law: X, purposes: {p: {}}", "6.1.c", "X", "both"),
        ("law: X, purposes: {p: {basis: 6.1.b}}", "6.1.b", None, "max"),
        ("law: X, purposes: {p: {basis: 6.1.c}}", "6.1.c", "X", "both"),
        ("basis: 6.1.b, purposes: {p: {law: X}}", "6.1.c", "X", "both"),
        ("law: X, purposes: {p: {law: Y}}", "6.1.c", "Y", "both"),
        ("law: X, purposes: {p: {law: to confirm}}", None, None, "max"),
        ("law: X, basis: to confirm", None, "X", "both"),
    ],
)
def test_a_statute_without_a_basis_is_a_legal_obligation(
    line: str, basis: str | None, law: str | None, bound: str
) -> None:
    (purpose,) = processing(f"{line}, retain: 1 year from paid").purposes.values()
    assert (purpose.basis, purpose.law, purpose.rules[0].law, purpose.rules[0].bound) == (basis, law, law, bound)


def test_a_rule_in_its_long_form() -> None:
    made = processing(
        "retain: [{start: end of financial year of paid, period: P10Y, law: X, phase: archive, action: anonymise,"
        " quote: q},"
        "{start: paid, period: 1 year, end_of_year: calendar, bound: min}, {text: at least 1 year from paid, law: X},"
        "{start: paid}, to confirm]"
    )
    first, second, third, fourth, fifth = made.purposes["account"].rules
    assert (first.event, first.of_year, first.period) == ("paid", "financial", Period(120))
    assert (first.law, first.bound, first.phase, first.action) == ("X", "both", "archive", "anonymise")
    assert (second.of_year, second.bound) == ("calendar", "min")
    assert (third.bound, third.law) == ("min", "X")
    assert (fourth.event, fourth.decidable) == ("paid", False)
    assert (fifth.event, fifth.period) == (None, None)
    assert first.mark.column < second.mark.column < third.mark.column


def test_until_says_that_the_event_may_not_have_come() -> None:
    made = processing(
        "retain: [until closed, until closed + 30 days, {until: closed}, {until: closed, period: 30 days, bound: max},"
        " {until: closed, period: to confirm}, 30 days from closed]"
    )
    rules = made.purposes["account"].rules
    assert [rule.until for rule in rules] == [True, True, True, True, True, False]
    assert [str(rule.period) for rule in rules] == ["0 days", "30 days", "0 days", "30 days", "None", "30 days"]


def test_items_as_a_list_a_mapping_or_titles() -> None:
    made = processing(
        "data: {email: , name: {}, phone: Your phone,"
        " ip: {title: {fr: IP}, category: user.device, form: first-half, required: true}}"
    )
    assert [item.title for item in made.items.values()] == [Text(), Text(), Text("Your phone"), Text("", "IP")]
    assert (made.items["ip"].form, made.items["ip"].required, made.items["ip"].category) == (
        "first-half",
        True,
        "user.device",
    )
    assert list(processing("data: [email, name]").items) == ["email", "name"]


def test_recipients_are_unknown_or_none_or_named() -> None:
    assert processing("data: [email]").recipients is None
    assert processing("recipients: to confirm").recipients is None
    assert processing("recipients: []").recipients == ()


def test_everything_may_be_left_to_confirm() -> None:
    policy = read(
        "title: to confirm\nlast_updated: to confirm\n"
        "controller: {name: to confirm, dpo: , authority: to confirm, timezone: to confirm,"
        " financial_year_end: to confirm}\n"
        "recipients: {crisp: , stripe: {role: to confirm, country: to confirm, transfer: to confirm}}\n"
        "processings: {account: , news: {title: to confirm, role: to confirm, subjects: to confirm, data: to confirm,"
        " basis: to confirm, retain: to confirm, recipients: to confirm, precontract: to confirm}}\n"
        "trackers: {t: {lifetime: to confirm}}\nrights: to confirm\nsecurity: {s: {title: to confirm}}\n"
    )
    assert policy.controller.name == ""
    assert (policy.controller.zone, policy.controller.year_end) == ("UTC", (12, 31))
    assert policy.recipients["crisp"].name == "crisp"
    assert policy.processings["news"].purposes["news"].basis is None
    assert policy.last_updated is None


def test_the_rest_of_a_policy() -> None:
    policy = read(
        "last_updated: 2022-05-05\ntitle: Privacy\n"
        'controller: {name: Acme, timezone: Europe/Paris, financial_year_end: "06-30", authority: cnil, quote: c}\n'
        "processings: {account: {data: [email]}}\n"
        "recipients: {crisp: {name: Crisp, role: processor, country: FR, transfer: none, contract: DPA, quote: q}}\n"
        "trackers: {id: {name: _id, processing: account, lifetime: 13 months, exempt: audience}}\n"
        "rights: {email: p@acme.example, post: here, quote: r}\n"
        "security: {servers: {kind: place, title: Ours, quote: s}, training: {}}\n"
        "processor: {activities: {hosting: Hosting}}\n"
        "accepted: [{promise: retention.account, collection: db.t, reason: r, owner: o, until: 2027-01-01}]\n"
    )
    assert policy.last_updated == date(2022, 5, 5)
    assert (policy.controller.zone, policy.controller.year_end) == ("Europe/Paris", (6, 30))
    assert policy.recipients["crisp"].country == "FR"
    assert policy.trackers["id"].lifetime == Period(13)
    assert [measure.kind for measure in policy.measures.values()] == ["place", "organisation"]
    assert policy.activities["hosting"].title == Text("Hosting")
    assert policy.accepted[0].until == date(2027, 1, 1)
    assert policy.rights.post == "here"


def test_several_errors_are_told_at_once_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(
        "troth: 1\ncontroller: {nam: x, authority: none}\nprocessings:\n"
        "  a: {basis: 6.1.z, data: [email], retain: soon}\n"
        "  b: {data: {ip: {form: half, tile: x}}, retain: 1 year from x, recipients: [ghost]}\n"
        "accepted:\n  - {promise: p}\n  - {promise: q, reason: r, owner: o, until: 2027-01-01, wen: x}\n"
    )
    policy, found = load_policy(path)
    assert [(each.code, each.mark.line) for each in found.sorted()] == [
        ("P101", 2),
        ("P213", 2),
        ("P104", 4),
        ("P201", 4),
        ("P109", 5),
        ("P101", 5),
        ("P211", 5),
        ("P102", 7),
        ("P102", 7),
        ("P102", 7),
        ("P101", 8),
    ]
    assert list(policy.processings) == ["a", "b"]
    assert policy.processings["a"].items["email"].mark.line == 4
    assert [each.promise for each in policy.accepted] == ["q"]
    assert policy.accepted[0].mark.line == 8


def test_the_revision_names_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("troth: 1\n")
    first = load_policy(path)[0].revision
    path.write_text("troth: 1\n# a word\n")
    assert load_policy(path)[0].revision != first
    assert len(first) == 64


def test_anchors_and_merges_are_read() -> None:
    policy = read(
        "processings:\n  a: &a\n    basis: 6.1.b\n    data: &d [email]\n"
        "  b:\n    <<: *a\n    basis: 6.1.f\n  c: {data: *d}\n"
    )
    assert policy.processings["b"].purposes["b"].basis == Basis.LEGITIMATE_INTERESTS
    assert list(policy.processings["b"].items) == list(policy.processings["c"].items) == ["email"]


def test_the_published_schema_is_this_one() -> None:
    """``TROTH_WRITE_DOCS=1`` writes it again."""
    path = ROOT / "docs/schemas/policy.schema.json"
    schema = policy_schema()
    if os.environ.get("TROTH_WRITE_DOCS"):
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
    assert json.loads(path.read_text()) == schema, "write it again: TROTH_WRITE_DOCS=1 pytest"
