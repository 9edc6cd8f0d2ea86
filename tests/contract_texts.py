"""The shipped agreement texts as tests read them: composed, article by article, no PDF made."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any

from signing.domain.draft import text_kind_of
from signing.rendering.catalogue import Catalogue, ContractTemplate
from signing.rendering.composition import Composition, compose

ROOT = Path(__file__).resolve().parents[1] / "templates" / "contracts"
KINDS = ("labour_contract", "written_agreement", "tripartite_agreement")
agreements = Catalogue(ROOT)
companions = Catalogue(ROOT / "companions")

_BLOCK = re.compile(r"<(p|li|h1|h2|td|th)\b[^>]*>(.*?)</\1>", re.DOTALL)
_ARTICLE = re.compile(r'<section[^>]* id="([a-z-]+)">(.*?)</section>', re.DOTALL)


def template(kind: str) -> ContractTemplate:
    """The newest version of an agreement or a companion document."""
    return (agreements if kind in KINDS else companions).load(kind)


def documents(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each example with its name, as the attachment of an issued agreement."""
    found = template(kind)
    for name, body in zip(found.manifest["examples"], found.examples, strict=True):
        yield Path(name).stem, issued(body)


def document(kind: str, start: str) -> dict[str, Any]:
    """The one example whose name begins so."""
    (found,) = (body for name, body in documents(kind) if name.startswith(start))
    return found


def issued(body: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """An example as if it had been issued; `changes` go into its values, None takes one out."""
    values = {**body["values"], **changes}
    return {
        **body,
        "values": {key: value for key, value in values.items() if value is not None},
        "issued": {
            "id": "agr_00000000000000000000000000000001",
            "number": "HN-20261125-00000001",
            "created_at": "2026-11-25T08:00:00Z",
            "party_ids": [f"pty_{n}" for n, _ in enumerate(body["parties"])],
            "verify_url": "http://127.0.0.1:8000/verify?n=HN-20261125-00000001",
        },
        "test_certificates": True,
    }


def composed(made: Mapping[str, Any]) -> Composition:
    """Its page and cards."""
    return compose(template(text_kind_of(made)), made)


@lru_cache
def all_composed(kind: str) -> tuple[tuple[str, Composition], ...]:
    """Every example of a kind, composed once for all tests."""
    return tuple((name, composed(made)) for name, made in documents(kind))


def blocks(fragment: str) -> list[str]:
    """Text of every paragraph, item, heading and cell that holds text itself, in order."""
    inner = (m.group(2) for m in _BLOCK.finditer(re.sub(r'<td class="name">', "", fragment)))
    return [plain(text) for text in inner if text.strip()]


def articles(fragment: str) -> dict[str, str]:
    """Text of each article by its anchor, without markup, in order."""
    return {anchor: plain(body) for anchor, body in _ARTICLE.findall(fragment)}


def plain(markup: str) -> str:
    """Markup without its tags."""
    return unescape(re.sub(r"<[^>]+>", "", markup)).strip("\n")
