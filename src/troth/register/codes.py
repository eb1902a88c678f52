"""Every code that a diagnostic about the two files can have, and what it means. Codes never change their meaning.

``docs/reference/codes.md`` shows this table; a test keeps the two, and the codes in use, equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_YAML = {
    "Y001": "The file is not there.",
    "Y002": "The file cannot be read: it is a directory, or this user may not.",
    "Y003": "The file is not UTF-8 text.",
    "Y004": "The file is empty.",
    "Y005": "A tab stands where spaces are due.",
    "Y006": "The text is not YAML here: a group or quote is open, an indentation fits nothing, a text needs quotes.",
    "Y007": "A key is written twice in the same group.",
    "Y008": "The file is too large: in bytes, in depth, or because of its aliases.",
    "Y009": "Something else stands where one group of keys is due: a list, a text, a second document.",
    "Y010": "A YAML tag (`!name`) that these files do not use.",
    "Y011": "A key is a group of its own; a pattern with braces needs quotes.",
}

_FORM = {
    "101": "A key that this group does not have.",
    "102": "A key is missing without which the group means nothing.",
    "103": "Another kind of value is due: a text, a list, keys and values, a number, true or false.",
    "104": "Not one of the words that can stand here.",
    "105": "`troth:` is missing, or names a format that this version does not read.",
    "106": "Not an id: letters, digits, `_` and `-`, beginning with a letter.",
    "107": "Not a date of the calendar.",
    "108": "Not a time zone of the IANA list.",
    "109": "Not a form that this version knows.",
}

_POLICY = {
    "P201": "The text is not a retention rule.",
    "P202": "Not a period, or one longer than a thousand years.",
    "P203": "Not a name for an event: small letters, digits and `_`.",
    "P204": "A rule says the same thing twice: in its text and in a key, or by both `start` and `until`.",
    "P210": "A purpose names an item that its processing does not declare.",
    "P211": "A processing names a recipient that is not declared.",
    "P212": "A tracker names a processing that is not declared.",
    "P213": "Not a supervisory authority known here.",
    "P216": "Not a day of the year.",
    "P217": "Not a Fideslang category.",
    "P218": "Not a country code.",
    "P301": "Warning: a minimum is longer than a maximum of the same purpose; planning will block its items.",
    "P302": "Warning: an acceptance has ended; the breach counts again.",
    "P303": "Warning: an acceptance runs for more than a year.",
}

_SYSTEMS = {
    "S110": "Not a name for an event: small letters, digits and `_`.",
    "S201": "Not a processing, nor `processing.purpose`.",
    "S202": "Not a kind of store that this version reaches.",
    "S203": "A secret is written in the file, or an address or reference is not well written. It is not repeated.",
    "S206": "An event's source says too little, or two things at once.",
    "S207": "A row condition compares with something else than a text, a whole number, true, false or null.",
    "S301": "A key says nothing for this kind of system.",
    "S302": "A system that people do by hand does not say for what, or how.",
    "S303": "A system does not say how it is reached, or says it twice.",
    "S304": "The same name is under `people:` and under `tables:`.",
    "S305": "A table does not say for which processing its rows are kept.",
    "S306": "`table:` gives another name to one collection, and its name is a pattern.",
    "S307": "An event leads to another system and names no column there.",
    "S308": "A link does not say to which people it leads.",
    "S309": "A link or event leads to a table that no line declares.",
    "S310": "A shared row does not say which column of its owners leads to it.",
    "S311": "The address is of another kind of store.",
}

_REGISTER = {
    "R101": "A line serves a processing that policy.yaml does not have.",
    "R102": "A line serves a purpose that its processing does not have.",
    "R103": "No processing declares this item.",
    "R104": "Warning: the item is data of other processings than those that this line serves.",
    "R105": "Warning: the two files name different forms for an item.",
    "R106": "Warning: no processing names these people among its subjects.",
    "R107": "The owners of a shared row lead to no person.",
    "R108": "`key_from` does not lead to a declared table's column.",
    "R109": "An acceptance names a promise that there is not.",
    "R110": "An acceptance names a collection that there is not.",
    "R201": "Warning: no collection tells when a rule's event happens; the promise is unprovable.",
    "R202": "Warning: no system serves a processing; its promises are unprovable.",
    "R203": "Warning: one collection does not tell when the event happens to its rows.",
    "R301": "Warning, of `check`: a line of systems.yaml matches nothing that is in its database.",
    "R302": "Warning, of `check`: no processing that a table serves declares what one of its columns holds.",
}

CODES: Mapping[str, str] = MappingProxyType(
    {
        **_YAML,
        **{f"P{digits}": meaning for digits, meaning in _FORM.items()},
        **_POLICY,
        **{f"S{digits}": meaning for digits, meaning in _FORM.items() if digits != "107"},
        **_SYSTEMS,
        **_REGISTER,
    }
)
