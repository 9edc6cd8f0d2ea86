"""Work that takes long, as a row (D12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Job:
    """Something to do later: `kind` chooses the handler, `key` makes it one of its kind."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int
