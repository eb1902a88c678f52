"""Terminal output, recorded from the command itself, as an SVG picture for the documentation."""

from __future__ import annotations

import io
import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent

THEME = TerminalTheme(
    (24, 26, 31),
    (216, 219, 226),
    [(60, 63, 70), (240, 98, 98), (120, 200, 120), (226, 188, 92), (104, 156, 240), (200, 130, 220), (92, 196, 208),
     (216, 219, 226)],
    [(110, 114, 124), (255, 120, 120), (140, 220, 140), (240, 205, 110), (130, 175, 255), (220, 150, 240),
     (120, 215, 225), (255, 255, 255)],
)  # fmt: skip

FORM = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img"
  xml:space="preserve">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""As rich's own, without the fonts it would fetch from elsewhere."""


def recorded(words: Sequence[str | Path], folder: Path, width: int, environ: Mapping[str, str]) -> tuple[int, str]:
    """(exit status, standard output) of a command, as a terminal of this width gets it."""
    terminal = {"COLUMNS": str(width), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    ours, theirs = pty.openpty()
    running = subprocess.Popen(words, cwd=folder, env={**environ, **terminal}, stdout=theirs, stderr=subprocess.DEVNULL)
    os.close(theirs)
    output = io.BytesIO()
    try:
        while piece := os.read(ours, 65536):
            output.write(piece)
    except OSError:  # the terminal's other end was closed
        pass
    return running.wait(), output.getvalue().decode().replace("\r", "")


def draw(lines: Sequence[str], picture: Path, width: int, words: str, title: str) -> None:
    """``words`` stand over the terminal, ``title`` is read to those who do not see it."""
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(Text.from_ansi(line.rstrip()), soft_wrap=True)
    picture.parent.mkdir(parents=True, exist_ok=True)
    form = FORM.replace("TITLE", title)
    picture.write_text(
        console.export_svg(title=words, theme=THEME, code_format=form, unique_id="demo"), encoding="utf-8"
    )
    print(f"{picture.relative_to(ROOT)}, {len(lines)} lines")
