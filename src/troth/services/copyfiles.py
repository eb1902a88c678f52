"""The files of one copy on disk: for their owner alone, and under a name that says so while they are not whole."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where one copy goes. What is half written is under another name, and no copy."""

    out: Path
    name: str
    zipped: bool

    @property
    def whole(self) -> Path:
        return self.out / (f"{self.name}.zip" if self.zipped else self.name)

    @property
    def writing(self) -> Path:
        """The folder that files are written into."""
        return self.out / f"{self.name}.unfinished"

    @property
    def ready(self) -> Path:
        """What ``whole`` is made of by its last step, which changes a name and nothing else."""
        return self.out / f"{self.name}.zip.unfinished" if self.zipped else self.writing

    def clear(self) -> None:
        """Remove what an earlier try left, and make the folder anew."""
        self.remove()
        self.out.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.writing.mkdir(mode=0o700)

    def remove(self) -> None:
        """Nothing of a copy that was not made is left."""
        shutil.rmtree(self.writing, ignore_errors=True)
        if self.zipped:
            self.ready.unlink(missing_ok=True)

    def close(self) -> None:
        """All files are written: pack them, if they are to be."""
        if self.zipped:
            with _private(self.ready, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
                for file in sorted(self.writing.iterdir()):
                    packed.write(file, file.name)
            shutil.rmtree(self.writing)

    def publish(self) -> None:
        """Give the copy its name. Doing it again changes nothing."""
        if self.ready.exists():
            self.ready.rename(self.whole)


@contextmanager
def writing(place: Place, name: str) -> Generator[IO[str]]:
    """A new text file of the copy, readable by its owner alone, on the disk when the block ends."""
    with _private(place.writing / name, "w") as stream:
        yield stream


@contextmanager
def _private(file: Path, mode: str) -> Generator[IO[Any]]:
    def opener(path: str, flags: int) -> int:
        return os.open(path, flags | os.O_EXCL, 0o600)

    text = "b" not in mode
    encoding, newline = ("utf-8", "") if text else (None, None)
    with open(file, mode, opener=opener, encoding=encoding, newline=newline) as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
