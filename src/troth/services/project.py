"""A project: the folder with the two files, the environment its references resolve in, and the clock."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from troth.core.clock import Clock, SystemClock
from troth.core.diagnostics import Diagnostics
from troth.core.errors import InputError
from troth.register.load import Register, load_register
from troth.state.places import Place, place_of
from troth.state.secrets import Secrets

if TYPE_CHECKING:
    from troth.state.database import State


@dataclass(frozen=True)
class Project:
    """Where the two files are and who asks. ``actor`` is a name the company knows; evidence keeps a pseudonym."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    clock: Clock = SystemClock()
    actor: str = ""

    def load(self) -> Register:
        """Both files; raises ``DiagnosticsError`` with every diagnostic when one is an error."""
        register, diagnostics = self.read()
        diagnostics.raise_if_errors()
        return register

    def read(self) -> tuple[Register, Diagnostics]:
        return load_register(self.folder, today=self.now().date())

    def secrets(self) -> Secrets:
        return Secrets(self.environ, self.folder)

    def state_place(self, register: Register) -> Place:
        """Where our own database is, or will be."""
        return place_of(self.secrets().resolve(register.data_map.state), self.folder)

    @contextmanager
    def state(self, register: Register) -> Generator[State]:
        """Our own database, made where there is none yet."""
        from troth.state.database import open_state  # noqa: PLC0415 — reading the two files needs no database

        with closing(open_state(self.state_place(register))) as state:
            yield state

    @contextmanager
    def known_state(self, register: Register) -> Generator[State | None]:
        """Our own database, or None when the project has none yet; none is made."""
        from troth.state.database import find_state  # noqa: PLC0415 — see above

        with closing(state) if (state := find_state(self.state_place(register))) else nullcontext() as found:
            yield found

    @contextmanager
    def there(self, register: Register) -> Generator[State]:
        """Our own database, which must be there. Raises ``InputError`` (``STATE-MISSING``)."""
        from troth.state.database import open_state  # noqa: PLC0415 — see above

        with closing(open_state(self.state_place(register), reading=True)) as state:
            yield state

    def today(self, register: Register, at: date | None = None) -> date:
        """The legal day: ``at`` when given, else the clock's instant in the controller's zone."""
        return at or self.now().astimezone(ZoneInfo(register.policy.controller.zone)).date()

    def now(self) -> datetime:
        return self.clock.now()


def parse_day(text: str) -> date:
    """``2006-09-01``; raises ``InputError`` that shows the form."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"'{text}' is not a day", hint="write it like 2006-09-01", code="DAY") from None
