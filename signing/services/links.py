"""Signing links: nothing is stored, so nothing can leak from the database (interfaces.md §9 Links).

A token is the party's 128 random bits and an HMAC-SHA-256 over party and generation, cut to 128
bits: base64url, 43 characters. Whoever does not hold the key can make none; a later generation
makes an earlier token void.
"""

import base64
import binascii
import hmac

from signing.errors import NotFound

_PREFIX = "pty_"
_PARTY_BYTES = 16
_MAC_BYTES = 16


class SigningLinks:
    """Make and recognise link tokens under one secret (32 bytes)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, party_id: str, *, generation: int) -> str:
        """The token of that party's `generation`-th link, from 0."""
        party = bytes.fromhex(party_id.removeprefix(_PREFIX))
        return _encode(party + self._mac(party, generation))

    def party_id(self, token: str) -> str:
        """Which party the token is of; says nothing about its being the newest.

        Raises NotFound for text that no link of ours can be.
        """
        party, _ = _split(token)
        return f"{_PREFIX}{party.hex()}"

    def is_current(self, token: str, *, generation: int) -> bool:
        """Whether it is the newest link. Raises NotFound if it is not of our making at all."""
        party, mac = _split(token)
        if hmac.compare_digest(mac, self._mac(party, generation)):
            return True
        if any(hmac.compare_digest(mac, self._mac(party, old)) for old in range(generation)):
            return False
        raise _unknown()

    def _mac(self, party: bytes, generation: int) -> bytes:
        message = b"signing-link/v1\x00" + party + generation.to_bytes(4)
        return hmac.digest(self._secret, message, "sha256")[:_MAC_BYTES]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _split(token: str) -> tuple[bytes, bytes]:
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise _unknown() from None
    if len(data) != _PARTY_BYTES + _MAC_BYTES or _encode(data) != token:
        raise _unknown()
    return data[:_PARTY_BYTES], data[_PARTY_BYTES:]


def _unknown() -> NotFound:
    return NotFound("No such link", "链接不对，可能没复制全", code="LINK_UNKNOWN")
