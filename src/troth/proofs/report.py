"""What a verification found, and in words what that proves and what it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from troth.core.canonical import Json
from troth.proofs.note import VerifierKey
from troth.proofs.replay import Replay

_CHECKS = 10
"""Recorded checks that the text shows, the latest; the JSON form has all."""


@dataclass(frozen=True, slots=True)
class Report:
    """The evidence verified: every rule held. There is no report of a failure, that is ``NotVerified``.

    ``root`` is hexadecimal. ``checkpoints`` are the sizes signed in the file, ``older`` the size of the auditor's own
    checkpoint. ``kinds`` counts entries; ``declared``, ``uncounted`` and ``logical`` list entry numbers; ``checks``
    says of each recorded check its entry, day and counts by verdict.
    """

    origin: str
    key: str
    entries: int
    root: str
    checkpoints: tuple[int, ...]
    older: int | None
    first_at: str
    last_at: str
    kinds: tuple[tuple[str, int], ...]
    declared: tuple[int, ...]
    uncounted: tuple[int, ...]
    logical: tuple[int, ...]
    checks: tuple[str, ...]
    proven: tuple[str, ...]
    not_proven: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        return {**asdict(self), "kinds": dict(self.kinds)}

    def to_text(self) -> str:
        """The report for people."""
        head = f"Verified: {_entries(self.entries)} of {self.origin}"
        when = f", from {self.first_at} to {self.last_at} by its own clock" if self.entries else ""
        checks = ["", "Checks that were recorded:", *_listed(self.checks[-_CHECKS:])] if self.checks else []
        proven = ["", "Proven:", *_listed(self.proven), "", "Not proven:", *_listed(self.not_proven)]
        return "\n".join([head + when, *checks, *proven])


def make_report(replay: Replay, key: VerifierKey, root: bytes, sizes: Sequence[int], older: int | None) -> Report:
    """The report on a log that passed every check."""
    return Report(
        origin=key.name,
        key=key.to_text(),
        entries=replay.size,
        root=root.hex(),
        checkpoints=tuple(sizes),
        older=older,
        first_at=replay.first_at,
        last_at=replay.last_at,
        kinds=tuple(sorted(replay.kinds.items())),
        declared=tuple(replay.declared),
        uncounted=tuple(replay.uncounted),
        logical=tuple(replay.logical),
        checks=tuple(f"entry {number}, as of {day}: {counts}" for number, day, counts in replay.checks),
        proven=tuple(_proven(replay, key, sizes, older)),
        not_proven=tuple(_not_proven(replay, older)),
    )


def _proven(replay: Replay, key: VerifierKey, sizes: Sequence[int], older: int | None) -> list[str]:
    said = [
        (
            f"The holder of the key {key.to_text()} signed exactly these {_entries(replay.size)}, in this order; "
            "not one byte was added, changed or removed since."
        )
    ]
    if len(sizes) > 1:
        said.append(
            f"The log only grew between its {len(sizes)} signed checkpoints in this file "
            f"(at {', '.join(str(size) for size in sizes)} entries)."
        )
    if older is not None:
        said.append(f"The {_entries(older)} under your own older checkpoint are all still there, unchanged.")
    if any(kind != "approved" for kind in replay.kinds):
        said.append("Every change entry that names an approval names one that was logged before it, for the same plan.")
    return said


def _not_proven(replay: Replay, older: int | None) -> list[str]:
    said = [
        "That what the entries say is true: the signature shows who wrote them, not that they are right.",
        "That nothing else exists: data, or changes, that Troth was not told of leave no entry here.",
        "When it happened: times are those of the writer's own clock.",
        "That this is the log's latest state: entries may have been written after its last checkpoint.",
    ]
    if older is None:
        said.append(
            "That nothing was rewritten before this file was signed: that takes a checkpoint you kept from earlier."
        )
    if replay.declared:
        verb = "is" if len(replay.declared) == 1 else "are"
        said.append(
            f"{_entries(len(replay.declared))} {verb} declared by a person, not measured by Troth: "
            f"{_numbers(replay.declared)}."
        )
    if replay.uncounted:
        said.append(
            f"After {_entries(len(replay.uncounted))} nobody could count what remains in the store: "
            f"{_numbers(replay.uncounted)}."
        )
    if replay.logical:
        verb = "says" if len(replay.logical) == 1 else "say"
        said.append(
            f"That data is physically gone: {_entries(len(replay.logical))} {verb} that no query finds it, which "
            "leaves out the store's own files, logs, replicas and backups."
        )
    return said


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"


def _numbers(numbers: Sequence[int], most: int = 10) -> str:
    shown = ", ".join(str(number) for number in numbers[:most])
    return shown if len(numbers) <= most else f"{shown} and {len(numbers) - most} more"


def _listed(sentences: Sequence[str]) -> list[str]:
    return [f"  - {sentence}" for sentence in sentences]
