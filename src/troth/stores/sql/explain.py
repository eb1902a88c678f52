"""Statements as text for people, values written in, ready to be pasted into the store's own client.

The text holds what the statement holds: constants of the policy, and keys of people where a selection names some. It
is for the eyes of whoever may see those; never for a log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from troth.stores.access import Granting
from troth.stores.sql.catalog import Catalog
from troth.stores.sql.server import Server

_DIALECTS: Mapping[str, Callable[..., sa.Dialect]] = {
    "mariadb": MariaDBDialect, "postgresql": PGDialect, "sqlite": SQLiteDialect,
}  # fmt: skip


def written_out(statement: sa.Select[Any] | sa.UpdateBase | sa.TextClause, kind: str) -> str:
    # The driver's own dialect would double every percent sign, as its placeholders demand.
    dialect = _DIALECTS[kind](paramstyle="named")
    text = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return "\n".join(line.strip() for line in text.splitlines()) + ";"


def granting_text(connection: sa.Connection, server: Server, catalog: Catalog, wanted: Granting) -> str:
    """The statements that make the grants; beside them, as comments, what a physical step needs more."""
    text = server.granting(connection, catalog, wanted.grants)
    if wanted.physical is None:
        return text
    changed = {grant.collection for grant in wanted.grants if grant.rights & {"update", "delete"}}
    tables = [table for name, table in sorted(catalog.tables.items()) if name in changed]
    return "\n".join([text, "", *server.physical.needs(connection, wanted.physical, tables)])
