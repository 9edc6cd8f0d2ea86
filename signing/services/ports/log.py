"""The global Merkle log: sequenced by one, checked by anyone."""

from collections.abc import Sequence
from typing import Protocol

from signing.domain.published import PublishedCheckpoint


class Log(Protocol):
    """The global Merkle log."""

    def publish(self) -> PublishedCheckpoint:
        """Sequence what waits, sign a checkpoint over it (or return the newest if nothing is new).

        Raises Broken, signing nothing, if the tree shrank or its history changed.
        """

    def proof(self, index: int, *, size: int) -> Sequence[bytes]:
        """Inclusion path of that leaf under a checkpoint of `size` (RFC 9162 §2.1.3)."""

    def read(self, path: str) -> bytes:
        """`checkpoint` or `tile/…` of the C2SP tlog-tiles layout. Raises NotFound."""
