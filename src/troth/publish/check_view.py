"""A check as the page shows it: everything decided and worded, nothing left to the template but its form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from troth.core.explained import explained
from troth.planning.check import Verdict
from troth.planning.verdicts import SEVERITY, Finding, PromiseResult
from troth.publish.check_charts import Chart, chart
from troth.publish.check_rules import about, sentence
from troth.publish.language import Said, Tongue, spaced
from troth.publish.report import CheckReport, unmeasured
from troth.publish.text import plain
from troth.register.promises import Promise

SPOKEN = frozenset(
    {
        "KEPT",
        "RET-PAST",
        "RET-UNKNOWN-START",
        "FORM-MALFORMED",
        "CLOSED-TABLE",
        "CLOSED-FIELD",
        "BY-HAND",
        "NOT-MEASURED",
    }
)
"""Codes whose words on the page say all that the finding's own message says."""


MEASURED = ("retention", "form", "closed_list")
"""Kinds of which the page says, below the company's sentence, what exactly is measured."""


@dataclass(frozen=True, slots=True)
class Place:
    """One finding. ``detail`` is the finding's own message, which is English."""

    verdict: Verdict
    where: tuple[str, ...]
    rows: str
    words: str
    oldest: str
    since: str
    accepted: str
    reason: str
    detail: str
    code: str


@dataclass(frozen=True, slots=True)
class PromiseView:
    """One promise, its sentence first. ``drawn``: charts shown here; ``elsewhere``: where the others are."""

    anchor: str
    id: str
    kind: str
    title: Said
    sentence: Said
    quoted: bool
    measured: str
    verdict: Verdict
    amount: str
    since: str
    places: tuple[Place, ...]
    kept: str
    drawn: tuple[Chart, ...]
    elsewhere: tuple[tuple[str, str], ...]

    @property
    def dated(self) -> bool:
        return any(place.oldest or place.since for place in self.places)


