"""What the servers to throw away have in common: a folder, a process, a watchdog, a start, a stop and a kill."""

from __future__ import annotations

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from troth.core.errors import NotReached
from troth.testing.process import Watchdog, free_port, private_folder, unprivileged_user

PATIENCE = 60.0
"""Seconds, for a start or a stop."""

_PORT_ATTEMPTS = 5


class ServerFailed(NotReached):
    """A server was started and did not get ready, or did not stop."""


class ThrowawayServer(ABC):
    """A server with its own data, for as long as a test needs it.

    Root starts it as an unprivileged user. A small shell outlives our process, however that dies, then stops the server
    and removes the folder.
    """

    product: ClassVar[str]
    prefix: ClassVar[str]
    """Of the temporary folder's name."""

    pid_file: ClassVar[str]
    """In the folder: its first line is the process."""

    port_taken: ClassVar[str]
    """What the log says when another process has the port."""

    stopping: ClassVar[signal.Signals]
    killing: ClassVar[signal.Signals]

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._watchdog: Watchdog | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def _prepare(self, folder: Path) -> None:
        """Make the server's data in its new folder."""

    @abstractmethod
    def _command(self, port: int) -> Sequence[str]:
        """What starts the server."""

    @abstractmethod
    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether the server takes connections."""

    @property
    def running(self) -> bool:
        """Whether the server's process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def folder(self) -> Path:
        """Where everything is: ``data``, the Unix socket, ``log``. Raises ``ServerFailed`` before the first start."""
        if self._folder is None:
            raise ServerFailed(f"The {self.product} server has no folder yet: it was not started.")
        return self._folder

    @property
    def log(self) -> str:
        """What the server wrote to its log so far."""
        return (self.folder / "log").read_text(errors="replace")

    def start(self) -> None:
        """Start the server, on the same data and port after a stop or kill; returns when it takes connections."""
        if self.running:
            return
        if self._folder is None:
            folder = self._folder = private_folder(self.prefix, unprivileged_user())
            self._watchdog = Watchdog(folder, folder / self.pid_file)
            self._prepare(folder)
        attempts = 1 if self._port else _PORT_ATTEMPTS
        for attempt in range(1, attempts + 1):
            port = self._port or free_port()
            if self._launch(port):
                self._port = port
                return
            if attempt == attempts or self.port_taken not in self.log:
                raise ServerFailed(f"The {self.product} server did not start. Its log ends:\n" + self.log[-2000:])

    def stop(self) -> None:
        """Stop the server cleanly and remove all it wrote. Does nothing the second time."""
        if self._folder is None:
            return
        self._end(self.stopping)
        if self._watchdog is not None:
            self._watchdog.release()
        self._watchdog = self._folder = None
        self._port = 0

    def restart(self) -> None:
        """Stop cleanly (open connections are cut) and start again, on the same data and port."""
        self._end(self.stopping)
        self.start()

    def kill(self) -> None:
        """End every process of the server at once, nothing written out: ``start`` then recovers from its log."""
        self._end(self.killing)

    def _launch(self, port: int) -> bool:
        process = self._process = self._run(*self._command(port))
        deadline = time.monotonic() + PATIENCE
        while self.running and time.monotonic() < deadline:
            if self._ready(process):
                return True
            time.sleep(0.02)
        self._end(self.killing)
        return False

    def _run(self, program: str, *arguments: str, text: Path | None = None) -> subprocess.Popen[bytes]:
        """A program of the server as its user, its words in the log; ``text`` is what it reads."""
        owner = unprivileged_user()
        with (self.folder / "log").open("ab") as log, (text or Path("/dev/null")).open("rb") as given:
            return subprocess.Popen(
                [program, *arguments],
                stdin=given,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
            )

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(PATIENCE)
        self._process = None
        (self.folder / self.pid_file).unlink(missing_ok=True)
