"""Payment card numbers in values that were read; the values are never kept."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")

_ISSUERS = re.compile(
    r"^(?:4\d{12}(?:\d{3}){0,2}"
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}"
    r"|3(?:0[0-5]|[689]\d)\d{11}"
    r"|35(?:2[89]|[3-8]\d)\d{12}"
    r"|(?:50|5[6-9]|6\d)\d{10,17})$"
)
"""Ranges of issuer numbers (ISO/IEC 7812): Visa, Mastercard, American Express, Discover, Diners, JCB, Maestro."""


def holds_card(text: str) -> bool:
    """True when ``text`` holds a payment card number: 13 to 19 digits, spaces or hyphens between, whose first digits
    are an issuer's and whose last is the Luhn check digit."""
    return any(_is_card(re.sub(r"[ -]", "", found.group())) for found in _DIGITS.finditer(text))


def _is_card(digits: str) -> bool:
    return bool(_ISSUERS.match(digits)) and len(set(digits)) > 1 and luhn(digits)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B: doubled every second digit from the right, the sum is a multiple of ten."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
