"""Which tables hold people, who can be found there by what, and which are organisations that people share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from troth.discover.columns import Certainty, ColumnGuess
from troth.discover.facts import Facts, TableFacts
from troth.discover.frameworks import own_words
from troth.discover.naming import bare_names, fits, plain, words_of
from troth.discover.table_words import MACHINERY, NO_PEOPLE, PEOPLE, STAFF, TENANTS, WHOLE_TENANTS

Columns = Mapping[str, Mapping[str, ColumnGuess]]
"""Table → column → guess."""


_PLAIN_EMAILS = frozenset(
    {"email", "e_mail", "mail", "email_address", "user_email", "courriel", "adresse_mail", "emailid"}
)
"""An address of the row's own, not one of somebody who has a part in it (``recipient_email``)."""


@dataclass(frozen=True, slots=True)
class PeopleGuess:
    """Rows of ``table`` are people. ``by``: kind of name → column; ``subject`` as in the starter policy."""

    table: str
    subject: str
    by: tuple[tuple[str, str], ...]
    reason: str
    certainty: Certainty


def named_as_people(table: str) -> bool:
    words = words_of(table)
    return bool(words) and words[-1] in PEOPLE and not fits(MACHINERY, plain(table))


def is_staff(table: str) -> bool:
    return any(word in STAFF for word in words_of(table))


def named_as_tenant(table: str, apps: frozenset[str] = frozenset()) -> bool:
    """``apps``: words that a framework puts before a table's own."""
    words = own_words(table, apps)
    alone = len(words) == 1 or (bool(words) and words[-1] in WHOLE_TENANTS)
    return alone and words[-1] in TENANTS and not set(words) & PEOPLE


def guess_people(facts: Facts, columns: Columns) -> dict[str, PeopleGuess]:
    """Tables of people: a name of people and a way to find them, or an e-mail beside a password or a name."""
    found: dict[str, PeopleGuess] = {}
    for table in facts.tables.values():
        if guess := _people(table, columns[table.name]):
            found[table.name] = guess
    return found


def _people(table: TableFacts, columns: Mapping[str, ColumnGuess]) -> PeopleGuess | None:
    if fits(MACHINERY, plain(table.name)) or not table.info.key or table.info.history_of:
        return None
    by = _by(table, columns)
    held = {guess.item for guess in columns.values() if guess.holds == "item"}
    staff = is_staff(table.name)
    subject = "employee" if staff else "customer"
    words = words_of(table.name)
    ways = ", ".join(column for _, column in by)
    weak_name = any(guess.item == "name" and guess.holds == "item" for guess in columns.values())
    if named_as_people(table.name) and not by and weak_name and len(table.info.key) == 1:
        by = (("id", table.info.key[0]),)
        return PeopleGuess(table.name, subject, by, "a name of people, found by their number only", "weak")
    if named_as_people(table.name) and by:
        return PeopleGuess(table.name, subject, by, f"a name of people, found by {ways}", "likely")
    kinds = dict(by)
    if (
        bare_names(table.names).get(kinds.get("email", "")) not in _PLAIN_EMAILS
        or (words and words[-1] in NO_PEOPLE)
        or is_copy(table)
    ):
        return None
    if "password" in held:
        return PeopleGuess(table.name, subject, by, "an e-mail beside a password", "likely")
    if "name" in held and not _leads_somewhere(table):
        return PeopleGuess(table.name, subject, by, "an e-mail beside a name", "weak")
    return None


def _leads_somewhere(table: TableFacts) -> bool:
    return bool(table.info.references)


def _by(table: TableFacts, columns: Mapping[str, ColumnGuess]) -> tuple[tuple[str, str], ...]:
    """The best column for each kind of name: the one called so, else one that is unique, else the first."""
    bare = bare_names(table.names)
    unique = {fields[0] for fields in table.info.unique if len(fields) == 1}
    best: list[tuple[str, str]] = []
    for kind in ("email", "phone", "login"):
        names = [
            guess.column
            for guess in columns.values()
            if guess.holds == "item" and guess.item == kind and _is_own(kind, bare[guess.column])
        ]
        names.sort(key=lambda name: (bare[name] != kind, name not in unique))
        if names:
            best.append((kind, names[0]))
    return tuple(best)


def _is_own(kind: str, name: str) -> bool:
    """``email`` and ``work_email`` are the person's own; nobody is found by ``unconfirmed_email`` or a fax number."""
    foreign = ("unconfirmed", "fax", "emergency", "billing", "support", "old", "previous", "invite", "notification")
    return not any(word in name for word in foreign) and not (kind == "email" and name.endswith("s"))


def is_copy(table: TableFacts) -> bool:
    """By its name: a table that keeps former states of another's rows."""
    name = plain(table.name.rpartition(".")[2])
    endings = (
        "_history",
        "_versions",
        "_version",
        "_audit",
        "_audits",
        "_archive",
        "_log",
        "_historique",
        "_hist",
        "_old",
    )
    beginnings = ("historical", "history_", "archived_", "audit_", "z_")
    return name.startswith(beginnings) or "_historical" in name or name.endswith(endings)


def copied(table: TableFacts, facts: Facts) -> TableFacts | None:
    """The table whose rows ``table`` keeps copies of: the store says so, or its name and most columns do."""
    if table.info.history_of:
        return facts.tables.get(table.info.history_of)
    if not is_copy(table):
        return None
    name = plain(table.name)
    best: tuple[int, TableFacts] | None = None
    for other in facts.tables.values():
        base = plain(other.name)
        if other is table or is_copy(other) or not ({base, words_of(other.name)[-1]} & _parts(name)):
            continue
        shared = len(set(other.names) & set(table.names))
        if shared >= 3 and shared * 10 >= len(other.names) * 7 and (best is None or shared > best[0]):
            best = shared, other
    return best[1] if best else None


def _parts(name: str) -> set[str]:
    """Every run of a name's words, so that ``users_history`` names ``users``; the singular too."""
    words = re.sub(r"(^|_)historical_?", r"\1", name).strip("_").split("_")
    runs = {"_".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}
    return runs | set(words_of(name)) | {words_of(name.removeprefix("historical"))[-1]}


def mostly(columns: Mapping[str, ColumnGuess], item: str) -> bool:
    return any(guess.item == item and guess.holds == "item" and guess.strong for guess in columns.values())
