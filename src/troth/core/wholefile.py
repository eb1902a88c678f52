"""Files that other programs read: all of the new content is there or, without room for it, all of the old."""

from __future__ import annotations

from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write beside ``path`` and put it there in one step. Raises ``OSError``."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # a pipe or a device
        return
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(content)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
