"""Which agreements to list."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class AgreementFilter:
    """What to list: every field that is given must match."""

    status: str | None = None
    kind: str | None = None
    reference: str | None = None
    region: str | None = None
    query: str | None = None
    created_after: datetime | None = None
