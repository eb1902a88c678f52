"""What a mask can write into a column that may not be null and is no text: a value that nobody takes for data.

Texts need none (a mask writes the empty one), nor does what may be null. A key, a reference and what must be unique
have no blank; a plan says so when it comes to them.
"""

from __future__ import annotations

from collections.abc import Mapping

from troth.stores.contract import CollectionInfo, FieldInfo

BLANKS: Mapping[str, str] = {
    "number": "0",
    "date": "1900-01-01",
    "datetime": "1900-01-01 00:00:00",
    "datetime_tz": "1970-01-02 00:00:00+00:00",
    "network": "192.0.2.0",
    "uuid": "00000000-0000-0000-0000-000000000000",
}  # fmt: skip
"""Values that nobody takes for data and every store can hold (MariaDB's TIMESTAMP begins in 1970)."""


def blank_of(table: CollectionInfo, info: FieldInfo) -> str:
    """The blank to propose for a column; empty where none is needed, or none is possible."""
    groups = (*table.unique, table.key, *(each.fields for each in table.references))
    if info.nullable or info.generated or any(info.name in group for group in groups):
        return ""
    return BLANKS.get(info.type, "")
