"""The one error tree.

    TrothError                      everything Troth raises on purpose
    ├── InputError                  never: a file, argument or key is wrong; correct it and run again   (exit 2)
    │   └── DiagnosticsError        never: one or more diagnostics in the two files                     (exit 2)
    ├── proofs.NotVerified              never: evidence is not what its signature says              (exit 1)
    ├── Refused                     never: what was asked must not be done as things are                (exit 2)
    ├── NotReached                  later: something outside could not be reached                       (exit 3)
    │   └── stores.contract.StoreUnavailable
    ├── Stopped                     later: a run was stopped and can be resumed                         (exit 4)
    ├── HumanAsked                  later: only a person may decide this; nothing was done              (exit 5)
    ├── Interrupted                 later: Ctrl-C                                                       (exit 130)
    └── stores.contract.ChangeRefused   never: the store does not accept this change                    (exit 2)

A message says what happened, what it means and what to do. It never holds a person's data.
"""

from __future__ import annotations


class TrothError(Exception):
    """Base of every error Troth raises on purpose: ``message`` says what is wrong, ``hint`` what to do."""

    exit_status = 2

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class InputError(TrothError):
    """A file, an argument or a key is wrong. Retrying without a correction gives the same answer."""


class Refused(TrothError):
    """What was asked must not be done as things are (unapproved plan, another database, a running apply)."""


class NotReached(TrothError):
    """Something outside did not answer. Try again later; nothing was concluded from its silence."""

    exit_status = 3


class Stopped(TrothError):
    """A run was stopped before its end. What was done is recorded; ``troth resume`` goes on from there."""

    exit_status = 4


class HumanAsked(TrothError):
    """What was asked goes beyond what a standing approval allows. Nothing was done; a person looks and decides."""

    exit_status = 5


class Interrupted(TrothError):
    """Somebody pressed Ctrl-C."""

    exit_status = 130
