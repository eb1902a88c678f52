"""Diagnostics: what is wrong in a file, where, what it means and what to do. Collected, never only the first one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from troth.core.errors import InputError


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; ``line`` and ``column`` count from 1, as editors do."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a file. ``code`` is stable and documented in ``docs/reference/codes.md``."""

    code: str
    severity: Severity
    message: str
    hint: str
    mark: Mark

    def __str__(self) -> str:
        tail = f"\n    {self.hint}" if self.hint else ""
        return f"{self.mark}: {self.severity} {self.code}: {self.message}{tail}"

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
            "file": self.mark.file,
            "line": self.mark.line,
            "column": self.mark.column,
        }


@dataclass(slots=True)
class Diagnostics:
    """A list that grows while files are read; loading goes on after an error so that all are seen at once."""

    items: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, message: str, mark: Mark, hint: str = "") -> None:
        self.items.append(Diagnostic(code, Severity.ERROR, message, hint, mark))

    def warning(self, code: str, message: str, mark: Mark, hint: str = "") -> None:
        self.items.append(Diagnostic(code, Severity.WARNING, message, hint, mark))

    def extend(self, others: Iterable[Diagnostic]) -> None:
        self.items.extend(others)

    @property
    def errors(self) -> list[Diagnostic]:
        return [item for item in self.items if item.severity is Severity.ERROR]

    def sorted(self) -> list[Diagnostic]:
        return sorted(self.items, key=lambda item: (item.mark, item.severity, item.code))

    def raise_if_errors(self) -> None:
        """Raise ``DiagnosticsError`` with every diagnostic when at least one is an error."""
        if self.errors:
            raise DiagnosticsError(self.sorted())


class DiagnosticsError(InputError):
    """The two files cannot be used as they are; ``diagnostics`` lists every error and warning."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        errors = sum(item.severity is Severity.ERROR for item in diagnostics)
        super().__init__(
            f"{errors} error{'s' if errors != 1 else ''} in the files", hint="run: troth validate", code="FILES"
        )
        self.diagnostics = tuple(diagnostics)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest known word, or all of them when none is close: ``did you mean 'retain'?``"""
    words = sorted(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"known here: {', '.join(words)}" if words else ""
