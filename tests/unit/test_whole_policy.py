"""The hosting company's two policies carry all that the transcription of the published text names, one thing for each.

``clever-cloud`` decides where the text is silent; ``clever-cloud-literal`` holds the same text with nothing decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from troth.core.periods import Period
from troth.policy.load import load_policy
from troth.policy.model import Basis, Item, Policy, Processing, Purpose, Rule

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
SOURCE = ROOT.parent / "shared" / "domain" / "source-policy.yaml"
WHOLE, LITERAL = "clever-cloud", "clever-cloud-literal"

pytestmark = pytest.mark.skipif(
    not SOURCE.exists(), reason="../shared/domain/source-policy.yaml is not beside this repository"
)

FURNITURE = frozenset({"o.13", "o.14", "o.15", "o.16"})
"""Of the page: lost links, headings, the language switch."""


@cache
def source() -> Any:
    return YAML(typ="safe").load(SOURCE)


@cache
def policy_of(name: str) -> Policy:
    policy, found = load_policy(EXAMPLES / name / "policy.yaml")
    assert not found.items
    return policy


def text_of(name: str) -> str:
    return (EXAMPLES / name / "policy.yaml").read_text(encoding="utf-8")


# --- Comparing words


def folded(text: str) -> str:
    return re.sub(r"\W+", "", text.replace("’", "'")).lower()


def pieces(quote: str) -> list[str]:
    """``managing ... your account (note)`` → what must be there, word for word."""
    return [folded(piece) for piece in re.split(r"\.\.\.", re.sub(r"\s\([^)]*\)$", "", quote))]


def says(words: Iterable[str], quote: str) -> bool:
    text = folded(" ".join(words))
    return all(piece in text for piece in pieces(quote))


def unmatched(wanted: Mapping[str, str], found: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Which of ``wanted`` (id → quote) have none of ``found`` (id → its words) to themselves."""
    owner: dict[str, str] = {}

    def place(want: str, seen: set[str]) -> bool:
        for name, words in found.items():
            if name not in seen and says(words, wanted[want]):
                seen.add(name)
                if name not in owner or place(owner[name], seen):
                    owner[name] = want
                    return True
        return False

    return [want for want in wanted if not place(want, set())]


# --- What the policy carries


