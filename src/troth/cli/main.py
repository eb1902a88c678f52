"""Where the ``troth`` command starts and ends: one place for exit statuses, errors and Ctrl-C."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Sequence

from typer import Abort
from typer.exceptions import TyperException

from troth.core.diagnostics import DiagnosticsError
from troth.core.errors import InputError, Interrupted, NotReached, TrothError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 a promise is broken, 2 bad input, 3 something not reached, 4 stopped."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except TrothError as error:
        return _failed(error, as_json="--json" in words)


def _run(words: list[str]) -> int:
    """Run it; whatever may be raised on the way is one of our own errors when it leaves."""
    try:
        from troth.cli.app import app

        status = app(words, prog_name="troth", standalone_mode=False)
    except OSError as error:
        raise _of_the_system(error) from error
    except KeyboardInterrupt as error:
        raise _interrupted() from error
    except TyperException as error:
        command = getattr(getattr(error, "ctx", None), "command_path", "troth")
        raise InputError(error.format_message(), hint=f"{command} --help says more", code="USAGE") from error
    except Abort as error:
        raise InputError("given up; nothing was done", code="GIVEN-UP") from error
    if status == Interrupted.exit_status:
        raise _interrupted()  # typer makes this status of Ctrl-C
    return status if isinstance(status, int) else 0


def _interrupted() -> Interrupted:
    hint = "troth status says what runs, what stopped and what was made"
    return Interrupted("interrupted; nothing was left half done", hint=hint, code="INTERRUPTED")


def _of_the_system(error: OSError) -> TrothError:
    """A file that could not be read or written, where nobody had better words for it."""
    what = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return NotReached(what, hint="make room on that disk; what runs or stopped: troth status", code="DISK")
    return InputError(what, hint="look whether this user may read and write there", code="FILE")


def _failed(error: TrothError, *, as_json: bool) -> int:
    diagnostics = error.diagnostics if isinstance(error, DiagnosticsError) else ()
    if as_json:
        found = [item.as_json() for item in diagnostics]
        body = {"code": error.code, "message": error.message, "hint": error.hint, "diagnostics": found}
        print(json.dumps({"error": body}, ensure_ascii=False))
        return error.exit_status
    for item in diagnostics:
        print(item, file=sys.stderr)
    print(f"troth: {error}", file=sys.stderr)
    return error.exit_status


if __name__ == "__main__":
    sys.exit(main())
