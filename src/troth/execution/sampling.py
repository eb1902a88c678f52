"""Looking at an unknown database: how many rows, a bounded sample of each table, whether sampled references agree.

Everything read is summed up here and let go of. Bounds: ``SAMPLE`` rows a table, drawn at random; the first that the
store gives only of a table over ``RANDOM_UP_TO`` rows whose rows have no places (an order by chance would read them
all); ``CUT`` characters of a value; ``REFERENCES`` values a reference. A table that may not be read is said, and the
rest goes on.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from troth.discover.events import MOMENTS
from troth.discover.facts import WORDS_KEPT, Agreement, Facts, Seen, TableFacts
from troth.discover.frameworks import CONTENT_TYPES, is_content_type, tables_by_type
from troth.discover.guessing import people_of
from troth.discover.links import candidates
from troth.discover.naming import fits, plain
from troth.discover.shapes import shapes_of
from troth.discover.table_words import CLOSED_IF
from troth.stores.conditions import Everything, Field, InKeys
from troth.stores.contract import ChangeRefused, CollectionInfo, Selection, Store, StoreUnavailable, Value

SAMPLE = 200
RANDOM_UP_TO = 200_000
CUT = 4_000
REFERENCES = 50
JSON_DEPTH = 3
JSON_PATHS = 60
CONTENT_TYPES_READ = 5_000
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-\d\d")

Step = Callable[[str], None]


def facts_of(store: Store, on_step: Step) -> Facts:
    """Everything guesses are made from. A table that does not answer (locked, too slow, not granted) is said and left;
    ``StoreUnavailable`` when the store itself has gone away."""
    tables: dict[str, TableFacts] = {}
    closed: list[str] = []
    for info in store.describe().collections:
        if info.kind == "view" and not info.fields:
            closed.append(f"{info.name}: a view over something that is no longer there")
        if info.kind == "table" and info.part_of is None:
            on_step(info.name)
            try:
                tables[info.name] = _table(store, info)
            except (ChangeRefused, StoreUnavailable) as error:
                store.check()
                closed.append(f"{info.name}: {error.message}")
                tables[info.name] = TableFacts(info)
    types = _content_types(store, tables)
    by_type = tables_by_type(types, tables)
    facts = Facts(tables, types=by_type, apps=frozenset(app for _, app, _ in types), undeclared=tuple(closed))
    return replace(facts, agreed=_agreed(store, facts, on_step))


def _content_types(store: Store, tables: Mapping[str, TableFacts]) -> list[tuple[str, str, str]]:
    """Django's models: number, application and name. They are the program's own words, a few hundred at most."""
    table = tables.get(CONTENT_TYPES)
    if table is None or not table.rows or not {"id", "app_label", "model"} <= set(table.names):
        return []
    fields = (Field("id"), Field("app_label"), Field("model"))
    rows = store.read(Selection(CONTENT_TYPES, Everything()), fields, limit=CONTENT_TYPES_READ)
    return [(str(number), str(app), str(model)) for number, app, model in rows]


def _table(store: Store, info: CollectionInfo) -> TableFacts:
    rows = store.count(Selection(info.name, Everything())).rows
    fields = [each for each in info.fields if each.type != "bytes"]
    if not rows or not fields:
        return TableFacts(info, rows)
    names = tuple(Field(each.name) for each in fields)
    values = store.read(Selection(info.name, Everything()), names, limit=SAMPLE, sample=at_random(info, rows))
    drawn = [tuple(row) for row in values]
    seen = {each.name: summed(each.name, each.type, [row[at] for row in drawn]) for at, each in enumerate(fields)}
    return TableFacts(info, rows, len(drawn), seen)


def at_random(info: CollectionInfo, rows: int | None) -> bool:
    """Whether the sample of a table is drawn at random; else it is its first rows."""
    return info.by_place or (rows or 0) <= RANDOM_UP_TO


def summed(name: str, kind: str, values: Sequence[Value]) -> Seen:
    """What the values of one column look like. Only the words of type and state columns are kept, when they are few."""
    filled = [value for value in values if value is not None and value != ""]
    texts = [str(value)[:CUT] for value in filled]
    shapes: Counter[str] = Counter()
    if kind in {"text", "other", "network"}:
        for text in texts:
            shapes.update(shapes_of(text))
    different = set(texts)
    words: tuple[str, ...] = ()
    if keeps_words(name) and len(different) <= WORDS_KEPT:
        words = tuple(sorted(each for each in different if len(each) <= 80 and "@" not in each))
    paths: Mapping[str, Seen] = {}
    if kind == "json" or (kind == "text" and texts and all(text[:1] in "{[" for text in texts)):
        paths = _paths([_document(value) for value in filled])
    longest = max(map(len, texts), default=0)
    months = Counter(text[:7] for text in texts if _DAY.match(text)) if kind in MOMENTS else Counter[str]()
    return Seen(len(filled), len(different), dict(shapes), words, paths, longest, dict(months))


def keeps_words(column: str) -> bool:
    """Type and state columns: their values are words of the program, not of people."""
    name = plain(column)
    return name.endswith("_type") or is_content_type(name) or any(fits((pattern,), name) for pattern, _ in CLOSED_IF)


def _document(value: Value) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None


def _paths(documents: Iterable[object]) -> Mapping[str, Seen]:
    """Dotted paths to texts and numbers, lists passed by. Keys that are no plain words may be data: left out."""
    found: dict[str, list[str]] = {}
    for document in documents:
        _walk(document, (), found)
    return {path: summed("", "text", texts) for path, texts in list(found.items())[:JSON_PATHS]}


def _walk(value: object, way: tuple[str, ...], found: dict[str, list[str]]) -> None:
    match value:
        case dict() if len(way) < JSON_DEPTH:
            for key, inner in value.items():
                if isinstance(key, str) and key.replace("_", "").isalpha() and key.isascii() and len(key) <= 40:
                    _walk(inner, (*way, key), found)
        case str() | int() | float() if way and not isinstance(value, bool):
            found.setdefault(".".join(way), []).append(str(value)[:CUT])
        case _:
            pass


def _agreed(store: Store, facts: Facts, on_step: Step) -> Mapping[tuple[str, str, str], Agreement]:
    """For every link that a name alone suggests: how many of some sampled values are keys of the other table."""
    _, people = people_of(facts)
    found: dict[tuple[str, str, str], Agreement] = {}
    for table, column, target in candidates(facts, people):
        seen = facts.tables[table].of(column)
        if not seen.filled:
            continue
        on_step(f"{table}.{column}")
        try:
            found[table, column, target] = _asked(store, facts, table, column, target)
        except (ChangeRefused, StoreUnavailable):
            continue
    return found


def _asked(store: Store, facts: Facts, table: str, column: str, target: str) -> Agreement:
    selection = Selection(table, Everything())
    drawn = store.read(
        selection, (Field(column),), limit=SAMPLE, sample=at_random(facts.tables[table].info, facts.tables[table].rows)
    )
    values = list(dict.fromkeys(_scalar(value) for (value,) in drawn if value is not None))[:REFERENCES]
    key = (Field(facts.tables[target].info.key[0]),)
    where = Selection(target, InKeys(key, "sampled"), {"sampled": tuple((value,) for value in values)})
    return Agreement(store.count(where).rows, len(values))


def _scalar(value: Value) -> int | str:
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)
