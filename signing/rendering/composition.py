"""Agreement to HTML: one Jinja source gives the page on the phone, the PDF's body, the attachment.

Rules kept here:
* sandboxed, autoescaped, strict: an unknown name, a value that is not there, or `|safe` stops it;
* a missing optional value is None, never undefined, and None is never printed;
* `article(anchor)` numbers articles in order of their first call, `ref(anchor)` names that number
  before or after; two passes, the first of which only counts;
* everything comes from the document (body of the request and `issued`): no clock, no environment;
* each printed value is marked for the line setter (`slots`); article numbers are constants of the
  text and are not.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from html import unescape
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from signing.domain.chinese import article_number, cn_date, cn_number, yuan, yuan_upper
from signing.errors import Broken
from signing.rendering import qr as qr_codes
from signing.rendering.catalogue import ContractTemplate
from signing.rendering.places import place_name
from signing.rendering.slots import CLOSE, OPEN, unmarked

SHANGHAI = timezone(timedelta(hours=8))
"""Asia/Shanghai has had no other offset since 1991, and agreements are made today."""

_MAIN = re.compile(r'<main\b[^>]*\bid="contract"[^>]*>.*?</main>', re.DOTALL)


@dataclass(frozen=True)
class Card:
    """A key clause in plain words; `clause` is the id of its article in the page."""

    id: str
    title: str
    clause: str
    text: str


@dataclass(frozen=True)
class Composition:
    """What an agreement reads: `html` for the printer, `page` standalone as it is attached.

    `marked` is `html` with every value marked, `qr` the data URI of its QR code `code`.
    """

    title: str
    marked: str
    html: str
    qr: str
    code: qr_codes.Matrix
    page: str
    fragment: str
    cards: tuple[Card, ...]


class _Details(dict[str, Any]):
    """A party's details: a member that was not given is None."""

    def __missing__(self, key: str) -> None:
        return None


class _Constant(str):
    """Text that belongs to the contract, not to its values."""

    __slots__ = ()


class _Articles:
    """Numbers of the articles of one agreement, in order of first mention as an article."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        self.numbers: dict[str, int] = {}
        self._known = known

    def article(self, anchor: str) -> "_Constant":
        """Number of this article, given out now if it has none yet."""
        return _Constant(article_number(self.numbers.setdefault(anchor, len(self.numbers) + 1)))

    def ref(self, anchor: str) -> "_Constant":
        """Number of an article wherever it stands; the counting pass does not know it yet."""
        if self._known is None:
            return _Constant("")
        if anchor not in self._known:
            raise TemplateError(f"ref({anchor!r}) names no article")
        return _Constant(article_number(self._known[anchor]))


class Composer:
    """One template, compiled once, filled in for one agreement after another."""

    def __init__(self, template: ContractTemplate) -> None:
        self._template = template
        self._html = _environment(template, _marked).from_string(template.html)
        plain = _environment(template, _present)
        self._title = plain.from_string(template.title)
        self._cards = [
            (card, plain.from_string(card.title), plain.from_string(card.text))
            for card in template.cards
        ]

    def compose(self, document: Mapping[str, Any]) -> Composition:
        """The agreement's texts. Raises Broken where the template and the values do not fit."""
        try:
            return self._compose(document)
        except (TemplateError, KeyError, TypeError, ValueError) as error:
            raise _misfit(self._template, error) from error

    def _compose(self, document: Mapping[str, Any]) -> Composition:
        code = qr_codes.matrix(document["issued"]["verify_url"])
        context = _context(self._template, document) | {"qr": qr_codes.data_uri(code)}
        counting = _Articles()
        self._html.render(**context, article=counting.article, ref=counting.ref)
        articles = _Articles(counting.numbers)
        context |= {"article": articles.article, "ref": articles.ref}
        marked = self._html.render(**context)
        html = unmarked(marked)
        fragment = _MAIN.search(html)
        if fragment is None:
            raise TemplateError('there is no <main id="contract">')
        return Composition(
            title=unescape(self._title.render(**context)),
            marked=marked,
            html=html,
            qr=context["qr"],
            code=code,
            page=_with_style(html, self._template.css),
            fragment=fragment.group(),
            cards=tuple(
                Card(
                    card.id,
                    unescape(title.render(**context)),
                    card.clause,
                    unescape(text.render(**context)),
                )
                for card, title, text in self._cards
            ),
        )


def compose(template: ContractTemplate, document: Mapping[str, Any]) -> Composition:
    """The agreement's texts, of a template that is compiled for this once."""
    try:
        composer = Composer(template)
    except TemplateError as error:
        raise _misfit(template, error) from error
    return composer.compose(document)


def _misfit(template: ContractTemplate, error: Exception) -> Broken:
    return Broken(
        f"{template.kind} {template.version} cannot be filled in: {error}",
        "合同文本生成失败，请联系服务方",
        code="TEMPLATE_BROKEN",
    )


def _with_style(html: str, css: str) -> str:
    """The page with its print style inside, so that the attachment stands alone."""
    if "</style" in css.lower():
        raise Broken("contract.css closes its style element")
    head, found, rest = html.partition("</head>")
    if not found:
        raise Broken("contract.html has no head")
    return f"{head}<style>\n{css}</style>{found}{rest}"


def _context(template: ContractTemplate, document: Mapping[str, Any]) -> dict[str, Any]:
    """Names that the template sees; nothing else reaches it."""
    issued = document["issued"]
    created = datetime.fromisoformat(issued["created_at"])
    return {
        "agreement": {
            "id": issued["id"],
            "number": issued["number"],
            "kind": document["kind"],
            "created_on": created.astimezone(SHANGHAI).date().isoformat(),
            "verify_url": issued["verify_url"],
            "performance_place": document["performance_place"],
            "place_name": place_name(document["performance_place"]),
        },
        "parties": {party["role"]: _Details(party) for party in document["parties"]},
        "v": _with_absent(template.schema, document["values"], template.schema),
        "order": document.get("order", "enterprise_first"),
        "classification": _Details(document.get("classification") or {}),
        "parent": document.get("parent"),
        "test_certificates": bool(document.get("test_certificates", False)),
    }


def _with_absent(schema: Mapping[str, Any], value: Any, root: Mapping[str, Any]) -> Any:
    """`value` with None for every member that the schema knows and the request left out."""
    while "$ref" in schema:
        schema = _resolve(schema["$ref"], root)
    if isinstance(value, Mapping):
        properties = schema.get("properties", {})
        filled = dict.fromkeys(properties) | dict(value)
        return {
            key: _with_absent(properties.get(key, {}), item, root) for key, item in filled.items()
        }
    if isinstance(value, (list, tuple)):
        return [_with_absent(schema.get("items", {}), item, root) for item in value]
    return value


def _resolve(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """A `#/$defs/…` reference of the schema."""
    target: Any = root
    for part in reference.removeprefix("#/").split("/"):
        target = target[part]
    return dict(target)


def _environment(
    template: ContractTemplate, finalize: Callable[[Any], Any]
) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalize,
    )
    del environment.filters["safe"]
    environment.globals.clear()
    environment.filters.update(
        yuan=yuan,
        yuan_upper=yuan_upper,
        cn_date=cn_date,
        cn_number=cn_number,
        label=_labels(template.schema),
    )
    return environment


def _present(value: Any) -> Any:
    """Refuse to print what is not there."""
    if value is None:
        raise TemplateError("prints a value that was not given")
    return value


def _marked(value: Any) -> Any:
    """The value between two marks; text of a macro is marked inside already."""
    if isinstance(_present(value), _Constant):
        return value
    is_markup = isinstance(value, Markup)
    text = value if is_markup else str(value)
    if OPEN in text or CLOSE in text:
        if is_markup:
            return value
        raise TemplateError("a value holds a private-use character")
    return type(text)(OPEN) + text + type(text)(CLOSE)


def _labels(schema: Mapping[str, Any]) -> Callable[[str, str], str]:
    """Filter: Chinese name of an enum's member, from the schema's `x-labels`."""
    tables: dict[str, Mapping[str, str]] = {}

    def collect(node: Any) -> None:
        if isinstance(node, Mapping):
            for name, rule in node.items():
                if isinstance(rule, Mapping) and "x-labels" in rule:
                    tables.setdefault(name, rule["x-labels"])
                collect(rule)
        elif isinstance(node, list):
            for item in node:
                collect(item)

    collect(schema)

    def label(value: str, enum_name: str) -> str:
        return tables[enum_name][value]

    return label
