"""troth validate, systems show and schema: the two files, read and explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.core.diagnostics import Diagnostic
from troth.core.errors import InputError
from troth.policy.schema import policy_schema
from troth.register.load import Register
from troth.services.looking import look, table_names
from troth.services.project import Project
from troth.systems.schema import part_schema, systems_schema
from troth.systems.show import Shown, show


@dataclass(frozen=True, slots=True)
class Validated:
    """Every diagnostic of both files, and what was read: numbers for a word of success."""

    diagnostics: tuple[Diagnostic, ...]
    errors: int
    processings: int
    promises: int
    systems: int
    unresolved: tuple[str, ...]
    """References to secrets that do not resolve here, by name; never a value. Not an error of the files."""


def validate(project: Project) -> Validated:
    register, found = project.read()
    return Validated(
        tuple(found.sorted()),
        len(found.errors),
        len(register.policy.processings),
        len(register.promises),
        len(register.data_map.systems),
        _unresolved(project, register),
    )


def _unresolved(project: Project, register: Register) -> tuple[str, ...]:
    secrets = project.secrets()
    references = [system.read for system in register.data_map.systems.values()]
    references += [system.write for system in register.data_map.systems.values()]
    references += [register.data_map.evidence.key, register.data_map.evidence.pseudonym_key]
    missing: dict[str, None] = {}
    for reference in references:
        if reference is not None:
            try:
                secrets.resolve(reference)
            except InputError as error:
                missing[error.message] = None
    return tuple(missing)


def show_table(project: Project, name: str) -> tuple[Shown, ...]:
    """Every collection that lines of systems.yaml make of a table (``table`` or ``system.table``)."""
    register = project.load()
    with look(register, project.secrets(), project.today(register)) as seen:
        found: list[Shown] = []
        for system_id, schema in seen.world.schemas.items():
            table = name.removeprefix(f"{system_id}.")
            found.extend(show(register.data_map.systems[system_id], table_names(schema), table))
        if not found:
            reasons = "".join(f"; {system} was not reached" for system in seen.reached.unreached)
            hint = "write it as table or system.table"
            raise InputError(f"no store has a table '{name}'{reasons}", hint=hint, code="NO-TABLE")
        return tuple(found)


def json_schema(which: str) -> Mapping[str, object]:
    match which:
        case "policy":
            return policy_schema()
        case "systems":
            return systems_schema()
        case "part":
            return part_schema()
        case _:
            raise InputError(f"there is no schema of '{which}'", hint="known: policy, systems, part", code="SCHEMA")
