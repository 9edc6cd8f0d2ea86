"""Personal data at rest: sealed fields and blind look-ups (T37).

Rules kept here:

1. AES-256-GCM with a fresh random nonce; the additional data names table, column and row, so a
   value moved to another place does not open.
2. A sealed field names its key. The first key seals, all given keys open: keys are rotated by
   giving a new one first.
3. What must be found again is looked up by HMAC-SHA-256 under a key of its own, bound to its scope
   (the tenant): equal people of two tenants have unequal tokens.
4. Keys and randomness are handed in; nothing here reads a file or the environment.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from signing.errors import Broken

KEY_SIZE = 32
_NONCE_SIZE = 12
_KEY_ID_SIZE = 4
_HEAD_SIZE = 1 + _KEY_ID_SIZE + _NONCE_SIZE
_VERSION = b"\x01"
_TOKEN_SIZE = 16


@dataclass(frozen=True)
class Sealed:
    """Version, key id, nonce, ciphertext and tag: the only thing that a sealed column takes."""

    data: bytes


class FieldCipher:
    """Seals and opens fields."""

    def __init__(
        self, keys: Sequence[bytes], *, index_key: bytes, random: Callable[[int], bytes]
    ) -> None:
        """`keys` of 32 bytes, the one that seals first; `random(n)` gives n fresh bytes."""
        if not keys or any(len(key) != KEY_SIZE for key in (*keys, index_key)):
            raise Broken(f"Field keys have {KEY_SIZE} bytes", code="FIELD_KEY_MISSING")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(keys[0])
        self._index_key = index_key
        self._random = random

    def seal(self, plaintext: bytes, *, place: str, row: str) -> Sealed:
        """Seal for `place` (`agreements.draft`) and the row with that id."""
        nonce = self._random(_NONCE_SIZE)
        body = self._ciphers[self._current].encrypt(nonce, plaintext, _place(place, row))
        return Sealed(_VERSION + self._current + nonce + body)

    def open(self, sealed: Sealed, *, place: str, row: str) -> bytes:
        """The plaintext. Raises Broken if the key is unknown, or the field changed or moved."""
        data = sealed.data
        key_id, nonce = data[1 : 1 + _KEY_ID_SIZE], data[1 + _KEY_ID_SIZE : _HEAD_SIZE]
        cipher = self._ciphers.get(key_id)
        if data[:1] != _VERSION or cipher is None:
            raise Broken(f"No key opens {place} of {row}", code="FIELD_KEY_MISSING")
        try:
            return cipher.decrypt(nonce, data[_HEAD_SIZE:], _place(place, row))
        except (InvalidTag, ValueError) as e:
            raise Broken(f"{place} of {row} was changed or moved", code="FIELD_CHANGED") from e

    def token(self, value: str, *, scope: str) -> bytes:
        """A blind look-up token of 16 bytes; spaces, width and case of `value` do not matter."""
        plain = "".join(unicodedata.normalize("NFKC", value).split()).casefold()
        return self.mac(f"{scope}\0{plain}".encode())[:_TOKEN_SIZE]

    def mac(self, data: bytes) -> bytes:
        """HMAC-SHA-256 under the index key."""
        return hmac.digest(self._index_key, data, hashlib.sha256)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"field-key-id/v1\0" + key).digest()[:_KEY_ID_SIZE]


def _place(place: str, row: str) -> bytes:
    return f"{place}\0{row}".encode()
