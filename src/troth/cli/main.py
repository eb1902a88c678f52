"""Where the ``troth`` command starts and ends: one place for exit statuses, errors and Ctrl-C."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Sequence

from typer import Abort
from typer.exceptions import TyperException

from troth.core.diagnostics import DiagnosticsError
from troth.core.errors import InputError, NotReached, TrothError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 a promise is broken, 2 bad input, 3 something not reached, 4 stopped."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    from troth.cli.app import app

    try:
        status = app(words, standalone_mode=False)
    except TrothError as error:
        return _failed(error, as_json="--json" in words)
    except OSError as error:
        return _failed(_of_the_system(error), as_json="--json" in words)
    except KeyboardInterrupt:
        print("stopped; nothing was left half done. What runs or stopped: troth status", file=sys.stderr)
        return 130
    except TyperException as error:
        asked = " ".join(["troth", *_words(words), "--help"])
        print(f"troth: {error.format_message()}\n  {asked} says more", file=sys.stderr)
        return 2
    except Abort:
        print("given up; nothing was done", file=sys.stderr)
        return 2
    return status if isinstance(status, int) else 0


def _of_the_system(error: OSError) -> TrothError:
    """A file that could not be read or written, where nobody had better words for it."""
    what = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return NotReached(what, hint="make room on that disk; what runs or stopped: troth status", code="DISK")
    return InputError(what, hint="look whether this user may read and write there", code="FILE")


def _failed(error: TrothError, *, as_json: bool) -> int:
    diagnostics = error.diagnostics if isinstance(error, DiagnosticsError) else ()
    if as_json:
        found = [
            {
                "code": item.code,
                "severity": item.severity,
                "message": item.message,
                "hint": item.hint,
                "file": item.mark.file,
                "line": item.mark.line,
                "column": item.mark.column,
            }
            for item in diagnostics
        ]
        body = {"code": error.code, "message": error.message, "hint": error.hint, "diagnostics": found}
        print(json.dumps({"error": body}, ensure_ascii=False))
        return error.exit_status
    for item in diagnostics:
        print(item, file=sys.stderr)
    print(f"troth: {error}", file=sys.stderr)
    return error.exit_status


def _words(arguments: Sequence[str]) -> list[str]:
    """The command words at the beginning, without what may be a name or a value."""
    known = {"plan", "hold", "evidence", "systems"}
    first = next((word for word in arguments if not word.startswith("-")), "")
    return [first] if first in known else []


if __name__ == "__main__":
    sys.exit(main())
