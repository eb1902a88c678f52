"""What can only be said of the two files once the live tables were looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from troth.core.diagnostics import Diagnostic, Diagnostics, Mark
from troth.policy.model import Policy
from troth.systems.model import Collection, Resolved


def live_warnings(policy: Policy, resolved: Mapping[str, Resolved]) -> tuple[Diagnostic, ...]:
    """Lines that stop nothing and are likely to be wrong. ``resolved``: system → what its lines mean."""
    found = Diagnostics()
    for system, lines in resolved.items():
        for mark in lines.unused:
            message = f"this line matches no table and no column that is in {system}"
            found.warning("R301", message, mark, hint="correct its name, or take it out")
        for collection, field, mark in undeclared_items(policy, lines.collections):
            message = f"no processing that {collection.id} serves declares what {field} holds: no promise counts for it"
            found.warning(
                "R302", message, mark, hint="declare the item there in policy.yaml, or correct for: or the item"
            )
    return tuple(found.sorted())


def undeclared_items(policy: Policy, collections: Iterable[Collection]) -> Iterator[tuple[Collection, str, Mark]]:
    """Fields of live collections whose item no processing that they serve declares: what a system's ``items`` say is
    only known to fit once the tables are looked at."""
    for collection in collections:
        for each in collection.fields:
            uses = each.rule.serves if each.rule.serves is not None else collection.serves
            processings = [policy.processings[use.processing] for use in uses if use.processing in policy.processings]
            if processings and not any(each.rule.item in processing.items for processing in processings):
                yield collection, each.name, each.mark
