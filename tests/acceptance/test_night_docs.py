"""The how-to's own lines: its commands, the systemd units and the line for cron, run as they are written."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.acceptance.night import Nights
from tests.acceptance.sakila.club import rows, sqlite_club
from tests.acceptance.sakila.command import TROTH

PAGE = (Path(__file__).parents[2] / "docs/how-to/run-every-night.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [body for each, body in BLOCKS if each == kind]


def unit(body: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(body)
    return parser


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    """Whatever the page writes to or calls is in this folder."""
    (tmp_path / "troth-alert").write_text('#!/bin/sh\nexec cat > "$(dirname "$0")/alert"\n')
    (tmp_path / "troth-alert").chmod(0o755)
    return Nights(sqlite_club(tmp_path / "club", rows(60)), tmp_path)


def shell(nights: Nights, text: str) -> subprocess.CompletedProcess[str]:
    """A block or a line in the project's folder; paths of the page are ours."""
    for there, here in (
        ("/usr/local/bin/troth-alert", nights.folder / "troth-alert"),
        ("/usr/local/bin/troth", TROTH),
        ("/var/lib/node_exporter", nights.folder),
        ("/srv/privacy", nights.club.project.folder),
        ("/etc/troth.env", nights.folder / "troth.env"),
    ):
        text = text.replace(there, str(here))
    env = {**nights.club.project.environment, "PATH": f"{TROTH.parent}:/usr/bin:/bin"}
    words, folder = ["/bin/sh", "-euc", text], nights.club.project.folder
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder, env=env)


def first_night(nights: Nights) -> None:
    look, approve, *_ = blocks("sh")
    plan, apply = look.splitlines()
    assert shell(nights, plan).returncode == 0
    (file,) = (nights.club.project.folder / "plans").iterdir()
    trial = shell(nights, f"{apply} --approve {file.stem.partition('-')[2]}")
    assert (trial.returncode, trial.stderr) == (1, "")
    assert "the trial batch is done" in trial.stdout
    done = shell(nights, re.sub(r"\d{4}-\d\d-\d\d", "2099-01-01", approve))  # a day that does not pass
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_night(nights: Nights) -> None:
    first_night(nights)
    assert nights.run().out == ""


def test_the_service_and_its_timer(nights: Nights) -> None:
    service, timer = map(unit, blocks("ini"))
    assert service["Service"]["Type"] == "oneshot"
    line = service["Service"]["ExecStart"]
    asked = shell(nights, line)
    assert asked.returncode == 5, asked.stdout + asked.stderr
    assert '"exit_status": 5' in (nights.folder / "alert").read_text()
    assert nights.figures()["troth_run_exit_status"] == 5

    nights.approve()
    assert shell(nights, line).returncode == 0
    assert nights.figures()["troth_run_exit_status"] == 0
    assert timer["Timer"]["Persistent"] == "true"
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])


def test_the_line_for_cron(nights: Nights) -> None:
    (nights.folder / "troth.env").write_text("export HARMLESS=1\n")
    nights.approve()
    (line,) = blocks("crontab")
    minute, hour, *rest, command = line.strip().split(" ", 5)
    assert (int(minute) < 60, int(hour) < 24, rest) == (True, True, ["*", "*", "*"])
    assert shell(nights, command).returncode == 0
    again = shell(nights, command)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_the_command_for_a_backlog(nights: Nights) -> None:
    asked = nights.run("--json")
    assert asked.status == 5
    command = blocks("sh")[2].strip()
    (plan,) = nights.waiting_plans()
    assert shell(nights, command.replace(" ID ", f" {plan} ")).returncode == 0


def test_the_figures_that_its_rules_and_its_table_name_are_there(nights: Nights) -> None:
    nights.approve()
    nights.run()
    there = {name.partition(":")[0] for name in nights.figures()}
    (rules,) = blocks("yaml")
    expressions = [rule["expr"] for rule in YAML(typ="safe").load(rules)["groups"][0]["rules"]]
    named = {word for text in expressions for word in re.findall(r"troth_\w+", text)}
    assert named < there
    assert set(re.findall(r"`(troth_\w+)", PAGE)) == there


def test_the_alert_script_is_a_script() -> None:
    *_, script = blocks("sh")
    assert script.startswith("#!/bin/sh\n")
    assert shlex.split(script.splitlines()[1])[0] == "mail"
