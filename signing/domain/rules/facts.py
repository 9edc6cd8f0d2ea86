"""A draft's values as the rules want them: typed, absent where they are absent.

Values come from JSON: a wrong type is the schema's business (422), so a rule that meets one
sees nothing (None) and does not guess. Keys are those of `values.schema.json`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from signing.domain.draft import AgreementDraft, Kind

_FREE_TEXT_LENGTH = 1


class Facts:
    """Typed look-ups in `draft.values`."""

    def __init__(self, draft: AgreementDraft) -> None:
        self.draft = draft
        self.kind: Kind = draft.kind
        self._values: Mapping[str, Any] = draft.values

    @property
    def is_labour_contract(self) -> bool:
        """Whether the agreement is a 劳动合同 (type 1)."""
        return self.kind is Kind.LABOUR_CONTRACT

    def given(self, key: str) -> bool:
        """Whether the key stands in the values, however empty."""
        return key in self._values and self._values[key] is not None

    def text(self, key: str) -> str:
        """A string without outer blanks; "" where there is none."""
        value = self._values.get(key)
        return value.strip() if isinstance(value, str) else ""

    def number(self, key: str) -> int | float | None:
        """An integer or a finite decimal."""
        value = self._values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value

    def integer(self, key: str) -> int | None:
        """An integer (money in 分, days, hours)."""
        value = self._values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def day(self, key: str) -> date | None:
        """A `YYYY-MM-DD` date."""
        return read_day(self.text(key))

    def flag(self, key: str) -> bool | None:
        """A boolean."""
        value = self._values.get(key)
        return value if isinstance(value, bool) else None

    def rows(self, key: str) -> tuple[Any, ...]:
        """A list, or nothing."""
        value = self._values.get(key)
        return tuple(value) if isinstance(value, list | tuple) else ()

    def table(self, key: str) -> Mapping[str, Any]:
        """An object, or an empty one."""
        value = self._values.get(key)
        return value if isinstance(value, Mapping) else {}

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every string in the values with its path, in order: free text is read wherever it is."""
        yield from _walk("values", self._values)


def read_day(value: object) -> date | None:
    """A day written `YYYY-MM-DD` and in no other way; None for anything else."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return day if day is not None and day.isoformat() == value else None


def _walk(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if len(value.strip()) > _FREE_TEXT_LENGTH:
            yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(f"{path}.{key}", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _walk(f"{path}[{index}]", inner)
