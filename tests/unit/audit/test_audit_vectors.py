"""Public vectors: transparency-dev proofs, RFC 8785, Go signed notes, C2SP formats.

They lie beside the repository (`../shared/vectors`), not in it; without the folder these tests
are skipped, and the properties in the neighbouring files still hold the same functions.
"""

import base64
import json
from pathlib import Path

import pytest

from signing.audit.canonical import canonical_json, decode_base64, load_json
from signing.audit.checkpoint import open_checkpoint, parse_checkpoint
from signing.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from signing.audit.note import NoteVerifier, VerifierKey, open_note, parse_note
from signing.audit.policy import parse_policy
from signing.audit.proof import parse_proof
from signing.audit.tiles import Tile, parse_tile_path, tiles_of
from signing.errors import Malformed, Rejected

VECTORS = Path(__file__).parents[3].parent / "shared" / "vectors"
MERKLE = VECTORS / "transparency-dev-merkle" / "testdata"
JCS = VECTORS / "jcs-rfc8785"
FORMATS = VECTORS / "go-sumdb-and-formats"

pytestmark = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the public vectors (../shared/vectors) are not on this machine"
)

TWELVE_BYTE_ROOTS = "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"
"""Others accept this one, whose "roots" are 12 bytes long; we accept hashes of 32 bytes only."""


def names(folder: Path, pattern: str) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(pattern))


def formats(name: str):
    return json.loads((FORMATS / f"{name}.json").read_text("utf-8"))


def unbase64(value: str | None) -> bytes:
    return base64.b64decode(value or "")


@pytest.mark.parametrize("name", names(MERKLE, "inclusion/**/*.json"))
def test_inclusion_is_judged_as_the_vectors_say(name):
    case = json.loads((MERKLE / name).read_text("utf-8"))

    proven = verify_inclusion(
        leaf=unbase64(case["leafHash"]),
        index=case["leafIdx"],
        size=case["treeSize"],
        proof=[unbase64(value) for value in case["proof"] or []],
        root=unbase64(case["root"]),
    )

    assert proven is not case["wantErr"]


@pytest.mark.parametrize("name", names(MERKLE, "consistency/**/*.json"))
def test_consistency_is_judged_as_the_vectors_say_but_for_short_roots(name):
    case = json.loads((MERKLE / name).read_text("utf-8"))

    proven = verify_consistency(
        size1=case["size1"],
        root1=unbase64(case["root1"]),
        size2=case["size2"],
        root2=unbase64(case["root2"]),
        proof=[unbase64(value) for value in case["proof"] or []],
    )

    assert proven is (not case["wantErr"] and name != TWELVE_BYTE_ROOTS)


@pytest.mark.parametrize("name", names(JCS / "input", "*.json"))
def test_canonical_json_writes_the_bytes_of_rfc_8785(name):
    value = load_json((JCS / "input" / name).read_bytes())

    assert canonical_json(value) == (JCS / "output" / name).read_bytes()


def test_hashes_are_those_of_rfc_6962():
    hasher = formats("formats_and_rfc6962")["rfc6962_hasher"]
    record = formats("tlog")["record_hash"]

    assert hasher["empty"] == EMPTY_ROOT.hex()
    assert hasher["empty_leaf"] == leaf_hash(b"").hex()
    assert hasher["leaf_L123456"] == leaf_hash(b"L123456").hex()
    assert hasher["node_N123_N456"] == node_hash(b"N123", b"N456").hex()
    assert unbase64(record["hash_b64"]) == leaf_hash(record["data"].encode())


