"""What a first look saw as one HTML page that stands alone: no script, no other file, printable."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from troth.cli.show_look import ages, counted, how_many, next_commands
from troth.services.unknown import Looked

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --bad: #b00020; --quiet: #5a5f66; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --quiet: #a9b0b8; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
body { overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { margin-top: 2rem; border-bottom: 1px solid var(--line); }
.quiet { color: var(--quiet); } .bad { color: var(--bad); font-weight: 600; }
ul.plain { list-style: none; padding: 0; } ul.plain > li { border-bottom: 1px solid var(--line); padding: .6rem 0; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
code { font-size: .95em; }
@media (max-width: 40rem) {
  thead { position: absolute; left: -100vw; }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  th, td { display: block; border: 0; padding: .1rem 0; }
}
@media print { body { margin: 0; max-width: none; } tr, li { break-inside: avoid; } }
"""


def page(looked: Looked) -> str:
    return "\n".join(_page(looked)) + "\n"


def _page(looked: Looked) -> Iterator[str]:
    sight = looked.sight
    held = [each for each in sight.holdings if each.items]
    linked = [each for each in sight.holdings if not each.items]
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>A first look: {escape(looked.database)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>"
    yield "<h1>A first look</h1>"
    head = escape(f"{looked.database}, conventions: {looked.convention}. Nothing was changed.")
    yield f'<p class="quiet">{head}</p>'
    yield (
        f"<p><strong>{len(held)}</strong> tables hold personal data, <strong>{len(linked)}</strong> more belong to "
        f"people or name them; in {len(sight.others)} nothing was seen; of {len(sight.undecided)} it is not known. "
        "All this is guessed from names, types, links and a bounded sample.</p>"
    )
    yield "<h2>What looks wrong</h2>"
    if not sight.suspicions:
        yield "<p>Nothing at first sight; a policy says what should not be there.</p>"
    else:
        yield '<ul class="plain">'
        for wrong in sight.suspicions:
            where = escape(f"{wrong.table}.{wrong.column}")
            yield f'<li><code>{where}</code> <span class="bad">{escape(wrong.message)}</span>'
            yield f" ({escape(how_many(wrong))})"
            yield f'<br><span class="quiet">{escape(wrong.hint)} ({wrong.code})</span></li>'
        yield "</ul>"
    yield "<h2>What is there</h2>\n<table>"
    yield '<caption class="quiet">Dates are those of the rows themselves.</caption>'
    yield (
        '<thead><tr><th scope="col">Table</th><th scope="col">Rows</th><th scope="col">Whose</th>'
        '<th scope="col">From, to</th><th scope="col">What</th></tr></thead>\n<tbody>'
    )
    for each in held:
        what = "<br>".join(f"{escape(item)}: {escape(', '.join(columns))}" for item, columns in each.items.items())
        yield (
            f'<tr><th scope="row">{escape(each.table)}</th><td>{escape(counted(each))}</td>'
            f"<td>{escape(each.whose)}</td><td>{escape(ages(each))}</td><td>{what}</td></tr>"
        )
    yield "</tbody>\n</table>"
    names = [f"{each.table} ({each.whose})" for each in linked]
    for title, listed in (
        ("Also linked to people", names),
        ("Not known whose", sight.undecided),
        ("Nothing seen", sight.others),
        ("Could not be read", sight.unread),
        ("Limits of this look", looked.limits),
    ):
        if listed:
            yield f"<h2>{title}</h2>\n<p>{escape('; '.join(listed))}</p>"
    yield "<h2>Next</h2>\n<ol>"
    for command, meaning in next_commands(looked):
        yield f"<li><code>{escape(command)}</code>: {escape(meaning)}</li>"
    yield "</ol>\n</main>\n</body>\n</html>"
