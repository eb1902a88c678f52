"""What codes and words mean, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from troth.publish.explain import Help
from troth.publish.language import Language, tongue


def show(console: Console, found: Sequence[Help], language: Language, command: str) -> None:
    """Each meaning with what kind of thing it is; ``command``: the name of a command that is called the same."""
    spoken = tongue(language, "help")
    for index, each in enumerate(found):
        if index:
            console.print()
        console.print(Text.assemble((each.name, "bold"), f"  {each.title}"))
        console.print(Padding(Text(each.means), (0, 0, 0, 2)))
        if each.do:
            console.print(
                Padding(Text.assemble((spoken.say("do") + spoken.say("colon"), "bold"), each.do), (0, 0, 0, 2))
            )
    if command:
        console.print(Text(f"\n{spoken.say('command', name=command)}", style="dim"))


def show_words(console: Console, words: Mapping[str, Sequence[str]], language: Language) -> None:
    """Everything that can be asked for, by group."""
    spoken = tongue(language, "help")
    console.print(spoken.say("how"))
    for group, names in words.items():
        console.print(Text(f"\n{spoken.say(f'group.{group}')}", style="bold"))
        console.print(Padding(Text(", ".join(names)), (0, 0, 0, 2)))
