"""A replica of a PostgreSQL server made here: its data copied from the primary, which it then follows.

with PostgresqlServer() as primary, PostgresqlReplica(primary) as replica:
    replica.pause()
"""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from troth.testing.postgresql import USER, PostgresqlServer


class PostgresqlReplica(PostgresqlServer):
    """Streams from ``primary`` and answers it every second. ``pause`` keeps it from applying what it receives."""

    def __init__(self, primary: PostgresqlServer) -> None:
        super().__init__(settings={"wal_receiver_status_interval": "1s"})
        self._primary = primary.admin

    def pause(self) -> None:
        self._say("select pg_wal_replay_pause()")

    def go_on(self) -> None:
        self._say("select pg_wal_replay_resume()")

    def _say(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(statement.encode())

    @override
    def _making(self, folder: Path) -> tuple[str, ...]:
        address = ("--host", self._primary.host, "--port", str(self._primary.port), "--username", USER)
        options = ("--write-recovery-conf", "--checkpoint", "fast", "--no-sync")
        return (self._program("pg_basebackup"), "--pgdata", str(folder / "data"), *address, *options)
