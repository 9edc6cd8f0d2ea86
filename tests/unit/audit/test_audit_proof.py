from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from signing.audit.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from signing.audit.cosignature import WitnessSigner
from signing.audit.merkle import inclusion_proof, leaf_hash, root_hash
from signing.audit.note import NoteSigner, parse_note
from signing.audit.policy import parse_policy, policy_text
from signing.audit.proof import LogProof, format_proof, parse_proof, verify_proof
from signing.errors import Malformed, Rejected

ORIGIN = "log.example/2026"
NOON = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
LEAVES = [b"zero", b"one", b"two", b"three", b"four"]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def log_key(seed: int = 1, name: str = ORIGIN) -> NoteSigner:
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return NoteSigner(name, key.public_key().public_bytes_raw(), key.sign)


def witness(seed: int) -> WitnessSigner:
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return WitnessSigner(f"witness{seed}.example", key.public_key().public_bytes_raw(), key.sign)


def cosigned(*witnesses: int) -> bytes:
    note = sign_checkpoint(Checkpoint(ORIGIN, len(LEAVES), root_hash(HASHES)), [log_key()])
    lines = tuple(witness(w).cosign(note.text, at=NOON.replace(minute=w)) for w in witnesses)
    return replace(note, signatures=note.signatures + lines).to_bytes()


def proof(index: int = 2, *witnesses: int) -> LogProof:
    return LogProof(index, tuple(inclusion_proof(index, HASHES)), cosigned(*witnesses))


def policy(quorum: str = "quorum none"):
    witnesses = "".join(f"witness w{w} {witness(w).verifier.key.vkey}\n" for w in (7, 8, 9))
    return parse_policy(f"log {log_key().verifier.key.vkey}\n{witnesses}{quorum}\n".encode())


TWO_OF_THREE = "group g 2 w7 w8 w9\nquorum g"


@given(index=st.integers(0, len(LEAVES) - 1))
def test_a_proof_file_written_and_read_again_shows_its_entry(index):
    data = format_proof(proof(index))

    verified = verify_proof(parse_proof(data), LEAVES[index], policy())

    assert (verified.origin, verified.index, verified.size) == (ORIGIN, index, len(LEAVES))
    assert verified.root == root_hash(HASHES)
    assert verified.witnesses == ()


def test_the_policy_that_we_write_trusts_the_log_and_wants_no_witness():
    written = parse_policy(policy_text([log_key().verifier]).encode())

    assert verify_proof(proof(), LEAVES[2], written).index == 2


def test_extra_data_travels_along_unjudged():
    with_extra = replace(proof(), extra=b"anything")

    assert parse_proof(format_proof(with_extra)) == with_extra


@pytest.mark.parametrize("leaf", [b"three", b"", b"two "])
def test_a_proof_shows_no_other_leaf(leaf):
    with pytest.raises(Rejected) as refusal:
        verify_proof(proof(2), leaf, policy())

    assert refusal.value.code == "NOT_INCLUDED"


def test_a_log_that_the_policy_does_not_name_proves_nothing():
    stranger = parse_policy(policy_text([log_key(seed=2).verifier]).encode())

    with pytest.raises(Rejected) as refusal:
        verify_proof(proof(), LEAVES[2], stranger)

    assert refusal.value.code == "NOTE_UNSIGNED"


def test_a_trusted_log_cannot_sign_for_another_origin():
    text = Checkpoint("other.example", 1, HASHES[0]).text()
    note = replace(parse_note(cosigned()), text=text, signatures=(log_key().sign_text(text),))

    with pytest.raises(Rejected) as refusal:
        open_checkpoint(note.to_bytes(), [log_key().verifier])

    assert refusal.value.code == "UNKNOWN_ORIGIN"


def test_two_of_three_witnesses_meet_the_quorum_and_tell_when_they_saw_it():
    verified = verify_proof(proof(2, 9, 7), LEAVES[2], policy(TWO_OF_THREE))

    assert [(w.witness, w.at.minute) for w in verified.witnesses] == [
        ("witness7.example", 7),
        ("witness9.example", 9),
    ]


def test_one_of_three_witnesses_does_not_meet_the_quorum():
    with pytest.raises(Rejected) as refusal:
        verify_proof(proof(2, 8), LEAVES[2], policy(TWO_OF_THREE))

    assert refusal.value.code == "QUORUM_NOT_MET"


def test_a_witness_that_signs_twice_counts_once():
    with pytest.raises(Rejected):
        verify_proof(proof(2, 8, 8), LEAVES[2], policy(TWO_OF_THREE))


def test_a_damaged_cosignature_is_lost_but_the_others_still_count():
    note = parse_note(cosigned(7, 8, 9))
    damaged = replace(note.signatures[2], value=note.signatures[2].value[:-1] + b"\0")
    data = replace(note, signatures=(*note.signatures[:2], damaged, note.signatures[3])).to_bytes()

    verified = verify_proof(replace(proof(), checkpoint=data), LEAVES[2], policy(TWO_OF_THREE))

    assert [w.witness for w in verified.witnesses] == ["witness7.example", "witness9.example"]


def test_a_cosignature_moved_to_another_time_is_lost():
    note = parse_note(cosigned(7))
    later = b"\0\0\0\1" + note.signatures[1].value[4:]
    data = replace(
        note, signatures=(note.signatures[0], replace(note.signatures[1], value=later))
    ).to_bytes()

    assert verify_proof(replace(proof(), checkpoint=data), LEAVES[2], policy()).witnesses == ()


@given(bit=st.integers(0, 8 * len(format_proof(proof())) - 1))
def test_one_flipped_bit_anywhere_in_a_proof_file_is_refused(bit):
    data = bytearray(format_proof(proof()))
    data[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Rejected):
        verify_proof(parse_proof(bytes(data)), LEAVES[2], policy())


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 00\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"A" * 43 + b"=\r\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\n",
        b"c2sp.org/tlog-proof@v1\nindex \xef\xbc\x90\n\n",
    ],
)
def test_a_proof_file_of_another_form_is_refused(head):
    with pytest.raises(Malformed):
        parse_proof(head + cosigned())


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n1\n", "a\n01\nX\n", "a\n-1\nX\n", "a\n1\nAAAA\n", "\n1\nX\n", "a\n1\nX\n\n",
        "a\n9223372036854775808\nX\n",
    ],
)  # fmt: skip
def test_a_checkpoint_of_another_form_is_refused(text):
    root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

    with pytest.raises(Malformed):
        parse_checkpoint(text.replace("X", root))


def test_only_keys_named_by_the_origin_sign_a_checkpoint():
    checkpoint = Checkpoint(ORIGIN, 1, HASHES[0])

    for signers in ([], [log_key(name="other.example")]):
        with pytest.raises(Malformed):
            sign_checkpoint(checkpoint, signers)
