"""Which project a command is about. The project's own rooms are loaded when a command asks for it, not before."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from troth.services.project import Project

_asked: list[tuple[Path, str]] = []


def set_folder(folder: Path, actor: str) -> None:
    _asked[:] = [(folder, actor)]


def here() -> Project:
    """The project in the folder that was named, acting for whoever runs the command unless somebody is named."""
    from troth.services.project import Project

    folder, actor = _asked[0]
    return Project(folder, dict(os.environ), actor=actor or _user())


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
