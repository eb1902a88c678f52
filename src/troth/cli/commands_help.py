"""troth help: every code and word, explained in English and French."""

from __future__ import annotations

from typing import Annotated

import typer

from troth.cli.words import Json


def add(app: typer.Typer) -> None:
    app.command("help")(help_)


def help_(
    context: typer.Context,
    word: Annotated[
        list[str] | None, typer.Argument(help="A code (RET-PAST) or a word (promise); none lists all.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", metavar="LANGUAGE", help="en or fr.")] = "en",
    json: Json = False,
) -> int:
    """What a finding, an error or a word means, and what to do."""
    from dataclasses import asdict

    from troth.cli import show_help
    from troth.cli.printing import out, print_json
    from troth.publish.explain import explain, known_words
    from troth.publish.language import language

    spoken = language(lang)
    if not word:
        words = known_words()
        if json:
            print_json({"words": {group: list(names) for group, names in words.items()}})
        else:
            show_help.show_words(out(), words, spoken)
        return 0
    asked = " ".join(word)
    found = explain(asked, spoken)
    if json:
        print_json({"word": asked, "meanings": [asdict(each) for each in found]})
        return 0
    parent = context.parent.command if context.parent else None
    commands = set(getattr(parent, "commands", {}))
    show_help.show(out(), found, spoken, asked.lower() if asked.lower() in commands else "")
    return 0
