"""Names of key sets, in one place. A name tells where its keys come from, never what they are."""

from __future__ import annotations

from datetime import date

GOES = "goes:"
HELD = "held:"
OF = "of:"


def goes(collection: str, field: str) -> str:
    """Values of ``field`` in the rows that go with the people of an erasure."""
    return f"{GOES}{collection}.{field}"


def of(collection: str, field: str) -> str:
    """Values of ``field`` in the rows that are one person's, for a copy of them."""
    return f"{OF}{collection}.{field}"


def held(collection: str, field: str) -> str:
    """Values of ``field`` in the rows of people whose data is on hold; read again before every batch."""
    return f"{HELD}{collection}.{field}"


def due(collection: str, part: str, field: str = "") -> str:
    """Keys of the rows that were due when the plan was made."""
    return f"due:{collection}:{part}{'.' + field if field else ''}"


def event_keys(collection: str, field: str, event: str, before: date, *, dated: bool) -> str:
    """Values of ``field`` in rows of another store whose ``event`` lies before a day."""
    return f"event:{collection}.{field}:{event}<{before.isoformat()}{':dated' if dated else ''}"


def is_held(name: str) -> bool:
    return name.startswith(HELD)


def is_link(name: str) -> bool:
    """The set follows from whose rows they are, not from a clock."""
    return name.startswith((GOES, HELD, OF))


def is_event(name: str) -> bool:
    return name.startswith("event:")


def is_due(name: str) -> bool:
    return name.startswith("due:")
