"""Telling others how a run ended: a command that is given a short JSON, and a file of figures.

Neither holds a person's data. What goes wrong here is returned in words and changes nothing about the run.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from troth.core.errors import InputError
from troth.core.wholefile import write_whole
from troth.publish.metrics import RunFigures, as_metrics
from troth.services.unattended import Ran

TIME_LIMIT = 30.0
"""Seconds that the command may take."""


def command_words(text: str) -> tuple[str, ...]:
    """A command as a program and its arguments; no shell ever reads it. Raises ``InputError``."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise InputError(f"--notify: {error}", hint="quote arguments as for a shell", code="NOTIFY") from error
    if not words:
        raise InputError("--notify names no command", hint="write a program and its arguments", code="NOTIFY")
    return words


def notify(command: Sequence[str], message: Mapping[str, object], *, seconds: float = TIME_LIMIT) -> str:
    """Run the command with the message as JSON on its standard input; returns what went wrong, in words.

    What it prints is not shown, but for the last line on standard error when it failed. After its time it is killed,
    with what it started.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 — the user's own command, split into words
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        return f"{command[0]} cannot be run: {error.strerror}"
    try:
        _, said = process.communicate(json.dumps(message, ensure_ascii=False) + "\n", seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"{command[0]} took more than {seconds:g} s and was ended"
    if process.returncode:
        last = said.strip().rpartition("\n")[2][:200]
        return f"{command[0]} ended with status {process.returncode}" + (f": {last}" if last else "")
    return ""


def write_metrics(file: Path, ran: Ran) -> str:
    """Write the figures, all at once; returns what went wrong, in words."""
    try:
        before = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        write_whole(file, as_metrics(figures_of(ran), before).encode())
    except OSError as error:
        return f"{file} cannot be written: {error.strerror}"
    return ""


def figures_of(ran: Ran) -> RunFigures:
    """Counts of what was measured; a promise of retention that could not be counted has none."""
    results = ran.checked.results if ran.checked is not None else ()
    counted = [each for each in results if each.promise.kind == "retention" and each.verdict in _COUNTED]
    states = (*_COUNTED, "unprovable", "not_reached") if ran.checked is not None else ()
    promises = {state: sum(each.verdict == state for each in results) for state in states}
    past = {each.promise.id: 0 if each.verdict == "kept" else each.rows for each in counted}
    return RunFigures(ran.at, ran.seconds, ran.exit_status(), ran.left, ran.changed, promises, past)


_COUNTED = ("kept", "broken", "accepted")
