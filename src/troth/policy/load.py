"""``policy.yaml`` → the frozen ``Policy``, with everything that is wrong in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from troth.core.diagnostics import Diagnostics, Mark, did_you_mean
from troth.core.fileform import check_form
from troth.core.yamlfile import Document, read_document
from troth.core.yamltree import Where
from troth.policy.files import (
    ControllerFile,
    ItemFile,
    MeasureFile,
    PolicyFile,
    ProcessingFile,
    PurposeFile,
    RightsFile,
    TextFile,
)
from troth.policy.grammar import parse_period
from troth.policy.model import (
    Acceptance,
    Activity,
    Controller,
    Item,
    Measure,
    Policy,
    Processing,
    Purpose,
    Recipient,
    Right,
    RightsContact,
    Rule,
    Text,
    Tracker,
)
from troth.policy.rules import contradictions, law_and_basis, make_rule


def load_policy(path: Path, today: date | None = None) -> tuple[Policy, Diagnostics]:
    """The policy and every diagnostic of its file. What is wrong is left out of the policy; a file that cannot be
    read at all gives an empty one. ``today``: for acceptances that have expired; they are not judged without it."""
    found = Diagnostics()
    document = read_document(path, found)
    if document is None:
        return Policy(Controller(name=""), {}), found
    return read_policy(document, found, today), found


def read_policy(document: Document, found: Diagnostics, today: date | None = None) -> Policy:
    """Like ``load_policy``, for a document already read."""
    file, rest = check_form(PolicyFile, document, "P", found)
    return _Maker(file, rest, document, found, today).policy()


class _Maker:
    """Walks the file once. ``doc`` is the sound part; ``whole`` is asked whether a name was written at all, so that
    an entry left out for one error is not reported again by all that refer to it."""

    def __init__(
        self, file: PolicyFile, doc: Document, whole: Document, found: Diagnostics, today: date | None
    ) -> None:
        self.file, self.doc, self.whole, self.found, self.today = file, doc, whole, found, today

    def policy(self) -> Policy:
        file = self.file
        return Policy(
            controller=self._controller(file.controller or ControllerFile()),
            processings={key: self._processing(key, each) for key, each in (file.processings or {}).items()},
            recipients={
                key: Recipient(
                    key,
                    each.name or key,
                    each.role,
                    each.country,
                    each.transfer,
                    each.contract,
                    each.policy_url,
                    each.quote or "",
                    self.doc.key("recipients", key),
                )
                for key, each in (file.recipients or {}).items()
            },
            trackers=self._trackers(),
            measures={key: self._measure(key, each) for key, each in (file.security or {}).items()},
            activities={
                key: Activity(key, _text(each.title), each.quote or "", self.doc.key("processor", "activities", key))
                for key, each in ((file.processor.activities if file.processor else None) or {}).items()
            },
            rights=self._rights(file.rights) if file.rights else RightsContact(),
            accepted=tuple(self._accepted()),
            title=_text(file.title),
            last_updated=file.last_updated,
            revision=self.doc.revision,
        )

    def _measure(self, key: str, file: MeasureFile) -> Measure:
        way: Where = ("security", key, "items")
        items = [each.partition(".") for each in file.items or ()]
        for index, (processing, _, item) in enumerate(items):
            written: Any = self.whole.tree.get("processings")
            holder: Any = written.get(processing) if isinstance(written, dict) else None
            known = [str(name) for name in (holder.get("data") if isinstance(holder, dict) else None) or ()]
            if item not in known:
                hint = did_you_mean(item, known) or "write it as processing.item"
                message = f"'{processing}.{item}' is no item of a processing"
                self.found.error("P210", message, self.doc.value(*way, index), hint)
        return Measure(
            key,
            _text(file.title),
            file.kind or "organisation",
            file.quote or "",
            self.doc.key("security", key),
            tuple(file.countries or ()),
            tuple(file.operated_by or ()),
            tuple((processing, item) for processing, _, item in items),
        )

    def _controller(self, file: ControllerFile) -> Controller:
        month, day = (int(part) for part in (file.financial_year_end or "12-31").split("-"))
        return Controller(
            name=file.name or "",
            contact=file.contact or "",
            address=file.address or "",
            dpo=file.dpo,
            representative=file.representative,
            authority=file.authority,
            zone=file.timezone or "UTC",
            year_end=(month, day),
            quote=file.quote or "",
        )

    def _processing(self, key: str, file: ProcessingFile) -> Processing:
        way = ("processings", key)
        items = {name: self._item(name, each, (*way, "data", name)) for name, each in (file.data or {}).items()}
        if file.purposes:
            purposes = {
                name: self._purpose(name, each, (*way, "purposes", name), file, key)
                for name, each in file.purposes.items()
            }
        else:
            own = self._purpose(key, PurposeFile(quote=file.quote), way, file, key)
            purposes = {key: replace(own, title=_text(file.title), mark=self.doc.key(*way))}
        if file.recipients is not None:
            self._known(file.recipients, "recipients", (*way, "recipients"), "211", "recipient")
        return Processing(
            id=key,
            title=_text(file.title),
            role=file.role or "controller",
            subjects=tuple(file.subjects or ()),
            purposes=purposes,
            items=items,
            recipients=None if file.recipients is None else tuple(file.recipients),
            source=_text(file.source),
            quote=file.quote or "",
            mark=self.doc.key(*way),
        )

    def _purpose(self, name: str, file: PurposeFile, way: Where, around: ProcessingFile, processing: str) -> Purpose:
        """A purpose; each value comes from the purpose's own line, else from the processing's."""

        def nearest(key: str) -> Any:
            return getattr(file if file.wrote(key) else around, key)

        items = tuple(around.data or ())
        if file.data is not None:
            self._known_items(file.data, processing, (*way, "data"))
            items = tuple(item for item in file.data if item in items)
        law, basis = law_and_basis(file, around)
        return Purpose(
            id=name,
            title=_text(file.title),
            basis=basis,
            rules=self._rules(file, way, around, ("processings", processing), law),
            items=items,
            interest=_text(nearest("interest")),
            compelling=_text(nearest("compelling")),
            precontract=bool(nearest("precontract")),
            marketing=bool(nearest("marketing")),
            law=law,
            quote=file.quote or "",
            mark=self.doc.key(*way),
        )

    def _rules(
        self, file: PurposeFile, way: Where, around: ProcessingFile, outer: Where, law: str | None
    ) -> tuple[Rule, ...]:
        holder, place = (file, (*way, "retain")) if file.wrote("retain") else (around, (*outer, "retain"))
        if not holder.wrote("retain"):
            return ()
        if holder.retain is None:
            return (Rule(None, None, mark=self.doc.value(*place)),)
        rules = tuple(make_rule(each, self.doc.value(*place, index), law) for index, each in enumerate(holder.retain))
        self._contradictions(rules)
        return rules

    def _contradictions(self, rules: tuple[Rule, ...]) -> None:
        """Lint L18. Planning blocks such a purpose; the form of the file is right."""
        for low, high in contradictions(rules):
            self._once(
                "P301",
                f"'{low}' is longer than '{high}': no day satisfies both (Art. 5(1)(e))",
                max(low.mark, high.mark),
                "planning will block these items; shorten the minimum or lengthen the maximum",
            )

    def _once(self, code: str, message: str, mark: Mark, hint: str) -> None:
        if not any(each.code == code and each.mark == mark for each in self.found.items):
            self.found.warning(code, message, mark, hint)

    def _item(self, name: str, file: ItemFile, way: Where) -> Item:
        return Item(
            name, _text(file.title), file.category, file.form, file.required, file.quote or "", self.doc.key(*way)
        )

    def _trackers(self) -> Mapping[str, Tracker]:
        trackers = {}
        for key, each in (self.file.trackers or {}).items():
            if each.processing:
                self._known([each.processing], "processings", ("trackers", key, "processing"), "212", "processing")
            trackers[key] = Tracker(
                key,
                each.name or key,
                each.processing or "",
                parse_period(each.lifetime) if each.lifetime else None,
                each.exempt,
                each.quote or "",
                self.doc.key("trackers", key),
            )
        return trackers

    def _rights(self, file: RightsFile) -> RightsContact:
        return RightsContact(
            file.email or "",
            file.post or "",
            file.quote or "",
            parse_period(file.within) if file.within else None,
            file.identity or "",
            {
                key: Right(key, _text(each.title), each.article, each.quote or "", self.doc.key("rights", "named", key))
                for key, each in (file.named or {}).items()
            },
        )

    def _accepted(self) -> Iterable[Acceptance]:
        for index, each in enumerate(self.file.accepted or ()):
            way = ("accepted", index, "until")
            if self.today and each.until < self.today:
                self.found.warning(
                    "P302",
                    f"this acceptance ended on {each.until}: the breach counts again",
                    self.doc.value(*way),
                    "remove the entry, or have its owner decide again and write a new date",
                )
            elif self.today and (each.until - self.today).days > 366:
                self.found.warning(
                    "P303",
                    "a breach is accepted for more than a year",
                    self.doc.value(*way),
                    "accept it for a year at most, so that somebody looks again",
                )
            yield Acceptance(
                each.promise,
                each.reason,
                each.owner,
                each.until,
                each.collection,
                self.doc.value("accepted", index),
                tuple(each.fields or ()),
            )

    def _known(self, names: list[str], section: str, way: Where, code: str, what: str) -> None:
        written = self.whole.tree.get(section)
        known = list(written) if isinstance(written, dict) else []
        for index, name in enumerate(names):
            if name not in known:
                hint = did_you_mean(name, known) or f"declare it under {section}:"
                self.found.error(f"P{code}", f"there is no {what} '{name}'", self.doc.value(*way, index), hint)

    def _known_items(self, names: list[str], processing: str, way: Where) -> None:
        written: Any = self.whole.tree["processings"]
        known = [str(item) for item in written[processing].get("data") or ()]
        for index, name in enumerate(names):
            if name not in known:
                hint = did_you_mean(name, known) or "declare it under the processing's data:"
                self.found.error(
                    "P210",
                    f"'{name}' is not an item of the processing '{processing}'",
                    self.doc.value(*way, index),
                    hint,
                )


def _text(file: TextFile | None) -> Text:
    return Text(file.en or "", file.fr or "") if file else Text()
