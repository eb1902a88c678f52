"""What frameworks do in their own ways: which one made a schema, and how Django names tables and kinds of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from troth.discover.facts import Facts, TableFacts
from troth.discover.naming import plain, stem, words_of

Convention: TypeAlias = Literal["rails", "django", "laravel", "plain"]

MARKS: tuple[tuple[Convention, tuple[str, ...]], ...] = (
    ("rails", ("schema_migrations", "ar_internal_metadata")),
    ("django", ("django_migrations", "django_content_type", "auth_permission")),
    ("laravel", ("migrations", "password_resets", "password_reset_tokens", "failed_jobs", "personal_access_tokens")),
)
CONTENT_TYPES = "django_content_type"
"""Django's own table of models: a number for each ``app_label`` and ``model``."""


def convention_of(tables: Mapping[str, TableFacts]) -> Convention:
    """The framework whose own tables are there: two of its marks, or one that is its alone."""
    names = {plain(name) for name in tables}
    for word, marks in MARKS:
        if len(names & set(marks)) >= 2 or names & {"django_migrations", "ar_internal_metadata"} & set(marks):
            return word
    return "plain"


def tables_by_type(types: Iterable[tuple[str, str, str]], tables: Iterable[str]) -> dict[str, str]:
    """(number, application, model) of content types → number → table: ``app_model``, else the one that ends so."""
    squeezed = {_squeezed(name): name for name in tables}
    found = {}
    for number, app, model in types:
        table = squeezed.get(_squeezed(f"{app}{model}"))
        ending = [name for key, name in squeezed.items() if key.endswith(_squeezed(model))]
        if table or len(ending) == 1:
            found[number] = table or ending[0]
    return found


def _squeezed(name: str) -> str:
    return plain(name.rpartition(".")[2]).replace("_", "")


def type_column(table: TableFacts, column: str) -> str | None:
    """The column that says which table a polymorphic reference leads to: ``owner_type`` for ``owner_id``; Django's
    ``content_type_id`` for ``object_id``, ``actor_content_type_id`` for ``actor_object_id``."""
    names, name = {plain(each): each for each in table.names}, plain(column)
    for ending in ("object_id", "object_pk", "object_uuid"):
        if name.endswith(ending) and (found := names.get(f"{name.removesuffix(ending)}content_type_id")):
            return found
    bare = stem(column)
    return names.get(f"{bare}_type") if bare else None


def is_content_type(column: str) -> bool:
    return plain(column).endswith("content_type_id")


def own_words(table: str, apps: frozenset[str]) -> tuple[str, ...]:
    """A table's words without those of its application: ``team`` of ``teams_team``."""
    words = words_of(table)
    for app in apps:
        beginning = words_of(app)
        if len(words) > len(beginning) and words[: len(beginning)] == beginning:
            return words[len(beginning) :]
    return words


def apps_of(facts: Facts) -> frozenset[str]:
    """The words that a Django schema's tables begin with: its applications, or what stands before the first ``_``."""
    if convention_of(facts.tables) != "django":
        return frozenset()
    return facts.apps or frozenset(plain(name).partition("_")[0] for name in facts.tables if "_" in name)
