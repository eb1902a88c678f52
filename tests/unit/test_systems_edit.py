"""Lines put into systems.yaml: at the end of their section, whatever its form, and nothing else is touched."""

from __future__ import annotations

import pytest

from troth.core.errors import Refused
from troth.systems.edit import Entry, with_entries, with_system

PHONE = Entry("phone: phone", ("phone: phone # guess",))
LONG = Entry("logins: {for: logs}", ("# guess: a long reason", "logins: {for: logs}"))
PLANS = Entry("plans", ("plans # guess",))
ALL = {"items": [PHONE], "tables": [LONG], "not_personal": [PLANS]}

BLOCKS = """\
# ours
troth: 1
systems:
    db: # the shop
        store: sqlite
        url: ${URL}
        items:
            email: email   # Ada

            # telephones later
        not_personal:
        - tags
        tables:
            orders:
                for: billing
    # last word
    letters: {store: by_hand, for: billing, how: x}
"""


def test_blocks_keep_their_form_their_comments_and_their_indentation() -> None:
    written = with_entries(BLOCKS, "db", ALL)
    assert written == BLOCKS.replace(
        "            email: email   # Ada\n", "            email: email   # Ada\n            phone: phone # guess\n"
    ).replace("        - tags\n", "        - tags\n        - plans # guess\n").replace(
        "                for: billing\n    # last",
        "                for: billing\n            # guess: a long reason\n            logins: {for: logs}\n    # last",
    )


NEW = "    items:\n      phone: phone # guess\n    not_personal:\n      - plans # guess\n"


def system(lines: str) -> str:
    return f"troth: 1\nsystems:\n  db:\n    store: sqlite\n    url: ${{URL}}\n{lines}"


@pytest.mark.parametrize(
    "before, after",
    [
        (
            "    items: {email: email} # Ada\n    not_personal: [tags,\n      cities]\n",
            "    items: {email: email, phone: phone} # Ada\n    not_personal: [tags,\n      cities, plans]\n",
        ),
        ("    items: {}\n    not_personal: []\n", NEW),
        ("    items: # none yet\n", NEW.replace("items:", "items: # none yet")),
        ("", NEW),
    ],
)  # fmt: skip
def test_other_forms(before: str, after: str) -> None:
    assert with_entries(system(before), "db", {"items": [PHONE], "not_personal": [PLANS]}) == system(after)


@pytest.mark.parametrize(
    "text",
    [
        "troth: 1\nsystems: {db: {store: sqlite, url: x}}\n",
        "troth: 1\nsystems:\n  db: {store: sqlite, url: x}\n",
        "troth: 1\nsystems:\n  other:\n    store: sqlite\n",
        system("    not_personal: tags\n"),
        system("    items: {phone: email}\n"),  # a key that is there cannot be added
        "troth: 1\nsystems: [\n",
    ],
)
def test_what_gives_no_place_is_refused(text: str) -> None:
    with pytest.raises(Refused) as failure:
        with_entries(text, "db", {"items": [PHONE], "not_personal": [PLANS]})
    assert failure.value.code == "DRAFT-FORM"


@pytest.mark.parametrize("text", ["troth: 1\n", "troth: 1\nsystems:\n", "troth: 1\nsystems: {}\n"])
def test_the_first_system_of_a_file(text: str) -> None:
    written = with_system(text, ["db:", "  store: sqlite"])
    assert written == "troth: 1\nsystems:\n  db:\n    store: sqlite\n"
