"""Shapes of the API: what is taken and what is given, the source of the OpenAPI document.

Rules kept here:
* unknown members are refused: a misspelt name must not be silently dropped;
* only shape is decided here; meaning is the domain's (law, check digits, dates);
* a mistake of shape does not hide the others: what can be read is handed on with the mistakes, and
  all are answered together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from signing.domain.agreement import AgreementStatus
from signing.domain.compromise import Reporter
from signing.domain.draft import (
    AgreementDraft,
    Companion,
    Kind,
    Order,
    PartyDraft,
    Role,
    roles_named,
)
from signing.domain.events import EventType
from signing.domain.identity_numbers import IdType
from signing.errors import FieldError, Invalid
from signing.web.api.parsing import flatten

KINDS = [kind.value for kind in Kind]
STATUSES = [status.value for status in AgreementStatus]
COMPANIONS = [companion.value for companion in Companion]
TEXT = validate.Length(max=2000)
SHORT = validate.Length(min=1, max=200)
BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
"""A file, as the document of the API names one."""
ID_TYPES = [id_type.value for id_type in IdType]


@dataclass(frozen=True)
class Asked:
    """A draft of what could be read, and the mistakes in the rest."""

    draft: AgreementDraft
    misshapen: tuple[FieldError, ...]


class PartyIn(Schema):
    """A party of the request. Which members a role needs is checked with the law."""

    role = fields.String(required=True, validate=validate.OneOf([role.value for role in Role]))
    name = fields.String(required=True, validate=SHORT)
    phone = fields.String(validate=SHORT)
    email = fields.String(validate=SHORT)
    address = fields.String(validate=TEXT)
    uscc = fields.String(validate=SHORT, metadata={"description": "统一社会信用代码"})
    legal_representative = fields.String(validate=SHORT)
    agent = fields.String(validate=SHORT)
    agent_authorization_sha256 = fields.String(validate=validate.Regexp(r"\A[0-9a-f]{64}\Z"))
    agent_authorization_valid_to = fields.String(validate=SHORT)
    labour_dispatch_license_no = fields.String(validate=SHORT)
    labour_dispatch_license_valid_to = fields.String(validate=SHORT)
    hr_service_license_no = fields.String(validate=SHORT)
    seal = fields.String(validate=validate.OneOf(["auto", "manual"]))
    id_type = fields.String(validate=validate.OneOf(ID_TYPES))
    id_number = fields.String(validate=SHORT)


class ClassificationIn(Schema):
    """Answers of the classification questionnaire (law.md §6.3)."""

    answers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    worker_answers = fields.Dict(keys=fields.String(), values=fields.String())
    evidence = fields.Dict(keys=fields.String(), values=fields.String())
    answered_by = fields.String(validate=SHORT)


class AgreementIn(Schema):
    """The body of `POST /agreements`; loads to what was `Asked`."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    template_version = fields.String(load_default="latest", validate=SHORT)
    reference = fields.String(load_default="", validate=validate.Length(max=200))
    performance_place = fields.String(
        required=True, validate=SHORT, metadata={"description": "GB/T 2260 county code"}
    )
    order = fields.String(
        load_default=Order.ENTERPRISE_FIRST.value,
        validate=validate.OneOf([order.value for order in Order]),
    )
    expires_at = fields.AwareDateTime(format="iso", load_default=None, allow_none=True)
    parties = fields.List(
        fields.Nested(PartyIn), required=True, metadata={"minItems": 2, "maxItems": 3}
    )
    classification = fields.Nested(ClassificationIn, load_default=dict)
    values = fields.Dict(keys=fields.String(), required=True)

    def load(self, data: Any, **keywords: Any) -> Asked:
        """The draft, with the mistakes. Raises Invalid where not even the kind can be read."""
        read, mistakes = _read(super().load, data, keywords)
        if read.get("kind") not in KINDS:
            raise Invalid(mistakes)
        return Asked(_draft(read), mistakes)


class AnyBody(AgreementIn):
    """A body of any text, an attached one included: what the service itself fills in as well."""

    parties = fields.List(
        fields.Nested(PartyIn), required=True, metadata={"minItems": 1, "maxItems": 3}
    )
    companion = fields.String(validate=validate.OneOf(COMPANIONS))
    parent = fields.Dict(keys=fields.String(), values=fields.String())


