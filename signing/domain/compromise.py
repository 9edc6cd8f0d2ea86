"""That a party's key is, or was, in wrong hands (电子签名法 15, 27).

Rules kept here:
* a report is never taken back: it is a fact about what somebody said, not a judgement;
* it says who reported and when, and whether the list of our own CA tells of it: a certificate of
  somebody else's CA is refused here from then on, but only its own CA can revoke it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reporter(StrEnum):
    """Who says so."""

    WORKER = "worker"
    PLATFORM = "platform"
    OPERATOR = "operator"


@dataclass(frozen=True)
class CompromiseReport:
    """One report about one party of one agreement.

    `serial` is that of the certificate, hex; `is_revoked` whether our list tells of it.
    """

    at: datetime
    by: Reporter
    reason: str
    serial: str
    is_revoked: bool
