"""What one value looks like: strong signs only."""

from __future__ import annotations

import pytest

from troth.core.cards import holds_card
from troth.discover.shapes import is_iban, shapes_of


@pytest.mark.parametrize(
    "value, shape",
    [
        ("ann@shop.example", "email"),
        ("write to ann@shop.example please", "email_inside"),
        ("+33 6 12 34 56 78", "phone"),
        ("06.12.34.56.78", "phone"),
        ("203.0.113.7", "ip_full"),
        ("2001:db8:1:2::7", "ip_full"),
        ("203.0.0.0", "ip_half"),
        ("2001:db8:1::", "ip_half"),
        ("4111 1111 1111 1111", "card"),
        ("FR76 3000 6000 0112 3456 7890 189", "iban"),
        ("$2b$12$" + "a" * 53, "password_slow"),
        ("pbkdf2_sha256$600000$salt$hash", "password_slow"),
        ("{SSHA}abcdef", "password_fast"),
        ("8cb2237d0679ca88db6464eac60da96345513964", "digest"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "user_agent"),
        ("one two three four five", "prose"),
    ],
)
def test_a_value_has_the_shape(value: str, shape: str) -> None:
    assert shape in shapes_of(value)


@pytest.mark.parametrize(
    "value, shape",
    [
        ("1.2", "ip_half"),
        ("3.14", "ip_full"),
        ("127.0.0.1", "ip_full"),
        ("0:00", "ip_half"),
        ("4111 1111 1111 1112", "card"),
        ("0000000000000000", "card"),
        ("FR76 3000 6000 0112 3456 7890 188", "iban"),
        ("12", "phone"),
        ("not an address @ all", "email"),
        ("", "email"),
    ],
)
def test_a_value_does_not_have_the_shape(value: str, shape: str) -> None:
    assert shape not in shapes_of(value)


def test_half_an_address_is_not_a_whole_one() -> None:
    for value in ("203.0.0.0", "2001:db8:1::"):
        assert "ip_full" not in shapes_of(value)


def test_a_card_inside_a_longer_number_is_none() -> None:
    assert holds_card("paid with 4111-1111-1111-1111 yesterday")
    assert not holds_card("94111111111111111123456")
    assert is_iban("FR7630006000011234567890189")
