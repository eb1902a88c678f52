"""What the disk under our own database is: whether it outlives the machine, and how much room it has."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

EPHEMERAL = frozenset({"tmpfs", "ramfs", "rootfs", "overlay", "aufs", "fuse.fuse-overlayfs"})
"""File systems in memory, and the layer that a container writes on: both are gone with what they belong to."""

_MOUNTS = Path("/proc/self/mountinfo")


def file_system(folder: Path) -> str:
    """The type of the file system that an existing ``folder`` is on, or nothing where it is not known (not Linux)."""
    return type_of(folder.resolve(), _MOUNTS.read_text(errors="surrogateescape")) if _MOUNTS.exists() else ""


def type_of(folder: Path, mounts: str) -> str:
    """As ``file_system``, by the text of ``/proc/self/mountinfo``: of the mounts above it the nearest, and the last."""
    found: tuple[int, str] = (0, "")
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4]))
        if folder.is_relative_to(point) and len(point.parts) >= found[0]:
            found = len(point.parts), after.split(" ")[0]
    return found[1]


def free(folder: Path) -> int:
    """Bytes that this user may still write there."""
    return shutil.disk_usage(folder).free
