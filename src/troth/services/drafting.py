"""troth systems draft: lines of systems.yaml from a live schema; of a file that is there, those for what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from troth.core.diagnostics import Diagnostics, DiagnosticsError
from troth.core.errors import InputError, Refused
from troth.core.yamlfile import parse_document
from troth.discover.drafting import Drafted, Place, draft
from troth.discover.gone import gone
from troth.discover.guessing import Guesses, guess
from troth.discover.words import PolicyWords
from troth.discover.worklist import Task, worklist
from troth.discover.writing import entries, indented_less
from troth.execution.sampling import facts_of
from troth.policy.load import read_policy
from troth.register.load import POLICY, SYSTEMS, load_register
from troth.services.editing import text_of
from troth.services.project import Project
from troth.services.starting import starter
from troth.services.unknown import opened, reference_of
from troth.systems.edit import with_entries, with_system
from troth.systems.load import read_systems
from troth.systems.model import System
from troth.systems.resolve import TableNames, lines_of, skipping

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DraftMade:
    """A draft. ``written``: the file it was written to, or ``None`` when it was only shown.

    ``changed``: the system was there before, and the lines are for what is new; ``gone``: its lines that match nothing.
    ``diff``: what the lines change in a systems.yaml that is there; empty where its form leaves no place for them.
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
    diff: str = ""

    @property
    def nothing(self) -> bool:
        """Nothing has changed since the lines were written."""
        return self.changed and not (self.drafted.lines or self.drafted.by_hand or self.gone)


def make_draft(
    project: Project,
    address: str | None,
    system: str | None,
    schemas: tuple[str, ...],
    out: Path | None,
    on_step: Step,
    *,
    write: bool = False,
) -> DraftMade:
    """Lines for ``systems.yaml``. Written where none is, or only the starter file, or to ``out``; into a file of the
    user's own with ``write`` alone, and then nothing is changed that is there. ``address`` may be absent when the file
    has the system."""
    known, system_id, reference = _known(project, address, system)
    words, missing = policy_words(project.folder)
    with opened(project, reference, schemas or (known.schemas if known else ())) as (store, kind):
        facts = facts_of(store, on_step)
    guesses = guess(facts)
    place = Place(system_id, kind, reference, schemas, _origin(project.folder))
    drafted = draft(facts, guesses, words, place, known)
    fresh = frozenset(name for name in facts.tables if known is None or not _said(known, name))
    tasks = worklist(facts, guesses, fresh | drafted.open if known else None)
    columns = sum(len(table.columns) for table in facts.tables.values())
    target, diff = _target(project.folder, known, out), ""
    if target is not None:
        _write(target, drafted.text)
    elif drafted.lines:
        diff, target = _into(project.folder / SYSTEMS, system_id, drafted, known, write=write)
    names = {name: TableNames(table.names, table.info.key) for name, table in facts.tables.items()}
    lost = gone(known, names) if known else ()
    many = len(facts.tables)
    return DraftMade(system_id, drafted, tasks, guesses, many, columns, known is not None, target, lost, missing, diff)


def _into(file: Path, system: str, drafted: Drafted, known: System | None, *, write: bool) -> tuple[str, Path | None]:
    """What the lines change in the file, and the file if they were written into it."""
    there = text_of(file)
    try:
        if known is not None:
            text = with_entries(there.text, system, entries(drafted.lines))
        else:
            text = with_system(there.text, indented_less(drafted.text))
    except Refused:
        if write:
            raise
        return "", None
    before, after = there.text.splitlines(keepends=True), text.splitlines(keepends=True)
    diff = "".join(unified_diff(before, after, SYSTEMS, f"{SYSTEMS} (proposed)", n=1))
    if not write:
        return diff, None
    _still_sound(there.text, text, file)
    there.replace(text)
    return diff, file


def _still_sound(before: str, after: str, file: Path) -> None:
    """Lines that were complete may say too little beside the new ones: a link that names no table, where there are two
    of people now. Raises ``DiagnosticsError`` with them."""
    said = {(each.code, each.message) for each in _errors(before, file).items}
    found = _errors(after, file)
    found.items = [each for each in found.errors if (each.code, each.message) not in said]
    found.raise_if_errors()


def _errors(text: str, file: Path) -> Diagnostics:
    found = Diagnostics()
    document = parse_document(text, str(file), found)
    if document is not None:
        read_systems(document, found)
    return found


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
    register, diagnostics = load_register(project.folder)
    wrong = [each for each in diagnostics.errors if each.code[0] in "SY" and Path(each.mark.file).name != POLICY]
    if wrong:
        raise DiagnosticsError(wrong)
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


def _said(system: System, table: str) -> bool:
    return bool(lines_of(system, table) or skipping(system, table))


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
