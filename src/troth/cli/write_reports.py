"""The files that ``troth check`` leaves for its readers."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from troth.cli.show_check import as_junit
from troth.core.errors import InputError
from troth.publish.beside import Annotator, annotation_lines, code_quality
from troth.publish.language import Language, language
from troth.publish.sarif import as_sarif
from troth.services.checking import Checked
from troth.services.reporting import report_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files are wanted, and where."""

    html: Path | None = None
    lang: str = Language.ENGLISH
    junit: Path | None = None
    sarif: Path | None = None
    code_quality: Path | None = None
    annotations: str | None = None

    def check(self) -> None:
        """Say at once, before any store is asked, what is not known."""
        language(self.lang)
        self.annotator()

    def annotator(self) -> Annotator | None:
        """Whose annotations to print. Raises ``InputError`` for a system that is not known."""
        try:
            return None if self.annotations is None else Annotator(self.annotations)
        except ValueError:
            hint = f"known: {', '.join(Annotator)}"
            words = f"there are no annotations for '{self.annotations}'"
            raise InputError(words, hint=hint, code="ANNOTATIONS") from None


def write_reports(checked: Checked, wanted: Wanted, *, strict: bool) -> None:
    """Write each file that is wanted."""
    report, root = report_of(checked), Path.cwd()
    if wanted.html is not None:
        from troth.publish.check_page import check_page

        wanted.html.write_text(check_page(report, language(wanted.lang)), encoding="utf-8")
    if wanted.junit is not None:
        wanted.junit.write_bytes(as_junit(checked, strict=strict))
    if wanted.sarif is not None:
        _write_json(wanted.sarif, as_sarif(report, root, strict=strict))
    if wanted.code_quality is not None:
        _write_json(wanted.code_quality, code_quality(report, root, strict=strict))
    if annotator := wanted.annotator():
        for line in annotation_lines(report, annotator, root, strict=strict):
            print(line, file=sys.stderr)


def _write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
