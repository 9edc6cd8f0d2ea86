"""The body of `POST /agreements` as values: what a platform asks to be made, before it exists.

`to_body` gives the JSON shape of interfaces.md §4 again, key for key: the attachment inside the
PDF is made from it, so that anyone can render the same bytes once more (D14).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Kind(StrEnum):
    """The three agreements of 湘人社规〔2021〕24号 (二)–(四)."""

    LABOUR_CONTRACT = "labour_contract"
    WRITTEN_AGREEMENT = "written_agreement"
    TRIPARTITE_AGREEMENT = "tripartite_agreement"


class Role(StrEnum):
    """Who a party is; the PDF's signature fields bear these names."""

    EMPLOYER = "employer"
    ENTERPRISE = "enterprise"
    PLATFORM = "platform"
    SERVICE_PROVIDER = "service_provider"
    WORKER = "worker"


ROLES: Mapping[Kind, tuple[Role, ...]] = MappingProxyType(
    {
        Kind.LABOUR_CONTRACT: (Role.EMPLOYER, Role.WORKER),
        Kind.WRITTEN_AGREEMENT: (Role.ENTERPRISE, Role.WORKER),
        Kind.TRIPARTITE_AGREEMENT: (Role.PLATFORM, Role.SERVICE_PROVIDER, Role.WORKER),
    }
)
"""Roles of each kind, in the order of signing of D2 (`enterprise_first`)."""


class Companion(StrEnum):
    """A document about an agreement; it names its parent's SHA-256 (P-16)."""

    AMENDMENT = "amendment"
    RENEWAL = "renewal"
    TERMINATION = "termination"
    NOTICE = "notice"
    CERTIFICATE = "certificate"
    COPY = "copy"


ONE_SIDED = frozenset({Companion.NOTICE, Companion.CERTIFICATE, Companion.COPY})
"""What the enterprise declares alone, under its seal: a worker's signature would add nothing."""


CERTIFIED_COPY = "certified_copy"


class Order(StrEnum):
    """Who signs first (D2)."""

    ENTERPRISE_FIRST = "enterprise_first"
    WORKER_FIRST = "worker_first"


def roles_named(kind: Kind, companion: Companion | None = None) -> tuple[Role, ...]:
    """Roles that a document names: its kind's, or of a certified copy who issues it."""
    return (Role.ENTERPRISE,) if companion is Companion.COPY else ROLES[kind]


def signing_order(kind: Kind, order: Order, companion: Companion | None = None) -> tuple[Role, ...]:
    """Roles in the order in which they sign.

    The worker is last, or first if so asked (D2); a one-sided document is the enterprise's alone.
    """
    roles = roles_named(kind, companion)
    if companion in ONE_SIDED:
        return roles[:1]
    return roles if order is Order.ENTERPRISE_FIRST else (roles[-1], *roles[:-1])


@dataclass(frozen=True)
class PartyDraft:
    """One party as asked for.

    `details` holds every member of the party's JSON object but `role`, spelled as in the API:
    `name`, `uscc`, `legal_representative`, `address`, `phone`, `seal` for enterprises; `name`,
    `id_type`, `id_number`, `phone`, `address` and optional ones for the worker.
    """

    role: Role
    details: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the person or enterprise, as it is printed."""
        return str(self.details.get("name", ""))

    def get(self, key: str) -> str:
        """A detail as text, "" where it was not given."""
        return str(self.details.get(key) or "")


@dataclass(frozen=True)
class AgreementDraft:
    """A whole request. `values` are those of the template's `values.schema.json`."""

    kind: Kind
    template_version: str
    performance_place: str
    parties: tuple[PartyDraft, ...]
    values: Mapping[str, Any]
    classification: Mapping[str, Any] = field(default_factory=dict)
    reference: str = ""
    order: Order = Order.ENTERPRISE_FIRST
    expires_at: datetime | None = None
    companion: Companion | None = None
    parent: Mapping[str, Any] | None = None
    """`{"id", "number", "sha256"}` of the agreement that this one changes, renews or ends."""

    def party(self, role: Role) -> PartyDraft:
        """The party of that role; KeyError if the draft has none."""
        for party in self.parties:
            if party.role is role:
                return party
        raise KeyError(role)

    @property
    def text_kind(self) -> str:
        """Which text it is: the kind, or a companion's (`written_agreement_amendment`)."""
        return _text_kind(self.kind.value, self.companion)

    @property
    def signers(self) -> tuple[Role, ...]:
        """Roles that sign, in their order."""
        return signing_order(self.kind, self.order, self.companion)

    @property
    def worker(self) -> PartyDraft:
        """The worker."""
        return self.party(Role.WORKER)

    def to_body(self) -> dict[str, Any]:
        """The JSON body again, as `POST /agreements` takes it (times RFC 3339 in UTC)."""
        body: dict[str, Any] = {
            "kind": self.kind.value,
            "template_version": self.template_version,
            "reference": self.reference,
            "performance_place": self.performance_place,
            "order": self.order.value,
            "parties": [{"role": p.role.value, **p.details} for p in self.parties],
            "classification": dict(self.classification),
            "values": dict(self.values),
        }
        if self.expires_at is not None:
            body["expires_at"] = self.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.companion is not None:
            body["companion"] = self.companion.value
        if self.parent is not None:
            body["parent"] = dict(self.parent)
        return body


def text_kind_of(body: Mapping[str, Any]) -> str:
    """`text_kind` of a body as `to_body` gives it."""
    return _text_kind(str(body["kind"]), body.get("companion"))


def signers_of(body: Mapping[str, Any]) -> tuple[Role, ...]:
    """Roles that sign a body as `to_body` gives it, in their order."""
    companion = Companion(body["companion"]) if body.get("companion") else None
    order = Order(body.get("order", Order.ENTERPRISE_FIRST))
    return signing_order(Kind(body["kind"]), order, companion)


def _text_kind(kind: str, companion: str | None) -> str:
    """A certified copy has one text for all kinds."""
    if companion == Companion.COPY:
        return CERTIFIED_COPY
    return f"{kind}_{companion}" if companion else kind
