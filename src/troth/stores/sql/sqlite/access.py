"""Who may do what to a SQLite file: whoever may open it. Its mode is all there is."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Callable
from pathlib import Path

from troth.stores.access import EVERYTHING, RECEIPTS, Access, Grant, Right, Role

_READ: frozenset[Right] = frozenset({"read"})
_WRITE = EVERYTHING - _READ

LIMITS = (
    "access lists beside the file's mode, copies of the file and mounts of its disk elsewhere are not seen",
    "whoever may write to the file's folder can replace the file",
)


def file_access(path: Path) -> Access:
    """Owner, group and the others as roles. Who may not pass the folders above may do nothing with the file."""
    found = path.stat()
    owner = f"owner {_name(lambda: pwd.getpwuid(found.st_uid).pw_name, found.st_uid)}"
    group = f"group {_name(lambda: grp.getgrgid(found.st_gid).gr_name, found.st_gid)}"
    passing = [folder.stat().st_mode for folder in path.parents]
    grants: list[Grant] = []
    for role, read, write, enter in (
        (owner, stat.S_IRUSR, stat.S_IWUSR, 0),
        (group, stat.S_IRGRP, stat.S_IWGRP, stat.S_IXGRP | stat.S_IXOTH),
        ("others", stat.S_IROTH, stat.S_IWOTH, stat.S_IXOTH),
    ):
        open_way = enter == 0 or all(mode & enter for mode in passing)
        rights = (_READ if found.st_mode & read else frozenset()) | (_WRITE if found.st_mode & write else frozenset())
        if rights and open_way:
            grants.append(Grant(role, rights))
    entering = {grant.role for grant in grants}
    roles = tuple(Role(name, name in entering) for name in (owner, group, "others"))
    user = f"user {_name(lambda: pwd.getpwuid(os.geteuid()).pw_name, os.geteuid())}"
    me = owner if found.st_uid == os.geteuid() else user
    allowed = (_READ if os.access(path, os.R_OK) else frozenset()) | (
        _WRITE if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else frozenset()
    )
    return Access("file", Role(me, enters=True), (Grant(me, allowed),), roles, tuple(grants), LIMITS)


def _name(look_up: Callable[[], str], number: int) -> str:
    """A name, or the number where nobody has one (in a container, often)."""
    try:
        return look_up()
    except KeyError:
        return str(number)


def mode_words(path: Path) -> str:
    """What stands for grants here."""
    return f"""\
-- A SQLite file has no roles: whoever may open the file may do all that its mode allows. So let one system user own it,
-- the one that the application and troth run as, and nobody else reach it; as that user or root:
--   chmod 700 {path.parent}
--   chmod 600 {path.name}   (and {path.name}-wal, {path.name}-shm, {path.name}-journal where they are)
-- Where troth is another user: make a group of the two, chmod 2770 the folder and 660 the file.
-- The connection under read: is opened read-only whatever the mode. A user of its own for it, who is in the group with
-- the folder at 2750 and the file at 640, cannot write by any program; a file in WAL mode can then only be read while
-- the application has it open.
-- The table {RECEIPTS} is made at the first apply, in the same file."""
