"""Which characters may stand in a value that goes onto paper and under a signature.

Rules kept here:
* what a reader cannot see, or takes for another character, is refused: controls, invisible and
  directional marks, variation selectors, radicals and compatibility forms;
* what no contract needs is refused: private use, unassigned code points, emoji, right-to-left text;
* text is in NFC, without spaces at its ends or in runs, so that what is compared is what is drawn;
* nothing is refused in silence: code, place, U+ number and what to type instead;
* `fold` changes only what a keyboard sets differently and the eye reads alike.

Whether a font has the character is another question (`GLYPH_MISSING`, asked of the fonts).
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from signing.errors import FieldError

MAX_VALUE = 2_000
MAX_FREE_TEXT = 10_000

_UNIFIED_AMONG_COMPATIBILITY = frozenset(
    (0xFA0E, 0xFA0F, 0xFA11, 0xFA13, 0xFA14, 0xFA1F, 0xFA21, 0xFA23, 0xFA24, 0xFA27, 0xFA28, 0xFA29)
)
_INVISIBLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180E),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x2069),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
)
_VARIATION_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
_LOOKALIKES = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
_EMOJI = (
    (0x2600, 0x2604),
    (0x2607, 0x263F),
    (0x2641, 0x2641),
    (0x2643, 0x26FF),
    (0x1F000, 0x1FBFF),
)
_HAN = (
    (0x3007, 0x3007),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
_SPACES = frozenset("\u0020\u3000")
_MIDDLE_DOTS = dict.fromkeys(map(ord, "•・‧･∙⋅"), "·")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


class Fold(StrEnum):
    """How a field is typed: a name, a number (ID, phone, account, code), or text."""

    NAME = "name"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True)
class _Refusal:
    code: str
    message: str
    message_zh: str


_CONTROL = _Refusal("CONTROL_CHARACTER", "is a control character", "是控制字符，请删去")
_HIDDEN = _Refusal("INVISIBLE_CHARACTER", "cannot be seen", "是看不见的字符，请删去")
_VARIANT = _Refusal("VARIATION_SELECTOR", "asks for a variant glyph", "是异体字选择符，请删去")
_PRIVATE = _Refusal("PRIVATE_USE", "has no agreed meaning", "是自造字，请改用标准汉字")
_UNASSIGNED = _Refusal("UNASSIGNED", "is no assigned character", "不是有效字符，请删去")
_LOOKALIKE = _Refusal(
    "LOOKALIKE", "looks like another character", "是部首或兼容字符，请改用标准汉字"
)
_RIGHT_TO_LEFT = _Refusal(
    "RIGHT_TO_LEFT", "runs from right to left", "是从右向左书写的文字，不能使用"
)
_PICTURE = _Refusal("EMOJI", "is a picture", "是表情符号，请改用文字")
_SPACE = _Refusal("SPACE_REFUSED", "is an unusual space", "是特殊空格，请改用普通空格")
_COMBINING = _Refusal(
    "COMBINING_MARK", "is a mark on a Han character", "是附加在汉字上的符号，请删去"
)

_REFUSED_RANGES = (
    (_VARIANT, _VARIATION_SELECTORS),
    (_HIDDEN, _INVISIBLE),
    (_LOOKALIKE, _LOOKALIKES),
    (_PICTURE, _EMOJI),
)
_REFUSED_CATEGORIES = {
    "Cc": _CONTROL,
    "Zl": _CONTROL,
    "Zp": _CONTROL,
    "Co": _PRIVATE,
    "Cn": _UNASSIGNED,
    "Cs": _UNASSIGNED,
    "Cf": _HIDDEN,
}


def fold(value: str, *, typed_as: Fold) -> str:
    """The value as it is kept: NFC, one kind of line end, no spaces around it.

    Names get the one middle dot U+00B7 and ASCII letters; numbers get ASCII digits and letters, and
    lose the spaces within.
    """
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if typed_as is Fold.TEXT:
        return text
    text = text.translate(_FULL_WIDTH)
    if typed_as is Fold.NUMBER:
        return "".join(text.split())
    return text.translate(_MIDDLE_DOTS)


def check_text(value: str, path: str, *, free_text: bool) -> tuple[FieldError, ...]:
    """Every reason why `value` may not be printed; line breaks are for free text only.

    `path` is the place in the request body (`values.other_terms`).
    """
    limit = MAX_FREE_TEXT if free_text else MAX_VALUE
    if len(value) > limit:
        return (
            FieldError(
                path,
                "TOO_LONG",
                f"has {len(value)} characters, at most {limit} are allowed",
                f"共 {len(value)} 个字，最多 {limit} 个，请删减",
            ),
        )
    return (*_refused_characters(value, path, free_text=free_text), *_refused_shape(value, path))


def _refused_characters(value: str, path: str, *, free_text: bool) -> Iterator[FieldError]:
    """One error per character that may not stand there, in order of place."""
    before = ""
    for place, character in enumerate(value):
        if free_text and character == "\n":
            before = ""
            continue
        refusal = _refusal(character, before)
        if refusal is not None:
            yield _error(refusal, character, place, path)
        before = character


def _refusal(character: str, before: str) -> _Refusal | None:
    """Why this character may not stand after `before`; None if it may."""
    code = ord(character)
    for refusal, ranges in _REFUSED_RANGES:
        if _within(code, ranges) and code not in _UNIFIED_AMONG_COMPATIBILITY:
            return refusal
    category = unicodedata.category(character)
    if category in _REFUSED_CATEGORIES:
        return _REFUSED_CATEGORIES[category]
    if unicodedata.bidirectional(character) in ("R", "AL"):
        return _RIGHT_TO_LEFT
    if category == "Zs" and character not in _SPACES:
        return _SPACE
    if category.startswith("M") and before and _within(ord(before), _HAN):
        return _COMBINING
    return None


def _error(refusal: _Refusal, character: str, place: int, path: str) -> FieldError:
    """The refusal with place and number, and the character to type instead if there is one."""
    number = f"U+{ord(character):04X}"
    standard = unicodedata.normalize("NFKC", character)
    instead = refusal is _LOOKALIKE and standard != character
    return FieldError(
        path,
        refusal.code,
        f"character {place + 1} ({number}) {refusal.message}"
        + (f"; type {standard} (U+{ord(standard[0]):04X})" if instead else ""),
        f"第 {place + 1} 个字符（{number}）{refusal.message_zh}"
        + (f"：{standard}" if instead else ""),
    )


def _refused_shape(value: str, path: str) -> Iterator[FieldError]:
    """What is wrong with the whole: spaces, normal form."""
    if value != value.strip():
        yield FieldError(
            path, "EDGE_SPACE", "begins or ends with a space", "开头或结尾有空格，请删去"
        )
    if "  " in value or "\u3000\u3000" in value:
        yield FieldError(
            path, "REPEATED_SPACE", "has several spaces in a row", "有连续空格，请只留一个"
        )
    if not unicodedata.is_normalized("NFC", value):
        yield FieldError(
            path, "NOT_NFC", "is not in Unicode normal form C", "字符编码不规范，请重新输入这一项"
        )


def check_name(value: str, path: str, *, foreign: bool) -> tuple[FieldError, ...]:
    """A person's name: Han and `·`; a foreign document also brings Latin letters and `-'. `."""
    allowed = "-'. " if foreign else ""
    wrong = [
        character
        for character in value
        if not _within(ord(character), _HAN)
        and character != "·"
        and character not in allowed
        and not (foreign and character.isascii() and character.isalpha())
    ]
    if not wrong:
        return check_text(value, path, free_text=False)
    number = f"U+{ord(wrong[0]):04X}"
    return (
        FieldError(
            path,
            "NAME_CHARACTER",
            f"{wrong[0]!r} ({number}) does not belong in a name",
            f"姓名里不能有“{wrong[0]}”（{number}），间隔号请用“·”",
        ),
    )


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code <= high for low, high in ranges)
