"""Signed notes, C2SP signed-note v1.0.0, with Ed25519 keys.

Rules kept here:

1. A note is UTF-8 without control characters but newline, ends in a newline, and has at least
   one and at most 100 signature lines and 64 KiB.
2. A line's name *and* key id must match before a key is tried; unknown lines are ignored.
3. A line that matches a known key and does not verify condemns the whole note.
4. The private key is not here: a signer is given a function that signs bytes.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from signing.audit.canonical import decode_base64, encode_base64
from signing.errors import Broken, Malformed, Rejected

ED25519: Final = 0x01
"""Signature type of plain Ed25519 notes."""
COSIGNATURE_V1: Final = 0x04
"""Signature type of timestamped Ed25519 cosignatures (`cosignature.py`)."""
KNOWN_TYPES = frozenset({ED25519, COSIGNATURE_V1})

MAX_SIGNATURES = 100
MAX_NOTE_SIZE = 64 * 1024
PUBLIC_KEY_SIZE = 32

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: who, the four bytes of the key id, and the value behind them."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """The line as it stands in a note, without newline."""
        return f"— {self.name} {encode_base64(self.key_id + self.value)}"


@dataclass(frozen=True)
class Note:
    """A text that ends in a newline, and the lines that claim to sign it; nothing is verified."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Text, blank line, signature lines."""
        lines = "".join(signature.line() + "\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name: what a vkey says."""

    name: str
    signature_type: int
    public_key: bytes

    def __post_init__(self) -> None:
        """Refuse names and keys that no note could bear."""
        _check_name(self.name)
        if self.signature_type not in KNOWN_TYPES or len(self.public_key) != PUBLIC_KEY_SIZE:
            raise _malformed(f"{self.name}: only Ed25519 keys of 32 bytes are known here")

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || 0x0A || type || public key)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._typed_key).digest()[:4]

    @property
    def vkey(self) -> str:
        """`name+hex(key id)+base64(type || public key)`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(self._typed_key)}"

    @property
    def _typed_key(self) -> bytes:
        return bytes([self.signature_type]) + self.public_key

    @classmethod
    def from_vkey(cls, vkey: str) -> "VerifierKey":
        """Read a vkey. Raises Malformed, also where the key id is not that of name and key."""
        name, plus, rest = vkey.partition("+")
        key_id, plus2, encoded = rest.partition("+")
        if not plus or not plus2 or not _KEY_ID.fullmatch(key_id):
            raise _malformed(f"not a verifier key: {vkey[:80]!r}")
        typed = decode_base64(encoded)
        key = cls(name, typed[0] if typed else -1, typed[1:])
        if key.key_id.hex() != key_id:
            raise _malformed(f"{name}: the key id does not belong to the key")
        return key

    def signed(self, signature: NoteSignature) -> bool:
        """Whether the line claims to be by this key; it proves nothing."""
        return signature.name == self.name and signature.key_id == self.key_id

    def is_signature(self, value: bytes, message: bytes) -> bool:
        """Whether `value` is this key's Ed25519 signature (RFC 8032) over `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(value, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class NoteVerifier:
    """Checks plain Ed25519 lines of one key."""

    key: VerifierKey

    def __post_init__(self) -> None:
        """Refuse a witness's key in a log's place."""
        if self.key.signature_type != ED25519:
            raise _malformed(f"{self.key.name}: not a key that signs notes")

    @classmethod
    def from_vkey(cls, vkey: str) -> "NoteVerifier":
        """Raises Malformed."""
        return cls(VerifierKey.from_vkey(vkey))

    @property
    def name(self) -> str:
        """The key's name: of a log, its origin."""
        return self.key.name

    def verify(self, text: str, signature: NoteSignature) -> bool:
        """Whether the line is by this key and signs this text."""
        return self.key.signed(signature) and self.key.is_signature(signature.value, text.encode())


@dataclass(frozen=True)
class NoteSigner:
    """Signs notes with a key that lies elsewhere: `sign` returns an Ed25519 signature."""

    name: str
    public_key: bytes
    sign: Callable[[bytes], bytes]

    @property
    def verifier(self) -> NoteVerifier:
        """The public half."""
        return NoteVerifier(VerifierKey(self.name, ED25519, self.public_key))

    def sign_text(self, text: str) -> NoteSignature:
        """The signature line for `text`, checked against the public key before it leaves."""
        value = self.sign(text.encode())
        signature = NoteSignature(self.name, self.verifier.key.key_id, value)
        if not self.verifier.verify(text, signature):
            raise Broken(f"The key behind {self.name} is not the one expected", code="WRONG_KEY")
        return signature


def sign_note(text: str, signers: Iterable[NoteSigner]) -> Note:
    """A note over `text`. Raises Malformed for a text that a note cannot carry (rule 1)."""
    _check_text(text)
    return Note(text, tuple(signer.sign_text(text) for signer in signers))


def parse_note(data: bytes) -> Note:
    """Split a note; nothing is verified. Raises Malformed."""
    if len(data) > MAX_NOTE_SIZE:
        raise _malformed(f"a note of {len(data)} bytes is too long")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise _malformed("not UTF-8") from e
    # The last empty line parts text and signatures; the text may have empty lines itself.
    text, blank, tail = whole.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise _malformed("no signature lines behind an empty line")
    text += "\n"
    _check_text(text)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _malformed(f"more than {MAX_SIGNATURES} signatures")
    return Note(text, tuple(_signature(line) for line in lines))


def open_note(data: bytes, verifiers: Iterable[NoteVerifier]) -> Note:
    """The note with only those lines that one of `verifiers` confirmed, each key once.

    Raises Malformed for bad syntax; Rejected NOTE_FORGED if a line of a known key does not verify,
    NOTE_UNSIGNED if no line is by a known key.
    """
    note = parse_note(data)
    confirmed: list[NoteSignature] = []
    known = tuple(verifiers)
    for signature in note.signatures:
        verifier = next((v for v in known if v.key.signed(signature)), None)
        if verifier is None or any(verifier.key.signed(earlier) for earlier in confirmed):
            continue
        if not verifier.verify(note.text, signature):
            raise Rejected(
                f"The signature of {signature.name} does not fit the text",
                "存证记录的签名对不上，内容可能被改过",
                code="NOTE_FORGED",
            )
        confirmed.append(signature)
    if not confirmed:
        raise Rejected(
            "No key that is known here signed this note",
            "没有可信的密钥签过这份存证记录",
            code="NOTE_UNSIGNED",
        )
    return Note(note.text, tuple(confirmed))


def _signature(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":  # noqa: PLR2004 (dash, name, value)
        raise _malformed(f"not a signature line: {line[:80]!r}")
    _check_name(parts[1])
    data = decode_base64(parts[2])
    if len(data) <= 4:  # noqa: PLR2004 (the key id's four bytes)
        raise _malformed(f"a signature of {parts[1]} without value")
    return NoteSignature(parts[1], data[:4], data[4:])


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise _malformed("the text has control characters or no newline at its end")


def _check_name(name: str) -> None:
    if not name or "+" in name or any(c.isspace() for c in name):
        raise _malformed(f"not a key name: {name[:80]!r}")


def _malformed(message: str) -> Malformed:
    return Malformed(message, "存证记录的格式不对", code="NOTE_MALFORMED")
