"""Places of performance: GB/T 2260 codes, from county to prefecture to province.

The codes themselves are data (`rules/data/regions-hunan.toml`); this module only walks them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_PREFECTURE_DIGITS = 4
_PROVINCE_DIGITS = 2


@dataclass(frozen=True)
class Region:
    """A county-level unit: its six digits, its name, its prefecture's four digits and name."""

    code: str
    name: str
    prefecture_code: str
    prefecture: str

    @property
    def full_name(self) -> str:
        """Prefecture and county together, as a contract prints a place."""
        return f"{self.prefecture}{self.name}"


@dataclass(frozen=True)
class Regions:
    """All county-level units that agreements may name."""

    by_code: Mapping[str, Region] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, regions: Iterable[Region]) -> "Regions":
        """A table of these regions."""
        return cls(MappingProxyType({r.code: r for r in regions}))

    def find(self, code: str) -> Region | None:
        """The county of that code; None where the table has none."""
        return self.by_code.get(code)


def enclosing_codes(code: str) -> tuple[str, ...]:
    """The county, its prefecture, its province: where a local standard is looked up, in order."""
    return (code, code[:_PREFECTURE_DIGITS], code[:_PROVINCE_DIGITS])
