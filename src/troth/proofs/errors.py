"""The one verdict that is not good news.

    TrothError
    └── NotVerified     never: the evidence does not say what its signature promises   (exit 1)

A key that cannot be read is an ``InputError`` (exit 2): without a key there is no verdict at all.
"""

from __future__ import annotations

from troth.core.errors import TrothError


class NotVerified(TrothError):
    """The evidence was altered, cut, mixed up or signed by another key. ``code`` says which rule failed.

    ``entry`` is the first entry (from 0) known to be concerned and ``line`` its line in the file (from 1); both are
    None where the failure has no single place.
    """

    exit_status = 1

    def __init__(
        self, message: str, *, code: str, hint: str = "", entry: int | None = None, line: int | None = None
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.entry = entry
        self.line = line
