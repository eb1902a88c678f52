"""What is said of a driver's error, by whatever it is told by."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, what to do, and the code it has in ``docs/reference/codes.md``."""

    what: str
    hint: str = ""
    code: str = field(kw_only=True)
