"""``driver.py BATCH RETRIES PAUSE [TARGET WHEN COUNT SIGNAL] -- WORDS…``: the command with small batches, and a death.

``TARGET`` names a function (``package.module:Class.name``); the process sends itself ``SIGNAL`` ``before`` or ``after``
its call number ``COUNT``. ``PAUSE`` seconds pass after each batch, so that others find time to do something meanwhile.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any

from troth.cli.main import main
from troth.execution import apply
from troth.services.recording import RunLedger


def killing(function: Callable[..., Any], when: str, count: int, by: int) -> Callable[..., Any]:
    calls = iter(range(1, 1_000_000))

    def called(*given: Any, **named: Any) -> Any:
        number = next(calls)
        if number == count and when == "before":
            os.kill(os.getpid(), by)
        answer = function(*given, **named)
        if number == count and when == "after":
            os.kill(os.getpid(), by)
        return answer

    return called


def pausing(function: Callable[..., None], seconds: float) -> Callable[..., None]:
    def called(*given: Any, **named: Any) -> None:
        function(*given, **named)
        time.sleep(seconds)

    return called


def drive(options: list[str], words: list[str]) -> int:
    batch, retries, pause, *point = options
    apply.BATCH, apply.RETRIES = int(batch), int(retries)
    if float(pause):
        RunLedger.batch = pausing(RunLedger.batch, float(pause))  # type: ignore[method-assign]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
    if point:
        target, when, count, by = point
        owner, _, name = target.replace(":", ".").rpartition(".")
        holder = resolve_name(owner)
        setattr(holder, name, killing(getattr(holder, name), when, int(count), int(by)))
    return main(words)


if __name__ == "__main__":
    at = sys.argv.index("--")
    sys.exit(drive(sys.argv[1:at], sys.argv[at + 1 :]))
