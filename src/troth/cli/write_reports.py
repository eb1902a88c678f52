"""The files that ``troth check`` leaves for its readers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from troth.cli.show_check import as_junit
from troth.core.errors import InputError
from troth.publish.language import Language
from troth.services.checking import Checked


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files are wanted, and where."""

    html: Path | None = None
    lang: str = Language.ENGLISH
    junit: Path | None = None

    def language(self) -> Language:
        """The page's language. Raises ``InputError`` for one that no page is written in."""
        try:
            return Language(self.lang)
        except ValueError:
            known = ", ".join(Language)
            raise InputError(f"there is no page in '{self.lang}'", hint=f"known: {known}", code="LANGUAGE") from None


def write_reports(checked: Checked, wanted: Wanted, *, strict: bool) -> None:
    """Write each file that is wanted."""
    if wanted.html is not None:
        from troth.publish.check_page import check_page
        from troth.services.reporting import report_of

        page = check_page(report_of(checked), wanted.language())
        wanted.html.write_text(page, encoding="utf-8")
    if wanted.junit is not None:
        wanted.junit.write_bytes(as_junit(checked, strict=strict))
