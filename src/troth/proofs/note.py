"""Signed notes (C2SP signed-note, as in ``golang.org/x/mod/sumdb/note``) with Ed25519 keys.

A note is text, an empty line, and one line per signature::

    text, each line ended by a newline
    <empty line>
    — name base64(key id || signature)

The key id is the first 4 bytes of ``SHA-256(name || 0x0A || 0x01 || public key)``. Keys are texts too:
``name+hex(key id)+base64(0x01 || public key)`` verifies and
``PRIVATE+KEY+name+hex(key id)+base64(0x01 || seed)`` signs. The signature is over the text, its last newline included.

This module is the one place that imports a signature library.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from troth.core.errors import InputError
from troth.proofs.errors import NotVerified

_ED25519 = b"\x01"
_PRIVATE = "PRIVATE+KEY+"
_DASH = "— "
_MOST_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise _bad_key("the public key is not 32 bytes long")

    @property
    def key_id(self) -> bytes:
        """4 bytes that tell keys of one name apart."""
        return _key_id(self.name, self.public)

    def to_text(self) -> str:
        """The verifier key as text, for others to pin."""
        return f"{self.name}+{self.key_id.hex()}+{_encode(_ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a verifier key. Raises ``InputError`` that says what is wrong with it."""
        if text.strip().startswith(_PRIVATE):
            raise InputError(
                "this is a signer key, which is secret; verifying needs the verifier key",
                hint="keep the signer key to yourself and ask for the text without PRIVATE+KEY",
                code="KEY-PRIVATE",
            )
        name, key_id, public = _key_parts(text)
        key = cls(name, public)
        if key.key_id.hex() != key_id:
            raise _bad_key("its parts do not belong together (the key id differs)")
        return key


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A private key with the name it signs under. Its text is a secret: only ``secret_text`` gives it away."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.seed) != 32:
            raise _bad_key("the private key is not 32 bytes long")

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def secret_text(self) -> str:
        """The signer key as text, to be kept where secrets are kept."""
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{_encode(_ED25519 + self.seed)}"

    @classmethod
    def parse(cls, text: str) -> SignerKey:
        """Read a signer key. Raises ``InputError`` that never repeats the text."""
        text = text.strip()
        if not text.startswith(_PRIVATE):
            raise _bad_key("a signer key begins with PRIVATE+KEY")
        name, key_id, seed = _key_parts(text.removeprefix(_PRIVATE))
        key = cls(name, seed)
        if key.verifier.key_id.hex() != key_id:
            raise _bad_key("its parts do not belong together (the key id differs)")
        return key


@dataclass(frozen=True, slots=True)
class Note:
    """An opened note: ``text`` was signed by each key of ``signed_by``; ``unknown`` counts signatures by others."""

    text: str
    signed_by: tuple[VerifierKey, ...]
    unknown: int


def create_key(name: str) -> SignerKey:
    """A new key pair from the system's random source. ``name`` has no space and no plus sign."""
    return SignerKey(name, Ed25519PrivateKey.generate().private_bytes_raw())


def sign(text: str, signer: SignerKey) -> str:
    """The note of ``text`` signed by ``signer``. Raises ``ValueError`` for a text that cannot be a note's."""
    if not _is_text(text):
        raise ValueError("the text of a note ends with a newline and holds no control character")
    signature = Ed25519PrivateKey.from_private_bytes(signer.seed).sign(text.encode())
    return f"{text}\n{_DASH}{signer.name} {_encode(signer.verifier.key_id + signature)}\n"


def open_note(note: str, keys: Sequence[VerifierKey]) -> Note:
    """Check a note against the keys that are trusted and return its text.

    Raises ``NotVerified``: ``NOTE-FORM`` when it is not a note, ``NOTE-SIGNATURE`` when a signature by a trusted key
    does not fit the text, ``NOTE-UNSIGNED`` when no trusted key signed it. Signatures by other keys are counted,
    never judged.
    """
    text, lines = _split(note)
    signed_by: list[VerifierKey] = []
    unknown = 0
    for line in lines:
        name, key_id, signature = _signature_parts(line)
        key = next((key for key in keys if (key.name, key.key_id) == (name, key_id)), None)
        if key is None:
            unknown += 1
        elif key not in signed_by:
            if not _verifies(key, text, signature):
                raise NotVerified(f"the signature by {name} does not fit the text it signs", code="NOTE-SIGNATURE")
            signed_by.append(key)
    if not signed_by:
        raise NotVerified("it is not signed by the key that was given", code="NOTE-UNSIGNED")
    return Note(text, tuple(signed_by), unknown)


def _split(note: str) -> tuple[str, list[str]]:
    cut = note.rfind("\n\n")
    text, signatures = note[: cut + 1], note[cut + 2 :]
    lines = signatures.split("\n")
    if cut < 0 or lines.pop() or not lines or not _is_text(note) or len(lines) > _MOST_SIGNATURES:
        raise _bad_note("it is not text, an empty line and signature lines, each ended by a newline")
    return text, lines


def _signature_parts(line: str) -> tuple[str, bytes, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    blob = _decode(encoded)
    if not line.startswith(_DASH) or not space or not _is_name(name) or blob is None or len(blob) < 5:
        raise _bad_note("a signature line is '— name base64'")
    return name, blob[:4], blob[4:]


def _verifies(key: VerifierKey, text: str, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def _key_parts(text: str) -> tuple[str, str, bytes]:
    parts = text.strip().split("+", 2)
    blob = _decode(parts[2]) if len(parts) == 3 else None
    if blob is None:
        raise _bad_key("it is not name+key id+base64")
    if blob[:1] != _ED25519:
        raise _bad_key("it is not an Ed25519 key, the only kind Troth knows")
    return parts[0], parts[1], blob[1:]


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return text.endswith("\n") and all(char == "\n" or char >= " " for char in text)


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() or char < " " for char in name)


def _check_name(name: str) -> None:
    if not _is_name(name):
        raise InputError(
            "the name of a key has no space and no plus sign, and is not empty",
            hint="use an address of your own, like acme.example/troth",
            code="KEY-NAME",
        )


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes | None:
    """Standard base64 in its one canonical form, or None: two texts never stand for the same bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _encode(data) == text else None


def _bad_key(why: str) -> InputError:
    return InputError(
        f"the key cannot be read: {why}",
        hint="copy the whole text, on one line, from whoever gave it to you",
        code="KEY-FORM",
    )


def _bad_note(why: str) -> NotVerified:
    return NotVerified(f"it is not a signed note: {why}", code="NOTE-FORM")
