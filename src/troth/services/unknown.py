"""troth look and troth systems draft: a database that the two files do not know yet, looked at on a read connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from troth.core.diagnostics import Diagnostics
from troth.core.errors import InputError, NotReached
from troth.core.yamlfile import parse_document
from troth.discover.drafting import Drafted, Place, draft
from troth.discover.facts import Facts
from troth.discover.guessing import Guesses, guess
from troth.discover.seeing import Question, Sight, look_at, questions
from troth.discover.words import PolicyWords
from troth.discover.worklist import Task, worklist
from troth.execution.sampling import SAMPLE, at_random, facts_of
from troth.policy.load import read_policy
from troth.register.load import POLICY, SYSTEMS, load_register
from troth.services.opening import open_store
from troth.services.project import Project
from troth.services.starting import starter
from troth.stores.conditions import Field
from troth.stores.contract import ChangeRefused, Count, Selection, Store, StoreUnavailable
from troth.systems.model import System
from troth.systems.resolve import TableNames, lines_of, resolve, skipping
from troth.systems.secrets import scheme_of, why_not_a_url

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KINDS = {"sqlite": "sqlite", "file": "sqlite", "postgresql": "postgresql", "postgres": "postgresql"}

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


@dataclass(frozen=True, slots=True)
class DraftMade:
    """A draft. ``written``: the file it was written to, or ``None`` when it is to be added by hand.

    ``changed``: a system that was there before got lines for what is new; ``gone``: its lines that match nothing.
    """

    system: str
    drafted: Drafted
    tasks: tuple[Task, ...]
    guesses: Guesses
    tables: int
    columns: int
    changed: bool
    written: Path | None
    gone: tuple[str, ...] = ()
    policy_missing: bool = False


def look(project: Project, address: str, schemas: tuple[str, ...], on_step: Step) -> Looked:
    """Read only; nothing is written anywhere."""
    reference = reference_of(address)
    with _opened(project, reference, schemas) as (store, _):
        health = store.check()
        facts = facts_of(store, on_step)
        guesses = guess(facts)
        answers, unanswered = _answers(store, facts, guesses, on_step)
        sight = look_at(facts, guesses, answers)
    limits = (*health.limits, *_sampling(facts), *unanswered)
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


def make_draft(
    project: Project, address: str | None, system: str | None, schemas: tuple[str, ...], out: Path | None, on_step: Step
) -> DraftMade:
    """Lines for ``systems.yaml``. Written where none is, or only the starter file, or to ``out``; a file of the user's
    own is never changed, and gets only what is new. ``address`` may be absent when the file has the system."""
    known, system_id, reference = _known(project, address, system)
    words, missing = policy_words(project.folder)
    with _opened(project, reference, schemas or (known.schemas if known else ())) as (store, kind):
        facts = facts_of(store, on_step)
    guesses = guess(facts)
    place = Place(system_id, kind, reference, schemas, _origin(project.folder))
    drafted = draft(facts, guesses, words, place, known)
    fresh = frozenset(name for name in facts.tables if known is None or not _said(known, name))
    tasks = worklist(facts, guesses, fresh | drafted.open if known else None)
    columns = sum(len(table.columns) for table in facts.tables.values())
    target = _target(project.folder, known, out)
    if target is not None:
        _write(target, drafted.text)
    gone = _gone(known, facts) if known else ()
    return DraftMade(
        system_id, drafted, tasks, guesses, len(facts.tables), columns, known is not None, target, gone, missing
    )


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


def policy_words(folder: Path) -> tuple[PolicyWords, bool]:
    """The names that policy.yaml declares; those of the starter policy where there is none (then true)."""
    found = Diagnostics()
    path = folder / POLICY
    missing = not path.is_file()
    text = starter("saas.yaml") if missing else path.read_text(encoding="utf-8")
    document = parse_document(text, POLICY, found)
    policy = read_policy(document, found, None) if document else None
    if policy is None or not policy.processings:
        raise InputError(
            "policy.yaml declares no processing that tables could be kept for",
            hint="correct it (troth validate), or begin with: troth init --from saas",
            code="DRAFT-POLICY",
        )
    return PolicyWords.of(policy), missing


def _known(project: Project, address: str | None, system: str | None) -> tuple[System | None, str, str]:
    """The system that is written already, if it is; its id; the reference to its read connection."""
    reference = reference_of(address) if address is not None else None
    path = project.folder / SYSTEMS
    if not path.is_file() or path.read_text(encoding="utf-8") == starter(SYSTEMS):
        if reference is None:
            hint = "troth systems draft DATABASE_URL (a variable), or an address without a password"
            raise InputError("no address to draft from", hint=hint, code="DRAFT-ADDRESS")
        return None, system or "db", reference
    register, _ = load_register(project.folder)
    reached = {each.id: each for each in register.data_map.systems.values() if each.by_hand is None}
    same = [each for each in reached.values() if reference is not None and each.read == reference]
    likely = reached.get(system) if system is not None else next(iter(same or reached.values()), None)
    found = likely if system is not None or reference is None or same else None
    if found is None:
        if reference is None:
            hint = f"known: {', '.join(reached)}" if reached else "give an address"
            message = f"systems.yaml has no system '{system or ''}' that a store reaches"
            raise InputError(message, hint=hint, code="DRAFT-ADDRESS")
        return None, system or _free("db", reached), reference
    return found, found.id, reference or found.read or ""


def _origin(folder: Path) -> str:
    """The name that evidence is signed under by the file that is there: the key was made for it."""
    if not (folder / SYSTEMS).is_file():
        return ""
    register, _ = load_register(folder)
    return register.data_map.evidence.origin


def _free(name: str, taken: Mapping[str, object]) -> str:
    return next(each for each in (name, *(f"{name}{count}" for count in range(2, 100))) if each not in taken)


@contextmanager
def _opened(project: Project, reference: str, schemas: tuple[str, ...]) -> Generator[tuple[Store, str]]:
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
        hint = "known: sqlite:///file.db, postgresql://user@host/database"
        raise InputError("the address is of no kind of store that this version reaches", hint=hint, code="STORE-KIND")
    return kind


def _said(system: System, table: str) -> bool:
    return bool(lines_of(system, table) or skipping(system, table))


def _gone(system: System, facts: Facts) -> tuple[str, ...]:
    """Lines that match nothing any more, and columns that lines name and tables do not have."""
    names = {name: TableNames(table.names, table.info.key) for name, table in facts.tables.items()}
    resolved = resolve(system, names)
    missing = [f"{each.mark}: {each.collection} has no column {each.column}" for each in resolved.missing]
    return (*(f"{mark}: matches nothing" for mark in resolved.unused), *missing)


def _target(folder: Path, known: System | None, out: Path | None) -> Path | None:
    """Where the draft is written: ``out``; else systems.yaml, where there is none or only the starter file."""
    if out is not None:
        if out.exists():
            raise InputError(f"{out} is there already", hint="name a new file", code="DRAFT-OUT")
        return out
    path = folder / SYSTEMS
    fresh = not path.exists() or path.read_text(encoding="utf-8") == starter(SYSTEMS)
    return path if known is None and fresh else None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}", hint="name another file with --out", code="DRAFT-OUT"
        ) from error
