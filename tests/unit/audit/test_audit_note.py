from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from signing.audit.note import (
    MAX_NOTE_SIZE,
    NoteSigner,
    NoteVerifier,
    VerifierKey,
    open_note,
    parse_note,
    sign_note,
)
from signing.errors import Broken, Malformed, Rejected

TEXT = "agreement log\n\nsecond paragraph\n"


def signer(name: str = "log.example/2026", seed: int = 1) -> NoteSigner:
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    sign: Callable[[bytes], bytes] = key.sign
    return NoteSigner(name, key.public_key().public_bytes_raw(), sign)


def test_a_signed_note_opens_with_the_public_half_of_its_key():
    data = sign_note(TEXT, [signer()]).to_bytes()

    note = open_note(data, [NoteVerifier.from_vkey(signer().verifier.key.vkey)])

    assert note.text == TEXT
    assert [s.name for s in note.signatures] == ["log.example/2026"]


def test_unknown_signatures_are_left_out_and_do_no_harm():
    data = sign_note(TEXT, [signer("stranger.example", 2), signer()]).to_bytes()

    note = open_note(data, [signer().verifier])

    assert [s.name for s in note.signatures] == ["log.example/2026"]


def test_a_key_that_signed_twice_counts_once():
    data = sign_note(TEXT, [signer(), signer()]).to_bytes()

    assert len(open_note(data, [signer().verifier]).signatures) == 1


def test_a_note_by_strangers_only_is_not_believed():
    data = sign_note(TEXT, [signer("stranger.example", 2)]).to_bytes()

    with pytest.raises(Rejected) as refusal:
        open_note(data, [signer().verifier])

    assert refusal.value.code == "NOTE_UNSIGNED"


def test_a_false_signature_of_a_known_key_condemns_the_whole_note():
    other = signer("other.example", 2)
    note = sign_note(TEXT, [signer(), other])
    forged = replace(note.signatures[1], value=bytes(64))
    data = replace(note, signatures=(note.signatures[0], forged)).to_bytes()

    with pytest.raises(Rejected) as refusal:
        open_note(data, [signer().verifier, other.verifier])

    assert refusal.value.code == "NOTE_FORGED"


def test_a_key_of_the_same_name_but_another_id_is_a_stranger():
    data = sign_note(TEXT, [signer(seed=2), signer(seed=1)]).to_bytes()

    note = open_note(data, [signer(seed=1).verifier])

    assert len(note.signatures) == 1


@given(bit=st.integers(0, 8 * len(sign_note(TEXT, [signer()]).to_bytes()) - 1))
def test_one_flipped_bit_anywhere_in_a_note_is_refused(bit):
    data = bytearray(sign_note(TEXT, [signer()]).to_bytes())
    data[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Rejected):
        open_note(bytes(data), [signer().verifier])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no signatures\n",
        b"no signatures\n\n",
        b"no newline at the end\n\n\xe2\x80\x94 a AAAAAAA=",
        b"control\x07character\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"carriage\r\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"not UTF-8 \xff\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"hyphen instead of dash\n\n- a AAAAAAA=\n",
        b"two names\n\n\xe2\x80\x94 a b AAAAAAA=\n",
        b"plus in the name\n\n\xe2\x80\x94 a+b AAAAAAA=\n",
        b"space in the name\n\n\xe2\x80\x94 a\xc2\xa0b AAAAAAA=\n",
        b"no value behind the key id\n\n\xe2\x80\x94 a AAAAAA==\n",
        b"not base64\n\n\xe2\x80\x94 a AAAA*AA=\n",
        b"text behind the signatures\n\n\xe2\x80\x94 a AAAAAAA=\nmore\n",
        b"long" * MAX_NOTE_SIZE + b"\n\n\xe2\x80\x94 a AAAAAAA=\n",
    ],
)
def test_a_note_of_another_form_is_refused(data):
    with pytest.raises(Malformed):
        parse_note(data)


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n"])
def test_a_text_that_a_note_cannot_carry_is_not_signed(text):
    with pytest.raises(Malformed):
        sign_note(text, [signer()])


def test_a_signature_by_another_key_than_the_named_one_does_not_leave():
    wrong = replace(signer(), public_key=signer(seed=2).public_key)

    with pytest.raises(Broken):
        sign_note(TEXT, [wrong])


@pytest.mark.parametrize(
    ("name", "signature_type", "public_key"),
    [
        ("", 1, bytes(32)),
        ("a b", 1, bytes(32)),
        ("a+b", 1, bytes(32)),
        ("log", 1, bytes(31)),
        ("log", 2, bytes(32)),
    ],
)
def test_a_key_that_no_note_could_name_is_refused(name, signature_type, public_key):
    with pytest.raises(Malformed):
        VerifierKey(name, signature_type, public_key)
