"""Entries read again from the first: their form, their leaf hashes, and what they say about themselves.

Used by the offline verifier on a file and by the log on its own database, so that both judge alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from troth.proofs.errors import NotVerified
from troth.proofs.file import read_object
from troth.proofs.merkle import HASH_SIZE, Frontier, leaf_hash
from troth.proofs.standing import StandingApprovals

_NONE = object()


@dataclass(slots=True)
class Replay:
    """What was read so far. Memory grows by the 32 bytes of a leaf hash per entry.

    ``declared``: entries that a person vouches for; ``uncounted``: steps after which nobody could count what remains;
    ``logical``: steps whose end was checked by asking, not by looking at the store's files; ``checks``: number, day and
    counts of each recorded check.
    """

    size: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    declared: list[int] = field(default_factory=list)
    uncounted: list[int] = field(default_factory=list)
    logical: list[int] = field(default_factory=list)
    checks: list[tuple[int, str, str]] = field(default_factory=list)
    first_at: str = ""
    last_at: str = ""
    standing: StandingApprovals = field(default_factory=StandingApprovals)
    _leaves: bytearray = field(default_factory=bytearray)
    _approved: dict[int, object] = field(default_factory=dict)

    def add(self, document: bytes, line: int | None = None) -> None:
        """Take in the next entry. Raises ``NotVerified``: ``EVIDENCE-ENTRY`` when it is not the canonical form of an
        entry, ``EVIDENCE-APPROVAL`` when it stands on an approval that was not given before it, for the same plan,
        ``EVIDENCE-STANDING`` when a standing approval does not allow what stands on it."""
        index = self.size
        entry = read_object(document)
        if entry is None:
            raise NotVerified(
                f"{_where(index, line)} is not the canonical JSON of an object",
                hint="an entry is signed byte for byte; this one was altered or cut",
                code="EVIDENCE-ENTRY",
                entry=index,
                line=line,
            )
        kind, at = entry.get("kind"), entry.get("at")
        if not isinstance(kind, str) or not isinstance(at, str) or "checkpoint" in entry:
            raise NotVerified(
                f"{_where(index, line)} is not an entry: it needs a kind and a time",
                code="EVIDENCE-ENTRY",
                entry=index,
                line=line,
            )
        if "approval" in entry:
            approval = entry["approval"]
            if type(approval) is not int or self._approved.get(approval, _NONE) != entry.get("plan"):
                raise NotVerified(
                    f"{_where(index, line)} stands on entry {approval}, which is no earlier approval of its plan",
                    code="EVIDENCE-APPROVAL",
                    entry=index,
                    line=line,
                )
        if wrong := self.standing.take(index, entry):
            raise NotVerified(f"{_where(index, line)} {wrong}", code="EVIDENCE-STANDING", entry=index, line=line)
        if kind == "approved":
            self._approved[index] = entry.get("plan")
        if entry.get("established") == "declared":
            self.declared.append(index)
        if "remaining" in entry and entry["remaining"] is None:
            self.uncounted.append(index)
        if entry.get("level") == "logical" and kind != "finished":
            self.logical.append(index)
        if kind == "check_recorded":
            self.checks.append((index, str(entry.get("as_of")), _counts(entry.get("judged"))))
        self.kinds[kind] += 1
        self.first_at = self.first_at or at
        self.last_at = at
        self._leaves += leaf_hash(document)
        self.size += 1

    def frontiers(self) -> Iterator[Frontier]:
        """The tree at size 0, 1, … up to all entries."""
        frontier = Frontier()
        yield frontier
        for at in range(0, len(self._leaves), HASH_SIZE):
            frontier = frontier.append(bytes(self._leaves[at : at + HASH_SIZE]))
            yield frontier

    def roots_at(self, sizes: set[int]) -> dict[int, bytes]:
        """The root at each of ``sizes`` that the log has reached."""
        return {frontier.size: frontier.root() for frontier in self.frontiers() if frontier.size in sizes}


def _counts(judged: object) -> str:
    """``2 broken, 5 kept``; nothing where a later version says it in another form."""
    rows = [each for each in judged if isinstance(each, dict)] if isinstance(judged, list) else []
    return ", ".join(f"{each.get('promises')} {str(each.get('verdict')).replace('_', ' ')}" for each in rows)


def _where(index: int, line: int | None) -> str:
    return f"entry {index}" if line is None else f"entry {index} (line {line})"
