"""The demonstration: a hosting company, its promises, and the troth command at work on a million rows.

    python demo.py                                # in build/demo
    python demo.py --folder DIR --customers 300   # smaller

Every command shown is really run, in the folder that is left behind for you to go on with.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from company.counts import PROMISES, broken
from company.seeds import World
from generate import AS_OF, CUSTOMERS, SEED, generate
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
NIGHT = AS_OF.isoformat()
MORNING = (AS_OF + timedelta(days=1)).isoformat()
MARKER = ".made-by-the-demonstration"
ADDRESS = "sqlite:///hosting.db"
ADDRESSES = ("PLATFORM_READ_URL", "PLATFORM_WRITE_URL")
PERSON = "camille.tilleul@atelier-tilleul.example"
REPAIR = """\
-- Since its upgrade the analytics tool stores whole addresses: keep their first half.
UPDATE visits
SET ip = CASE WHEN ip LIKE '%:%' THEN NULL -- IPv6: nobody counts these
    ELSE substr(ip, 1, instr(ip, '.') + instr(substr(ip, instr(ip, '.') + 1), '.') - 1) || '.0.0' END
WHERE ip NOT LIKE '%.0.0' AND ip NOT LIKE '%::';
-- The policy never spoke of a marketing score.
ALTER TABLE customers DROP COLUMN marketing_score;
"""

console = Console(highlight=False)


class Failed(Exception):
    """A command did not end as the story says."""


class Story:
    """One folder, the commands run in it, and what plain SQL counts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "hosting.db"
        self.environ = {**os.environ, **dict.fromkeys(ADDRESSES, ADDRESS), "TROTH_ACTOR": "demo"}
        self.environ["TROTH_EPHEMERAL_STATE"] = "meant"  # a demonstration may be lost with its container

    def chapter(self, title: str, text: str) -> None:
        console.print()
        console.rule(f"[bold cyan]{title}", align="left", style="cyan")
        console.print(text)

    def troth(self, words: str, *, status: int = 0, stdin: str | None = None) -> None:
        """Run one command as a person would, with its output on this terminal."""
        shown = f"troth {words}" + (f" < {stdin}" if stdin else "")
        console.print(f"\n[bold green]$[/] [bold]{shown}[/]", soft_wrap=True)
        sys.stdout.flush()
        source = (self.folder / stdin).open("rb") if stdin else None
        begun = time.monotonic()
        try:
            done = subprocess.run(
                [troth_command(), *shlex.split(words)], cwd=self.folder, env=self.environ, stdin=source, check=False
            )
        finally:
            if source is not None:
                source.close()
        console.print(f"[dim]exit status {done.returncode}, {time.monotonic() - begun:.1f} s[/]")
        if done.returncode != status:
            raise Failed(f"expected exit status {status} of: {shown}")

    def plan_id(self, plan: str) -> str:
        """A plan's id is the SHA-256 of its file."""
        return hashlib.sha256((self.folder / plan).read_bytes().strip()).hexdigest()[:12]

    def sign(self, plan: str) -> None:
        """Sign for every task of a plan that somebody has keys to look for; there is one such step a partner."""
        for step in json.loads((self.folder / plan).read_text(encoding="utf-8"))["steps"]:
            if step["action"] == "task":
                self.troth(f"sign {self.plan_id(plan)} {step['id']} --yes --statement done")

    def counted(self) -> dict[str, int]:
        """How many rows break each promise at night, by plain SQL."""
        with closing(sqlite3.connect(self.database)) as db:
            return {promise: sum(places.values()) for promise, places in broken(db, AS_OF).items()}

    def repair(self) -> None:
        (self.folder / "repair.sql").write_text(REPAIR, encoding="utf-8")
        console.print(f"\n[bold green]$[/] [bold]sqlite3 hosting.db < repair.sql[/]\n{REPAIR.rstrip()}", style="dim")
        with closing(sqlite3.connect(self.database)) as db:
            db.executescript(REPAIR)


def troth_command() -> str:
    """The command beside this interpreter, else the one on PATH."""
    beside = Path(sys.executable).with_name("troth")
    return str(beside) if beside.exists() else "troth"