@dataclass(slots=True)
class PromiseViews:
    """Makes the views of one page's promises; a chart that several promises share is drawn at the first of them."""

    report: CheckReport
    tongue: Tongue
    _drawn: dict[tuple[object, ...], tuple[str, str]] = field(default_factory=dict)

    def of(self, result: PromiseResult) -> PromiseView:
        tongue, promise = self.tongue, result.promise
        anchor = f"promise-{promise.id.replace('.', '-')}"
        quote = " ".join(promise.quote.split())
        shown = [finding for finding in result.findings if finding.verdict != "kept"]
        kept = len(result.findings) - len(shown)
        drawn, elsewhere = self._charts(result, anchor)
        words = ("found.also" if shown else "found.kept") if kept else ""
        places = tuple(self._places(shown))
        return PromiseView(
            anchor,
            promise.id,
            tongue.say(f"kind.{promise.kind}") if tongue.has(f"kind.{promise.kind}") else promise.kind,
            about(tongue, self.report.policy, promise),
            Said(quote) if quote else sentence(tongue, self.report.policy, promise, self._location(promise)),
            bool(quote),
            sentence(tongue, self.report.policy, promise).words if quote and promise.kind in MEASURED else "",
            result.verdict,
            self._sum(result, places),
            self._since(result),
            places,
            tongue.say(words, n=kept) if words else "",
            drawn,
            elsewhere,
        )

    def _location(self, promise: Promise) -> str:
        system = self.report.data_map.systems.get(promise.system or "")
        return (system.location or "") if system else ""

    def _sum(self, result: PromiseResult, places: Sequence[Place]) -> str:
        """By how much a promise is broken: rows or values and in how many places, or what is undeclared."""
        tongue = self.tongue
        if result.verdict not in ("broken", "accepted"):
            return ""
        worst = [finding for finding in result.findings if finding.verdict == result.verdict]
        if all(finding.rows is None for finding in worst) and result.promise.kind not in MEASURED:
            return ""
        if result.promise.kind == "closed_list":
            counts = Counter(finding.code for finding in worst)
            names = (("CLOSED-TABLE", "systems.tables"), ("CLOSED-FIELD", "systems.columns"))
            return tongue.listed([tongue.say(name, n=counts[code]) for code, name in names if counts[code]])
        amount = tongue.say("found.values" if result.promise.kind == "form" else "found.rows", n=result.rows)
        number = sum(place.verdict == result.verdict for place in places)
        return tongue.say("found.places", n=number, amount=amount)

    def _since(self, result: PromiseResult) -> str:
        """The day from which the oldest of it has been kept too long."""
        ages = [self.report.of(finding) for finding in result.findings if finding.verdict == result.verdict]
        days = [each.since for each in ages if each is not None and each.since is not None]
        broken = result.verdict in ("broken", "accepted") and days
        return self.tongue.say("found.since_when", day=self.tongue.day(min(days))) if broken else ""

    def _charts(self, result: PromiseResult, anchor: str) -> tuple[tuple[Chart, ...], tuple[tuple[str, str], ...]]:
        drawn: list[Chart] = []
        elsewhere: list[tuple[str, str]] = []
        for finding in sorted(result.findings, key=lambda each: SEVERITY[each.verdict]):
            ages = self.report.of(finding)
            if ages is None:
                continue
            same = (ages.collection, ages.limit, ages.bins)
            if same in self._drawn:
                elsewhere.append(self._drawn[same])
            elif found := chart(self.tongue, ages, self.report.at, f"age-{len(self._drawn) + 1}"):
                self._drawn[same] = (found.anchor, found.title)
                drawn.append(found)
        here = {each.anchor for each in drawn}
        elsewhere = [each for each in elsewhere if each[0] not in here]
        return tuple(drawn), tuple(dict.fromkeys(elsewhere))

    def _places(self, findings: Iterable[Finding]) -> Iterator[Place]:
        """Undeclared tables, and undeclared columns of one table, make one place while the same is said of them."""
        groups: dict[tuple[object, ...], list[Finding]] = {}
        for finding in sorted(findings, key=lambda each: SEVERITY[each.verdict]):
            own: tuple[object, ...] = (len(groups),)
            if finding.code in ("CLOSED-TABLE", "CLOSED-FIELD"):
                own = () if finding.code == "CLOSED-TABLE" else (finding.collection,)
            groups.setdefault((finding.code, finding.verdict, finding.accepted, *own), []).append(finding)
        for group in groups.values():
            yield self._place(group)

    def _place(self, group: Sequence[Finding]) -> Place:
        tongue, finding = self.tongue, group[0]
        ages = self.report.of(finding)
        fields = [name for each in group for name in each.fields]
        where = tuple(dict.fromkeys(each.collection for each in group if each.collection))
        accepted = finding.accepted
        return Place(
            finding.verdict,
            where,
            "" if finding.rows is None else self._amount(finding),
            self._words(finding, fields, len(where)) + (f", {tongue.say('found.sample')}" if finding.sample else ""),
            tongue.day(finding.oldest) if finding.oldest else "",
            tongue.day(ages.since) if ages and ages.since else "",
            tongue.say("found.accepted", owner=accepted.owner, day=tongue.day(accepted.until)) if accepted else "",
            accepted.reason if accepted else "",
            "" if finding.code in SPOKEN and not finding.sample else finding.message,
            finding.code,
        )

    def _amount(self, finding: Finding) -> str:
        name = "found.values" if finding.code.startswith("FORM-") else "found.rows"
        return self.tongue.say(name, n=finding.rows)

    def _words(self, finding: Finding, fields: Sequence[str], places: int) -> str:
        tongue, name = self.tongue, finding.code
        if name == "CLOSED-TABLE":
            return tongue.say("finding.CLOSED-TABLE", n=places)
        if name == "CLOSED-FIELD":
            return tongue.say("finding.CLOSED-FIELD", n=len(fields), fields=tongue.listed(list(fields)))
        if name == "RET-PAST" and fields:
            name = "RET-PAST-FIELDS"
        if name == "NOT-MEASURED" and not unmeasured_kind(finding):
            name = "NOT-SERVED"
        if tongue.has(f"finding.{name}"):
            words = tongue.say(f"finding.{name}")
        else:
            means = [each.means.of(tongue.language) for each in explained(name, "findings")]
            words = spaced(plain(" ".join(means)), tongue.language)
        if not fields:
            return words
        named = tongue.say("found.fields", n=len(fields), fields=tongue.listed(list(fields)))
        return f"{words} ({named})" if words.endswith(".") or not words else f"{words}, {named}"


def unmeasured_kind(finding: Finding) -> bool:
    """A promise without any measure is of a kind that is not measured, or no line serves it."""
    return finding.promise.partition(".")[0] not in ("retention", "form", "closed_list")


def measured_first(results: Iterable[PromiseResult]) -> tuple[list[PromiseResult], list[PromiseResult]]:
    """The promises that are measured, and those of kinds that this version does not measure."""
    found = list(results)
    return [each for each in found if not unmeasured(each)], [each for each in found if unmeasured(each)]