class CompanionIn(Schema):
    """A document about an agreement; parties and place are those of the agreement."""

    template_version = fields.String(load_default="latest", validate=SHORT)
    reference = fields.String(load_default="", validate=validate.Length(max=200))
    expires_at = fields.AwareDateTime(format="iso", load_default=None, allow_none=True)
    values = fields.Dict(keys=fields.String(), required=True)

    def load(self, data: Any, **keywords: Any) -> dict[str, Any]:
        """What could be read, with the mistakes as `misshapen`."""
        read, mistakes = _read(super().load, data, keywords)
        return {"values": {}, **read, "misshapen": mistakes}


class OneSidedIn(CompanionIn):
    """A certificate or copy: most of what it says is taken from its parent."""

    values = fields.Dict(keys=fields.String(), load_default=dict)


def _read(
    load: Any, data: Any, keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
    """What a schema could read, and every mistake in the rest."""
    try:
        return load(data, **keywords), ()
    except ValidationError as error:
        read = error.valid_data if isinstance(error.valid_data, dict) else {}
        return read, tuple(flatten(error.messages))


def _draft(read: Mapping[str, Any]) -> AgreementDraft:
    """A draft of what was read; what was not is as if it had not been given."""
    kind = Kind(read["kind"])
    companion = Companion(read["companion"]) if "companion" in read else None
    return AgreementDraft(
        kind=kind,
        template_version=read.get("template_version", "latest"),
        performance_place=read.get("performance_place", ""),
        parties=_parties(read.get("parties", ()), roles_named(kind, companion)),
        values=read.get("values", {}),
        classification=read.get("classification", {}),
        reference=read.get("reference", ""),
        order=Order(read.get("order", Order.ENTERPRISE_FIRST)),
        expires_at=read.get("expires_at"),
        companion=companion,
        parent=read.get("parent"),
    )


def _parties(given: Any, roles: tuple[Role, ...]) -> tuple[PartyDraft, ...]:
    """Parties at their places; one without a role that can be read takes the one left over."""
    rows = [row if isinstance(row, dict) else {} for row in given]
    left = [role for role in roles if role not in {row.get("role") for row in rows}]
    return tuple(
        PartyDraft(
            Role(row["role"]) if "role" in row else (left.pop(0) if left else roles[-1]),
            {key: value for key, value in row.items() if key != "role"},
        )
        for row in rows
    )


class FindingOut(Schema):
    """A rule that fired."""

    rule = fields.String(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(["block", "warn", "info"]))
    article = fields.String(required=True)
    message_zh = fields.String(required=True)
    message = fields.String(required=True)
    path = fields.String(required=True)
    excerpt = fields.String()
    instead_zh = fields.String()


class CheckOut(Schema):
    """The answer of a check."""

    findings = fields.List(fields.Nested(FindingOut), required=True)
    would_create = fields.Boolean(required=True)


class CompromiseIn(Schema):
    """What the platform knows: how the key came into wrong hands, and since when."""

    reason = fields.String(required=True, validate=validate.Length(max=500))


class CompromiseOut(Schema):
    """A report that a party's key is in wrong hands (电子签名法 15, 27).

    `revoked` is false for a certificate of somebody else's CA: it is refused here from now on, and
    its own CA has to revoke it.
    """

    reported_at = fields.String(required=True)
    reported_by = fields.String(
        required=True, validate=validate.OneOf([reporter.value for reporter in Reporter])
    )
    reason = fields.String(required=True)
    serial = fields.String(required=True, metadata={"description": "of the certificate, hex"})
    revoked = fields.Boolean(required=True)


class PartyOut(Schema):
    """A party as it stands. `signing_link` is shown to keys with the scope `links`.

    `compromise` is the first report that its key is in wrong hands.
    """

    id = fields.String(required=True)
    role = fields.String(required=True)
    name = fields.String(required=True)
    status = fields.String(required=True)
    signing_link = fields.String(required=True, allow_none=True)
    signed_at = fields.String(required=True, allow_none=True)
    custody = fields.String(required=True)
    compromise = fields.Nested(CompromiseOut, required=True, allow_none=True)


class AgreementOut(Schema):
    """An agreement as it stands.

    `frozen`: pending, and nobody may sign it any more (409 `AGREEMENT_FROZEN`), because a party's
    key was reported as compromised. Void it and make a new one.
    """

    id = fields.String(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    companion = fields.String(required=True, allow_none=True)
    template_version = fields.String(required=True)
    template_sha256 = fields.String(required=True)
    rule_pack_version = fields.String(required=True)
    renderer_id = fields.String(required=True)
    reference = fields.String(required=True)
    performance_place = fields.String(required=True)
    status = fields.String(required=True)
    frozen = fields.Boolean(required=True)
    parent = fields.Dict(required=True, allow_none=True)
    parties = fields.List(fields.Nested(PartyOut), required=True)
    findings = fields.List(fields.Nested(FindingOut), required=True)
    document_sha256 = fields.String(required=True)
    archive_sha256 = fields.String(required=True, allow_none=True)
    text_sha256 = fields.String(required=True)
    created_at = fields.String(required=True)
    completed_at = fields.String(required=True, allow_none=True)
    expires_at = fields.String(required=True)
    test_certificates = fields.Boolean(required=True)


class AgreementListOut(Schema):
    """A page of agreements."""

    items = fields.List(fields.Nested(AgreementOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class AgreementListIn(Schema):
    """What to list."""

    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=100))
    cursor = fields.String(load_default=None)
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))
    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))
    reference = fields.String(load_default=None)
    region = fields.String(load_default=None)
    q = fields.String(load_default=None)
    created_after = fields.AwareDateTime(format="iso", load_default=None)


