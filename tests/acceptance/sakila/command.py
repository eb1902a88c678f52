"""The command as a person runs it: in a process of its own, or (sooner) in ours by the same entry."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from troth.cli.main import main
from troth.services.soundness import EPHEMERAL_MEANT

TROTH = Path(sys.executable).with_name("troth")
"""The installed command, beside the Python that runs the tests."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left: its exit status and both streams."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with the two files, and the environment its references resolve in."""

    folder: Path
    env: Mapping[str, str]

    @classmethod
    def make(cls, folder: Path, policy: str, systems: str, env: Mapping[str, str]) -> Project:
        """Both files, and keys by ``troth init``."""
        folder.mkdir(parents=True)
        (folder / "policy.yaml").write_text(policy, encoding="utf-8")
        (folder / "systems.yaml").write_text(systems, encoding="utf-8")
        project = cls(folder, env)
        said = project("init", str(folder), at_folder=False)
        assert said.status == 0, said.err
        return project

    @property
    def state(self) -> Path:
        return self.folder / ".troth" / "state.db"

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "TMPDIR", "LANG", "PYTHONPATH", EPHEMERAL_MEANT)
            if name in os.environ
        }
        return {**kept, "COLUMNS": "200", "TROTH_ACTOR": "tester", **self.env}

    def words(self, arguments: tuple[str, ...], *, at_folder: bool = True) -> list[str]:
        return [*(("-C", str(self.folder)) if at_folder else ()), *arguments]

    def __call__(self, *arguments: str, at_folder: bool = True) -> Said:
        """Run it in this process. What is no error of Troth's comes out as it is: a traceback fails the test."""
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.dict(os.environ, self.environment, clear=True), redirect_stdout(out), redirect_stderr(err):
            status = main(self.words(arguments, at_folder=at_folder))
        return Said(status, out.getvalue(), err.getvalue())

    def run(self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Said:
        """Run it as a process of its own, and wait for its end."""
        done = subprocess.run(
            [str(TROTH), *self.words(arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            env={**self.environment, **(env or {})},
            timeout=120,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def people(self, *names: str) -> str:
        """A file with one name a line, as ``--people`` takes it."""
        file = self.folder / "people.txt"
        file.write_text("\n".join(names) + "\n", encoding="utf-8")
        return str(file)

    def plan(self, *arguments: str) -> dict[str, Any]:
        """Make a plan; what ``--json`` says, with the plan file under ``file``."""
        said = self("plan", *arguments, "--json")
        assert said.status == 0, said.out + said.err
        made: dict[str, Any] = said.json
        return made

    def apply(self, plan: Mapping[str, Any], expect: int = 0) -> dict[str, Any]:
        """Apply a plan with approval of its id; what ``--json`` says."""
        said = self("apply", str(plan["file"]), "--approve", str(plan["id"]), "--json")
        assert said.status == expect, said.out + said.err
        done: dict[str, Any] = said.json
        return done

    def evidence(self) -> list[dict[str, Any]]:
        """Every entry of an export that verifies, in order."""
        file = self.folder / "evidence.out"
        file.unlink(missing_ok=True)
        assert self("evidence", "export", str(file)).status == 0
        said = self("evidence", "verify", str(file), "--key", str(self.folder / "keys" / "evidence.pub"), "--json")
        assert said.status == 0, said.out + said.err
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return [line for line in lines if "kind" in line]
