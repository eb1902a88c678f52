"""The result of a check, for people, for programs, and for CI (JUnit XML)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from troth.cli.printing import day, number, quoted, rows, shortened
from troth.cli.show_files import show_diagnostic
from troth.planning.verdicts import Finding, PromiseResult
from troth.publish.report import unmeasured
from troth.services.checking import Checked

STYLE = {
    "broken": "bold red",
    "not_reached": "bold magenta",
    "unprovable": "yellow",
    "accepted": "cyan",
    "kept": "green",
}
WORD = {
    "broken": "BROKEN",
    "not_reached": "NOT REACHED",
    "unprovable": "unprovable",
    "accepted": "accepted",
    "kept": "kept",
}

NEXT = {
    "RET-PAST": "[bold]troth plan retention[/] shows what would go; [bold]troth check --sql PROMISE[/] the query.",
    "CLOSED-TABLE": "declare the new tables in systems.yaml; each finding above says under which key.",
    "CLOSED-FIELD": "declare the new columns in systems.yaml; each finding above says under which key.",
    "FORM-MALFORMED": "bring the values into their form; [bold]troth check --sql PROMISE[/] shows the query.",
}
"""What mends a promise that is broken in this way. Only the first is something a plan can do."""


def show(console: Console, checked: Checked) -> None:
    """Broken first: how many rows, the oldest, which sentence; what is not measured in one line at the end."""
    console.print(Text.assemble(("troth check", "bold"), f"  {checked.name}, as of {checked.at}"))
    console.print()
    for result in checked.results:
        if not unmeasured(result):
            _promise(console, result)
    left_out = [result.promise.id for result in checked.results if unmeasured(result)]
    if left_out:
        console.print(
            Text.assemble((f"{WORD['unprovable']:<12}", STYLE["unprovable"]), "not measured by this version: "), end=""
        )
        console.print(Text(", ".join(left_out)))
    console.print()
    for limit in checked.limits:
        console.print(Text(f"limit  {limit}", style="dim"))
    for other in checked.elsewhere:
        console.print(Text(f"seen, not declared  {other}", style="dim"))
    for warning in checked.warnings:
        show_diagnostic(console, warning)
    console.print(_totals(checked))
    if checked.accepted_now:
        console.print(f"{number(checked.accepted_now)} written to policy.yaml as accepted; look at them: git diff")
    if checked.recorded is not None:
        console.print(f"recorded in the evidence as entry {checked.recorded}, and signed")
    codes = {each.code for result in checked.results for each in result.findings if each.verdict == "broken"}
    for code, words in NEXT.items():
        if code in codes:
            console.print(f"Next: {words}")


def _promise(console: Console, result: PromiseResult) -> None:
    head = Text.assemble((f"{WORD[result.verdict]:<12}", STYLE[result.verdict]), (result.promise.id, "bold"))
    console.print(head)
    if result.promise.quote and result.verdict != "kept":
        console.print(Padding(quoted(shortened(result.promise.quote)), (0, 0, 0, 12), expand=False))
    for finding in result.findings:
        if finding.verdict != "kept":
            console.print(Padding(_line(finding), (0, 0, 0, 12), expand=False))


def _line(finding: Finding) -> Text:
    line = Text()
    if finding.collection:
        line.append(finding.collection, style="bold")
        line.append("  ")
    if finding.rows is not None:
        line.append(rows(finding.rows), style=STYLE[finding.verdict])
        line.append(" ")
    line.append(finding.message)
    if finding.oldest is not None:
        line.append(f"; oldest {day(finding.oldest)}")
    elif finding.code == "RET-PAST":
        line.append("; since when is not in the row")
    if finding.accepted is not None:
        line.append(
            f"; accepted by {finding.accepted.owner} until {finding.accepted.until}: {finding.accepted.reason}",
            style="cyan",
        )
    for note in finding.notes:
        line.append(f"; {note}", style="dim")
    if finding.hint and finding.code not in ("RET-PAST", "NOT-MEASURED"):
        line.append(f"\n→ {finding.hint}", style="dim")
    line.append(f"  {finding.code}", style="dim")
    return line


def _totals(checked: Checked) -> Text:
    parts = Text()
    for verdict in ("broken", "not_reached", "unprovable", "accepted", "kept"):
        if total := checked.count(verdict):
            parts.append(f"{number(total)} {WORD[verdict].lower()}", style=STYLE[verdict])
            parts.append("   ")
    return parts


def as_json(checked: Checked, *, strict: bool) -> dict[str, object]:
    return {
        "at": checked.at,
        "accepted_now": checked.accepted_now,
        "recorded": checked.recorded,
        "exit_status": checked.exit_status(strict=strict),
        "totals": {verdict: checked.count(verdict) for verdict in WORD},
        "databases": dict(checked.databases),
        "unreached": dict(checked.unreached),
        "limits": list(checked.limits),
        "undeclared_elsewhere": list(checked.elsewhere),
        "warnings": [warning.as_json() for warning in checked.warnings],
        "promises": [_promise_json(result) for result in checked.results],
    }


def _promise_json(result: PromiseResult) -> dict[str, object]:
    promise = result.promise
    return {
        "id": promise.id,
        "kind": promise.kind,
        "sentence": promise.quote,
        "file": str(promise.mark),
        "verdict": result.verdict,
        "findings": [
            {
                "code": finding.code,
                "verdict": finding.verdict,
                "collection": finding.collection,
                "fields": list(finding.fields),
                "rows": finding.rows,
                "oldest": finding.oldest,
                "message": finding.message,
                "hint": finding.hint,
                "notes": list(finding.notes),
                "accepted": None
                if finding.accepted is None
                else {
                    "owner": finding.accepted.owner,
                    "until": finding.accepted.until,
                    "reason": finding.accepted.reason,
                },
            }
            for finding in result.findings
        ],
    }


def as_junit(checked: Checked, *, strict: bool) -> bytes:
    """One test case a promise: broken fails, not reached is an error, unprovable and accepted are skipped."""
    suite = ET.Element("testsuite", name="troth check", tests=str(len(checked.results)))
    totals = {"failures": 0, "errors": 0, "skipped": 0}
    for result in checked.results:
        case = ET.SubElement(suite, "testcase", classname=f"troth.{result.promise.kind}", name=result.promise.id)
        tag = _junit_tag(result, strict=strict)
        if tag is None:
            continue
        totals[{"failure": "failures", "error": "errors", "skipped": "skipped"}[tag]] += 1
        lines = [_line(finding).plain for finding in result.findings if finding.verdict != "kept"]
        node = ET.SubElement(case, tag, message=f"{result.verdict}: {result.promise.quote}")
        node.text = "\n".join(lines)
    for name, total in totals.items():
        suite.set(name, str(total))
    ET.indent(suite)
    written: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return written


def _junit_tag(result: PromiseResult, *, strict: bool) -> str | None:
    match result.verdict:
        case "broken":
            return "failure"
        case "not_reached":
            return "error"
        case "unprovable":
            return "failure" if strict else "skipped"
        case "accepted":
            return "skipped"
        case _:
            return None
