"""Accessors to the law's data files. Files are read once; a malformed one is a bug and raises at the first use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from string import Formatter
from types import MappingProxyType
from typing import Any, TypeVar

from troth.core.diagnostics import Diagnostics, did_you_mean
from troth.core.errors import InputError
from troth.core.periods import Period
from troth.core.yamlfile import parse_document
from troth.law.values import Authority, ErasureRule, LawfulBasis, Reason, Right, Source, Statute, TimeLimit, Words

_T = TypeVar("_T")


def bases(on: date) -> Mapping[str, LawfulBasis]:
    """The lawful bases of Article 6(1) in force on a day, by key."""
    return {each.key: each for each in _bases() if each.source.in_force(on)}


def erasure_rules(on: date) -> tuple[ErasureRule, ...]:
    """The rules that decide an erasure request, in the order in which they are tried."""
    return tuple(each for each in _erasure_rules() if each.source.in_force(on))


def statutes(on: date) -> Mapping[str, Statute]:
    """Periods that a text imposes, recommends or allows on a day, by id."""
    return {each.id: each for each in _statutes() if each.source.in_force(on)}


def time_limit(key: str, on: date) -> TimeLimit:
    """The time limit of this name in force on a day. Raises ``InputError`` where there is none."""
    return _pick({each.id: each for each in _time_limits() if each.source.in_force(on)}, key, "time limit")


def reasons() -> Mapping[str, Reason]:
    """Every reason of refusal or deferral, by code."""
    return _reasons()


def reason(code: str) -> Reason:
    """The reason with this code. Raises ``InputError`` for one that is not known."""
    return _pick(_reasons(), code, "reason of refusal")


def rights(on: date) -> tuple[Right, ...]:
    """The rights of people in force on a day, in the order in which they are told."""
    return tuple(each for each in _rights() if each.source.in_force(on))


def authorities() -> Mapping[str, Authority]:
    """The supervisory authorities known here, by id."""
    return _authorities()


def authority(key: str) -> Authority:
    """The authority with this id. Raises ``InputError`` for one that is not known."""
    return _pick(_authorities(), key, "supervisory authority")


def countries(words: Iterable[str]) -> frozenset[str]:
    """Country codes as they are, and every country of a union among ``words`` (EU, EEA)."""
    known = _unions()
    return frozenset(country for word in words for country in known.get(word, (word,)))


def _pick(known: Mapping[str, _T], key: str, what: str) -> _T:
    if key not in known:
        raise InputError(f"'{key}' is not a {what} known here", hint=did_you_mean(key, known), code="LAW-UNKNOWN")
    return known[key]


def _load(name: str) -> dict[str, Any]:
    text = resources.files("troth.law").joinpath("data", name).read_text(encoding="utf-8")
    found = Diagnostics()
    document = parse_document(text, name, found)
    if document is None or found.items:
        raise ValueError(f"troth.law data file {name} is malformed: {found.items}")
    return document.tree


def _source(entry: Mapping[str, Any], around: Mapping[str, Any]) -> Source:
    """The entry's own source; what it leaves out is the file's."""
    own = {**around["source"], **entry.get("source", {})}
    return Source(own["text"], own["confidence"], own["since"], own.get("until"))


def _words(entry: Mapping[str, str]) -> Words:
    return Words(entry["en"], entry["fr"])


@cache
def _bases() -> tuple[LawfulBasis, ...]:
    data = _load("bases.yaml")
    return tuple(
        LawfulBasis(key, each["article"], _words(each["title"]), _source(each, data))
        for key, each in data["bases"].items()
    )


@cache
def _erasure_rules() -> tuple[ErasureRule, ...]:
    data = _load("erasure.yaml")
    return tuple(
        ErasureRule(
            order=number,
            code=each["code"],
            article=each["article"],
            bases=tuple(each.get("bases", ())),
            outcome=each["outcome"],
            reason=each.get("reason"),
            words=_words(each["words"]),
            source=_source(each, data),
        )
        for number, each in enumerate(data["rules"], start=1)
    )


@cache
def _reasons() -> Mapping[str, Reason]:
    data = _load("reasons.yaml")
    return MappingProxyType(
        {
            code: Reason(code, each["article"], _words(each["words"]), _fills(each["words"]["en"]), _source(each, data))
            for code, each in data["reasons"].items()
        }
    )


def _fills(text: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(text) if name)


@cache
def _rights() -> tuple[Right, ...]:
    data = _load("rights.yaml")
    return tuple(
        Right(
            key,
            each["article"],
            _words(each["title"]),
            _words(each["words"]),
            MappingProxyType(each["bases"]),
            MappingProxyType({basis: _words(words) for basis, words in each.get("conditions", {}).items()}),
            tuple(each.get("countries", ())),
            _source(each, data),
        )
        for key, each in data["rights"].items()
    )


@cache
def _statutes() -> tuple[Statute, ...]:
    data = _load("statutes.yaml")
    return tuple(
        Statute(
            id=key,
            reference=each["reference"],
            country=each.get("country", "FR"),
            data=_words(each["data"]),
            period=Period.parse(each["period"]) if each.get("period") else None,
            start=each.get("start"),
            of_year=each.get("of_year"),
            bound=each["bound"],
            note=each.get("note", ""),
            source=_source(each, data),
        )
        for key, each in data["statutes"].items()
    )


@cache
def _unions() -> Mapping[str, tuple[str, ...]]:
    return {key: tuple(each["countries"]) for key, each in _load("unions.yaml")["unions"].items()}


@cache
def _time_limits() -> tuple[TimeLimit, ...]:
    data = _load("time_limits.yaml")
    return tuple(
        TimeLimit(
            id=key,
            article=each["article"],
            period=Period.parse(each["period"]) if each.get("period") else Period(),
            working_days=each.get("working_days", 0),
            hours=each.get("hours", 0),
            days=tuple(each.get("days", ())),
            choice=each.get("choice", False),
            note=each.get("note", ""),
            source=_source(each, data),
        )
        for key, each in data["limits"].items()
    )


@cache
def _authorities() -> Mapping[str, Authority]:
    data = _load("authorities.yaml")
    return MappingProxyType(
        {
            key: Authority(key, each["country"], each["name"], each["url"], each.get("confidence", data["confidence"]))
            for key, each in data["authorities"].items()
        }
    )
