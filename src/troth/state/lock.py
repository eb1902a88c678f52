"""One apply at a time per state in a file: a lock of the operating system, which dies with the process that holds it.

The lock is on a file beside the database and its text says who holds it; the text is for people, the lock alone
decides. A child made by ``fork`` without ``exec`` shares it. Network file systems may not keep such locks; the state
belongs on a local disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.core.errors import Refused

PATIENCE = 0.3
"""Seconds; ``running`` holds the lock for an instant to look, which must not refuse an apply."""


@dataclass(frozen=True, slots=True)
class Running:
    """Who holds the lock: a process id, the plan it carries out (empty for a change of the state's own form), and the
    address of its machine where that may be another."""

    pid: int
    plan: str
    host: str = ""


@contextmanager
def apply_lock(state: Path, plan: str) -> Generator[None]:
    """Hold the lock of the state at path ``state`` for the length of the block.

    Raises ``Refused`` (``STATE-LOCKED``) that names the process and plan when another holds it.
    """
    descriptor = _open(state)
    try:
        if not _acquired(descriptor):
            raise taken(_read(descriptor))
        text = json.dumps({"pid": os.getpid(), "plan": plan})
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def running(state: Path) -> Running | None:
    """Who holds the lock now, or None. A holder that has not yet written its name has pid 0."""
    if not lock_path(state).exists():
        return None
    descriptor = _open(state)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    finally:
        os.close(descriptor)
    return None


def lock_path(state: Path) -> Path:
    """The lock's file, beside the database."""
    return state.with_name(state.name + ".lock")


def _open(state: Path) -> int:
    return os.open(lock_path(state), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _acquired(descriptor: int) -> bool:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        else:
            return True


def _read(descriptor: int) -> Running:
    try:
        said = json.loads(os.pread(descriptor, 4096, 0))
        return Running(int(said["pid"]), str(said["plan"]))
    except (ValueError, KeyError, TypeError):
        return Running(0, "")


def taken(by: Running) -> Refused:
    """The error for whoever wants the lock that ``by`` holds."""
    what = f"applying plan {by.plan[:12]}" if by.plan else "at work on the state"
    who = f"process {by.pid}" if by.pid else "another process"
    who += f" on {by.host}" if by.host else ""
    return Refused(
        f"{who} is {what}; one apply at a time",
        hint="wait until it ends, or stop it: what it did is recorded and troth resume goes on",
        code="STATE-LOCKED",
    )
