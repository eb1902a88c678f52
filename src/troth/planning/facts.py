"""What a check was told beside the answers of the stores: connections, who may do what, our own log. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from troth.planning.check import Measure, Verdict
from troth.register.promises import Promise
from troth.stores.access import Access, Transport


@dataclass(frozen=True, slots=True)
class Reach:
    """One connection of one system as it was found. ``why``: the reason it was not reached; empty when it was.
    ``unset``: its address is not known here, so nobody tried."""

    system: str
    which: Literal["read", "write"]
    transport: Transport | None = None
    access: Access | None = None
    why: str = ""
    unset: bool = False


@dataclass(frozen=True, slots=True)
class LogSeen:
    """Our own log, read again from the start. ``fault``: why it does not hold; ``unread``: why nobody can tell."""

    entries: int = 0
    signed: int = 0
    checkpoints: int = 0
    fault: str = ""
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Only what some promise asks for is there."""

    reaches: tuple[Reach, ...] = ()
    log: LogSeen | None = None

    def of(self, system: str) -> tuple[Reach, ...]:
        return tuple(reach for reach in self.reaches if reach.system == system)


NO_FACTS = Facts()


def told(
    promise: Promise,
    where: str,
    verdict: Verdict,
    reason: str,
    hint: str = "",
    *,
    code: str,
    fields: tuple[str, ...] = (),
) -> Measure:
    """An answer that no question to a store has to be asked for."""
    return Measure((promise.id,), where, fields, code, verdict, None, reason, hint)


def not_seen(promise: Promise, system: str, why: str) -> Measure:
    return told(promise, system, "not_reached", why, "try again when it answers", code="NOT-REACHED")
