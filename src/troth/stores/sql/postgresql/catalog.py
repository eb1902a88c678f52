# ruff: noqa: S608 — the statements are put together from constants of this file alone
"""The tables of a PostgreSQL database: one catalogue query per subject, whatever the number of tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from troth.stores.access import RECEIPTS
from troth.stores.contract import CollectionInfo, FieldInfo, Reference, Rule, Trigger
from troth.stores.sql.catalog import COARSE, Catalog, Column, Kind, Table

_OURS = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"

_RELATIONS = f"""
select c.oid, n.nspname, c.relname, c.relkind::text, c.relrowsecurity, c.reltuples::bigint as tuples, c.relispopulated,
       (select array_agg(i.inhparent order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid) as parents
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and {_OURS}
order by n.nspname, c.relname"""

_COLUMNS = f"""
with recursive real (oid, base, typmod, required, kind) as (
    select oid, oid, -1, false, typtype::text from pg_type where typtype <> 'd'
    union all
    select d.oid, real.base, case when d.typtypmod >= 0 then d.typtypmod else real.typmod end,
           d.typnotnull or real.required, real.kind
    from pg_type d join real on d.typbasetype = real.oid where d.typtype = 'd'
)
select a.attrelid, a.attname, a.attnotnull or real.required as required, a.attgenerated <> '' as generated,
       format_type(a.atttypid, a.atttypmod) as declared, format_type(real.base, -1) as base, real.kind,
       case when a.atttypmod >= 0 then a.atttypmod else real.typmod end as typmod
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
join real on real.oid = a.atttypid
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f') and {_OURS}
order by a.attrelid, a.attnum"""

_NAMES = """(select array_agg(a.attname::text order by u.at) from unnest({numbers}) with ordinality u (number, at)
  join pg_attribute a on a.attrelid = {relation} and a.attnum = u.number)"""

_CONSTRAINTS = f"""
select k.conrelid, k.conname, k.contype::text, k.confrelid, k.confdeltype::text,
       {_NAMES.format(numbers="k.conkey", relation="k.conrelid")} as fields,
       {_NAMES.format(numbers="k.confkey", relation="k.confrelid")} as target_fields,
       case when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end as text
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
where k.contype in ('p', 'u', 'c', 'f', 'x') and (k.contype <> 'f' or k.conparentid = 0) and {_OURS}
order by k.conrelid, k.conname"""

_DOMAIN_RULES = f"""
select a.attrelid, a.attname, k.conname, pg_get_expr(k.conbin, 0) as text, quote_ident(a.attname) as quoted
from pg_constraint k join pg_attribute a on a.atttypid = k.contypid
join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where k.contype = 'c' and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and {_OURS}
order by a.attrelid, a.attnum, k.conname"""

_INDEXES = f"""
select i.indrelid, i.indisunique, i.indisvalid, i.indpred is not null as partial, i.indexprs is not null as computed,
       i.indnkeyatts, m.amname,
       (select array_agg(coalesce(a.attname::text, '') order by k.at)
        from unnest(i.indkey::int2[]) with ordinality k (number, at)
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number and k.number > 0) as fields,
       (select array_agg(distinct a.attname::text) from pg_depend d
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = d.refobjsubid
        where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refobjid = i.indrelid
          and d.refobjsubid > 0) as depends
from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
where {_OURS}
order by i.indrelid, i.indexrelid"""

_TRIGGERS = f"""
select t.tgrelid, t.tgname, t.tgtype::int, pg_get_triggerdef(t.oid) as text, p.proname, p.prosrc,
       encode(t.tgargs, 'escape') as arguments
from pg_trigger t join pg_proc p on p.oid = t.tgfoid
join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
where not t.tgisinternal and t.tgenabled <> 'D' and {_OURS}
order by t.tgrelid, t.tgname"""

_RULES = f"""
select r.ev_class, r.rulename, r.ev_type::text, pg_get_ruledef(r.oid) as text
from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
where r.rulename <> '_RETURN' and r.ev_enabled <> 'D' and {_OURS}
order by r.ev_class, r.rulename"""

_VIEWS = f"""
select distinct r.ev_class, d.refobjid
from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
join pg_class s on s.oid = d.refobjid and s.relkind in ('r', 'p', 'v', 'm', 'f')
where r.rulename = '_RETURN' and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class and {_OURS}"""

_DATABASES = """
select datname from pg_database where not datistemplate and datallowconn and datname <> current_database() order by 1"""

_KINDS: Mapping[str, Kind] = {
    "smallint": "integer", "integer": "integer", "bigint": "integer", "oid": "integer", "numeric": "decimal",
    "real": "float", "double precision": "float", "text": "text", "character varying": "text", "bpchar": "text",
    "name": "text", "citext": "text", "boolean": "boolean", "date": "date", "timestamp without time zone": "datetime",
    "timestamp with time zone": "datetime_tz", "json": "json", "jsonb": "json", "uuid": "uuid", "bytea": "bytes",
    "inet": "network", "cidr": "network", "macaddr": "network", "macaddr8": "network",
}  # fmt: skip

_RELKINDS: Mapping[str, Literal["table", "view", "materialized_view", "other"]] = {
    "r": "table", "p": "table", "v": "view", "m": "materialized_view", "f": "other",
}  # fmt: skip

_ON_DELETE: Mapping[str, Literal["no_action", "cascade", "set_null", "set_default"]] = {
    "a": "no_action", "r": "no_action", "c": "cascade", "n": "set_null", "d": "set_default",
}  # fmt: skip

_RULE_EVENTS = {"2": "update", "3": "insert", "4": "delete"}

Row = sa.Row[Any]


def read_catalog(connection: sa.Connection, schemas: Sequence[str]) -> Catalog:
    """Everything in ``schemas``, the first of which gives its tables bare names, and tables elsewhere whose foreign
    keys point into them."""

    def rows(statement: str) -> Sequence[Row]:
        return connection.exec_driver_sql(statement).all()

    def by_relation(statement: str) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        for row in rows(statement):
            found[row[0]].append(row)
        return found

    relations = {row.oid: row for row in rows(_RELATIONS)}
    facts = _Facts(
        relations,
        _names(relations.values(), schemas),
        by_relation(_COLUMNS),
        by_relation(_CONSTRAINTS),
        by_relation(_DOMAIN_RULES),
        by_relation(_INDEXES),
        by_relation(_TRIGGERS),
        by_relation(_RULES),
        by_relation(_VIEWS),
    )
    inside = {oid for oid, row in relations.items() if row.nspname in schemas}
    inside |= {oid for oid in relations if any(key.confrelid in inside for key in facts.foreign_keys(oid))}
    receipts = {oid for oid in inside if relations[oid].relname == RECEIPTS and relations[oid].nspname == schemas[0]}
    tables = (facts.table(oid) for oid in relations if oid in inside - receipts)
    others = dict.fromkeys(f"schema {row.nspname}" for row in relations.values() if row.nspname not in schemas)
    databases = (f"database {row.datname}" for row in rows(_DATABASES))
    return Catalog({table.name: table for table in tables}, (*others, *databases), bool(receipts))


def relation_names(connection: sa.Connection, schemas: Sequence[str]) -> dict[int, str]:
    """How each table, view and foreign table outside the server's own schemas is called here, by its number."""
    return _names(connection.exec_driver_sql(_RELATIONS).all(), schemas)


def _names(relations: Iterable[Row], schemas: Sequence[str]) -> dict[int, str]:
    """Collection names: bare in the first schema, ``schema.table`` elsewhere; where the two would be equal, the bare
    one is written with its schema too, quoted."""
    rows = list(relations)
    qualified = {f"{row.nspname}.{row.relname}" for row in rows if row.nspname != schemas[0]}
    names: dict[int, str] = {}
    for row in rows:
        if row.nspname != schemas[0]:
            names[row.oid] = f"{row.nspname}.{row.relname}"
        else:
            names[row.oid] = row.relname if row.relname not in qualified else f'{row.nspname}."{row.relname}"'
    return names


@dataclass(frozen=True, slots=True)
class _Facts:
    """The answers of the catalogue, each by the relation it is about."""

    relations: Mapping[int, Row]
    names: Mapping[int, str]
    columns: Mapping[int, list[Row]]
    constraints: Mapping[int, list[Row]]
    domain_rules: Mapping[int, list[Row]]
    indexes: Mapping[int, list[Row]]
    triggers: Mapping[int, list[Row]]
    rules: Mapping[int, list[Row]]
    views: Mapping[int, list[Row]]
    _children: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for oid, row in self.relations.items():
            for parent in row.parents or ():
                self._children[parent].append(oid)

    def table(self, oid: int) -> Table:
        row = self.relations[oid]
        columns = {column.attname: _column(column) for column in self.columns.get(oid, ())}
        keys = [key for key in self.constraints.get(oid, ()) if key.contype == "p"]
        parents = [self.names[parent] for parent in row.parents or () if parent in self.names]
        row_id = "ctid" if row.relkind in ("r", "p") else None
        info = CollectionInfo(
            self.names[oid],
            _RELKINDS[row.relkind],
            tuple(column.info for column in columns.values()),
            tuple(keys[0].fields) if keys else (),
            self._unique(oid),
            self._row_rules(oid),
            self._references(oid),
            self._indexed(oid),
            self._fires(oid),
            parents[0] if parents else None,
            self._history_of(row),
            tuple(sorted(self.names[source] for source in self._sources(oid))),
            row.relrowsecurity,
            self._estimate(oid),
            row_id is not None and not self._children.get(oid),
        )
        concurrent = row.relkind == "m" and row.relispopulated and any(
            index.indisunique and index.indisvalid and not index.partial and not index.computed
            for index in self.indexes.get(oid, ())
        )  # fmt: skip
        return Table(info, row.relname, columns, row.nspname, row_id, bool(self._children.get(oid)), concurrent)

    def foreign_keys(self, oid: int) -> list[Row]:
        return [key for key in self.constraints.get(oid, ()) if key.contype == "f"]

    def _references(self, oid: int) -> tuple[Reference, ...]:
        return tuple(
            Reference(
                key.conname,
                tuple(key.fields),
                self.names[key.confrelid],
                tuple(key.target_fields),
                _ON_DELETE[key.confdeltype],
            )
            for key in self.foreign_keys(oid)
        )

    def _unique(self, oid: int) -> tuple[tuple[str, ...], ...]:
        """Groups of fields in which the store may refuse a repetition: of a partial index or one on expressions, all
        the fields it looks at. An exclusion constraint counts as such a group."""
        found: dict[tuple[str, ...], None] = {}
        for index in self.indexes.get(oid, ()):
            if index.indisunique:
                whole = tuple(index.fields[: index.indnkeyatts])
                found[tuple(index.depends or ()) if index.computed else whole] = None
        found.update(
            {tuple(key.fields): None for key in self.constraints.get(oid, ()) if key.contype == "x" and key.fields}
        )
        return tuple(found)

    def _row_rules(self, oid: int) -> tuple[Rule, ...]:
        rules = [Rule(key.conname, key.text) for key in self.constraints.get(oid, ()) if key.contype == "c"]
        for rule in self.domain_rules.get(oid, ()):
            text = f"(SELECT {rule.text} FROM (SELECT {rule.quoted} AS value) AS it)"
            rules.append(Rule(f"{rule.attname}: {rule.conname}", text))
        return tuple(rules)

    def _indexed(self, oid: int) -> tuple[tuple[str, ...], ...]:
        found: dict[tuple[str, ...], None] = {}
        for index in self.indexes.get(oid, ()):
            fields = list(index.fields[: index.indnkeyatts])
            plain = fields[: fields.index("")] if "" in fields else fields
            if plain and index.indisvalid and not index.partial and index.amname in ("btree", "brin"):
                found[tuple(plain)] = None
        return tuple(found)

    def _fires(self, oid: int) -> tuple[Trigger, ...]:
        bits = {4: "insert", 8: "delete", 16: "update", 32: "truncate"}
        found = [
            Trigger(
                row.tgname,
                frozenset(event for bit, event in bits.items() if row.tgtype & bit and event != "truncate"),
                f"{row.text}\n{row.prosrc}",
            )
            for row in self.triggers.get(oid, ())
        ]
        found += [
            Trigger(row.rulename, frozenset({_RULE_EVENTS[row.ev_type]}), row.text) for row in self.rules.get(oid, ())
        ]
        return tuple(found)

    def _history_of(self, row: Row) -> str | None:
        """The table whose old rows this one keeps, by the trigger of the ``temporal_tables`` extension."""
        for relation, triggers in self.triggers.items():
            for trigger in triggers:
                arguments = trigger.arguments.split("\\000")
                if trigger.proname == "versioning" and len(arguments) > 2:
                    target = arguments[1].replace('"', "")
                    if target in (row.relname, f"{row.nspname}.{row.relname}") and relation in self.names:
                        return self.names[relation]
        return None

    def _sources(self, oid: int) -> set[int]:
        """What a view shows, through other views as well."""
        found: set[int] = set()
        left = [oid]
        while left:
            for row in self.views.get(left.pop(), ()):
                if row.refobjid not in found and row.refobjid in self.names:
                    found.add(row.refobjid)
                    left.append(row.refobjid)
        return found

    def _estimate(self, oid: int) -> int | None:
        row = self.relations[oid]
        if row.relkind in ("v", "f"):
            return None
        own = [] if row.relkind == "p" else [row.tuples]
        parts = [self._estimate(child) for child in self._children.get(oid, ())]
        known = [count for count in (*own, *parts) if count is not None and count >= 0]
        return sum(known) if known and len(known) == len(own) + len(parts) else None


def _column(row: Row) -> Column:
    base = row.base.rpartition(".")[2] if row.base.endswith(".citext") else row.base
    kind: Kind = "other" if row.kind == "e" else _KINDS.get(base, "other")
    length = row.typmod - 4 if base in ("character varying", "bpchar") and row.typmod >= 4 else None
    info = FieldInfo(row.attname, COARSE[kind], row.declared, not row.required, length, row.generated)
    return Column(info, kind, row.base)
