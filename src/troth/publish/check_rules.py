"""Retention rules, purposes and the sentences of promises, in the words of a language."""

from __future__ import annotations

from datetime import date

from troth.core.periods import Period
from troth.law.read import bases
from troth.planning.ends import GDPR_APPLIES, governing
from troth.policy.model import Item, Policy, Processing, Purpose, Rule, Text
from troth.publish.language import Language, Said, Tongue
from troth.register.promises import Promise


def rule_words(tongue: Tongue, rule: Rule) -> str:
    """``180 days from “recorded”``; what the policy leaves open is said to be."""
    if rule.event is None or rule.period is None:
        return tongue.say("about.to_confirm")
    event = tongue.quoted(rule.event.replace("_", " "))
    if rule.of_year is not None:
        event = tongue.say("rule.year" if rule.of_year == "calendar" else "rule.financial", event=event)
    if rule.period == Period():
        words = tongue.say("rule.until", event=event)
    else:
        name = {"max": "rule.from", "min": "rule.least", "both": "rule.exactly"}[rule.bound]
        words = tongue.say(name, period=tongue.period(rule.period), event=event)
    if rule.phase == "archive":
        words = tongue.say("rule.archive", rule=words)
    return words if rule.action == "erase" else tongue.say(f"rule.{rule.action}", rule=words)


def kept_for(tongue: Tongue, purpose: Purpose) -> str:
    """Every rule of a purpose; "no period is written" where there is none."""
    if not purpose.rules:
        return tongue.say("about.no_period")
    return tongue.listed([rule_words(tongue, rule) for rule in purpose.rules])


def purpose_words(tongue: Tongue, processing: Processing, purpose: Purpose) -> Said:
    """The purpose's title, else the processing's."""
    if purpose.id == processing.id and not str(purpose.title):
        return tongue.pick(processing.title, processing.id)
    return tongue.pick(purpose.title, purpose.id)


def item_words(tongue: Tongue, policy: Policy, item: Item) -> Said:
    """The item's title; where its processing gives none, the one that another processing gives the same item."""
    titles = [item.title, *(each.items[item.id].title for each in policy.processings.values() if item.id in each.items)]
    return tongue.pick(next((title for title in titles if str(title)), Text()), item.id)


def basis_words(tongue: Tongue, purpose: Purpose, on: date) -> str:
    """``contract, Art. 6(1)(b) GDPR``, with the statute where one obliges."""
    known = bases(max(on, GDPR_APPLIES))
    if purpose.basis is None or purpose.basis not in known:
        return tongue.say("about.to_confirm")
    found = known[purpose.basis]
    law, short = ("GDPR", "Art.") if tongue.language is Language.ENGLISH else ("RGPD", "art.")
    title = tongue.pick(Text(found.title.en, found.title.fr)).words
    return ", ".join(filter(None, (title, f"{short} {found.article} {law}", purpose.law)))


def sentence(tongue: Tongue, policy: Policy, promise: Promise, place: str = "") -> Said:
    """What is promised, in words of ours, where the policy is not quoted. ``place``: the declared one of its system."""
    processing = policy.processings.get(promise.processing or "")
    if promise.kind == "retention" and processing is not None:
        purpose = promise.purpose or next(iter(processing.purposes))  # one line may hold for all of them
        rules = governing(processing.purposes[purpose])
        words = tongue.listed([rule_words(tongue, rule) for rule in rules]) or tongue.say("about.no_period")
        return Said(tongue.say("sentence.retention", rule=words))
    if promise.kind == "form" and processing is not None:
        form = processing.items[promise.item or ""].form or ""
        return Said(tongue.say("sentence.form", form=form_words(tongue, form)))
    if promise.kind == "closed_list":
        return Said(tongue.say("sentence.closed_list", system=promise.system))
    if promise.kind == "place" and place:
        return Said(tongue.say("sentence.place", system=promise.system, place=place))
    return Said(tongue.say("sentence.unwritten"))


def form_words(tongue: Tongue, form: str) -> str:
    """A declared form in words; its id when the page has none."""
    return tongue.say(f"form.{form}") if tongue.has(f"form.{form}") else form


def about(tongue: Tongue, policy: Policy, promise: Promise) -> Said:
    """What a promise is about: a purpose, an item, a measure, a system."""
    processing = policy.processings.get(promise.processing or "")
    if processing is not None and promise.item is not None:
        return item_words(tongue, policy, processing.items[promise.item])
    if processing is not None and promise.purpose is not None:
        return purpose_words(tongue, processing, processing.purposes[promise.purpose])
    if processing is not None:
        return tongue.pick(processing.title, processing.id)
    measure = policy.measures.get(promise.id.partition(".")[2])
    if measure is not None:
        return tongue.pick(measure.title, measure.id)
    return Said(promise.system or "")