class EventOut(Schema):
    """An event as the log holds it; `index` is null until it is sequenced."""

    n = fields.Integer(required=True)
    type = fields.String(
        required=True,
        metadata={"description": "one of: " + ", ".join(event.value for event in EventType)},
    )
    at = fields.String(required=True)
    party_id = fields.String(required=True, allow_none=True)
    index = fields.Integer(required=True, allow_none=True)
    leaf_hash = fields.String(required=True)


class EventListOut(Schema):
    """All events of an agreement, oldest first."""

    items = fields.List(fields.Nested(EventOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class VoidIn(Schema):
    """Why an agreement is taken back."""

    reason = fields.String(required=True, validate=validate.Length(max=500))


class SignatureRequestIn(Schema):
    """The certificate under which an enterprise's own key will sign."""

    certificates = fields.List(
        fields.String(), required=True, validate=validate.Length(min=1, max=5)
    )


class SignatureRequestOut(Schema):
    """What the key has to sign: ECDSA over `to_be_signed`, whose SHA-256 is `digest` (base64)."""

    to_be_signed = fields.String(required=True)
    digest = fields.String(required=True)
    expires_at = fields.String(required=True)


class SignatureIn(Schema):
    """The value, base64 of ECDSA DER or raw r‖s."""

    value = fields.String(required=True, validate=validate.Length(min=1, max=400))


class LinkOut(Schema):
    """A fresh signing link."""

    signing_link = fields.String(required=True)


class TemplateOut(Schema):
    """A contract text: versions, values, parties and order, key clauses, examples."""

    kind = fields.String(required=True)
    title = fields.String(required=True)
    versions = fields.List(fields.String(), required=True)
    latest = fields.String(required=True)
    template_sha256 = fields.String(required=True)
    parties = fields.List(fields.String(), required=True)
    values_schema = fields.Dict(required=True)
    key_clauses = fields.List(fields.Dict(), required=True)
    examples = fields.List(fields.Dict(), required=True)


class TemplateListOut(Schema):
    """All contract texts."""

    items = fields.List(fields.Nested(TemplateOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ProblemOut(Schema):
    """RFC 9457, with our members."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    title_zh = fields.String()
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    detail_zh = fields.String()
    errors = fields.List(fields.Dict())
    findings = fields.List(fields.Nested(FindingOut))


class VerdictOut(Schema):
    """The verdict of interfaces.md §6."""

    indication = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True)
    generated_at = fields.String(required=True)
    verifier = fields.String(required=True)
    document = fields.Dict(required=True)
    signatures = fields.List(fields.Dict(), required=True)
    timestamps = fields.List(fields.Dict(), required=True)
    log = fields.Dict(required=True, allow_none=True)
    dispute = fields.Dict(required=True, allow_none=True)
    findings = fields.List(fields.Dict(), required=True)
