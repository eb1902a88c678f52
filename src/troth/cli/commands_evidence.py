"""troth evidence: export the log, verify an export with nothing but the file and the public key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import Json, group


def add(app: typer.Typer) -> None:
    evidence = group("Evidence that anyone can verify offline; it holds no personal data.")
    evidence.command("export")(export)
    evidence.command("verify")(verify)
    app.add_typer(evidence, name="evidence")


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the evidence goes.")], json: Json = False
) -> int:
    """Write the whole log with a fresh signed checkpoint."""
    from troth.cli.printing import out, print_json
    from troth.services.proving import export as run

    written = run(here(), file)
    if json:
        print_json({"file": str(file), "entries": written.entries, "verifier": written.verifier})
        return 0
    out().print(f"{written.entries} entries in {file}")
    out().print(f"verify with: troth evidence verify {file} --key '{written.verifier}'", soft_wrap=True)
    return 0


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An exported evidence file.")],
    key: Annotated[str, typer.Option("--key", metavar="KEY", help="The verifier key, or a file that holds it.")],
    checkpoint: Annotated[
        Path | None,
        typer.Option("--extends", metavar="FILE", help="An older checkpoint you kept: must be a part of this log."),
    ] = None,
    json: Json = False,
) -> int:
    """Check an export: form, tree, signatures, history. Needs no project and no database."""
    from troth.cli import show_evidence
    from troth.cli.printing import out, print_json
    from troth.services.proving import verify as run

    report = run(file, key, checkpoint)
    if json:
        print_json(show_evidence.as_json(report))
    else:
        show_evidence.show(out(), report)
    return 0
