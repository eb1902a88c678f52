"""What troth systems check found and what troth systems grants made, for people and for programs."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from troth.planning.rights import way
from troth.services.connections import Checked, Connection, Found
from troth.services.granting import Granted

MOST = 8
"""Names of one finding that are shown; ``--json`` has them all."""


def show(console: Console, checked: Checked) -> None:
    for each in checked.connections:
        word = ("reached", "bold green") if each.reached else ("not reached", "bold red")
        console.print(Text.assemble((each.system, "bold"), f" {each.which}: ", word, f"  {each.version or each.why}"))
        if each.transport is not None:
            _line(console, f"{each.role}; {way(each.transport)}", "")
    for limit in dict.fromkeys(limit for each in checked.connections for limit in each.limits):
        _line(console, f"limit: {limit}", "yellow", 0)
    for found in checked.found:
        if found.fault.code != "SYS-AWAY":
            _found(console, found)
    for name in checked.elsewhere:
        console.print(Text.assemble(("seen outside  ", "dim"), name))
    console.print(_sum(checked))


def _found(console: Console, found: Found) -> None:
    fault = found.fault
    where = f"{found.system} {found.which or ''}".strip()
    console.print(Text.assemble((fault.code, "bold red"), " ", (where, "bold"), f": {fault.message}"))
    for name in fault.names[:MOST]:
        _line(console, name, "")
    if len(fault.names) > MOST:
        _line(console, f"and {len(fault.names) - MOST} more (--json names them)", "dim")
    _line(console, f"→ {fault.hint}", "dim")


def _line(console: Console, text: str, style: str, indent: int = 2) -> None:
    console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))


def _sum(checked: Checked) -> Text:
    away = [each for each in checked.connections if not each.reached]
    if away:
        return Text(f"{len(away)} of {len(checked.connections)} connections not reached", style="bold red")
    if checked.found:
        return Text(f"{len(checked.found)} found; troth help CODE explains each", style="bold red")
    return Text("all reached; rights, transport and lines as they should be", style="bold green")


def as_json(checked: Checked) -> dict[str, object]:
    return {
        "connections": [_connection(each) for each in checked.connections],
        "findings": [
            {
                "code": each.fault.code,
                "system": each.system,
                "which": each.which,
                "message": each.fault.message,
                "hint": each.fault.hint,
                "names": list(each.fault.names),
            }
            for each in checked.found
        ],
        "absent": list(checked.absent),
        "undeclared": list(checked.undeclared),
        "elsewhere": list(checked.elsewhere),
        "exit_status": checked.exit_status(),
    }


def _connection(each: Connection) -> dict[str, object]:
    reached = each.transport
    return {
        "system": each.system,
        "which": each.which,
        "reached": each.reached,
        "version": each.version,
        "why": each.why,
        "limits": list(each.limits),
        "role": each.role,
        "transport": reached
        and {
            "way": reached.way,
            "encrypted": reached.encrypted,
            "verified": reached.verified,
            "protocol": reached.protocol,
            "cipher": reached.cipher,
        },
    }


def granted_as_json(made: tuple[Granted, ...]) -> dict[str, object]:
    systems = [
        {"system": each.system, "store": each.store, "roles": list(each.roles), "text": each.text} for each in made
    ]
    return {"systems": systems}
