"""What the worker's phone shows."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """What the worker's phone shows: the `<main id="contract">` fragment and the key cards."""

    fragment: str
    cards: tuple[Mapping[str, str], ...]
    title: str
