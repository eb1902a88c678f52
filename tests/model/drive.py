"""A world taken through the product's own way: look, draft, write keys down, count, finish, carry out, check."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from unittest.mock import patch

from tests.model.conditions import Judge
from tests.model.memory import memories, state_of
from tests.model.spec import Case, State, build, snapshot

from troth.execution import apply
from troth.execution.apply import Holds, StepOutcome, carry_out
from troth.execution.keys import Keys, bind, fill
from troth.execution.measure import Reached, answer
from troth.execution.pace import Watch
from troth.planning import names
from troth.planning.check import draft_check
from troth.planning.draft import Draft
from troth.planning.drafting import draft
from troth.planning.finish import finish
from troth.planning.plan import KeySet, Plan, Step, read_plan
from troth.planning.reading import Erasure, Retention
from troth.planning.scope import key_of
from troth.planning.verdicts import PromiseResult, conclude
from troth.planning.world import World
from troth.register.promises import compile_promises
from troth.stores.conditions import Condition, Key, Scalar
from troth.stores.contract import Count, Store
from troth.stores.gone import Outside, Shown
from troth.stores.sql import open_store

Rows = frozenset[int]

NONCES = count()


@dataclass(frozen=True)
class Planned:
    """A plan with the rows that each part of it counted when it was made."""

    draft: Draft
    plan: Plan
    keys: Keys
    rows: Mapping[str, Rows]
    """By step."""
    stuck: Mapping[str, Rows]
    """Rows counted as blocked, by collection."""
    kept: Mapping[str, Rows]
    """Rows counted as retained, by collection."""


@dataclass
class Ledger:
    """Our own record of one run, in memory. ``meanwhile`` is called after every batch: somebody else's program."""

    keys_written: Keys
    holds_now: Callable[[], Holds]
    meanwhile: Callable[[], None] = lambda: None
    after_step: Callable[[Step], None] = lambda _: None
    batches: dict[str, list[int]] = field(default_factory=dict)
    outcomes: dict[str, StepOutcome] = field(default_factory=dict)
    done_before_sweep: dict[str, int] = field(default_factory=dict)
    sweeps: list[int] = field(default_factory=list)

    def is_done(self, step: Step) -> bool:
        return step.id in self.outcomes

    def progress(self, step: Step) -> tuple[int, int]:
        done = self.batches.get(step.id, [])
        return sum(done), len(done)

    def batch(self, step: Step, batch: int, rows: int, *, replayed: bool) -> None:
        done = self.batches.setdefault(step.id, [])
        assert batch == len(done)
        assert not replayed
        done.append(rows)
        self.meanwhile()

    def step_done(self, step: Step, outcome: StepOutcome) -> None:
        self.outcomes[step.id] = outcome
        self.after_step(step)

    def swept(self, round_: int, rows: int) -> None:
        self.sweeps.append(rows)

    def rewritten(self, step: Step, shown: Shown, outside: tuple[Outside, ...]) -> None:
        raise AssertionError("no plan of the model has a physical step")

    def task(self, step: Step) -> None:
        self.outcomes[step.id] = StepOutcome(0, 0, 0)

    def keys(self, name: str) -> tuple[Key, ...]:
        return self.keys_written.get(name, ())

    def held(self) -> Holds:
        return self.holds_now()


