"""Which project a command is about."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from troth.services.project import Project

_project: list[Project] = []


def set_folder(folder: Path, actor: str) -> None:
    _project[:] = [Project(folder, dict(os.environ), actor=actor or _user())]


def here() -> Project:
    return _project[0]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
