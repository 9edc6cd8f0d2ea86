"""Frames: what a rule wants to see in a reading, as data that a lawyer can read.

A frame names a case and a few *items*. An item is one or more tags of the lexicon:

    pay            somebody pays, and the words say so
    !pay           somebody does not pay, or must not
    ?pay           either
    pay|!return    one of them, each with its own polarity
    pay@worker     the worker pays (also @enterprise; @!enterprise: anybody else)

All items must be met by words of one window (`segment`, `clause`, `pair` of neighbouring
clauses, or `sentence`); `ordered` asks for them in this order. Any item of `unless` that is met
in the sentence silences the frame; `unless_here` looks in the window only. `limit` compares a
number of the window: `pct<150`, `days>30`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

_WITHOUT_POLARITY = frozenset({"NUMBER", "BAN", "MUST", "MAY", "ONLY"})
COMPARISONS = (">=", "<=", ">", "<", "=")


class Polarity(StrEnum):
    """Whether the words must be said, denied, or may be either."""

    SAID = "said"
    DENIED = "denied"
    EITHER = "either"


class Window(StrEnum):
    """How close the items of a frame stand."""

    SEGMENT = "segment"
    CLAUSE = "clause"
    PAIR = "pair"
    SENTENCE = "sentence"


@dataclass(frozen=True)
class Choice:
    """A tag with its polarity and who acts, or who does not ("" for anybody)."""

    tag: str
    polarity: Polarity = Polarity.SAID
    actor: str = ""
    not_actor: str = ""


@dataclass(frozen=True)
class Item:
    """One thing to see: any of its choices."""

    choices: tuple[Choice, ...]

    @cached_property
    def tags(self) -> frozenset[str]:
        """Tags of all choices."""
        return frozenset(c.tag for c in self.choices)


@dataclass(frozen=True)
class Limit:
    """A comparison with a number of the window."""

    unit: str
    comparison: str
    value: float

    def holds(self, number: float) -> bool:
        """Whether the number is on the wrong side."""
        match self.comparison:
            case ">":
                return number > self.value
            case "<":
                return number < self.value
            case ">=":
                return number >= self.value
            case "<=":
                return number <= self.value
            case _:
                return number == self.value


@dataclass(frozen=True)
class Frame:
    """One way in which words say what a case refuses."""

    case: str
    see: tuple[Item, ...]
    window: Window = Window.CLAUSE
    ordered: bool = False
    unless: tuple[Item, ...] = ()
    unless_here: tuple[Item, ...] = ()
    limit: Limit | None = None


def parse_frame(case: str, row: Mapping[str, Any]) -> Frame:
    """A frame from its TOML table; raises ValueError on an unknown key or word."""
    unknown = set(row) - {"see", "within", "ordered", "unless", "unless_here", "limit"}
    if unknown or not row.get("see"):
        raise ValueError(f"{case}: frame needs `see` and knows no {sorted(unknown)}")
    return Frame(
        case=case,
        see=tuple(parse_item(text) for text in row["see"]),
        window=Window(row.get("within", "clause")),
        ordered=bool(row.get("ordered", False)),
        unless=tuple(parse_item(text) for text in row.get("unless", ())),
        unless_here=tuple(parse_item(text) for text in row.get("unless_here", ())),
        limit=parse_limit(row["limit"]) if "limit" in row else None,
    )


def parse_item(text: str) -> Item:
    """An item from its short form."""
    return Item(tuple(_parse_choice(part) for part in text.split("|")))


def _parse_choice(text: str) -> Choice:
    body, _, actor = text.partition("@")
    polarity = {"!": Polarity.DENIED, "?": Polarity.EITHER}.get(body[:1], Polarity.SAID)
    tag = body.lstrip("!?")
    if tag in _WITHOUT_POLARITY:
        polarity = Polarity.EITHER
    if actor.startswith("!"):
        return Choice(tag, polarity, not_actor=actor[1:])
    return Choice(tag, polarity, actor)


def parse_limit(text: str) -> Limit:
    """A limit such as `pct<150`; raises ValueError where there is no comparison."""
    for sign in COMPARISONS:
        unit, found, value = text.partition(sign)
        if found:
            return Limit(unit, sign, float(value))
    raise ValueError(f"no comparison in {text!r}")
