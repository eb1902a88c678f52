"""What a PostgreSQL server says when our own database cannot be used, in our words and with a code."""

from __future__ import annotations

import re

from troth.core.errors import InputError, NotReached, TrothError


def known_error(error: BaseException) -> TrothError | None:
    """The error to raise for the driver's; None for one that is a bug of ours. None of its words are passed on but
    names of objects: they may hold a part of the address."""
    state = str(getattr(error, "sqlstate", None) or "")
    match state[:2]:
        case "40" | "55":
            return _busy(state)
        case "53" | "58":
            return NotReached(
                f"our own database cannot be written: its server has no room, or not its files (SQLSTATE {state})",
                hint="make room on the server, then resume; nothing half done was kept",
                code="STATE-DISK",
            )
        case _ if state in ("42501", "25006"):
            return _forbidden(state, error)
        case "57" if state == "57014":
            return _busy(state)
        case "08" | "28" | "3D" | "57":
            return _away(f"SQLSTATE {state}")
        case "":
            return (
                _away(type(error).__name__) if type(error).__name__ in ("OperationalError", "InterfaceError") else None
            )
        case _:
            return None


def _busy(state: str) -> TrothError:
    return NotReached(
        f"our own database is busy: another process has been writing to it for too long (SQLSTATE {state})",
        hint="nothing was written; try again when that process has ended",
        code="STATE-BUSY",
    )


def _away(what: str) -> TrothError:
    return NotReached(
        f"our own database does not answer, or refuses the login ({what})",
        hint="look at the reference behind state: in systems.yaml, and whether the server runs; nothing is half done",
        code="STATE-AWAY",
    )


def _forbidden(state: str, error: BaseException) -> TrothError:
    primary = str(getattr(getattr(error, "diag", None), "message_primary", None) or "")
    named = re.fullmatch(r"permission denied for (\w+ \S+)", primary)
    what = f"the role may not use {named[1]}" if named else "it is read-only here, or the role lacks a right"
    return InputError(
        f"our own database cannot be used: {what} (SQLSTATE {state})",
        hint="on the primary, as its owner: CREATE SCHEMA troth AUTHORIZATION the role",
        code="STATE-RIGHTS",
    )
