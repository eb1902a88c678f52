"""Which rights a person has in one processing, and which not, by the bases of its purposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from troth.law.read import authorities, rights
from troth.law.values import Authority, Right, Words
from troth.planning.ends import GDPR_APPLIES
from troth.policy.model import Basis, Policy, Purpose
from troth.publish.language import Tongue, spaced

LETTER = {basis: basis.value[-1] for basis in Basis}


@dataclass(frozen=True, slots=True)
class RightView:
    """One right in one processing: ``yes``, under a condition, or ``no``."""

    id: str
    title: str
    article: str
    words: str
    answer: str
    conditions: tuple[str, ...]


def rights_of(tongue: Tongue, policy: Policy, purposes: Sequence[Purpose], on: date) -> tuple[RightView, ...]:
    """Every right, as it applies to some of these purposes. A purpose whose basis is to confirm has none said of it."""
    return tuple(
        _view(tongue, right, purposes) for right in known_rights(policy, on) if _applies_at_all(right, purposes)
    )


def known_rights(policy: Policy, on: date) -> tuple[Right, ...]:
    """The rights in force where the controller's authority is."""
    found = authority_of(policy)
    country = found.country if found else ""
    return tuple(each for each in rights(max(on, GDPR_APPLIES)) if not each.countries or country in each.countries)


def authority_of(policy: Policy) -> Authority | None:
    """The authority to complain to, where the policy names one that is known here."""
    return authorities().get(policy.controller.authority or "")


def said(tongue: Tongue, words: Words) -> str:
    return spaced(words.fr if tongue.language == "fr" else words.en, tongue.language)


def _applies_at_all(right: Right, purposes: Sequence[Purpose]) -> bool:
    """To say no to marketing is told where there is some."""
    return right.id != "marketing" or any(purpose.marketing for purpose in purposes)


def _view(tongue: Tongue, right: Right, purposes: Sequence[Purpose]) -> RightView:
    letters = {LETTER[purpose.basis] for purpose in purposes if purpose.basis is not None}
    answers = {right.bases[letter] for letter in letters}
    conditions = dict.fromkeys(
        said(tongue, right.conditions[each]) for each in sorted(letters) if each in right.conditions
    )
    answer = "yes" if answers == {"yes"} else "no" if answers <= {"no"} else "cond"
    if answer == "cond" and "yes" in answers:
        conditions = {tongue.say("rights.some"): None, **conditions}
    return RightView(
        right.id,
        said(tongue, right.title),
        law_article(tongue, right.article),
        said(tongue, right.words),
        answer,
        tuple(conditions),
    )


def law_article(tongue: Tongue, article: str) -> str:
    """``Art. 16 GDPR``; an article of another law is written whole."""
    if not article[:1].isdigit():
        return article
    return f"Art. {article} GDPR" if tongue.language == "en" else f"art. {article} RGPD"
