"""What one column holds, guessed: a personal item, free text, nothing personal, or undecided; each with its reason.

The sample outweighs the name where it is clear (most values have an @), never the other way round. What neither name,
type nor sample tells stays *undecided*: nothing is written for it, so that the closed list says it until somebody does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from troth.discover.blanks import blank_of
from troth.discover.facts import Seen, TableFacts
from troth.discover.item_words import CODES, FREE_TEXT, ITEMS, NEVER, TYPES, USUAL_TYPES, WEAK
from troth.discover.naming import fits, plain, stem, words_of
from troth.stores.contract import FieldInfo
from troth.systems.conventions import not_personal_by_name

Holds: TypeAlias = Literal["item", "free_text", "not_personal", "undecided", "reference", "convention"]
Certainty: TypeAlias = Literal["sure", "likely", "weak"]

CLEAR = 0.8
"""The share of sampled values from which their shape decides."""
ENOUGH = 8
"""Sampled values from which a sample says anything at all."""
FEW = 12
"""Different values from which a text column is no list of words any more."""

SHAPED: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("email", ("email",), "addresses with an @"),
    ("ip", ("ip_full", "ip_half"), "network addresses"),
    ("user_agent", ("user_agent",), "browsers' names"),
    ("bank", ("iban",), "bank accounts (IBAN)"),
    ("card", ("card",), "card numbers (Luhn, known issuers)"),
    ("password", ("password_slow", "password_fast"), "hashed passwords"),
)
MORE_SHAPED = (*SHAPED, ("phone", ("phone",), "telephone numbers"))


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What ``column`` holds. ``pattern``: the pattern of the vocabulary that named it, when a name did."""

    table: str
    column: str
    holds: Holds
    reason: str
    certainty: Certainty
    item: str = ""
    pattern: str = ""
    strong: bool = True
    """Enough by itself to make its table one with personal data."""
    blank: str = ""
    """What a mask can write into it, where the store takes neither null nor an empty text."""


def guess_column(facts: TableFacts, info: FieldInfo, name: str, *, people: bool, address: bool) -> ColumnGuess:
    """What a column holds, with the blank that it needs if it is masked."""
    guess = _guess(facts, info, name, people=people, address=address)
    return replace(guess, blank=blank_of(facts.info, info)) if guess.holds == "item" else guess


def _guess(facts: TableFacts, info: FieldInfo, name: str, *, people: bool, address: bool) -> ColumnGuess:
    """One column, ``name`` in the plain form. ``people``: the table's rows are people; ``address``: a strong part of an
    address is beside it."""
    seen = facts.of(info.name)
    found = _by_shape(facts.name, info, seen) or _by_table(facts.name, info, name)
    found = found or _by_name(facts.name, info, name, seen)
    if found is not None:
        return found
    for item, patterns, needs in WEAK:
        beside = people if needs == "people" else address
        pattern = fits(patterns, name)
        if pattern and beside and info.type in TYPES.get(item, USUAL_TYPES):
            what = "in a table of people" if needs == "people" else "beside a street or postal code"
            reason = f"name, {what}"
            return ColumnGuess(facts.name, info.name, "item", reason, "likely", item, pattern, strong=False)
    if info.name in facts.info.key or not_personal_by_name(info.name):
        return ColumnGuess(facts.name, info.name, "convention", "a convention", "sure")
    if any(info.name in each.fields for each in facts.info.references):
        return ColumnGuess(facts.name, info.name, "reference", "foreign key", "sure")
    return _rest(facts, info, name, seen, people=people, address=address)


def _by_shape(table: str, info: FieldInfo, seen: Seen) -> ColumnGuess | None:
    if seen.filled < ENOUGH or seen.paths or info.type not in {"text", "other", "network"}:
        return None
    for item, shapes, words in SHAPED:
        share = seen.share(*shapes)
        if share >= CLEAR or (item == "card" and share >= 0.2):
            reason = f"sample: {share:.0%} of {seen.filled} are {words}"
            return ColumnGuess(table, info.name, "item", reason, "sure", item)
    if info.type == "text" and seen.share("phone") >= CLEAR and seen.share("number") < CLEAR:
        reason = f"sample: {seen.share('phone'):.0%} of {seen.filled} are telephone numbers"
        return ColumnGuess(table, info.name, "item", reason, "likely", "phone")
    return None


def _by_table(table: str, info: FieldInfo, name: str) -> ColumnGuess | None:
    """``number`` of ``phone_numbers``, ``address`` of ``user_emails``: the table's name says what they are."""
    words = words_of(table)
    for item, called, columns in _TABLES_OF:
        if set(words[-2:]) & called and name in columns and info.type in TYPES.get(item, USUAL_TYPES):
            return ColumnGuess(table, info.name, "item", f"in a table of {item}s by its name", "likely", item)
    return None


