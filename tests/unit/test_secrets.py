"""Secrets by reference: resolved where they are used, named in every message, shown in none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.errors import InputError
from troth.state.secrets import Secrets, has_literal_secret, references, resolve

CANARY = "c4nary-Zq7!"


def test_references_are_replaced_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "pw").write_text(CANARY + "\r\n")
    environ = {"USER_": "ann", "URL": "postgresql://h/db"}
    assert resolve("${URL}", environ, tmp_path) == "postgresql://h/db"
    assert resolve("pg://${USER_}:${file:keys/pw}@h/db", environ, tmp_path) == f"pg://ann:{CANARY}@h/db"
    assert resolve("no reference, $HOME, {x}", environ, tmp_path) == "no reference, $HOME, {x}"
    assert references("pg://${USER_}:${file:keys/pw}@h") == ("USER_", "file:keys/pw")


def test_a_value_is_taken_as_it_is_and_never_resolved_again(tmp_path: Path) -> None:
    assert resolve("${A}", {"A": "${B}", "B": "x"}, tmp_path) == "${B}"


@pytest.mark.parametrize(
    "text,code,named",
    [
        ("x${ABSENT}", "SECRET-MISSING", "the variable ABSENT is not set"),
        ("${EMPTY}", "SECRET-MISSING", "the variable EMPTY is set, but empty"),
        ("${file:absent}", "SECRET-MISSING", "the secret file absent cannot be read"),
        ("${file:empty}", "SECRET-MISSING", "the secret file empty is empty"),
        ("${file:binary}", "SECRET-MISSING", "it is not UTF-8 text"),
        ("${file:.}", "SECRET-MISSING", "cannot be read"),
        (f"${{{CANARY}}}", "SECRET-FORM", "neither ${NAME}"),
        (f"${{OPEN {CANARY}", "SECRET-FORM", "not closed"),
        ("${}", "SECRET-FORM", "neither ${NAME}"),
        ("${KÄSE}", "SECRET-FORM", "neither ${NAME}"),
    ],
)
def test_what_does_not_resolve_is_named_and_its_value_is_not(tmp_path: Path, text: str, code: str, named: str) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff" + CANARY.encode())
    with pytest.raises(InputError) as caught:
        resolve(text, {"EMPTY": "", "OTHER": CANARY}, tmp_path)
    assert caught.value.code == code
    assert named in str(caught.value)
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_resolved_values_and_the_passwords_in_them_are_taken_out_of_messages(tmp_path: Path) -> None:
    environ = {
        "URL": "postgresql://ann:p%40ss-w0rd@db.example/shop?sslpassword=keyword9",
        "DSN": "host=db.example password=h1dden-one dbname=shop",
        "PLAIN": CANARY,
        "SHORT": "abc",
    }
    secrets = Secrets(environ, tmp_path)
    assert secrets.scrub(CANARY) == CANARY, "not a secret until it is resolved"
    for name in environ:
        secrets.resolve(f"${{{name}}}")
    for leak in (environ["URL"], "p%40ss-w0rd", "p@ss-w0rd", "keyword9", "h1dden-one", CANARY):
        said = secrets.scrub(f"could not connect: {leak}, given up")
        assert said == "could not connect: ***, given up"
    assert secrets.scrub("host db.example, abc") == "host db.example, abc"


def test_secrets_shows_no_value(tmp_path: Path) -> None:
    secrets = Secrets({"A": CANARY}, tmp_path)
    secrets.resolve("${A}")
    assert CANARY not in repr(secrets)
    assert CANARY not in str(secrets)
    assert secrets.base == tmp_path


@given(st.text(min_size=4, max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_no_resolved_value_survives_scrubbing(value: str, before: str, after: str) -> None:
    secrets = Secrets({"A": value}, Path())
    secrets.resolve("${A}")
    if value not in "***":
        assert value not in secrets.scrub(before + value + after).replace("***", "")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ann:secret@db/shop",
        "redis://:secret@cache:6379/0",
        "mongodb+srv://ann:${PW}x@db",
        "pg://ann:x${file:a/b}@db",
        "host=db password=secret",
        "https://api.example/?token=abc",
        "AccountKey=x;SharedSecret=abc",
        "s3://bucket?access_key=abc",
    ],
)
def test_a_password_written_out_is_seen(text: str) -> None:
    assert has_literal_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "${URL}",
        "postgresql://ann:${PW}@db/shop",
        "postgresql://ann:${file:keys/pw}@db/shop",
        "postgresql://${USER}@db/shop",
        "postgresql://ann@db:5432/shop",
        "postgresql://db/shop?passfile=x",
        "sqlite:///shop.db",
        "host=db password=${PW}",
        "a:b@c",
        "",
    ],
)
def test_a_reference_is_not_taken_for_one(text: str) -> None:
    assert not has_literal_secret(text)
