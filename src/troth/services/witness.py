"""The witness: the last signed checkpoint, in a file away from the state, so that an old state put back is noticed.

It is a checkpoint like those in an evidence file: ``troth evidence verify --extends`` takes it.
"""

from __future__ import annotations

from pathlib import Path

from troth.core.durable import durable_file
from troth.core.errors import InputError
from troth.register.load import Register
from troth.services.project import Project

USUAL = "keys/evidence.witness"


class Witness:
    """The file. One that ``systems.yaml`` names must be written; the usual one is, where the folder takes it."""

    def __init__(self, project: Project, register: Register) -> None:
        named = register.data_map.evidence.witness
        self.path: Path = project.folder / (named or USUAL)
        self._must = named is not None

    def read(self) -> str | None:
        """The checkpoint that was left last, or None when none was."""
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise InputError(
                f"the witness {self.path} cannot be read: {why}",
                hint="without it nobody would notice that an old state was put back: mend it, or move it away",
                code="STATE-WITNESS",
            ) from error

    def leave(self, note: str) -> None:
        """Write a checkpoint down, after it was committed in our own database."""
        try:
            with durable_file(self.path) as stream:
                stream.write(note.encode())
        except OSError as error:
            if self._must:
                raise InputError(
                    f"the witness {self.path} cannot be written: {error.strerror}",
                    hint="correct evidence.witness in systems.yaml: a file in a folder that this user may write",
                    code="STATE-WITNESS",
                ) from error
