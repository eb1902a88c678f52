"""troth evidence: export the log with a fresh signed checkpoint; verify an export with nothing but its key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from troth.core.errors import InputError
from troth.proofs.report import Report
from troth.proofs.verify import verify_file
from troth.services.project import Project
from troth.services.recording import Recorder


@dataclass(frozen=True, slots=True)
class Exported:
    """How many entries the file holds, and the key to verify it with."""

    entries: int
    verifier: str


def verify(file: Path, key: str, older: Path | None) -> Report:
    """``key`` is the verifier key's text or a file that holds it. Needs no project."""
    return verify_file(file, _text(key), older.read_text(encoding="utf-8") if older else None)


def _text(key: str) -> str:
    path = Path(key)
    try:
        return path.read_text(encoding="utf-8").strip() if path.is_file() else key
    except OSError as error:
        raise InputError(f"{key} cannot be read: {error.strerror}", code="KEY-FILE") from error


def export(project: Project, file: Path) -> Exported:
    """Sign a checkpoint over everything and write the log to ``file``, whole or not at all."""
    register = project.load()
    with project.state(register) as state:
        recorder = Recorder(project, register, state)
        return Exported(recorder.export(file), recorder.signer.verifier.to_text())
