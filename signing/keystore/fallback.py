"""Two TSAs: the second is asked where the first fails, whatever its failure (T24).

Rules kept here:
* the first is asked first each time; its own circuit breaker spares it, so that while it is away
  the second answers at once;
* what the second gives is checked as strictly as what the first gives: each checks its own;
* if both fail, the first one's reason is told: it is the one that the operator counts on.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from signing.errors import Unavailable

_log = logging.getLogger(__name__)


class Tsa(Protocol):
    """One of them."""

    @property
    def token_bytes(self) -> int:
        """Room that its tokens need."""

    def lasts_until(self, token: bytes) -> datetime:
        """When the first certificate that a token leans on ends."""

    def timestamp(self, imprint: bytes) -> bytes:
        """A checked token over a SHA-256. Raises Unavailable."""


class FallbackTimestamper:
    """Asks TSAs in their order until one gives a good token."""

    def __init__(self, tsas: Sequence[Tsa]) -> None:
        self._tsas = tuple(tsas)

    @property
    def token_bytes(self) -> int:
        """Room for a token of whichever answers."""
        return max(tsa.token_bytes for tsa in self._tsas)

    def lasts_until(self, token: bytes) -> datetime:
        """When the first certificate that a token leans on ends; all know the same anchors."""
        return self._tsas[0].lasts_until(token)

    def timestamp(self, imprint: bytes) -> bytes:
        """A token over a SHA-256 `imprint`. Raises Unavailable as the first TSA did."""
        reasons: list[Unavailable] = []
        for number, tsa in enumerate(self._tsas, start=1):
            try:
                return tsa.timestamp(imprint)
            except Unavailable as error:
                _log.warning("a TSA failed", extra={"number": number, "code": error.code})
                reasons.append(error)
        raise reasons[0]
