"""troth look: a database that the two files do not know, looked at on a read connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from troth.core.errors import InputError, NotReached
from troth.discover.facts import Facts
from troth.discover.guessing import Guesses, guess
from troth.discover.seeing import Question, Sight, look_at, questions
from troth.execution.sampling import SAMPLE, at_random, facts_of
from troth.services.opening import open_store
from troth.services.project import Project
from troth.stores.conditions import Field
from troth.stores.contract import ChangeRefused, Count, Selection, Store, StoreUnavailable
from troth.systems.model import System
from troth.systems.secrets import scheme_of, why_not_a_url

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KINDS = {
    "sqlite": "sqlite", "file": "sqlite", "postgresql": "postgresql", "postgres": "postgresql", "mariadb": "mariadb",
    "mysql": "mariadb",
}  # fmt: skip

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Looked:
    """What ``troth look`` saw. ``database``: product and version; ``limits``: why it might have seen only a part."""

    sight: Sight
    database: str
    convention: str
    limits: tuple[str, ...]
    address: str
    """As it was given: a reference, never what it refers to."""
    at: date

    @property
    def next(self) -> tuple[str, str, str]:
        """The three commands that come next: a starter policy, where the data is, what is promised."""
        address = self.address[2:-1] if self.address.startswith("${") else f"'{self.address}'"
        return "troth init --from saas", f"troth systems draft {address}", "troth check"


def look(project: Project, address: str, schemas: tuple[str, ...], on_step: Step) -> Looked:
    """Read only; nothing is written anywhere."""
    reference = reference_of(address)
    with opened(project, reference, schemas) as (store, _):
        health = store.check()
        facts = facts_of(store, on_step)
        guesses = guess(facts)
        answers, unanswered = _answers(store, facts, guesses, on_step)
        sight = look_at(facts, guesses, answers)
    limits = (*health.limits_of(facts.tables), *_sampling(facts), *unanswered)
    return Looked(sight, health.version, guesses.convention, limits, reference, project.now().date())


def _answers(
    store: Store, facts: Facts, guesses: Guesses, on_step: Step
) -> tuple[Mapping[Question, Count], tuple[str, ...]]:
    """The answers, and of which tables it is not known whether something looks wrong."""
    found: dict[Question, Count] = {}
    unanswered: dict[str, str] = {}
    for question in questions(facts, guesses):
        on_step(question.table)
        start = _field(question.start)
        try:
            found[question] = store.count(Selection(question.table, question.where), start)
        except (ChangeRefused, StoreUnavailable) as error:
            store.check()
            unanswered.setdefault(question.table, error.message)
    words = "a question what looks wrong was not answered"
    return found, tuple(f"{table}: {words} ({why})" for table, why in unanswered.items())


def _field(name: str | None) -> Field | None:
    return Field(name) if name is not None else None


def _sampling(facts: Facts) -> tuple[str, ...]:
    first = [name for name, table in facts.tables.items() if not at_random(table.info, table.rows)]
    words = f"of {', '.join(first)} the first {SAMPLE} rows were sampled, not rows drawn at random"
    return (words,) if first else ()


def reference_of(address: str) -> str:
    """The address as it can be written down: ``${NAME}``, or an address without a secret. ``NAME`` alone is a variable.

    Raises ``InputError`` for one with a password in it, which a shell's history and the list of processes would keep.
    """
    if _NAME.fullmatch(address):
        return f"${{{address}}}"
    if why := why_not_a_url(address):
        raise InputError(
            why,
            hint="export it as a variable and name that: troth look TROTH_READ_URL; it is not repeated here",
            code="ADDRESS",
        )
    return address


@contextmanager
def opened(project: Project, reference: str, schemas: tuple[str, ...]) -> Generator[tuple[Store, str]]:
    """A store that no file describes, on a connection that cannot write, and which kind it is."""
    secrets = project.secrets()
    kind = _kind(secrets.resolve(reference))
    system = System("database", kind, reference, None, schemas=schemas)
    try:
        store = open_store(system, secrets, writable=False)
    except (InputError, NotReached) as error:
        raise type(error)(secrets.scrub(error.message), hint=secrets.scrub(error.hint), code=error.code) from None
    try:
        yield store, kind
    finally:
        store.close()


def _kind(url: str) -> str:
    kind = _KINDS.get(scheme_of(url))
    if kind is None:
        hint = "known: sqlite:///file.db, postgresql://user@host/database, mariadb://user@host/database"
        raise InputError("the address is of no kind of store that this version reaches", hint=hint, code="STORE-KIND")
    return kind