@dataclass
class Bench:
    """A case's stores, opened for the product, and a look at every row that does not use them."""

    case: Case
    readers: Mapping[str, Store]
    writers: Mapping[str, Store]
    state: Callable[[], State]
    extra_held: dict[str, frozenset[Scalar]] = field(default_factory=dict)
    """Holds placed while a plan is carried out."""

    @property
    def world(self) -> World:
        schemas = {name: store.describe() for name, store in self.readers.items()}
        collections = {each.id: each for each in self.case.collections}
        return World(self.case.policy, self.case.data_map, collections, schemas, self.case.today, self.case.frozen)

    def held(self) -> dict[str, tuple[Key, ...]]:
        found: dict[str, tuple[Key, ...]] = {}
        for name in {*self.case.held, *self.extra_held}:
            extra = sorted(self.extra_held.get(name, ()), key=str)
            keys: list[Key] = [*self.case.held.get(name, ()), *((value,) for value in extra)]
            found[self._named(names.held, name)] = tuple(dict.fromkeys(keys))
        return found

    def plan(self) -> Planned:
        case = self.case
        made = draft(self.world, Retention() if case.people is None else Erasure())
        given = {self._named(names.goes, name): keys for name, keys in (case.people or {}).items()}
        keys = fill(self.readers, made.questions.values(), {**self.held(), **given})
        answers = answer(made.asks, Reached(self.readers, {}), keys, lambda _: None)
        sets = [KeySet(name, len(value), "") for name, value in sorted(keys.items()) if not names.is_held(name)]
        people = sum(map(len, (case.people or {}).values()))
        plan = finish(made, answers, sets, [], people=people, nonce=str(next(NONCES)))
        assert read_plan(plan.to_bytes()).id == plan.id
        state = self.state()
        rows = {ask: self.matching(state, ask.system, ask.table, ask.where, keys) for ask in made.asks}
        for ask, found in rows.items():
            count = answers[ask]
            assert isinstance(count, Count)
            assert count.rows == len(found), (
                f"ORACLE {ask.table}: the store counts {count.rows}, memory {set(found)}: {ask.where}"
            )
        stuck: dict[str, Rows] = {}
        for blocked in made.blocked:
            if blocked.ask is not None:
                stuck[blocked.collection] = stuck.get(blocked.collection, frozenset()) | rows[blocked.ask]
        kept: dict[str, Rows] = {}
        for retained in made.retained:
            kept[retained.collection] = kept.get(retained.collection, frozenset()) | rows[retained.ask]
        steps = {step.id: self.matching(state, step.system, step.table, step.counted, keys) for step in plan.steps}
        return Planned(made, plan, keys, steps, stuck, kept)

    def matching(self, state: State, system: str, table: str, where: Condition, keys: Keys) -> Rows:
        """The rows that a condition means, by the memory's own reading of it."""
        tables = {each.name: each for each in self.case.tables}
        zone = self.case.data_map.systems[system].zone
        bound = bind(table, where, keys)
        judge = Judge(tables, lambda name: list(state[name].values()), bound.keys, zone)
        return frozenset(n for n, row in state[table].items() if judge.meets(table, row, where))

    def ledger(self, planned: Planned) -> Ledger:
        written = {name: keys for name, keys in planned.keys.items() if not names.is_held(name)}
        return Ledger(written, lambda: Holds(self.held(), self.case.frozen))

    def run(self, planned: Planned, ledger: Ledger) -> None:
        with patch.object(apply, "BATCH", self.case.batch):
            watch = Watch(lambda *_: None, lambda: False, lambda _: None)
            carry_out(planned.plan, self.readers, self.writers, ledger, watch)

    def check(self) -> tuple[PromiseResult, ...]:
        world = self.world
        made = draft_check(world, {}, {})
        keys = fill(self.readers, made.questions, self.held())
        asks = [measure.ask for measure in made.measures if measure.ask is not None]
        answers = answer(list(dict.fromkeys(asks)), Reached(self.readers, {}), keys, lambda _: None)
        promises = compile_promises(self.case.policy, self.case.data_map)
        return conclude(world, promises, made, answers, {})

    def _named(self, naming: Callable[[str, str], str], collection_id: str) -> str:
        collection = next(each for each in self.case.collections if each.id == collection_id)
        return naming(collection_id, key_of(collection) or "")


def in_memory(case: Case) -> Bench:
    stores = memories(case)
    return Bench(case, stores, stores, lambda: state_of(stores))


@contextmanager
def in_files(case: Case, folder: Path) -> Generator[Bench]:
    """The case in SQLite files, opened by the product's own store."""
    files = build(case, folder)
    zones = {name: system.zone for name, system in case.data_map.systems.items()}
    readers: dict[str, Store] = {}
    writers: dict[str, Store] = {}
    try:
        for name, file in files.items():
            readers[name] = open_store("sqlite", f"sqlite:///{file}", writable=False, zone=zones[name])
            writers[name] = open_store("sqlite", f"sqlite:///{file}", writable=True, zone=zones[name])
        yield Bench(case, readers, writers, lambda: snapshot(case, files))
    finally:
        for store in (*readers.values(), *writers.values()):
            store.close()