def quoted(node: object) -> Iterator[str]:
    """Every quote of a retention statement, and an end that is said in words."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "q" or (key == "until" and " " in value):
                yield value
            elif key != "suggest":
                yield from quoted(value)
    elif isinstance(node, list):
        for each in node:
            yield from quoted(each)


def periods(node: object) -> set[Period]:
    if isinstance(node, dict):
        own = {Period.parse(node["period"])} if node.get("period") else set()
        return own.union(*(periods(value) for value in node.values()))
    return set().union(*(periods(each) for each in node)) if isinstance(node, list) else set()


def words_of(thing: Purpose | Item) -> tuple[str, ...]:
    return (thing.quote, thing.title.en)


def missing(policy: Policy) -> list[str]:
    """Everything of the source that the policy does not carry, by its id there."""
    lost = [*_rights(policy), *_measures(policy), *_recipients(policy), *_contact(policy)]
    for each in source()["processings"]:
        name = each["id"].removeprefix("p.")
        if name in policy.processings:
            lost += _processing(policy, each, policy.processings[name])
        else:
            lost.append(each["id"])
    return lost


def _processing(policy: Policy, each: Any, made: Processing) -> Iterator[str]:
    purposes = {one.id: (*words_of(one), made.quote * (len(made.purposes) == 1)) for one in made.purposes.values()}
    yield from unmatched({one["id"]: one["q"] for one in each.get("purposes", ())}, purposes)
    data = each.get("data", ())
    items = {item.id: words_of(item) for item in made.items.values()}
    yield from unmatched({one["id"]: one["q"] for one in data if isinstance(one, dict)} if data else {}, items)
    yield from _retention(each, made)
    subjects = {subject.removeprefix("act.") for subject in each.get("subjects", ())}
    if subjects - set(made.subjects):
        yield f"{each['id']} subjects"
    opted = [tracker.quote for tracker in policy.trackers.values()]
    if each.get("opt_out") and not says(opted, each["opt_out"]["q"]):
        yield f"{each['id']} opt-out"
    if each.get("sources") and not made.source.en:
        yield f"{each['id']} source"
    basis = (each.get("legal_basis") or {}).get("art")
    if basis and "text_cited" not in each["legal_basis"] and {one.basis for one in made.purposes.values()} != {basis}:
        yield f"{each['id']} basis"
    if each.get("role") == "processor" and (made.role != "processor" or not policy.activities):
        yield f"{each['id']} role"


def _retention(each: Any, made: Processing) -> Iterator[str]:
    statement = each.get("retention") or each.get("default")
    rules = [rule for purpose in made.purposes.values() for rule in purpose.rules]
    words = [rule.quote for rule in rules] + [made.quote]
    if any(not says(words, quote) for quote in quoted(statement)):
        yield f"{each['id']} retention"
    if periods(statement) - {rule.period for rule in rules}:
        yield f"{each['id']} period"


def _rights(policy: Policy) -> Iterator[str]:
    for right in source()["rights"]:
        made = policy.rights.named.get(right["id"].removeprefix("r."))
        said = right.get("q") or right.get("text") or ""
        if made is None or not says([made.quote], said) or (right.get("art") and not made.article):
            yield right["id"]


def _measures(policy: Policy) -> Iterator[str]:
    found = {each.id: (each.quote,) for each in policy.measures.values()}
    yield from unmatched({each["id"]: each["q"] for each in source()["security_measures"]}, found)


def _recipients(policy: Policy) -> Iterator[str]:
    undecided = any(each.recipients is None for each in policy.processings.values())
    for each in source()["recipients"]:
        name, places = each["id"].removeprefix("rec."), each.get("for", ())
        users = [key for key, one in policy.processings.items() if name in (one.recipients or ())]
        wanted = [place.removeprefix("p.") for place in places] if isinstance(places, list) else []
        if name == "none":
            lost = any(policy.processings[key].recipients != () for key in wanted if key in policy.processings)
        else:
            made = policy.recipients.get(name)
            lost = made is None or not set(wanted) <= set(users) or (places == "all" and not users and not undecided)
            lost = lost or (made is not None and not says([made.quote], each.get("q", "")))
        if lost:
            yield each["id"]


def _contact(policy: Policy) -> Iterator[str]:
    if not policy.controller.name or not policy.rights.email or "Legal Department" not in policy.rights.post:
        yield "controller"
    everything = [policy.controller.quote, policy.rights.quote]
    for things in (policy.recipients, policy.trackers, policy.measures, policy.activities, policy.rights.named):
        everything += [each.quote for each in things.values()]
    for processing in policy.processings.values():
        rules = [rule.quote for one in processing.purposes.values() for rule in one.rules]
        everything += [processing.quote, processing.source.en, *rules]
    for rule in source()["organisational_rules"]:
        if rule["id"] not in FURNITURE and not any(says([quote], rule["q"]) for quote in everything):
            yield rule["id"]


@pytest.mark.parametrize("name", [WHOLE, LITERAL])
def test_the_example_carries_the_whole_text(name: str) -> None:
    assert missing(policy_of(name)) == []


def test_the_source_is_as_large_as_it_was() -> None:
    processings = source()["processings"]
    data = [one for each in processings if isinstance(each.get("data"), list) for one in each["data"]]
    counts = (len(processings), sum(len(each.get("purposes", ())) for each in processings), len(data))
    assert counts == (13, 23, 45)
    assert (len(source()["rights"]), len(source()["security_measures"])) == (12, 17)


def without(thing: Any, *way: str) -> Any:
    """A copy of a frozen value in which what ``way`` leads to is gone, or empty; ``*`` is every key."""
    key, *rest = way
    if isinstance(thing, Mapping):
        changed = {name: without(value, *rest) for name, value in thing.items() if rest and key in ("*", name)}
        return {name: changed.get(name, value) for name, value in thing.items() if rest or key != name}
    value = getattr(thing, key)
    empty = None if value is None or isinstance(value, Basis) else type(value)()
    return replace(thing, **{key: without(value, *rest) if rest else empty})


@pytest.mark.parametrize(
    "way, lost",
    [
        (("processings", "hosting_processor"), "p.hosting_processor"),
        (("processings", "rights_requests", "purposes", "*", "rules"), "p.rights_requests period"),
        (("processings", "hotline", "recipients"), "rec.twilio"),
        (("processings", "support", "purposes", "*", "basis"), "p.support basis"),
        (("processings", "postmortem", "subjects"), "p.postmortem subjects"),
        (("processings", "recruitment", "source"), "p.recruitment source"),
        (("rights", "named", "portability", "quote"), "r.portability"),
        (("trackers", "matomo"), "p.analytics opt-out"),
        (("rights", "post"), "controller"),
        (("activities", "connection_logs"), "o.05"),
    ],
)
@pytest.mark.parametrize("name", [WHOLE, LITERAL])
def test_what_is_taken_out_is_missed(name: str, way: tuple[str, ...], lost: str) -> None:
    found = missing(without(policy_of(name), *way))
    assert any(each.startswith(lost) for each in found), found


ADDED = {
    ("processings", "account_legal", "purposes"),
    ("processings", "account_legal", "items"),
    ("processings", "connection_data", "items"),
    ("processings", "postmortem", "items"),
    ("processings", "hosting_processor", "items"),
}
"""What the text does not name, and the example does."""


@pytest.mark.parametrize("name", [WHOLE, LITERAL])
def test_every_single_entry_taken_out_is_missed(name: str) -> None:
    policy = policy_of(name)
    ways: list[tuple[str, ...]] = [("measures", key) for key in policy.measures if key != "no_access"]
    ways += [("rights", "named", key) for key in policy.rights.named]
    ways += [("recipients", key) for key in policy.recipients]
    for way, each in ((("processings", key), each) for key, each in policy.processings.items()):
        ways.append(way)
        for part, things in (("purposes", each.purposes), ("items", each.items)):
            ways += [(*way, part, key) for key in things if (*way, part) not in ADDED]
    assert len(ways) == 13 + 17 + 12 + 9 + 23 + 45 + 1, "the processor's only purpose has no name in the text"
    assert [way for way in ways if not missing(without(policy, *way))] == [
        ("processings", "hosting_processor", "purposes", "hosting_processor")
    ]


@pytest.mark.parametrize("name", [WHOLE, LITERAL])
def test_every_statement_about_how_long_is_missed(name: str) -> None:
    """Nine of the eleven: of security and support the text says nothing."""
    statements = [each for each in source()["processings"] if [*quoted(each.get("retention") or each.get("default"))]]
    assert len(statements) == 9
    for each in statements:
        way = ("processings", each["id"].removeprefix("p."))
        less = without(without(policy_of(name), *way, "purposes", "*", "rules"), *way, "quote")
        assert f"{each['id']} retention" in missing(less)


def test_the_literal_decides_nothing_that_the_text_leaves_open() -> None:
    policy = policy_of(LITERAL)
    for each in source()["processings"]:
        made = policy.processings[each["id"].removeprefix("p.")]
        basis = each.get("legal_basis") or {}
        said = basis["art"] if basis and "text_cited" not in basis else None
        assert {purpose.basis for purpose in made.purposes.values()} == {said}, made.id
        rules = [rule for purpose in made.purposes.values() for rule in purpose.rules]
        assert {rule.period for rule in rules} - {None, Period()} == periods(each.get("retention")), made.id
        assert not any(purpose.law for purpose in made.purposes.values()), made.id
    assert {policy.recipients[name].role for name in ("stripe", "paypal", "crisp", "twilio")} == {None}
    decided = [
        key
        for key, each in policy.processings.items()
        if all(rule.decidable for purpose in each.purposes.values() for rule in purpose.rules or (Rule(None, None),))
    ]
    assert decided == ["account", "hotline", "recruitment", "rights_requests"]
