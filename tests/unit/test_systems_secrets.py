"""A password never stands in the file, and what is wrong with an address never repeats it."""

from __future__ import annotations

from pathlib import Path

import pytest

from troth.register.load import load_register
from troth.systems.secrets import is_reference, why_not_a_url

SOUND = [
    "${DATABASE_URL}",
    "${file:/run/secrets/url}",
    "sqlite:///shop.db",
    "sqlite:////var/lib/shop.db",
    "postgresql://localhost/shop",
    "postgresql://reader@localhost/shop",
    "postgresql://reader:${PASSWORD}@localhost/shop",
    "postgresql://${USER}:${file:pw}@${HOST}/shop?sslmode=require",
    "postgresql://localhost/shop?user=reader&password=${PASSWORD}",
    "${BASE}/shop",
]
WRONG = [
    "postgresql://reader:hunter2@localhost/shop",
    "postgresql://reader:x${PASSWORD}@localhost/shop",
    "postgresql://:hunter2@localhost/shop",
    "postgresql://localhost/shop?password=hunter2",
    "postgresql://localhost/shop?sslmode=require&sslpassword=hunter2",
    "host=localhost password=hunter2",
    "$DATABASE_URL",
    "${DATABASE URL}",
    "shop.db",
]


@pytest.mark.parametrize("address", SOUND)
def test_addresses_that_hold_no_secret(address: str) -> None:
    assert why_not_a_url(address) == ""


@pytest.mark.parametrize("address", WRONG)
@pytest.mark.parametrize("key", ["url", "read", "write"])
def test_a_planted_secret_is_found_and_not_repeated(tmp_path: Path, key: str, address: str) -> None:
    assert why_not_a_url(address)
    (tmp_path / "policy.yaml").write_text("troth: 1\n")
    (tmp_path / "systems.yaml").write_text(f"troth: 1\nsystems: {{db: {{store: postgresql, {key}: '{address}'}}}}\n")
    found = load_register(tmp_path)[1]
    assert "S203" in [each.code for each in found.items]
    assert "hunter2" not in "\n".join(map(str, found.items))


@pytest.mark.parametrize(
    "line",
    [
        "store: 'postgresql://u:hunter2@h/d'",
        "store: [hunter2@x]",
        "store: sqlite, url: [hunter2]",
        "store: sqlite, url: '${X}', timezone: 'hunter2://x'",
        "store: sqlite, url: '${X}', for: 'hunter2@x'",
        "store: sqlite, url: '${X}', items: {email: 'hunter2@x'}",
        "store: sqlite, url: '${X}', people: {u: {by: 'hunter2@x'}}",
    ],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path: Path, line: str) -> None:
    (tmp_path / "policy.yaml").write_text("troth: 1\n")
    (tmp_path / "systems.yaml").write_text(f"troth: 1\nsystems: {{db: {{{line}}}}}\n")
    found = load_register(tmp_path)[1]
    assert found.errors
    assert "hunter2" not in "\n".join(map(str, found.items))


def test_keys_are_references(tmp_path: Path) -> None:
    assert is_reference("${file:keys/evidence.key}")
    (tmp_path / "policy.yaml").write_text("troth: 1\n")
    (tmp_path / "systems.yaml").write_text("troth: 1\nevidence: {key: hunter2}\n")
    found = load_register(tmp_path)[1]
    assert [each.code for each in found.items] == ["S203"]
    assert "hunter2" not in str(found.items[0])
