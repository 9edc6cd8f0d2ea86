"""The record of what is about to be signed, kept before any key is used (D10).

Rules kept here:
* an intent names exactly one base revision and one certificate; everything that `finish` needs is
  in it, so the same row always gives the same bytes;
* value and token are set once: the first to arrive wins, a repeated finish changes nothing;
* an intent lapses when no token can be had before its certificate ends (D3).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from signing.domain.agreement import Custody

TOKEN_MARGIN = timedelta(seconds=60)
"""A token must be in this long before the signer's certificate ends (D3)."""


class IntentStatus(StrEnum):
    """`open` waits for a value, `valued` for a token, `signed` has given its revision."""

    OPEN = "open"
    VALUED = "valued"
    SIGNED = "signed"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class SignatureIntent:
    """One signature from its preparation to its end.

    `prepared` is the JSON of `pades.prepare.Prepared`, `certificates` DER with the leaf first,
    `value` the DER signature value, `token` the RFC 3161 token, `result_sha256` the revision made.
    """

    id: str
    agreement_id: str
    party_id: str
    custody: Custody
    base_sha256: str
    text_sha256: str
    prepared: str
    certificates: tuple[bytes, ...]
    expires_at: datetime
    created_at: datetime
    status: IntentStatus = IntentStatus.OPEN
    value: bytes | None = None
    token: bytes | None = None
    result_sha256: str | None = None

    def has_lapsed(self, at: datetime) -> bool:
        """Whether a token would come too late now."""
        return at > self.expires_at - TOKEN_MARGIN
