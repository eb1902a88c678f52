"""MariaDB's types by what a condition must know of them."""

from __future__ import annotations

from collections.abc import Mapping

from troth.stores.sql.catalog import Kind

FLAGS = frozenset({"tinyint(1)", "bit(1)"})
"""What applications keep true and false in, and sometimes a small number."""

_KINDS: Mapping[str, Kind] = {
    "tinyint": "integer", "smallint": "integer", "mediumint": "integer", "int": "integer", "bigint": "integer",
    "year": "integer", "bit": "integer", "decimal": "decimal", "float": "float", "double": "float", "char": "text",
    "varchar": "text", "tinytext": "text", "text": "text", "mediumtext": "text", "longtext": "text", "json": "json",
    "date": "date", "datetime": "datetime", "timestamp": "datetime_tz", "uuid": "uuid", "binary": "bytes",
    "varbinary": "bytes", "tinyblob": "bytes", "blob": "bytes", "mediumblob": "bytes", "longblob": "bytes",
    "inet4": "network", "inet6": "network",
}  # fmt: skip
"""All others, such as ENUM, SET, TIME and shapes, are compared as text."""


def kind_of(name: str) -> Kind:
    return _KINDS.get(name, "other")
