"""A page in headless Chromium, as wide as a test wants, held against axe's rules without a driver of any kind.

The page is put into a frame of the wanted width with axe beside it; what axe says is written into the outer document,
which Chromium prints. So nothing but the browser and one script is needed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[2] / "requirements" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

_ASK = """
addEventListener("load", () => axe.run(document, {resultTypes: ["violations", "incomplete"]}).then(found => {
  const said = each => each.map(one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 120))]);
  parent.document.getElementById("said").textContent = JSON.stringify({
    violations: said(found.violations), incomplete: said(found.incomplete), passes: found.passes.length,
    width: innerWidth, wanted: document.documentElement.scrollWidth,
  });
}));
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """``violations`` and ``incomplete`` by rule, with some elements; ``wanted``: the width that the page needs."""

    violations: list[Any]
    incomplete: list[Any]
    passes: int
    width: int
    wanted: int


def judged(page: str, width: int, folder: Path) -> Judged:
    """What axe says of a page, ``width`` pixels wide. Skips where Chromium or axe is absent."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: pages are not held against axe (Debian: apt-get install chromium)")
    if not AXE.is_file():
        pytest.skip("axe-core is not here: pages are not held against it (make axe, which needs npm)")
    policy = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
    assert page.count(policy) == 1
    scripts = f"<script>{AXE.read_text(encoding='utf-8')}</script><script>{_ASK}</script></head>"
    inside = page.replace(policy, "").replace("</head>", scripts, 1)
    frame = f'<iframe style="border: 0" width="{width}" height="12000" srcdoc="{escape(inside)}"></iframe>'
    outside = folder / "outside.html"
    outside.write_text(f'<!doctype html><meta charset="utf-8"><pre id="said"></pre>{frame}', encoding="utf-8")
    words = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1400,12000",
        f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=60000", "--dump-dom", outside.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, timeout=240, check=True)
    said = unescape(done.stdout.partition('<pre id="said">')[2].partition("</pre>")[0])
    return Judged(**json.loads(said))
