"""Text as the lexicon spells it, each character with its place in the source.

Rules kept here:

* NFKC, traditional to simplified (one character at a time, so that places stay known), lower case.
* Invisible characters, blanks and marks that were pushed between two Chinese characters go.
* Brackets around one or two characters inside a word go: 押（金）.
* Line ends are full stops.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

STOPS = frozenset("。；;！!？?\n")
COMMAS = frozenset(",:，：")
PAUSES = frozenset("、()[]{}〔〕【】「」『』“”‘’\"'")
TITLES = frozenset("《》〈〉")
_KEPT_SIGNS = frozenset("%‰.+-~<>=≤≥×*/元¥￥$")
_BRACKETS = {"(": ")", "[": "]", "【": "】", "{": "}", "〔": "〕"}
_BRACKETED = 2
_converter = OpenCC("t2s")


@dataclass(frozen=True, slots=True)
class Char:
    """A normalised character and where it came from."""

    value: str
    start: int
    end: int


def normalise(text: str) -> list[Char]:
    """The characters that count, in order."""
    chars = [
        Char(value, index, index + 1)
        for index, source in enumerate(text)
        for value in _fold(source)
    ]
    return _without_inserts(_without_brackets(chars))


@lru_cache(maxsize=20_000)
def _fold(source: str) -> str:
    """What one source character stands for; "" for blanks and invisible ones."""
    if source in "\n\r\u2028\u2029":
        return "\n"
    folded = unicodedata.normalize("NFKC", source)
    if len(folded) > 1 and folded[0] == "(" and folded[-1] == ")":
        folded = folded[1:-1]  # ⑴ and ㈠ are numbers of items, not brackets around a word
    kept = "".join(c for c in folded if unicodedata.category(c) not in _INVISIBLE)
    return _converter.convert(kept).lower() if kept.strip() else ""


_INVISIBLE = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Me", "Co", "Cs", "Cn"})


def is_han(char: str) -> bool:
    """Whether a character is Chinese."""
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char == "〇"


def _is_mark(char: str) -> bool:
    """Whether a character carries no meaning of its own between two Chinese characters."""
    return not (
        is_han(char)
        or char.isalnum()
        or char in STOPS
        or char in COMMAS
        or char in PAUSES
        or char in TITLES
    )


def _without_brackets(chars: list[Char]) -> list[Char]:
    """Drop brackets that hold at most two Chinese characters: 押(金), 【押】【金】."""
    dropped: set[int] = set()
    for index, char in enumerate(chars):
        closing = _BRACKETS.get(char.value)
        if closing is None:
            continue
        for end in range(index + 2, min(index + _BRACKETED + 2, len(chars))):
            inside = chars[index + 1 : end]
            if chars[end].value == closing and all(is_han(c.value) for c in inside):
                dropped |= {index, end}
                break
    return [c for i, c in enumerate(chars) if i not in dropped]


def _without_inserts(chars: list[Char]) -> list[Char]:
    """Drop marks between two Chinese characters; keep signs beside digits."""
    kept: list[Char] = []
    for index, char in enumerate(chars):
        if _is_mark(char.value) and not _beside_digit(chars, index):
            continue
        kept.append(char)
    return kept


def _beside_digit(chars: list[Char], index: int) -> bool:
    around = chars[max(0, index - 1) : index + 2]
    return chars[index].value in _KEPT_SIGNS and any(c.value.isdigit() for c in around)
