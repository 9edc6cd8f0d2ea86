"""The two files inside the base revision: contract.html (what was read) and agreement.json (D6).

Rules kept here (part of rule 9):
* they are found through the catalog's `/AF` and read by the base's own table: no later revision
  can put others in their place;
* contract.html is related as Source, agreement.json as Data; there are no others, nor does the
  list of attachments that readers show (`/EmbeddedFiles`) name others;
* inflating is bounded, JSON is read strictly, and the text of the contract has one reading.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from signing.audit.canonical import load_json
from signing.domain.canonical_text import text_sha256
from signing.domain.draft import Companion, Kind, Role, roles_named, signers_of
from signing.errors import Malformed
from signing.verification import streams, syntax
from signing.verification.form import Base
from signing.verification.grammar import PdfFile, PdfObject
from signing.verification.reasons import Refused

CONTRACT, AGREEMENT = "contract.html", "agreement.json"
_RELATIONS = {CONTRACT: (b"/Source",), AGREEMENT: (b"/Data",)}
_MAX_ATTACHMENT = 1024 * 1024


@lru_cache(maxsize=64)
def _digest_of_text(html: str) -> str:
    """An agreement's text is judged once for every signature on it, and read once."""
    return text_sha256(html)


@dataclass(frozen=True)
class Agreement:
    """What agreement.json says about who signs what.

    `names` maps the roles to the parties' names, `order` are the roles in the order of signing,
    `text_sha256` is the digest of the canonical text of contract.html.
    """

    id: str
    number: str
    kind: Kind
    names: Mapping[Role, str]
    order: tuple[Role, ...]
    text_sha256: str
    contract_html: str
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def worker_relation_with(self) -> str:
        """That value of a tripartite agreement, "" elsewhere."""
        values = self.body.get("values")
        found = values.get("worker_relation_with") if isinstance(values, dict) else None
        return found if isinstance(found, str) else ""


def read_agreement(pdf: PdfFile, base: Base) -> Agreement:
    """Read both attachments; Refused(ATTACHMENTS) if one is missing or says nothing clear."""
    files = read_files(pdf, base)
    try:
        html = files[CONTRACT].decode("utf-8")
        body = load_json(files[AGREEMENT])
        return _agreement(html, body)
    except (UnicodeDecodeError, Malformed, KeyError, TypeError, ValueError) as e:
        raise Refused("ATTACHMENTS", f"{type(e).__name__}: {e}") from e


def read_files(pdf: PdfFile, base: Base) -> dict[str, bytes]:
    """Contents of the attached files by name. Raises Refused(ATTACHMENTS)."""
    value = base.root.entries.get(b"/AF")
    if value is None:
        raise Refused("ATTACHMENTS", "there are none")
    numbers = [syntax.reference(item) for item in syntax.array(pdf.resolved(value, b"["))]
    _check_shown(pdf, base, set(numbers))
    named = [_file(pdf, pdf.object_of(pdf.base, number)) for number in dict.fromkeys(numbers)]
    files = dict(named)
    if len(files) != len(named) or set(files) != set(_RELATIONS):
        raise Refused("ATTACHMENTS", f"found {sorted(files)}")
    return files


def _check_shown(pdf: PdfFile, base: Base, numbers: set[int]) -> None:
    """The name tree that readers list attachments from holds these very files, in one leaf."""
    tree = pdf.dictionary_of(base.names.get(b"/EmbeddedFiles"))
    shown = syntax.references(tree.get(b"/Names", ()))
    if b"/Kids" in tree or set(shown) - numbers:
        raise Refused("ATTACHMENTS", "the list of attachments shows other files")


def _file(pdf: PdfFile, specification: PdfObject) -> tuple[str, bytes]:
    """One file specification (ISO 32000-2 §7.11.3) with its embedded file."""
    entries = specification.entries
    name = syntax.text(entries.get(b"/UF") or entries.get(b"/F"))
    embedded = entries.get(b"/EF")
    targets = set(syntax.references(pdf.resolved(embedded, b"<<") if embedded else ()))
    if entries.get(b"/AFRelationship") != _RELATIONS.get(name) or len(targets) != 1:
        raise Refused("ATTACHMENTS", f"{name[:40]!r} is not attached as it should be")
    stream = pdf.object_of(pdf.base, targets.pop())
    return name, streams.content(stream, limit=_MAX_ATTACHMENT, code="ATTACHMENTS")


def _agreement(html: str, body: Any) -> Agreement:
    """The members that the judge needs; KeyError, TypeError or ValueError if they are not there."""
    kind = Kind(body["kind"])
    companion = Companion(body["companion"]) if "companion" in body else None
    names = {Role(party["role"]): _text(party["name"]) for party in body["parties"]}
    if len(names) != len(body["parties"]) or set(names) != set(roles_named(kind, companion)):
        raise ValueError("the parties are not those of the kind")
    issued = body["issued"]
    return Agreement(
        id=_text(issued["id"]),
        number=_text(issued["number"]),
        kind=kind,
        names=names,
        order=signers_of(body),
        text_sha256=_digest_of_text(html),
        contract_html=html,
        body=body,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or re.search(r"[\x00-\x1f]", value):
        raise ValueError("a member is not a plain text")
    return value
