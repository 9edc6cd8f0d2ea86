"""Cosignatures of witnesses, C2SP tlog-cosignature, the Ed25519 kind (`cosignature/v1`).

A witness says: at this time, this was the largest tree of that log that I have seen, and it
appends to every earlier one. Its clock, not the log's, is what the time rests on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from signing.audit.note import COSIGNATURE_V1, Note, NoteSignature, VerifierKey
from signing.errors import Malformed

_TIME_SIZE = 8
_VALUE_SIZE = _TIME_SIZE + 64
_LAST_TIME = 253402300799
"""9999-12-31T23:59:59Z: the last second that a datetime holds."""


@dataclass(frozen=True)
class Cosignature:
    """A witness's confirmed statement: who, and when by its clock (aware UTC)."""

    witness: str
    at: datetime


@dataclass(frozen=True)
class WitnessVerifier:
    """Checks the cosignatures of one witness."""

    key: VerifierKey

    def __post_init__(self) -> None:
        """Refuse a log's key in a witness's place."""
        if self.key.signature_type != COSIGNATURE_V1:
            raise Malformed(
                f"{self.key.name}: not a witness's key", "不是见证方的密钥", code="NOTE_MALFORMED"
            )

    @classmethod
    def from_vkey(cls, vkey: str) -> "WitnessVerifier":
        """Raises Malformed."""
        return cls(VerifierKey.from_vkey(vkey))

    def find_cosignature(self, note: Note) -> Cosignature | None:
        """The witness's first line on the note that verifies, or None.

        A damaged line loses that cosignature only: whether enough remain is the policy's matter.
        """
        for signature in note.signatures:
            if self.key.signed(signature) and self._verify(note.text, signature.value):
                seconds = int.from_bytes(signature.value[:_TIME_SIZE], "big")
                return Cosignature(self.key.name, datetime.fromtimestamp(seconds, UTC))
        return None

    def _verify(self, text: str, value: bytes) -> bool:
        seconds = int.from_bytes(value[:_TIME_SIZE], "big")
        if len(value) != _VALUE_SIZE or seconds > _LAST_TIME:
            return False
        return self.key.is_signature(value[_TIME_SIZE:], signed_message(text, seconds))


@dataclass(frozen=True)
class WitnessSigner:
    """Cosigns with a key that lies elsewhere. What may be cosigned is not decided here."""

    name: str
    public_key: bytes
    sign: Callable[[bytes], bytes]

    @property
    def verifier(self) -> WitnessVerifier:
        """The public half."""
        return WitnessVerifier(VerifierKey(self.name, COSIGNATURE_V1, self.public_key))

    def cosign(self, text: str, *, at: datetime) -> NoteSignature:
        """The line over a checkpoint's note text, at an aware time, to the second."""
        seconds = int(at.timestamp())
        value = self.sign(signed_message(text, seconds))
        stamped = seconds.to_bytes(_TIME_SIZE, "big") + value
        return NoteSignature(self.name, self.verifier.key.key_id, stamped)


def signed_message(text: str, seconds: int) -> bytes:
    """What an Ed25519 cosignature signs: header, POSIX time, and the note text."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
