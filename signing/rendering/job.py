"""One agreement on its way through the press: all that both gears need of it, made once.

Rules kept here:
* everything follows from the document and the template: no clock, no environment, no chance;
* `data` are the RFC 8785 bytes of the document, as they are attached; the file's id is a hash of
  template and data.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import rfc8785

from signing.domain.canonical_text import canonical_text
from signing.domain.draft import Role, signers_of
from signing.errors import Broken
from signing.rendering.catalogue import ContractTemplate
from signing.rendering.composition import Composition
from signing.rendering.metadata import Metadata
from signing.rendering.slots import Filled, take_apart
from signing.rendering.textlock import table_heads

APPEARANCE_TEXT = "0123456789-:. +/()（）·签署时间测试证书仅供年月日"
"""What seals and ink boxes may say besides the parties' names."""


@dataclass(frozen=True)
class Job:
    """An agreement to print."""

    template: ContractTemplate
    document: Mapping[str, Any]
    composition: Composition

    @cached_property
    def data(self) -> bytes:
        """The attached agreement.json."""
        return rfc8785.dumps(dict(self.document))

    @cached_property
    def file_id(self) -> bytes:
        """Sixteen bytes for the trailer."""
        template = bytes.fromhex(self.template.template_sha256)
        return hashlib.sha256(template + self.data).digest()[:16]

    @cached_property
    def filled(self) -> Filled:
        """The page as skeleton and values."""
        return take_apart(self.composition.marked, self.composition.qr)

    @cached_property
    def text(self) -> str:
        """The canonical text, read from the page."""
        return canonical_text(self.composition.html)

    @cached_property
    def table_heads(self) -> Sequence[str]:
        """Texts of the table heads, which stand again where a table goes on."""
        return table_heads(self.composition.html)

    @property
    def qr_rows(self) -> tuple[bytes, ...]:
        """Modules of the QR code."""
        return self.composition.code.rows

    @property
    def language(self) -> str:
        """Language of the text, BCP 47."""
        return str(self.template.manifest.get("language", "zh-CN"))

    @property
    def signers(self) -> Sequence[str]:
        """Roles in their order of signing."""
        return [role.value for role in signers_of(self.document)]

    @property
    def appearance_characters(self) -> tuple[str, ...]:
        """What seals and ink boxes of this agreement may need, each character once."""
        names = "".join(party["name"] for party in self.document["parties"])
        return tuple(dict.fromkeys(APPEARANCE_TEXT + names))

    @cached_property
    def metadata(self) -> Metadata:
        """The author is the enterprise: whoever is not the worker."""
        authors = [p["name"] for p in self.document["parties"] if p["role"] != Role.WORKER]
        created = datetime.fromisoformat(self.document["issued"]["created_at"])
        if created.tzinfo is None:
            raise Broken("issued.created_at has no time zone")
        return Metadata(self.composition.title, "、".join(authors), created)
