"""Signed notes and checkpoints against the vectors of the Go implementation and the C2SP specifications."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.errors import InputError
from troth.proofs.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from troth.proofs.errors import NotVerified
from troth.proofs.note import SignerKey, VerifierKey, create_key, open_note, sign

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SIGNS = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SPEC_CHECKPOINT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_go_vector_signs_and_opens_byte_for_byte() -> None:
    signer = SignerKey.parse(PETER_SIGNS)
    assert sign(TEXT, signer) == NOTE
    assert signer.secret_text() == PETER_SIGNS
    assert signer.verifier.to_text() == PETER
    assert VerifierKey.parse(PETER) == signer.verifier
    note = open_note(NOTE, [VerifierKey.parse(PETER)])
    assert (note.text, note.signed_by, note.unknown) == (TEXT, (signer.verifier,), 0)


def test_the_specification_vector_opens() -> None:
    assert open_note(SPEC_NOTE, [VerifierKey.parse(SPEC_KEY)]).text == "This is an example message.\n"


def test_signatures_by_other_keys_are_counted_and_never_judged() -> None:
    both = NOTE + "— Other " + base64.b64encode(b"nobody knows this").decode() + "\n"
    note = open_note(both, [VerifierKey.parse(PETER)])
    assert note.unknown == 1
    with pytest.raises(NotVerified) as caught:
        open_note(both, [VerifierKey.parse(SPEC_KEY)])
    assert caught.value.code == "NOTE-UNSIGNED"


def test_a_changed_text_does_not_open() -> None:
    with pytest.raises(NotVerified) as caught:
        open_note(NOTE.replace("answer", "Answer"), [VerifierKey.parse(PETER)])
    assert caught.value.code == "NOTE-SIGNATURE"


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "\n",
        TEXT,
        TEXT + "\n",
        NOTE.rstrip("\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("PeterNeumann x", "Peter Neumann x"),
        NOTE.replace("AM=", "AM"),
        NOTE.replace("AM=", "AN="),
        NOTE + "\n",
        NOTE.replace("answer", "ans\x01wer"),
        TEXT + "\n" + NOTE.rsplit("\n\n", maxsplit=1)[1] * 101,
    ],
)
def test_what_is_not_a_note_is_said_to_be_none(broken: str) -> None:
    with pytest.raises(NotVerified) as caught:
        open_note(broken, [VerifierKey.parse(PETER)])
    assert caught.value.code == "NOTE-FORM"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("PeterNeumann", "PeterNeuman"),
        PETER[:-1],
        "PeterNeumann+c74f20a3+" + base64.b64encode(b"\x02" + b"x" * 32).decode(),
        "PeterNeumann+c74f20a3+" + base64.b64encode(b"\x01" + b"x" * 31).decode(),
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_key_that_is_none_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError) as caught:
        VerifierKey.parse(text)
    assert caught.value.code in {"KEY-FORM", "KEY-NAME"}


def test_a_signer_key_in_the_verifiers_place_is_told_apart_and_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        VerifierKey.parse(PETER_SIGNS)
    assert caught.value.code == "KEY-PRIVATE"
    secret = PETER_SIGNS.rsplit("+", maxsplit=1)[1]
    assert secret not in str(caught.value)
    for broken in (PETER, PETER_SIGNS.replace("c74f20a3", "c74f20a4"), PETER_SIGNS[:-4]):
        with pytest.raises(InputError) as caught:
            SignerKey.parse(broken)
        assert secret[:-4] not in str(caught.value)


def test_a_signer_key_shows_its_secret_to_nobody_by_accident() -> None:
    key = create_key("acme.example/troth")
    assert "seed" not in repr(key)
    assert key.seed.hex() not in repr(key)
    assert SignerKey.parse(key.secret_text()) == key


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=60))
def test_any_text_signs_and_opens(text: str) -> None:
    key = SignerKey("acme.example/troth", bytes(32))
    assert open_note(sign(text + "\n", key), [key.verifier]).text == text + "\n"


def test_a_text_that_is_no_notes_is_not_signed() -> None:
    key = create_key("a")
    for text in ("", "no newline", "tab\there\n", "\ud800\n"):
        with pytest.raises(ValueError, match="ends with a newline"):
            sign(text, key)


def test_the_specification_checkpoint_reads_and_writes_byte_for_byte() -> None:
    checkpoint = read_checkpoint(SPEC_CHECKPOINT)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.to_text() == SPEC_CHECKPOINT
    assert read_checkpoint(SPEC_CHECKPOINT + "an extension\n") == checkpoint


@pytest.mark.parametrize(
    "broken",
    [
        "",
        SPEC_CHECKPOINT[:-1],
        SPEC_CHECKPOINT.replace("20852163", "020852163"),
        SPEC_CHECKPOINT.replace("20852163", "+20852163"),
        SPEC_CHECKPOINT.replace("20852163", "٣"),
        SPEC_CHECKPOINT.replace("2I=", "2J="),
        SPEC_CHECKPOINT.replace("CsUY", ""),
        SPEC_CHECKPOINT + "\n",
        "\n" + SPEC_CHECKPOINT,
    ],
)
def test_what_is_not_a_checkpoint_is_said_to_be_none(broken: str) -> None:
    with pytest.raises(NotVerified) as caught:
        read_checkpoint(broken)
    assert caught.value.code == "CHECKPOINT-FORM"


def test_a_checkpoint_of_another_log_by_the_same_key_is_not_taken() -> None:
    key = create_key("acme.example/troth")
    checkpoint = Checkpoint("acme.example/troth", 0, bytes(32))
    assert open_checkpoint(checkpoint.signed(key), key.verifier) == checkpoint
    foreign = Checkpoint("acme.example/other", 0, bytes(32))
    with pytest.raises(NotVerified) as caught:
        open_checkpoint(sign(foreign.to_text(), key), key.verifier)
    assert caught.value.code == "CHECKPOINT-ORIGIN"
    with pytest.raises(ValueError, match="bears the log's name"):
        foreign.signed(key)