def tell(story: Story, customers: int) -> None:
    prepare(story, customers)
    story.chapter(
        "1  What was promised",
        "policy.yaml says what the company promises, each promise with the sentence it comes from; "
        "systems.yaml says where the data is.",
    )
    story.troth("validate")
    story.chapter("2  Is it kept?", f"Every promise that can be measured is measured, as of the night of {NIGHT}.")
    before = story.counted()
    story.troth(f"check --at {NIGHT}", status=1)
    story.chapter(
        "3  What would go, and why",
        "A plan changes nothing. It says, step by step, what would go, how many rows, and for which sentence; "
        "and what the law keeps, until when.",
    )
    story.troth(f"plan retention --at {NIGHT} --out purge.json")
    story.chapter("4  Let it go", "Approval is of this one plan: a changed plan has another id.")
    story.troth(f"apply purge.json --approve {story.plan_id('purge.json')}", status=1)
    console.print("\nPeople do the rest where Troth does not reach, and sign for it:")
    story.sign("purge.json")
    story.chapter(
        "5  Is it kept now?",
        "Whole addresses and an undeclared column are no matter of time: no purge can repair them.",
    )
    story.troth(f"check --at {NIGHT}", status=1)
    console.print("\nThe engineer repairs both:")
    story.repair()
    story.troth(f"check --at {NIGHT}")
    after = story.counted()
    story.chapter(
        "6  A person asks to be forgotten",
        "Camille Tilleul closed her account yesterday. She is named on standard input, never in the arguments.",
    )
    left_before = left_of(story)
    story.troth(f"plan erase --people - --at {MORNING} --out erase.json", stdin="request.txt")
    story.troth(f"apply erase.json --approve {story.plan_id('erase.json')}", status=1)
    story.sign("erase.json")
    left_after = left_of(story)
    story.chapter("7  Proof", "An auditor needs this file, the public key, and nothing of ours.")
    story.troth("evidence export evidence.jsonl")
    story.troth("evidence verify evidence.jsonl --key keys/evidence.pub")
    story.chapter("What happened", "Counted by plain SQL, not by Troth.")
    console.print()
    console.print(promises_table(before, after))
    console.print()
    console.print(person_table(left_before, left_after))
    next_commands(story)


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """One demonstration a folder, which it makes anew. The lock dies with its process."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(
                f"another demonstration is at work in {folder}\n"
                "  wait for its end, or take another folder: make demo DEMO='scripts/demo --folder build/other'"
            ) from None
        yield


def prepare(story: Story, customers: int) -> None:
    story.chapter(
        "A hosting company",
        f"{customers:,} customers, twelve years of rows, as real databases are: nothing was ever purged.",
    )
    if story.folder.exists():
        if not (story.folder / MARKER).exists() and any(story.folder.iterdir()):
            raise Failed(f"{story.folder} is not empty and not a folder of this demonstration")
        shutil.rmtree(story.folder)
    story.folder.mkdir(parents=True)
    (story.folder / MARKER).touch()
    for name in ("policy.yaml", "systems.yaml"):
        shutil.copy(HERE / name, story.folder / name)
    (story.folder / "request.txt").write_text(f"{PERSON}\n", encoding="utf-8")
    begun = time.monotonic()
    with console.status("making the database"):
        counts = generate(World(SEED, customers, AS_OF), story.database)
    grid = Table.grid(padding=(0, 3))
    for _ in range(2):
        grid.add_column()
        grid.add_column(justify="right")
    cells = [(table, f"{count:,}") for table, count in [*counts.items(), ("in all", sum(counts.values()))]]
    for left, right in zip(cells[::2], cells[1::2], strict=True):
        grid.add_row(*left, *right)
    console.print(grid)
    console.print(f"[dim]made in {time.monotonic() - begun:.1f} s[/]")
    story.troth("init .")
    console.print()
    for name in ADDRESSES:
        console.print(f"[bold green]$[/] [bold]export {name}={ADDRESS}[/]")


LEFT = {
    "support conversations of hers": "SELECT count(*) FROM support_conversations WHERE customer_id = :id",
    "references to her in messages of others": """SELECT count(*) FROM support_messages
        WHERE (mentioned_customer_id = :id OR author_type = 'customer' AND author_id = :id)
        AND conversation_id NOT IN (SELECT id FROM support_conversations WHERE customer_id = :id)""",
    "her name in their words: read them yourself": """SELECT count(*) FROM support_messages
        WHERE body LIKE '%Camille Tilleul%'
        AND conversation_id NOT IN (SELECT id FROM support_conversations WHERE customer_id = :id)""",
    "membership of Atelier Tilleul": "SELECT count(*) FROM memberships WHERE customer_id = :id",
    "other members of it": """SELECT count(*) FROM memberships WHERE customer_id != :id AND organization_id =
        (SELECT id FROM organizations WHERE name = 'Atelier Tilleul')""",
    "password hash": "SELECT count(*) FROM customers WHERE id = :id AND password_hash != ''",
    "instructions for after her death": "SELECT count(*) FROM directives WHERE customer_id = :id",
    "this request, until a year after the reply": "SELECT count(*) FROM rights_requests WHERE customer_id = :id",
    "a call that is still open": "SELECT count(*) FROM hotline_calls WHERE customer_id = :id",
    "name and address, by law 5 years": "SELECT count(*) FROM customers WHERE id = :id AND full_name != ''",
    "operations logged, by law 1 year": "SELECT count(*) FROM connection_log WHERE customer_id = :id",
    "invoices, by law 10 years": "SELECT count(*) FROM invoices WHERE customer_id = :id",
}
"""What there is of the person who asked, by plain SQL."""


def left_of(story: Story) -> dict[str, int]:
    with closing(sqlite3.connect(story.database)) as db:
        key = {"id": db.execute("SELECT id FROM customers WHERE email = ?", (PERSON,)).fetchone()[0]}
        return {words: db.execute(query, key).fetchone()[0] for words, query in LEFT.items()}


def promises_table(before: dict[str, int], after: dict[str, int]) -> Table:
    table = _table("The promise", "broken before", "after")
    for promise in PROMISES:
        kept = "[green]kept[/]" if after[promise.id] == 0 else f"[red]{after[promise.id]:,}[/]"
        table.add_row(promise.words, f"{before[promise.id]:,}", kept)
    return table


def person_table(before: dict[str, int], after: dict[str, int]) -> Table:
    table = _table("Of Camille Tilleul", "before", "after")
    for words, count in before.items():
        left = after[words]
        table.add_row(words, f"{count:,}", f"{left:,}" if left else "[green]gone[/]")
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="bold", pad_edge=False)
    table.add_column(first, min_width=48)
    for name in others:
        table.add_column(name, justify="right", min_width=8)
    return table


def next_commands(story: Story) -> None:
    folder = os.path.relpath(story.folder) if story.folder.is_relative_to(Path.cwd()) else story.folder
    console.print("\n[bold]Now you.[/] Everything is still there:\n")
    for command, words in (
        (f"cd {folder}", ""),
        *((f"export {name}={ADDRESS}", "") for name in ADDRESSES),
        (f"troth check --at {AS_OF.replace(year=AS_OF.year + 1)}", "what falls due within a year"),
        (f"troth check --at {NIGHT} --sql retention.analytics", "the exact query behind a number"),
        ("troth systems show customers", "which line of the file says what"),
        ("troth status --all", "what was done"),
    ):
        console.print(f"  [bold]{command}[/]" + (f"   [dim]{words}[/]" if words else ""), soft_wrap=True)
    console.print("\nThen change a period in policy.yaml and check again.")


def main() -> int:
    parser = argparse.ArgumentParser(description="Show Troth at work on an invented hosting company.")
    parser.add_argument("--folder", type=Path, default=Path("build/demo"), help="made anew (default build/demo)")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help=f"how many (default {CUSTOMERS})")
    options = parser.parse_args()
    begun = time.monotonic()
    folder = options.folder.resolve()
    try:
        with alone(folder):
            tell(Story(folder), options.customers)
    except Failed as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    console.print(f"\n[dim]{time.monotonic() - begun:.0f} s in all[/]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
