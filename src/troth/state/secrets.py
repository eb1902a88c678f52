"""Secrets by reference: ``${NAME}`` from the environment, ``${file:path}`` from a file, anywhere in a text.

A path is relative to the project's folder. Values are never written into files, logs, plans or evidence: ``Secrets``
remembers what it resolved, so that they can be taken out of a driver's message before anyone sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from troth.core.errors import InputError

_REFERENCE = re.compile(r"\$\{([^}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_FILE = "file:"
_URL_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@]*:(?P<password>[^\s/?#]+)@")
_NAMED_PASSWORD = re.compile(
    r"(?i)(?:password|passwd|pwd|secret|token|api_?key|access_?key)\s*=\s*(?P<password>[^\s&;]+)"
)
_SECRET_PARAMETERS = re.compile(r"(?i)pass|pwd|secret|token|key")
_SHORTEST_SCRUBBED = 4
"""Characters; taking out shorter values would only make messages unreadable."""

SCRUBBED = "***"


def resolve(text: str, environ: Mapping[str, str], base: Path) -> str:
    """``text`` with every reference replaced by what it refers to.

    Raises ``InputError`` that names the variable or file which is missing or empty, never a value.
    """
    return _substitute(text, lambda reference: _look_up(reference, environ, base))


def references(text: str) -> tuple[str, ...]:
    """What ``text`` refers to, as written between the braces."""
    return tuple(match[1] for match in _REFERENCE.finditer(text))


def has_literal_secret(text: str) -> bool:
    """Whether ``text`` itself holds a password that should be a reference: in a URL, or as ``password=…``."""
    marked = _REFERENCE.sub("\0", text)
    found = [match["password"] for rule in (_URL_PASSWORD, _NAMED_PASSWORD) for match in rule.finditer(marked)]
    return any(password.strip("\0") for password in found)


class Secrets:
    """Resolves references and remembers the values, for ``scrub``. Shows none of them."""

    def __init__(self, environ: Mapping[str, str], base: Path) -> None:
        self.base = base
        self._environ = environ
        self._known: set[str] = set()

    def resolve(self, text: str) -> str:
        """As the function of that name; the values are remembered."""
        return _substitute(text, self._remembered)

    def scrub(self, text: str) -> str:
        """``text`` with every resolved value, and every password inside one, replaced by ``***``."""
        for value in sorted(self._known, key=len, reverse=True):
            text = text.replace(value, SCRUBBED)
        return text

    def _remembered(self, reference: str) -> str:
        value = _look_up(reference, self._environ, self.base)
        self._known.update(part for part in _parts(value) if len(part) >= _SHORTEST_SCRUBBED)
        return value


def _substitute(text: str, look_up: Callable[[str], str]) -> str:
    def value(match: re.Match[str]) -> str:
        if not match[0].endswith("}"):
            raise InputError(
                "a reference is not closed: ${ without }", hint="write ${NAME} or ${file:path}", code="SECRET-FORM"
            )
        return look_up(match[1])

    return _REFERENCE.sub(value, text)


def _look_up(reference: str, environ: Mapping[str, str], base: Path) -> str:
    if reference.startswith(_FILE):
        return _from_file(reference.removeprefix(_FILE), base)
    if not _NAME.fullmatch(reference):
        raise InputError(
            "a reference is neither ${NAME} (letters, digits, _) nor ${file:path}",
            hint="secrets are never written in the files themselves",
            code="SECRET-FORM",
        )
    value = environ.get(reference)
    if not value:
        what = "is not set" if value is None else "is set, but empty"
        raise InputError(f"the variable {reference} {what}", hint=f"export {reference}=…", code="SECRET-MISSING")
    return value


def _from_file(path: str, base: Path) -> str:
    try:
        value = (base / path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InputError(
            f"the secret file {path} cannot be read: {why}",
            hint=f"it is looked for in {base}; troth init makes the project's own keys",
            code="SECRET-MISSING",
        ) from None
    if not value:
        raise InputError(f"the secret file {path} is empty", code="SECRET-MISSING")
    return value


def _parts(value: str) -> Iterator[str]:
    """The value and the secrets inside it, as drivers may repeat them: a URL's password, coded and decoded."""
    yield value
    try:
        url = urlsplit(value)
        password = url.password or ""
    except ValueError:
        return
    if url.scheme and url.netloc:
        yield password
        yield unquote(password)
        for name, parameter in parse_qsl(url.query):
            if _SECRET_PARAMETERS.search(name):
                yield parameter
    for match in _NAMED_PASSWORD.finditer(value):
        yield match["password"]
