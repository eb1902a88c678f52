"""What every harness of a real server needs: a private folder, a free port, a user to run as, a watchdog."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import tempfile
from pathlib import Path

HOST = "127.0.0.1"
"""Servers made for tests listen here alone."""

_LONGEST_FOLDER = 60
"""In characters; the whole name of a Unix socket below it has at most some 107."""

_WATCH = """
read -r _ignored
if [ -s "$2" ]; then
  read -r pid < "$2"
  kill -QUIT "$pid"
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" || break; sleep 0.3; done
fi
rm -rf "$1"
"""


class Watchdog:
    """A small shell that outlives our process, however that dies, ends the server it left and removes its folder.

    It waits for its standard input to close, which the system does for a process that is no more. The server is the
    process whose id is the first line of ``pid_file``; a server that stopped by itself removes that file.
    """

    def __init__(self, folder: Path, pid_file: Path) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "watchdog", str(folder), str(pid_file)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def release(self) -> None:
        """Let it do now what it would do at our process's end; returns when that is done."""
        self._shell.communicate()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on; another process may take it before it is used."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom root starts a server as: ``postgres``, or else ``nobody``. None when we are not root."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall()}
    return users.get("postgres") or users["nobody"]


def open_to_all(path: Path) -> bool:
    """Whether any user of the machine may walk down to ``path`` and, if it is a folder, into it."""
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


def private_folder(prefix: str, owner: pwd.struct_passwd | None) -> Path:
    """Make a temporary folder that only ``owner`` (or else we) can enter.

    It goes where the environment says, unless ``owner`` cannot go there or a socket in it would have too long a name.
    """
    said = Path(tempfile.gettempdir()).resolve()
    fits = len(str(said)) < _LONGEST_FOLDER and (owner is None or open_to_all(said))
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=said if fits else "/tmp"))  # noqa: S108 — mkdtemp makes it private
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder
