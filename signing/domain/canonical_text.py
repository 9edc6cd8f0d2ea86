"""The canonical text of a contract: what phone, attachment, PDF and signature agree on (D6).

Rules kept here (interfaces.md §9, Canonical text):
* it is the `textContent` of the element with id `contract`, without the subtrees that bear
  `aria-hidden="true"`, minus exactly the white space of `WHITE_SPACE`;
* its digest is SHA-256 over UTF-8, in lower-case hex;
* HTML that a browser would repair (tags that do not nest, an id twice, text that a script would
  not see as text) is refused: two readers must never see two texts;
* every `<` begins a complete tag, comment or doctype: the first that does not ends the reading,
  which is linear whatever strangers send.
"""

import hashlib
import re
from collections.abc import Mapping
from html import unescape

from signing.errors import Malformed

WHITE_SPACE = frozenset(
    [
        *range(0x0009, 0x000E),
        *(0x0020, 0x00A0, 0x1680),
        *range(0x2000, 0x200B),
        *(0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
    ]
)
"""Code points that do not count. U+200B and U+FEFF do: they are refused as values."""


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_DROPPED = dict.fromkeys(WHITE_SPACE)
_CONTRACT_ID = "contract"
_MAX_DEPTH = 256
_VOID = _words("area base br col embed hr img input link meta source track wbr")
_FOREIGN = frozenset(("svg", "math"))
_NOT_TEXT = _words(
    "script style template noscript textarea iframe noembed noframes xmp plaintext select object"
    " form button frameset"
)
"""Elements whose content a parser, a script or a setting may or may not show as text."""
_CLOSES_P = _words(
    "address article aside blockquote center details dialog dir div dl dd dt fieldset figcaption"
    " figure footer h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre search section"
    " summary table ul"
)
"""Elements at whose start a browser ends an open paragraph (HTML §13.2.6.4.7)."""
_PARENTS = {
    **dict.fromkeys(("caption", "colgroup", "thead", "tbody", "tfoot"), ("table",)),
    "col": ("colgroup",),
    "tr": ("table", "thead", "tbody", "tfoot"),
    **dict.fromkeys(("td", "th"), ("tr",)),
    "li": ("ul", "ol", "menu"),
    **dict.fromkeys(("dt", "dd"), ("dl", "div")),
}
"""Elements that a browser drops, moves or closes early anywhere else than in these parents."""
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_ROWS_ONLY = frozenset(("table", "colgroup", "thead", "tbody", "tfoot", "tr"))
"""Elements out of which a browser moves text and foreign elements."""


_ATTRIBUTE = r"""\s+([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_MARKUP = re.compile(
    r"(?P<text>[^<]+)"
    r"|<!--(?!-?>)(?:[^-]|-(?!-))*-->"
    r"|<!DOCTYPE\s[^<>]*>"
    r"|</(?P<end>[A-Za-z][^\s<>/]*)\s*>"
    r"|<(?P<start>[A-Za-z][^\s<>/]*)(?P<attributes>(?:" + _ATTRIBUTE + r")*)\s*(?P<slash>/?)>"
    r"|(?P<bad><)",
    re.IGNORECASE,
)
"""What HTML is made of here; `bad` ends the reading, so that it never becomes quadratic."""


def canonical_text(html: str) -> str:
    """The text of `#contract` in `html`, as the module's rules say.

    Raises Malformed (code CONTRACT_TEXT) if there is no such element, or the markup around the
    text can be read in more than one way.
    """
    reader = _Reader()
    for match in _MARKUP.finditer(html):
        if match.lastgroup == "text":
            reader.read_text(match[0])
        elif match["start"]:
            attributes = _attributes(match["attributes"])
            reader.read_start(
                match["start"].lower(), attributes, closes_itself=bool(match["slash"])
            )
        elif match["end"]:
            reader.read_end(match["end"].lower())
        elif match["bad"]:
            raise _refusal(f"the markup at {match.start()} is not complete")
    return reader.text().translate(_DROPPED)


def text_sha256(html: str) -> str:
    """SHA-256 of the canonical text, 64 lower-case hex digits. Raises Malformed."""
    return hashlib.sha256(canonical_text(html).encode()).hexdigest()


def _attributes(markup: str) -> dict[str, str]:
    """Attributes by lower-case name; "" for one without value."""
    if not markup:
        return {}
    found = [(m[1].lower(), m[2] or m[3] or m[4] or "") for m in _ATTRIBUTES.finditer(markup)]
    attributes = dict(found)
    if len(attributes) != len(found):
        raise _refusal("an attribute stands twice in one tag")
    return attributes


class _Reader:
    """Collects text while `#contract` is open and nothing hidden is."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._contract_depth = 0  # depth of #contract, 0 before it
        self._hidden_depth = 0  # depth of the outermost hidden element, 0 if none is open
        self._is_over = False
        self._parts: list[str] = []

    def text(self) -> str:
        """What was collected, once everything is closed."""
        if not self._is_over:
            raise _refusal("there is no complete element with id contract")
        return "".join(self._parts)

    @property
    def _is_inside(self) -> bool:
        return self._contract_depth > 0 and not self._is_over

    def read_start(self, tag: str, attributes: Mapping[str, str], *, closes_itself: bool) -> None:
        """A start tag. `closes_itself` counts inside pictures only, as in HTML."""
        if unescape(attributes.get("id", "")) == _CONTRACT_ID:
            self._enter_contract(tag)
        if self._is_inside:
            self._check_place(tag)
        if tag in _VOID:
            return
        self._open.append(tag)
        if len(self._open) > _MAX_DEPTH:
            raise _refusal("elements are nested too deeply")
        if self._is_inside and unescape(attributes.get("aria-hidden", "")) == "true":
            self._hide(tag)
        if closes_itself:
            if not _FOREIGN.intersection(self._open):
                raise _refusal(f"<{tag}/> does not close itself in HTML")
            self.read_end(tag)

    def _enter_contract(self, tag: str) -> None:
        if self._contract_depth or tag in _VOID:
            raise _refusal("the id contract stands twice, or on an empty element")
        self._contract_depth = len(self._open) + 1

    def _hide(self, tag: str) -> None:
        if len(self._open) == self._contract_depth:
            raise _refusal(f"the contract itself, <{tag}>, is hidden")
        self._hidden_depth = self._hidden_depth or len(self._open)

    def _check_place(self, tag: str) -> None:
        """Refuse a tag that a browser would put elsewhere than where it stands."""
        inside = self._open[self._contract_depth - 1 :]
        parent = inside[-1] if inside else ""
        parents = _PARENTS.get(tag)
        nests_itself = tag == "a" and tag in inside
        ends_paragraph = tag in _CLOSES_P and "p" in inside
        is_misplaced = parents is not None and parent not in parents
        leaves_table = parent in _ROWS_ONLY and (parents is None or parent not in parents)
        heading_in_heading = tag in _HEADINGS and parent in _HEADINGS
        if tag in _NOT_TEXT or nests_itself or ends_paragraph or heading_in_heading:
            raise _refusal(f"<{tag}> has no place here")
        if inside and (is_misplaced or leaves_table):
            raise _refusal(f"<{tag}> has no place inside <{parent}>")

    def read_end(self, tag: str) -> None:
        """An end tag: of what is open last, inside the contract."""
        if not self._open or self._open[-1] != tag:
            if self._is_inside:
                raise _refusal(f"</{tag}> closes nothing that is open")
            self._close_outside(tag)
            return
        depth = len(self._open)
        self._open.pop()
        if depth == self._hidden_depth:
            self._hidden_depth = 0
        if depth == self._contract_depth:
            self._is_over = True

    def _close_outside(self, tag: str) -> None:
        """Around the contract, end tags may be left out (`</p>`, `</head>`) as HTML allows."""
        if tag not in self._open:
            return
        while self._open.pop() != tag:
            pass

    def read_text(self, data: str) -> None:
        """Text between two tags, character references and all."""
        if not self._is_inside:
            return
        text = unescape(data)
        if "\x00" in data:
            raise _refusal("there is a NUL character")
        if self._open[-1] in _ROWS_ONLY and text.translate(_DROPPED):
            # Even a hidden table: a browser moves such text out of it, to where it is seen.
            raise _refusal(f"text stands directly in <{self._open[-1]}>")
        if not self._hidden_depth:
            self._parts.append(text)


def _refusal(message: str) -> Malformed:
    return Malformed(
        f"Contract text: {message}", "合同原文的格式不对，读不出唯一的文字", code="CONTRACT_TEXT"
    )
