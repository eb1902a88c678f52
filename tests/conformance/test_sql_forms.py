"""Declared forms, told by a query: the same verdict on every dialect, by values of the real schemes."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conformance.conftest import Bench, PostgresqlBench

from troth.core.errors import InputError
from troth.stores.conditions import Field, Malformed
from troth.stores.contract import Selection, Store
from troth.stores.sql import sql_forms

B64 = base64.b64encode(b"x" * 64).decode()
BCRYPT = "$2b$12$" + "a" * 53

HASHED = [
    BCRYPT,
    "$2y$10$" + "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
    f"bcrypt_sha256$${BCRYPT[1:]}",
    f"bcrypt${BCRYPT}",
    f"{{bcrypt}}{BCRYPT}",
    f"$wp{BCRYPT}",
    "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
    "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
    "scrypt:32768:8:1$salt$" + hashlib.scrypt(b"pw", salt=b"salt", n=16, r=8, p=1).hex(),
    f"scrypt$salt$16384$8$1${B64}",
    "pbkdf2_sha256$600000$salt$" + base64.b64encode(hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 1)).decode(),
    "pbkdf2:sha256:600000$salt$" + hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 1).hex(),
    "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk",
    "AQAAAAIAAYagAAAAE" + "A" * 67,
    "$6$rounds=5000$salt$" + "a" * 86,
    "$5$salt$" + "a" * 43,
    "{CRYPT}$6$salt$" + "a" * 86,
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
    "{SSHA512}" + base64.b64encode(b"x" * 72).decode(),
    "{SSHA256}" + base64.b64encode(b"x" * 40).decode(),
    "SCRAM-SHA-256$4096:" + base64.b64encode(b"s" * 16).decode() + "$" + "a" * 44 + ":" + "b" * 44,
    "$S$D" + "a" * 51,
]

CLEAR = [
    "hunter2",
    "$2b$",
    "$2b$12$short",
    hashlib.md5(b"pw").hexdigest(),
    hashlib.sha1(b"pw").hexdigest(),
    hashlib.sha256(b"pw").hexdigest(),
    hashlib.sha512(b"pw").hexdigest(),
    "$1$salt$" + "a" * 22,
    "{SHA}" + base64.b64encode(b"x" * 20).decode(),
    "{SSHA}" + base64.b64encode(b"x" * 28).decode(),
    "{MD5}" + base64.b64encode(b"x" * 16).decode(),
    "$P$B" + "a" * 30,
    "$apr1$salt$" + "a" * 22,
    "a" * 60,
    "\n" + BCRYPT,
    " ",
]

CUT = [
    "1.2", "1.2.0.0", "255.255.x.x", "10.0.xxx.xxx", "10.0.*.*", "192.168.0.0/16", "192.168.0.0/8", "2001:db8:1::",
    "2001:db8::",
    "2001::", "::", "2001:DB8:1::", "2001:db8:1::/48", "2001:db8:1:0:0:0:0:0",
    "2001:0db8:0001:0000:0000:0000:0000:0000",
    "::ffff:1.2.0.0",
]  # fmt: skip

WHOLE = [
    "1.2.3.4", "1.2.3.0", "1.2.0.4", "1.2.0.0/24", "1.2.3.0/24", "1.2.3.x", "1.2.3.xxx", "256.1.0.0", "1.256.0.0",
    "01.2.0.0", "1.2.0",
    "1.2.", ".1.2", "1", "1.2.x.0", "1.2.xxx.x", "a.b.0.0", "2001:db8:1:2::", "2001:db8:1::1", "2001:db8:1:2:3:4:5:6",
    "2001:db8:1::/64",
    "2001:db8:1::/128", "::1", "2001:db8:1:2:0:0:0:0", "2001:db8:1:0:0:0:0:1", "12345::", "g::", ":::", "1::2::",
    "::ffff:1.2.3.4",
    "host.example", "-1.2.0.0", "1.2.0.0 ", " 1.2.0.0", "1.2.0.0\n", "1..0.0", "2001:db8:1::0", "+1.2.0.0", "1.+2.0.0",
]  # fmt: skip


def malformed(bench: Bench, store: Store, values: list[str], form: str) -> set[object]:
    bench.run("delete from users")
    bench.insert("users", [(at, value, {"v": value}) for at, value in enumerate(values)])
    column = {row[0] for row in store.read(Selection("users", Malformed(Field("v"), form)), (Field("v"),))}
    path = {row[0] for row in store.read(Selection("users", Malformed(Field("doc", ("v",)), form)), (Field("v"),))}
    assert column == path
    return column


@pytest.mark.parametrize("form, good, bad", [("hashed", HASHED, CLEAR), ("first-half", CUT, WHOLE)])
def test_known_values(bench: Bench, form: str, good: list[str], bad: list[str]) -> None:
    bench.run("create table users (id {int} primary key, v {text}, doc {json})")
    store = bench.store(writable=False)
    assert malformed(bench, store, good, form) == set()
    assert malformed(bench, store, bad, form) == set(bad)
    assert malformed(bench, store, [""], form) == set()
    bench.run("update users set v = null")
    assert store.count(Selection("users", Malformed(Field("v"), form))).rows == 0


def test_any_address(bench: Bench) -> None:
    bench.run("create table users (id {int} primary key, v {text}, doc {json})")
    store = bench.store(writable=False)
    addresses = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str)
    odd = st.text("0123456789abcdef:.x*/", max_size=20)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(addresses | odd | addresses.map(half), min_size=1, max_size=20, unique=True))
    def check(values: list[str]) -> None:
        assert malformed(bench, store, values, "first-half") == {
            value for value in values if value and not is_half(value)
        }

    check()


def half(text: str) -> str:
    address = ipaddress.ip_address(text)
    kept = 16 if address.version == 4 else 48
    return str(ipaddress.ip_network(f"{address}/{kept}", strict=False).network_address)


def is_half(text: str) -> bool:
    """By the standard library, and the ways of writing a cut address that it does not know."""
    text = text.lower()
    if re.fullmatch(r"::ffff:\d+\..*", text):
        text = text.removeprefix("::ffff:")
    ends = ("", ".x.x", ".xxx.xxx", ".*.*")
    shown = [text.removesuffix(end) for end in ends if text.endswith(end)]
    if any(re.fullmatch(r"\d{1,3}\.\d{1,3}", found) and is_half_address(f"{found}.0.0") for found in shown):
        return True
    address, _, prefix = text.partition("/")
    longest = 48 if ":" in address else 16
    if "/" in text and not (
        re.fullmatch(r"0|[1-9]\d?", prefix) and int(prefix) <= longest and address.endswith(("::", ".0.0"))
    ):
        return False
    if ":" in address and not address.endswith(("::", ":0:0:0:0:0", ":0000:0000:0000:0000:0000")):
        return False
    return is_half_address(address)


def is_half_address(text: str) -> bool:
    try:
        return half(text) == str(ipaddress.ip_address(text))
    except ValueError:
        return False


def test_addresses_in_postgresqls_own_types(pg: PostgresqlBench) -> None:
    pg.run("create table users (id int, ip inet, net cidr)")
    pg.run(
        "insert into users values (1, '1.2.3.4', '1.2.3.0/24'), (2, '1.2.0.0', '1.2.0.0/16'),"
        " (3, '1.2.0.0/16', '1.0.0.0/8'), (4, '2001:db8:1:2::', '2001:db8:1:2::/64'),"
        " (5, '2001:db8:1::', '2001:db8:1::/48'), (6, null, null),"
        " (7, '1.2.0.0/24', '1.2.0.0/24')"
    )
    store = pg.store()
    for name in ("ip", "net"):
        where = Malformed(Field(name), "first-half")
        assert sorted(store.read(Selection("users", where), (Field("id"),))) == [(1,), (4,), (7,)]


def test_hashes_kept_as_bytes(bench: Bench) -> None:
    bench.run("create table users (id {int} primary key, v {bytes})")
    bench.insert("users", [(1, BCRYPT.encode()), (2, b"hunter2"), (3, b""), (4, b"\x00\xff")])
    where = Malformed(Field("v"), "hashed")
    assert sorted(bench.store().read(Selection("users", where), (Field("id"),))) == [(2,), (4,)]


def test_a_form_no_query_can_tell(bench: Bench) -> None:
    bench.run("create table users (id {int} primary key, v {text})")
    assert sql_forms == {"first-half", "hashed"}
    with pytest.raises(InputError, match="no-card"):
        bench.store().count(Selection("users", Malformed(Field("v"), "no-card")))
