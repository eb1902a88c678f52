"""Checkpoints (C2SP tlog-checkpoint): the signed statement "my log has this many entries and this root".

The text of the note has three lines, each ended by a newline: the log's origin, its size in decimal, and its root in
base64. Extension lines may follow in checkpoints of other logs; ours has none.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from troth.proofs.errors import NotVerified
from troth.proofs.merkle import HASH_SIZE
from troth.proofs.note import SignerKey, VerifierKey, open_note, sign

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: ``root`` is the Merkle root over its first ``size`` entries."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def signed(self, signer: SignerKey) -> str:
        """The checkpoint as a signed note. Our logs are named after their key: ``signer.name`` is the origin."""
        if signer.name != self.origin:
            raise ValueError("a checkpoint is signed by the key that bears the log's name")
        return sign(self.to_text(), signer)


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text. Raises ``NotVerified`` (``CHECKPOINT-FORM``) when it is none."""
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or lines[-1] or not _SIZE.fullmatch(lines[1]):
        raise _malformed()
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError):
        raise _malformed() from None
    if len(root) != HASH_SIZE or base64.b64encode(root).decode() != lines[2]:
        raise _malformed()
    return Checkpoint(lines[0], int(lines[1]), root)


def open_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """Check a signed checkpoint against the one key that is trusted, and that it speaks of the log the key is named
    after. Raises ``NotVerified``."""
    checkpoint = read_checkpoint(open_note(note, [key]).text)
    if checkpoint.origin != key.name:
        raise NotVerified(
            f"it is about another log ({checkpoint.origin}) than the key's ({key.name})", code="CHECKPOINT-ORIGIN"
        )
    return checkpoint


def _malformed() -> NotVerified:
    return NotVerified("it is not a checkpoint: origin, size and root, a line each", code="CHECKPOINT-FORM")
