"""What a blank becomes in one column: its constant in the column's type, its random text in the column's length."""

from __future__ import annotations

from collections.abc import Callable

from troth.core.errors import InputError
from troth.stores.conditions import Blank
from troth.stores.sql.expressions import Cell

SHORTEST = 8
"""Random characters below which two rows might get the same text."""

LONGEST = 32


def constant(cell: Cell, blank: Blank, fit: Callable[[str | int], object | None]) -> object:
    """The blank's value as the column holds it. Raises ``InputError`` when it cannot."""
    fitted = fit(int(blank.value) if isinstance(blank.value, bool) else blank.value)
    if fitted is None:
        message = f"the blank of {cell.name} cannot be written: {cell.column.info.declared} does not hold it"
        raise InputError(message, hint="give the field another blank in systems.yaml", code="STORE-BLANK")
    return fitted


def unique_text(cell: Cell, blank: Blank) -> tuple[str, int, str]:
    """(before, number of random characters, after), shortened to the column's length. Raises ``InputError`` when the
    field holds no text or has no room."""
    before, after = blank.template
    if not cell.path and cell.column.kind != "text":
        message = f"the blank of {cell.name} needs a field of text, not {cell.column.info.declared}"
        raise InputError(message, hint="only a text can be made unique", code="STORE-BLANK")
    length = None if cell.path else cell.column.info.length
    room = LONGEST if length is None else min(LONGEST, length - len(before) - len(after))
    if room < SHORTEST:
        message = f"{cell.name} has no room for a unique blank: {SHORTEST} random characters beside its text"
        raise InputError(message, hint="shorten the text around {unique}", code="STORE-BLANK")
    return before, room, after
