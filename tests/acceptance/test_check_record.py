"""troth check --record: the counts of a check in the evidence, signed, and what the verifier says of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.acceptance.sakila.club import rows, sqlite_club

from troth import __version__


def test_a_recorded_check_is_signed_and_told_by_the_verifier(tmp_path: Path) -> None:
    project = sqlite_club(tmp_path, rows(20)).project
    said = project("check", "--record", "--at", "2026-06-01", "--json").json
    assert said["recorded"] == 1, "the log begins with its key"
    assert project("status", "--json").json["checked"]["verdicts"] == said["totals"]
    assert f"last check {said['totals']['broken']} broken, " in " ".join(project("status").out.split())
    file, key = tmp_path / "evidence.jsonl", project.folder / "keys" / "evidence.pub"
    assert project("evidence", "export", str(file)).status == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    (entry,) = [each for each in lines if each.get("kind") == "check_recorded"]
    assert {each["verdict"]: each["promises"] for each in entry["judged"]} == said["totals"]
    assert (entry["as_of"], entry["version"]) == ("2026-06-01", __version__)
    for name in ("policy", "systems"):
        assert entry[name] == hashlib.sha256((project.folder / f"{name}.yaml").read_bytes()).hexdigest()
    text = file.read_text()
    assert "club.example/troth" in text
    assert "tester" not in text
    assert not any(name in text for name in ("members", "visits"))
    told = project("evidence", "verify", str(file), "--key", str(key))
    assert told.status == 0
    assert f"entry 1, as of 2026-06-01: {said['totals']['broken']} broken" in told.out
    report = project("evidence", "verify", str(file), "--key", str(key), "--json").json
    assert len(report["checks"]) == 1
    file.write_text(text.replace('"promises":0', '"promises":1', 1))
    assert project("evidence", "verify", str(file), "--key", str(key)).status == 1


def test_without_it_a_check_leaves_nothing(tmp_path: Path) -> None:
    project = sqlite_club(tmp_path, rows(4)).project
    assert project("check", "--json").json["recorded"] is None
    assert not project.state.exists()
