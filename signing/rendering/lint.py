"""What a contract's template may do: nothing that could hide text, nothing that gear 2 cannot keep.

Rules kept here (render.md §3 E3 and E4, §7):
* a property that is not in `_PROPERTIES` is refused, and so is a value that its check does not
  take: colours dark enough to read, sizes of 9 pt and more, no transparency, no transforms, no
  generated text outside the page margins, no negative distance;
* only the QR code and the running header may be taken out of the flow, and only the running header
  may be invisible: it bears aria-hidden and says what the margins show;
* markup has no style attributes, scripts, `safe` filters or macros, and hides from readers of the
  screen only what is hidden from the text;
* widths are given and tables are fixed, so that no width depends on a value.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import tinycss2  # type: ignore[import-untyped]
from tinycss2 import color4

from signing.rendering.catalogue import ContractTemplate

MIN_SIZE_POINTS = 9.0
MAX_LIGHTNESS = 0.45
_OUT_OF_FLOW = frozenset((".qr", ".rh"))
_POINTS = MappingProxyType({"pt": 1.0, "px": 0.75, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0})
_FAMILIES = frozenset(("Song", "Hei", "SongExtA", "SongExtB"))
_LENGTH = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:pt|px|mm|cm|in|em|%)?")
_MARKUP = (
    (re.compile(r"\sstyle\s*="), "a style attribute"),
    (
        re.compile(
            r"<\s*(?:script|style|iframe|object|embed|link|base|form|input)\b", re.IGNORECASE
        ),
        "a tag",
    ),
    (re.compile(r"\|\s*safe\b"), "the safe filter"),
    (
        re.compile(r"{%-?\s*(?:macro|call|filter|import|include|extends)\b"),
        "a macro or another file",
    ),
    (re.compile(r"\shidden(?:[\s>=])"), "a hidden attribute"),
    (re.compile(r"\son[a-z]+\s*="), "an event handler"),
    (re.compile(r"{{-?\s*(?:caller|self)\b"), "a macro"),
)
_ARIA_HIDDEN = re.compile(r"<(\w+)([^<>]*\baria-hidden=[^<>]*)>")

Check = Callable[[str], bool]


def lint(template: ContractTemplate) -> tuple[str, ...]:
    """Everything that the template may not have, in the words of its author."""
    return (*_lint_css(template.css), *_lint_html(template.html))


def _lint_html(html: str) -> Iterator[str]:
    for pattern, what in _MARKUP:
        for match in pattern.finditer(html):
            line = html.count("\n", 0, match.start()) + 1
            yield f"contract.html line {line}: {what} ({match.group().strip()})"
    for match in _ARIA_HIDDEN.finditer(html):
        if not re.search(r'class="(?:rh|qr|running)"', match[2]):
            line = html.count("\n", 0, match.start()) + 1
            yield f"contract.html line {line}: <{match[1]}> is hidden from the text"


def _lint_css(css: str) -> Iterator[str]:
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    has_fixed_tables = False
    for rule in rules:
        if rule.type == "error":
            yield f"contract.css line {rule.source_line}: {rule.message}"
            continue
        name = tinycss2.serialize(rule.prelude).strip()
        if rule.type == "at-rule" and rule.lower_at_keyword != "page":
            yield f"contract.css line {rule.source_line}: @{rule.at_keyword}"
            continue
        if rule.type == "qualified-rule" and "::" in name:
            yield f"contract.css line {rule.source_line}: generated content ({name})"
        in_page = rule.type == "at-rule"
        for line, prop, value in _declarations(rule.content):
            has_fixed_tables |= (name, prop, value) == ("table", "table-layout", "fixed")
            if problem := _lint_declaration(name, prop, value, in_page=in_page):
                yield f"contract.css line {line}: {problem}"
    if not has_fixed_tables:
        yield "contract.css: table { table-layout: fixed } is missing"


def _declarations(content: list[object]) -> Iterator[tuple[int, str, str]]:
    """Line, property and value of every declaration, those of margin boxes included."""
    for item in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if item.type == "declaration":
            value = tinycss2.serialize(item.value).strip()
            yield (
                item.source_line,
                item.lower_name,
                value + (" !important" if item.important else ""),
            )
        elif item.type == "at-rule":
            yield from _declarations(item.content)
        else:
            yield item.source_line, "?", item.type


def _lint_declaration(selector: str, prop: str, value: str, *, in_page: bool) -> str:
    """What is wrong with it; "" if nothing is."""
    if prop in ("position", "visibility", "top", "right", "string-set"):
        allowed = (
            frozenset((".rh", ".running")) if prop in ("visibility", "string-set") else _FLOATERS
        )
        return "" if selector in allowed else f"{selector} {{ {prop} }}"
    if prop == "content":
        return "" if in_page else f"{selector} {{ content }}"
    if prop == "height" and value == "0":
        return "" if selector in (".rh", ".running") else f"{selector} {{ height: 0 }}"
    check = _PROPERTIES.get(prop)
    if check is None:
        return f"{selector} {{ {prop} }} is not a property for contracts"
    return "" if check(value) else f"{selector} {{ {prop}: {value} }}"


_FLOATERS = _OUT_OF_FLOW | {".running"}


def _one_of(*choices: str) -> Check:
    return lambda value: value in choices


def _lengths(value: str) -> bool:
    """One to four lengths, none negative; `auto` where a box is centred."""
    parts = value.split()
    return all(
        part == "auto" or (_LENGTH.fullmatch(part) and not part.startswith("-")) for part in parts
    )


def _size(value: str) -> bool:
    """A font size in absolute units, large enough to read."""
    match = re.fullmatch(r"(\d+\.?\d*|\.\d+)(pt|px|mm|cm|in)", value)
    return match is not None and float(match[1]) * _POINTS[match[2]] >= MIN_SIZE_POINTS


def _line_height(value: str) -> bool:
    """A bare number: explicit everywhere (E3), and never so small that lines run together."""
    return bool(re.fullmatch(r"\d+\.?\d*", value)) and float(value) >= 1.0


def _dark(value: str) -> bool:
    """An opaque colour that stands out on paper."""
    colour = color4.parse_color(value)
    if colour is None or isinstance(colour, str) or colour.alpha < 1:
        return False
    return bool(max(colour.to("srgb").coordinates) <= MAX_LIGHTNESS)


def _families(value: str) -> bool:
    return all(family.strip().strip("\"'") in _FAMILIES for family in value.split(","))


def _font(value: str) -> bool:
    """`[weight] size/line-height families`, the shorthand in that order."""
    match = re.fullmatch(r"(?:(?:400|700|bold|normal)\s+)?(\S+?)/(\S+)\s+(.+)", value)
    return match is not None and _size(match[1]) and _line_height(match[2]) and _families(match[3])


def _border(value: str) -> bool:
    """`none`, or a width, a style and a dark colour."""
    if value == "none":
        return True
    width, _, rest = value.partition(" ")
    style, _, colour = rest.partition(" ")
    return bool(_LENGTH.fullmatch(width)) and style in ("solid", "dashed") and _dark(colour)


_BREAKS = _one_of("avoid", "auto", "page")
_PROPERTIES: Mapping[str, Check] = MappingProxyType(
    {
        "size": _one_of("A4"),
        "font": _font,
        "font-family": _families,
        "font-size": _size,
        "font-weight": _one_of("400", "700", "bold", "normal"),
        "line-height": _line_height,
        "color": _dark,
        "text-align": _one_of("left", "right", "center", "justify", "start", "end"),
        "text-indent": _lengths,
        "vertical-align": _one_of("top", "middle", "bottom", "baseline"),
        "width": _lengths,
        "height": _lengths,
        "min-height": _lengths,
        "border": _border,
        "border-top": _border,
        "border-bottom": _border,
        "border-left": _border,
        "border-right": _border,
        "border-collapse": _one_of("collapse"),
        "table-layout": _one_of("fixed"),
        "list-style": _one_of("none"),
        "break-inside": _BREAKS,
        "break-before": _BREAKS,
        "break-after": _BREAKS,
        "widows": str.isdigit,
        "orphans": str.isdigit,
        "hyphens": _one_of("none"),
        "bookmark-level": _one_of("none"),
        **dict.fromkeys(
            (
                f"{box}{side}"
                for box in ("margin", "padding")
                for side in ("", "-top", "-right", "-bottom", "-left")
            ),
            _lengths,
        ),
    }
)
