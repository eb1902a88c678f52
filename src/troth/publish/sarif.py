"""A check in SARIF 2.1.0 (OASIS), which code hosts show beside the lines it points at.

What is implemented: one run; the tool's rules, of the codes that occur; results with kind, level, location, related
location, fingerprint and suppression; stores that were not reached as notifications. A verdict becomes:
*broken* ``fail``/``error``; *accepted* the same with a suppression; *not reached* and *unprovable* ``open``, for which
the standard has the level ``none`` (3.27.9, 3.27.10); what fails under ``--strict`` alone is ``fail``/``error`` too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from troth.core.diagnostics import Mark
from troth.core.explained import explained
from troth.publish.problems import Problem, path_of, problems
from troth.publish.report import CheckReport
from troth.publish.text import plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(report: CheckReport, root: Path, *, strict: bool) -> dict[str, Any]:
    """The log as values for JSON. ``root``: the folder that paths are written from (``%SRCROOT%``)."""
    found = problems(report, strict=strict)
    codes = sorted({each.code for each in found})
    run = {
        "tool": {
            "driver": {"name": "troth", "semanticVersion": report.version, "rules": [_rule(code) for code in codes]}
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The folder that troth was started in."}}},
        "invocations": [_invocation(report.unreached)],
        "results": [_result(each, codes, root) for each in found],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    found = explained(code, "findings")
    if not found:
        return {"id": code}
    means, do = plain(found[0].means.en), plain(found[0].do.en)
    level = "error" if found[0].facts["verdict"] == "broken" else "none"
    rule: dict[str, Any] = {
        "id": code,
        "shortDescription": {"text": means},
        "defaultConfiguration": {"level": level},
    }
    return {**rule, "help": {"text": do}} if do else rule


def _invocation(unreached: Mapping[str, str]) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": not unreached}
    if unreached:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": f"{system} was not reached: {reason}"}}
            for system, reason in unreached.items()
        ]
    return invocation


def _result(problem: Problem, codes: Sequence[str], root: Path) -> dict[str, Any]:
    fails = problem.fails or problem.verdict == "accepted"
    certain = fails and problem.verdict != "not_reached"
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "kind": "fail" if certain else "open",
        "level": "error" if certain else "none",
        "message": {"text": _message(problem)},
        "locations": [_location(problem.place, root, problem.collection)],
        "partialFingerprints": {"finding/v1": problem.print},
        "properties": {"promise": problem.promise, "verdict": problem.verdict},
    }
    if problem.line is not None:
        result["relatedLocations"] = [{"id": 1, **_location(problem.line, root, problem.collection)}]
    if problem.accepted is not None:
        suppression = {"kind": "inSource", "status": "accepted", "justification": problem.accepted.reason}
        result["suppressions"] = [{**suppression, "location": _location(problem.accepted.mark, root, "")}]
    return result


def _message(problem: Problem) -> str:
    words = [f"{problem.promise}: {problem.message}."]
    if problem.sentence:
        words.append(f"The policy says: “{' '.join(problem.sentence.split())}”")
    if problem.hint:
        words.append(f"To do: {problem.hint}.")
    return " ".join(words)


def _location(mark: Mark, root: Path, collection: str) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path_of(mark, root)), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": mark.line, "startColumn": mark.column},
        }
    }
    if collection:
        place["logicalLocations"] = [{"fullyQualifiedName": collection, "kind": "object"}]
    return place