_TABLES_OF: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("phone", frozenset({"phone", "telephone"}), frozenset({"number", "value", "numero"})),
    ("email", frozenset({"email", "mail", "courriel"}), frozenset({"address", "value", "adresse"})),
    ("card", frozenset({"card", "bankcard", "creditcard"}), frozenset({"number"})),
)


def _by_name(table: str, info: FieldInfo, name: str, seen: Seen) -> ColumnGuess | None:
    if info.type == "boolean":
        return None
    refused = fits(NEVER, name)
    for item, patterns in ITEMS:
        pattern = fits(patterns, name)
        if pattern is None or info.type not in TYPES.get(item, USUAL_TYPES):
            continue
        if refused and item not in {"activity", "birth", "external_id"}:
            continue
        if item == "email" and seen.filled >= ENOUGH and seen.share("email", "email_inside") < 0.2:
            continue
        if item == "ip" and seen.filled >= ENOUGH and seen.share("ip_full", "ip_half") < 0.2 and info.type == "text":
            continue
        if item == "address" and (name.endswith(("ip_address", "email_address", "mac_address", "web_address"))):
            continue
        return ColumnGuess(table, info.name, "item", f"name like {pattern}", "likely", item, pattern)
    return None


def _rest(facts: TableFacts, info: FieldInfo, name: str, seen: Seen, *, people: bool, address: bool) -> ColumnGuess:
    def made(holds: Holds, reason: str, certainty: Certainty) -> ColumnGuess:
        return ColumnGuess(facts.name, info.name, holds, reason, certainty)

    if info.type == "boolean":
        return made("not_personal", "yes or no", "sure")
    if info.type in {"number", "date", "datetime", "datetime_tz"}:
        kind = "number" if info.type == "number" else "moment"
        return made("not_personal", f"a {kind}, by name no person's", "likely")
    if info.type == "uuid" or (stem(info.name) and seen.share("email", "phone", "ip_full") < 0.2):
        return made("not_personal", "a reference or an identifier", "likely")
    if info.type == "bytes":
        return made("undecided", "bytes: nobody looked inside", "weak")
    if info.type == "json" or seen.paths:
        return _json(facts, info, seen)
    if name in {"name", "label", "nom", "libelle"} and not people and not address:
        return made("not_personal", "a name, in a table that holds no people", "weak")
    if fits(FREE_TEXT, name):
        return made("free_text", "by name a text in which people write", "likely")
    if seen.filled >= ENOUGH and seen.distinct <= min(FEW, seen.filled // 4):
        return made("not_personal", f"sample: {seen.distinct} different words in {seen.filled}", "likely")
    if info.length is not None and info.length <= 3:
        return made("not_personal", "a code of three letters at most", "likely")
    if fits(CODES, name):
        return made("not_personal", "by name a setting, a code or a file", "likely")
    if seen.filled >= ENOUGH and seen.share("url", "uuid", "digest") >= CLEAR:
        return made("not_personal", "sample: addresses of pages or identifiers", "weak")
    if seen.filled >= ENOUGH and seen.share("prose") >= 0.3:
        return made("free_text", f"sample: {seen.share('prose'):.0%} are sentences", "likely")
    return made("undecided", "a text" + _looked(seen), "weak")


def _json(facts: TableFacts, info: FieldInfo, seen: Seen) -> ColumnGuess:
    if not seen.paths:
        words = "JSON, and no row to look at" if not seen.filled else "JSON without keys of a document"
        return ColumnGuess(facts.name, info.name, "undecided", words, "weak")
    many = f"JSON with {len(seen.paths)} path{'' if len(seen.paths) == 1 else 's'} in the sample"
    if guess_paths(facts, info):
        return ColumnGuess(facts.name, info.name, "item", f"{many}, some like a person's", "likely", "json")
    return ColumnGuess(facts.name, info.name, "not_personal", f"{many}, none like a person's", "weak")


def guess_paths(facts: TableFacts, info: FieldInfo) -> dict[str, tuple[str, str]]:
    """Personal paths of a JSON column: ``column.path`` → item and reason."""
    found: dict[str, tuple[str, str]] = {}
    for path, seen in facts.of(info.name).paths.items():
        last = FieldInfo(path.rpartition(".")[2], "text", "json", nullable=True)
        guess = _by_shape(facts.name, last, seen) or _by_name(facts.name, last, plain(last.name), seen)
        if guess is not None:
            found[f"{info.name}.{path}"] = guess.item, guess.reason
    return found


def _looked(seen: Seen) -> str:
    return (
        ": neither its name nor the sample says what" if seen.filled else ": its name says nothing, and there is no row"
    )
