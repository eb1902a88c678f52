"""A file that people write, changed by us: its own line ends and byte order mark stay, and it is replaced whole."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class TextFile:
    """``text`` has plain line ends, whichever the file has."""

    file: Path
    text: str
    bom: bool
    crlf: bool

    def replace(self, text: str) -> None:
        """Beside the file first, then in its place: whole or not at all. A link stays a link, and the rights stay."""
        text = (BOM if self.bom else "") + (text.replace("\n", "\r\n") if self.crlf else text)
        target = self.file.resolve()
        with NamedTemporaryFile("w", encoding="utf-8", newline="", dir=target.parent, delete=False) as beside:
            new = Path(beside.name)
            try:
                beside.write(text)
                beside.flush()
                os.fsync(beside.fileno())
                new.chmod(target.stat().st_mode & 0o7777)
                new.replace(target)
            except BaseException:
                new.unlink(missing_ok=True)
                raise


def text_of(file: Path) -> TextFile:
    """A file as it is now; it has to be there and to be UTF-8."""
    raw = file.read_bytes().decode("utf-8")
    text = raw.removeprefix(BOM)
    return TextFile(file, text.replace("\r\n", "\n"), raw != text, "\r\n" in text)