def test_the_reference_tree_has_the_published_roots_at_every_size():
    tree = formats("formats_and_rfc6962")["ct_reference_tree"]
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in tree["leaves_hex"]]

    roots = [root_hash(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    grown = [Frontier().extend(leaves[:size]).root().hex() for size in range(len(leaves) + 1)]

    assert roots == tree["roots_by_size"]
    assert grown == tree["roots_by_size"]


@pytest.mark.parametrize("place", range(9))
def test_checkpoints_are_judged_as_the_vectors_say_given_roots_of_32_bytes(place):
    case = formats("formats_and_rfc6962")["checkpoint_unmarshal"][place]
    origin, size, _, *more = case["m"].split("\n") if case["ok"] else ("", "", "")
    with_true_root = "\n".join([origin, size, base64.b64encode(EMPTY_ROOT).decode(), *more])

    with pytest.raises(Malformed):
        parse_checkpoint(case["m"])  # even the good ones have roots of 7 and 37 bytes

    if case["ok"]:
        checkpoint = parse_checkpoint(with_true_root)
        assert (checkpoint.origin, checkpoint.size) == (case["origin"], case["size"])


def test_verifier_keys_are_read_and_written_again_and_bad_ones_refused():
    notes, more = formats("signed_note"), formats("formats_and_rfc6962")
    sound = [*notes["vkeys"].values(), notes["c2sp_spec_example"]["vkey"], *more["vkeys_ok"]]

    for vkey in sound:
        assert VerifierKey.from_vkey(vkey).vkey == vkey
    for vkey in [*notes["bad_vkeys"], *more["vkeys_bad"]]:
        with pytest.raises(Malformed):
            VerifierKey.from_vkey(vkey)


def test_a_verifier_key_with_one_character_changed_is_refused():
    vkey = formats("signed_note")["c2sp_spec_example"]["vkey"]

    for place, character in enumerate(vkey):
        mangled = vkey[:place] + chr(ord(character) ^ 1) + vkey[place + 1 :]
        with pytest.raises(Malformed):
            VerifierKey.from_vkey(mangled)


def test_the_example_note_of_the_specification_opens():
    example = formats("signed_note")["c2sp_spec_example"]

    note = open_note(example["note"].encode(), [NoteVerifier.from_vkey(example["vkey"])])

    assert note.text == "This is an example message.\n"
    assert note.to_bytes() == example["note"].encode()


def test_notes_open_with_as_many_signatures_as_go_finds():
    vectors = formats("signed_note")
    keys = {name: NoteVerifier.from_vkey(vkey) for name, vkey in vectors["vkeys"].items()}

    for case in vectors["open_cases"]:
        verifiers = [keys[name] for name in case["keys"]]
        if case["ok"]:
            note = open_note(case["msg"].encode(), verifiers)
            assert len(note.signatures) == case["n_verified"], case["desc"]
        else:
            with pytest.raises(Rejected):
                open_note(case["msg"].encode(), verifiers)


def test_notes_with_keys_of_other_kinds_are_split_but_not_believed():
    vectors = formats("formats_and_rfc6962")

    for case in (vectors["ecdsa_note"], vectors["rfc6962_checkpoint_rome"]):
        assert parse_note(case["note"].encode()).signatures
        with pytest.raises(Malformed):
            NoteVerifier.from_vkey(case["vkey"])
        with pytest.raises(Rejected):
            open_checkpoint(case["note"].encode(), [])


def test_a_timestamped_cosignature_tells_its_time():
    case = formats("formats_and_rfc6962")["cosig_v1_timestamp"]

    stamped = decode_base64(case["sig_b64"])[4:]

    assert int.from_bytes(stamped[:8], "big") == case["unix"]
    assert len(stamped) == 8 + 64


def test_bad_proof_files_are_refused():
    for description, text in formats("formats_and_rfc6962")["tlog_proof_bad"]:
        with pytest.raises(Malformed):
            pytest.fail(f"{description}: {parse_proof(text.encode())}")


def test_policies_are_read_and_bad_ones_refused():
    vectors = formats("formats_and_rfc6962")

    for text in vectors["policy_ok"]:
        assert parse_policy(text.encode()).quorum == b"g1"
    for description, text in vectors["policy_bad"]:
        with pytest.raises(Malformed):
            pytest.fail(f"{description}: {parse_policy(text.encode())}")


def test_tile_paths_encode_their_index_in_groups_of_three_digits():
    vectors = formats("tlog")
    example = vectors["c2sp_tile_index_example"]

    assert Tile(0, example["index"]).path == f"tile/0/{example['path']}"
    for path, tile in vectors["tile_paths"]:
        # Go's own paths carry a height in second place, C2SP's do not.
        plain = "/".join(["tile", *path.split("/")[2:]])
        if tile:
            _, level, index, width = tile
            partial = width if ".p/" in path else 256
            assert parse_tile_path(plain) == Tile(level, index, partial)
        else:
            with pytest.raises(Malformed):
                parse_tile_path(plain)


def test_a_tree_of_70000_has_the_tiles_of_the_specification():
    example = formats("tlog")["c2sp_tiles_example"]

    tiles = tiles_of(example["size"])

    assert sum(t.level == 0 and t.width == 256 for t in tiles) == example["level0_full"]
    assert sum(t.level == 1 and t.width == 256 for t in tiles) == example["level1_full"]
    assert {t.level: t.width for t in tiles if t.width != 256} == {
        0: example["level0_partial"],
        1: example["level1_partial"],
        2: example["level2_partial"],
    }
