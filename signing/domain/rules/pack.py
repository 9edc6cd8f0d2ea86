"""A rule pack: which law an agreement is checked against, as data with dates (D8).

Rules kept here:

* A pack has a version and dates; an agreement stores `pack.version_id`.
* A minimum-wage row is `verified` only if an operator loaded the notice; what follows from an
  unverified row is decided in `wages`, never guessed here.
* Rows are looked up by county, then prefecture, then province; the newest that is in force wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from signing.domain.regions import Regions, enclosing_codes
from signing.domain.rules.casebook import Casebook
from signing.domain.rules.frames import Frame


@dataclass(frozen=True)
class MinimumWage:
    """One row of a minimum-wage notice. `valid_to` is the last day, None while it is in force."""

    region_code: str
    tier: int
    valid_from: date
    valid_to: date | None
    monthly_fen: int
    hourly_fen: int
    document: str
    source: str
    verified: bool

    def applies_on(self, day: date) -> bool:
        """Whether the row is in force that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class RulePack:
    """Everything that a check needs besides the draft."""

    id: str
    version: str
    title: str
    source: str
    valid_from: date
    valid_to: date | None
    in_force: bool
    cases: Casebook
    frames: tuple[Frame, ...]
    minimum_wages: tuple[MinimumWage, ...]
    regions: Regions
    switches: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Numbers that a notice may change (`appeal_accept_days`); 0 turns an optional rule off."""

    @property
    def version_id(self) -> str:
        """What an agreement stores: `hunan-2021-24@2026.1`."""
        return f"{self.id}@{self.version}"

    def wages_at(self, region_code: str, day: date) -> tuple[MinimumWage, ...]:
        """Rows that may apply at a place: of the smallest enclosing region that has any.

        A verified row outweighs all unverified ones of its region. Of several notices in force
        the newest counts. Empty where the place has no row.
        """
        for code in enclosing_codes(region_code):
            rows = [r for r in self.minimum_wages if r.region_code == code and r.applies_on(day)]
            if not rows:
                continue
            known = [r for r in rows if r.verified] or rows
            newest = max(r.valid_from for r in known)
            return tuple(r for r in known if r.valid_from == newest)
        return ()
