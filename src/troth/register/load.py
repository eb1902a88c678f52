"""The two files together: ``Register``, and what is wrong between them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from troth.core.diagnostics import Diagnostics
from troth.core.yamlfile import read_document
from troth.policy.load import read_policy
from troth.policy.model import Controller, Policy
from troth.register.cross import Cross
from troth.register.promises import Promise, compile_promises
from troth.systems.load import read_systems
from troth.systems.model import DataMap
from troth.systems.parts import read_with_parts

POLICY = "policy.yaml"
SYSTEMS = "systems.yaml"


@dataclass(frozen=True, slots=True)
class Register:
    """What a company promises and where its data is, checked against each other.

    ``revision`` is the SHA-256 of the two files' revisions: it changes with any byte of either.
    """

    policy: Policy
    data_map: DataMap
    promises: tuple[Promise, ...]
    revision: str

    def promise(self, promise_id: str) -> Promise | None:
        return next((promise for promise in self.promises if promise.id == promise_id), None)


def load_register(
    folder: Path, systems: Path | None = None, *, today: date | None = None
) -> tuple[Register, Diagnostics]:
    """The register in ``folder``, or of two files (``folder`` is then policy.yaml), with every diagnostic.

    What is wrong is left out, so a register is always returned; ``diagnostics.raise_if_errors()`` before it is used.
    Parts of systems.yaml are read with it. ``today`` judges acceptances; without it they are only read.
    """
    first, second = (folder, systems) if systems is not None else (folder / POLICY, folder / SYSTEMS)
    found = Diagnostics()
    policy_document = read_document(first, found)
    systems_document = read_with_parts(second, found)
    policy = read_policy(policy_document, found, today) if policy_document else Policy(Controller(name=""), {})
    data_map = read_systems(systems_document, found) if systems_document else DataMap({})
    promises = compile_promises(policy, data_map)
    if policy_document and systems_document:
        Cross(policy, data_map, promises, policy_document, systems_document, found).check()
    revision = hashlib.sha256(f"{policy.revision}\n{data_map.revision}\n".encode()).hexdigest()
    return Register(policy, data_map, promises, revision), found


def read_register(folder: Path, systems: Path | None = None, *, today: date | None = None) -> Register:
    """The register, for those who cannot go on with a wrong one. Raises ``DiagnosticsError`` with all that is wrong."""
    register, found = load_register(folder, systems, today=today)
    found.raise_if_errors()
    return register
