"""The law as data: bases, erasure rules, reasons of refusal, statutory periods, authorities; each with its source and
the days it is in force."""

from troth.law.read import authorities, authority, bases, erasure_rules, reason, reasons, rights, statutes, time_limit
from troth.law.values import (
    Authority,
    Confidence,
    ErasureRule,
    LawfulBasis,
    Reason,
    Right,
    Source,
    Statute,
    TimeLimit,
    Words,
)

__all__ = [
    "Authority",
    "Confidence",
    "ErasureRule",
    "LawfulBasis",
    "Reason",
    "Right",
    "Source",
    "Statute",
    "TimeLimit",
    "Words",
    "authorities",
    "authority",
    "bases",
    "erasure_rules",
    "reason",
    "reasons",
    "rights",
    "statutes",
    "time_limit",
]
