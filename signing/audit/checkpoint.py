"""Checkpoints, C2SP tlog-checkpoint: origin, size and root of a log, as a signed note.

Rules kept here:

1. The root has exactly 32 bytes, the size is below 2^63 and written one way only.
2. A log's key bears the name of the log's origin; a checkpoint is opened with a key of its origin.
3. We write no extension lines (monitors cannot audit them); we read them without meaning.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from signing.audit.canonical import decode_base64, encode_base64
from signing.audit.merkle import HASH_SIZE
from signing.audit.note import Note, NoteSigner, NoteVerifier, open_note, sign_note
from signing.errors import Malformed, Rejected

MAX_SIZE = 2**63
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: `root` is the RFC 9162 hash over the first `size` entries of log `origin`."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be written as a checkpoint."""
        lines = (self.origin, *self.extensions)
        if any(not line or "\n" in line for line in lines):
            raise _malformed("empty origin or extension line")
        if not 0 <= self.size < MAX_SIZE or len(self.root) != HASH_SIZE:
            raise _malformed("size or root out of bounds")

    def text(self) -> str:
        """The note text, RFC 4648 §4 for the root."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(line + "\n" for line in lines)


def parse_decimal(text: str) -> int:
    """ASCII decimal below 2^63 without leading zeroes. Raises Malformed."""
    if not _DECIMAL.fullmatch(text) or int(text) >= MAX_SIZE:
        raise _malformed(f"not a size or index: {text[:40]!r}")
    return int(text)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's note text; nothing is verified. Raises Malformed."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "":  # noqa: PLR2004 (three lines and the end)
        raise _malformed("fewer than three lines, or the last has no newline")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, parse_decimal(size), decode_base64(root), tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[NoteSigner]) -> Note:
    """The checkpoint as a note by the log's keys, all named by its origin (rule 2)."""
    keys = tuple(signers)
    if not keys or any(signer.name != checkpoint.origin for signer in keys):
        raise _malformed(f"only keys named {checkpoint.origin} sign for that log")
    return sign_note(checkpoint.text(), keys)


def open_checkpoint(data: bytes, logs: Iterable[NoteVerifier]) -> Checkpoint:
    """The checkpoint, signed by at least one of the `logs` that bears its origin.

    Raises Malformed for bad syntax, Rejected (NOTE_FORGED, NOTE_UNSIGNED, UNKNOWN_ORIGIN).
    """
    known = tuple(logs)
    note = open_note(data, known)
    checkpoint = parse_checkpoint(note.text)
    if all(signature.name != checkpoint.origin for signature in note.signatures):
        raise Rejected(
            f"{checkpoint.origin} is signed by keys of other logs only",
            "这份存证记录不是由该日志的密钥签的",
            code="UNKNOWN_ORIGIN",
        )
    return checkpoint


def _malformed(message: str) -> Malformed:
    return Malformed(f"Checkpoint: {message}", "存证检查点的格式不对", code="CHECKPOINT_MALFORMED")
