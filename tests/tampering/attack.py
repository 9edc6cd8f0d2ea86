"""One file of the suite: how it is made, and what the judge must say of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import workshop

from signing.verification.trust import TrustAnchors, trust_from


@dataclass(frozen=True)
class Attack:
    """`make` gives the bytes (and may give evidence beside them); the rest is expected.

    `code` must stand among the findings; "" for a file that is sound. `how` says how it is made.
    `proven_at` is the day on which others than the file's own stamps saw it; who knows nothing of
    logs and witnesses is asked as of that day.
    """

    name: str
    how: str
    make: Callable[[], bytes]
    code: str
    outcome: str = "tampered"
    at: datetime = workshop.START + timedelta(hours=3)
    trust: Callable[[], TrustAnchors] | None = None
    evidence: Callable[[], bytes] | None = None
    proven_at: datetime | None = None
    folder: str = field(default="")

    @property
    def is_negative(self) -> bool:
        return self.outcome != "valid"

    @property
    def exit_code(self) -> int:
        return {"valid": 0, "tampered": 1, "unreadable": 2}.get(self.outcome, 3)


def standard_trust(**others: object) -> TrustAnchors:
    root = workshop.standard().root.der
    return trust_from(**({"ca": (root,), "tsa": (root,)} | others))
