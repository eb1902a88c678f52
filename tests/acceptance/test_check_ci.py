"""What a check leaves for continuous integration: SARIF, GitLab's code quality, annotations; at the right lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from tests.acceptance.sakila.club import Club, rows, sqlite_club
from tests.acceptance.test_bad_input_files import change, refused

from troth.core.diagnostics import Mark
from troth.publish.problems import path_of

AT = "2026-06-01"
BY_HAND = "  letters: {store: by_hand, for: membership, key_from: club.members.id, how: docs/letters.md}\n"
ACCEPTED = "accepted:\n  - {promise: retention.orders, reason: books, owner: Ada, until: 2026-12-31}\n"


@pytest.fixture
def club(tmp_path: Path) -> Club:
    made = sqlite_club(tmp_path, rows(60))
    folder = made.project.folder
    change(made, "policy.yaml", ("data: {ip: {}}", "data: {ip: {form: first-half}}"))
    (folder / "policy.yaml").write_text((folder / "policy.yaml").read_text() + ACCEPTED)
    (folder / "systems.yaml").write_text((folder / "systems.yaml").read_text() + BY_HAND)
    with made.connect() as connection:
        connection.execute("alter table visits add column shoe_size integer")
        connection.execute("create table wishes (id integer primary key, words text)")
    return made


def sarif(club: Club, *words: str, status: int = 1) -> dict[str, Any]:
    file = club.project.folder / "found.sarif"
    said = club.project("check", "--at", AT, "--sarif", str(file), *words)
    assert said.status == status, said
    log: dict[str, Any] = json.loads(file.read_text())
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    return dict(log["runs"][0])


def line_at(club: Club, location: dict[str, Any]) -> str:
    """What stands at the place, to the end of its line."""
    place = location["physicalLocation"]
    text = (club.project.folder / unquote(place["artifactLocation"]["uri"])).read_text()
    line = text.splitlines()[place["region"]["startLine"] - 1]
    return str(line[place["region"]["startColumn"] - 1 :])


def by_code(run: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [each for each in run["results"] if each["ruleId"] == code]


def test_each_result_has_a_rule_and_points_at_a_line(club: Club) -> None:
    run = sarif(club)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert (result["kind"], result["level"]) in {("fail", "error"), ("open", "none")}  # 3.27.10
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] in ("policy.yaml", "systems.yaml")
        assert line_at(club, location).strip()
    prints = [result["partialFingerprints"]["finding/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)
    assert all(rule["shortDescription"]["text"] for rule in run["tool"]["driver"]["rules"])


def test_findings_are_where_they_are_decided(club: Club) -> None:
    run = sarif(club)
    past = next(each for each in by_code(run, "RET-PAST") if each["properties"]["promise"] == "retention.visits")
    assert line_at(club, past["locations"][0]).startswith("retain: 180 days from seen")
    assert line_at(club, past["relatedLocations"][0]).startswith("visits:")
    (form,) = by_code(run, "FORM-MALFORMED")
    assert line_at(club, form["locations"][0]).startswith("ip: {form: first-half}")
    (column,) = by_code(run, "CLOSED-FIELD")
    assert line_at(club, column["locations"][0]).startswith("visits:")
    assert "visits.shoe_size" in column["message"]["text"]
    (table,) = by_code(run, "CLOSED-TABLE")
    assert line_at(club, table["locations"][0]).startswith("club:")


def test_what_is_accepted_is_suppressed_with_its_reason(club: Club) -> None:
    (result,) = [each for each in sarif(club)["results"] if each["properties"]["verdict"] == "accepted"]
    (suppression,) = result["suppressions"]
    assert (suppression["status"], suppression["justification"]) == ("accepted", "books")
    assert line_at(club, suppression["location"]).startswith("{promise: retention.orders")
    assert not [each for each in sarif(club)["results"] if "suppressions" in each and each is not result][1:]


def test_what_cannot_be_told_is_open_and_fails_when_strict(club: Club) -> None:
    (open_,) = by_code(sarif(club), "BY-HAND")
    assert (open_["kind"], open_["level"]) == ("open", "none")
    run = sarif(club, "--strict")
    (failed,) = by_code(run, "BY-HAND")
    assert (failed["kind"], failed["level"]) == ("fail", "error")
    assert by_code(run, "NOT-MEASURED")
    assert not by_code(sarif(club), "NOT-MEASURED")


def test_a_finding_keeps_its_fingerprint_when_there_is_more_of_it(club: Club) -> None:
    before = {each["partialFingerprints"]["finding/v1"] for each in sarif(club)["results"]}
    with club.connect() as connection:
        connection.execute("insert into visits values (9999, null, '192.0.2.1', '2020-01-01 00:00:00', null)")
    assert before == {each["partialFingerprints"]["finding/v1"] for each in sarif(club)["results"]}


def test_a_store_that_is_away(club: Club) -> None:
    assert isinstance(club.address, Path)
    club.address.rename(club.address.with_suffix(".gone"))
    run = sarif(club, status=3)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith("club was not reached")
    assert {each["kind"] for each in run["results"]} == {"open"}


def test_code_quality(club: Club) -> None:
    file = club.project.folder / "quality.json"
    club.project("check", "--at", AT, "--code-quality", str(file))
    found = json.loads(file.read_text())
    assert {each["severity"] for each in found} == {"critical", "info"}
    (column,) = [each for each in found if each["check_name"] == "CLOSED-FIELD"]
    assert column["location"]["path"] == "systems.yaml"
    line = (club.project.folder / "systems.yaml").read_text().splitlines()[column["location"]["lines"]["begin"] - 1]
    assert line.strip().startswith("visits:")
    assert len({each["fingerprint"] for each in found}) == len(found)


GITHUB = re.compile(r"::(error|notice) file=([^,:]+),line=(\d+),col=(\d+),title=([^,:]+)::(.+)")
AZURE = re.compile(
    r"##vso\[task\.logissue type=(error|warning);sourcepath=([^;]+);linenumber=(\d+);"
    r"columnnumber=\d+;code=([^;]+);\](.+)"
)


def test_annotations_for_github(club: Club) -> None:
    change(club, "policy.yaml", ("reason: books", 'reason: "100 %: a, b"'))
    said = club.project("check", "--at", AT, "--annotations", "github", "--json")
    json.loads(said.out)  # annotations are beside it
    found = [GITHUB.fullmatch(line) for line in said.err.splitlines() if line.startswith("::")]
    assert found
    levels = [each[1] for each in found if each]
    assert len(levels) == len(found)
    assert levels == sorted(levels)  # errors first: only ten are shown
    assert [each for each in found if each and each[5].startswith("CLOSED-FIELD closed_list.club")]
    assert all("\n" not in each[6] and "%0A" in each[6] for each in found if each and each[1] == "error")


def test_annotations_for_azure(club: Club) -> None:
    said = club.project("check", "--at", AT, "--annotations", "azure")
    found = [AZURE.fullmatch(line) for line in said.err.splitlines() if line.startswith("##")]
    assert found
    assert all(found)


def test_annotations_for_a_system_that_is_not_known(club: Club) -> None:
    refused(club.project("check", "--annotations", "jenkins"), "'jenkins'", "github, azure")


def test_paths_begin_at_the_root_and_name_no_machine() -> None:
    root = Path("/builds/acme")
    assert path_of(Mark("privacy/policy.yaml"), root) == "privacy/policy.yaml"
    assert path_of(Mark("/builds/acme/privacy/policy.yaml"), root) == "privacy/policy.yaml"
    assert path_of(Mark("/home/ada/policy.yaml"), root) == "policy.yaml"
