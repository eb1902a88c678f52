"""What can only be said of the two files once the live tables were looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from troth.core.diagnostics import Mark
from troth.policy.model import Policy
from troth.systems.model import Collection


def undeclared_items(policy: Policy, collections: Iterable[Collection]) -> Iterator[tuple[Collection, str, Mark]]:
    """Fields of live collections whose item no processing that they serve declares: what a system's ``items`` say is
    only known to fit once the tables are looked at."""
    for collection in collections:
        for each in collection.fields:
            uses = each.rule.serves if each.rule.serves is not None else collection.serves
            processings = [policy.processings[use.processing] for use in uses if use.processing in policy.processings]
            if processings and not any(each.rule.item in processing.items for processing in processings):
                yield collection, each.name, each.mark
