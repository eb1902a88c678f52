"""troth init: a folder with the two files to fill in, and the keys that evidence is made with."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from troth.core.errors import InputError
from troth.proofs.note import SignerKey, create_key
from troth.register.load import load_register

IGNORED = """# made by troth init: secrets and our own database stay out of git
keys/*.key
keys/*.witness
.troth/
plans/
"""


@dataclass(frozen=True, slots=True)
class Started:
    """Files that were made, those that were there already, and the verifier key to hand to auditors."""

    made: tuple[str, ...]
    kept: tuple[str, ...]
    verifier: str


FROM = ("saas",)
"""Starter policies by name."""


def starter(name: str) -> str:
    """The text of a starter file."""
    return resources.files("troth.services").joinpath("starter", name).read_text(encoding="utf-8")


def start(folder: Path, policy: str | None = None) -> Started:
    """Make what is missing; nothing that exists is changed. The origin of the log is the one in systems.yaml.

    ``policy``: the starter policy that policy.yaml begins with, instead of the short one to fill in.
    """
    if policy is not None and policy not in FROM:
        raise InputError(f"there is no starter policy '{policy}'", hint=f"known: {', '.join(FROM)}", code="INIT-FROM")
    made: list[str] = []
    kept: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("policy.yaml", "systems.yaml"):
            text = starter(f"{policy}.yaml" if policy is not None and name == "policy.yaml" else name)
            (made if _write_new(folder / name, text) else kept).append(name)
        (made if _write_new(folder / ".gitignore", IGNORED) else kept).append(".gitignore")
        register, _ = load_register(folder)
        verifier = _keys(folder, register.data_map.evidence.origin, made, kept)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be made a project: {error.strerror}", hint="name a folder that you may write", code="INIT"
        ) from error
    return Started(tuple(made), tuple(kept), verifier)


def _keys(folder: Path, origin: str, made: list[str], kept: list[str]) -> str:
    keys = folder / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    signing = keys / "evidence.key"
    if signing.exists():
        kept.append("keys/evidence.key")
    else:
        _write_new(signing, create_key(origin).secret_text() + "\n", mode=0o600)
        made.append("keys/evidence.key")
    verifier = SignerKey.parse(signing.read_text(encoding="utf-8").strip()).verifier.to_text()
    (made if _write_new(keys / "evidence.pub", verifier + "\n") else kept).append("keys/evidence.pub")
    pseudonym = _write_new(keys / "pseudonym.key", secrets.token_hex(32) + "\n", mode=0o600)
    (made if pseudonym else kept).append("keys/pseudonym.key")
    return verifier


def _write_new(path: Path, text: str, mode: int = 0o644) -> bool:
    """Write ``path`` unless it exists; True when it was made."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return True
