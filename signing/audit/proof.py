"""Proofs that travel with a document, C2SP tlog-proof@v1.

A proof binds leaf bytes to a checkpoint; whom to believe about the checkpoint is the policy's
matter and comes from the verifier. `extra` is signed by nobody and given no meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from signing.audit.canonical import decode_base64, encode_base64
from signing.audit.checkpoint import open_checkpoint, parse_decimal
from signing.audit.cosignature import Cosignature
from signing.audit.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from signing.audit.note import MAX_NOTE_SIZE, parse_note
from signing.audit.policy import Policy
from signing.errors import Malformed, Rejected

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
"""A path in a tree of fewer than 2^63 leaves."""
MAX_PROOF_SIZE = 2 * MAX_NOTE_SIZE


@dataclass(frozen=True)
class LogProof:
    """Index, inclusion path (leaf's sibling first) and the checkpoint note, verbatim."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


@dataclass(frozen=True)
class VerifiedEntry:
    """What a proof has shown: the entry is leaf `index` of the tree of `size` with `root`.

    `witnesses` are the cosignatures of witnesses that the policy knows, earliest first.
    """

    origin: str
    index: int
    size: int
    root: bytes
    witnesses: tuple[Cosignature, ...]


def format_proof(proof: LogProof) -> bytes:
    """The `.tlog-proof` file."""
    lines = [HEADER]
    if proof.extra is not None:
        lines.append(f"extra {encode_base64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines += [encode_base64(value) for value in proof.hashes]
    return "\n".join([*lines, "", ""]).encode() + proof.checkpoint


def parse_proof(data: bytes) -> LogProof:
    """Read a `.tlog-proof` file; nothing is verified. Raises Malformed."""
    head, blank, checkpoint = data.partition(b"\n\n")
    if len(data) > MAX_PROOF_SIZE or not blank:
        raise _malformed("too long, or no empty line before a checkpoint")
    try:
        header, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as e:
        raise _malformed("the part before the checkpoint is not ASCII") from e
    if header != HEADER:
        raise _malformed(f"does not begin with {HEADER}")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise _malformed("no index line")
    index = parse_decimal(lines[0].removeprefix("index "))
    return LogProof(index, _hashes(lines[1:]), checkpoint, extra)


def verify_proof(proof: LogProof, leaf: bytes, policy: Policy) -> VerifiedEntry:
    """Check that `leaf` (entry bytes, not their hash) is in a log that `policy` trusts.

    Raises Malformed for bad syntax of the checkpoint; Rejected with code NOTE_FORGED,
    NOTE_UNSIGNED or UNKNOWN_ORIGIN (not signed by a trusted log), QUORUM_NOT_MET (too few
    witnesses), NOT_INCLUDED (the path does not lead from leaf to root).
    """
    # 1. The leaf hash.
    hashed = leaf_hash(leaf)
    # 2. The checkpoint's origin and signature.
    checkpoint = open_checkpoint(proof.checkpoint, policy.logs)
    # 3. Cosignatures, as many as the policy wants.
    note = parse_note(proof.checkpoint)
    if not policy.is_met(note):
        raise Rejected(
            "Too few of the witnesses that the policy names have cosigned this checkpoint",
            "见证方的签名不够，达不到信任策略的要求",
            code="QUORUM_NOT_MET",
        )
    # 4. The path from leaf to root.
    root, size = checkpoint.root, checkpoint.size
    if not verify_inclusion(
        leaf=hashed, index=proof.index, size=size, proof=proof.hashes, root=root
    ):
        raise Rejected(
            "The inclusion path does not lead from this entry to the signed root",
            "存证证明和这条记录对不上",
            code="NOT_INCLUDED",
        )
    return VerifiedEntry(checkpoint.origin, proof.index, size, root, policy.cosignatures(note))


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    hashes = tuple(decode_base64(line) for line in lines)
    if len(hashes) > MAX_HASHES or any(len(value) != HASH_SIZE for value in hashes):
        raise _malformed("the path has too many hashes or one that is not of 32 bytes")
    return hashes


def _malformed(message: str) -> Malformed:
    return Malformed(f"Log proof: {message}", "存证证明的格式不对", code="PROOF_MALFORMED")
