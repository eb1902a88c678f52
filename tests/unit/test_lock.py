"""One apply at a time: the lock names who holds it and dies with its process."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from troth.core.errors import Refused
from troth.state.lock import Running, apply_lock, lock_path, running

PLAN = "ab" * 32
HOLDER = """
import sys, time
from pathlib import Path
from troth.state.lock import apply_lock
with apply_lock(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    time.sleep(600)
"""


def hold_elsewhere(state: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", HOLDER, str(state), PLAN]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_apply_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    assert running(state) is None
    with apply_lock(state, PLAN):
        assert running(state) == Running(os.getpid(), PLAN)
        with pytest.raises(Refused) as caught, apply_lock(state, "cd" * 32):
            pass
        assert caught.value.code == "STATE-LOCKED"
        assert f"process {os.getpid()} is applying plan {PLAN[:12]}" in str(caught.value)
    assert running(state) is None
    with apply_lock(state, "cd" * 32):
        pass
    assert stat.S_IMODE(lock_path(state).stat().st_mode) == 0o600


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    process = hold_elsewhere(state)
    try:
        assert running(state) == Running(process.pid, PLAN)
        with pytest.raises(Refused, match=f"process {process.pid}"), apply_lock(state, PLAN):
            pass
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert running(state) is None
    with apply_lock(state, PLAN):
        assert running(state) == Running(os.getpid(), PLAN)


def test_an_error_in_the_block_lets_go(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with pytest.raises(RuntimeError), apply_lock(state, PLAN):
        raise RuntimeError
    with apply_lock(state, PLAN):
        pass


def test_a_state_with_another_name_has_another_lock(tmp_path: Path) -> None:
    with apply_lock(tmp_path / "one.db", PLAN), apply_lock(tmp_path / "two.db", PLAN):
        pass


def test_a_holder_that_has_not_written_its_name_is_still_a_holder(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with apply_lock(state, ""):
        assert running(state) == Running(os.getpid(), "")
        lock_path(state).write_text("")
        assert running(state) == Running(0, "")
        with pytest.raises(Refused, match="another process is at work on the state"), apply_lock(state, PLAN):
            pass


def test_looking_never_refuses_an_apply(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    look = "import sys\nfrom pathlib import Path\nfrom troth.state.lock import running\n"
    look += "print('go', flush=True)\nwhile True: running(Path(sys.argv[1]))"
    with apply_lock(state, PLAN):
        pass
    watcher = subprocess.Popen([sys.executable, "-c", look, str(state)], stdout=subprocess.PIPE)
    try:
        assert watcher.stdout is not None
        watcher.stdout.readline()
        until = time.monotonic() + 1
        while time.monotonic() < until:
            with apply_lock(state, PLAN):
                pass
    finally:
        watcher.kill()
        watcher.communicate()
