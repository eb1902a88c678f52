"""Short forms of systems.yaml as their long ones: ``belongs_to: customer_id`` is a list of one link."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from troth.core.fileform import TO_CONFIRM, problem


def long_field(value: object) -> object:
    return {"item": value} if isinstance(value, str) else value


def long_source(value: object) -> object:
    return {"column": value} if isinstance(value, str) and value != TO_CONFIRM else value


def long_table(value: object) -> object:
    return {"for": value} if isinstance(value, str | list) else value


def long_by(value: object) -> object:
    return {value: value} if isinstance(value, str) else value


RIGHTS = ("read", "change", "all")
"""What a declared role may do: look at rows; also add, change and remove them; anything, the schema included."""


def long_role(value: object) -> object:
    """``[read users, tickets]`` as a list of {may, on}: a word of right stands for what follows, ``*`` where nothing
    does. Commas in braces belong to a pattern."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return value
    may, made = "", []
    for part in [part.split() for text in texts for part in re.split(r",(?![^{]*\})", text)]:
        if part and part[0] in RIGHTS:
            may, part = part[0], part[1:] or ["*"]
        if not may or len(part) != 1:
            hint = f"begin with {', '.join(RIGHTS)}, then name tables: [read users, tickets]"
            raise problem("208", "a role's line that does not say what it may do with what", hint)
        made.append({"may": may, "on": part[0]})
    return made


def long_where(value: object) -> object:
    """Row conditions: a value, a list of values, or nothing (null) for each column."""
    if not isinstance(value, dict):
        return value
    return {column: each if isinstance(each, list) else [each] for column, each in value.items()}


def plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int):
        return value
    raise problem(
        "207", "a condition compares with a text, a whole number, true, false or null", "put quotes around it"
    )


def long_links(value: object) -> object:
    """Every short form of a link as a list of {column, to, there, when}."""
    if isinstance(value, str):
        return [{"column": value}]
    if isinstance(value, dict):
        return [{"column": column, **(_target(target))} for column, target in value.items()]
    if isinstance(value, list):
        made = [long_links(each) for each in value if isinstance(each, str | dict)]
        return [link for each in made if isinstance(each, list) for link in each]
    return value


def _target(target: object) -> dict[str, Any]:
    if isinstance(target, dict):
        return target
    return {} if target is None else {"to": target}


def long_shared(value: object) -> object:
    values = value if isinstance(value, list) else [value]
    return [{"table": each} if isinstance(each, str) else each for each in values]


def singular(table: str) -> str:
    """The word for one row: ``companies`` → ``company``, for the column that leads to it."""
    if table.endswith("ies"):
        return f"{table[:-3]}y"
    return table[:-1] if table.endswith("s") and not table.endswith("ss") else table
