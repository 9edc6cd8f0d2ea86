"""First half of a signature: the increment with an empty place, and the bytes that the key signs.

    1. the field exists and is empty           3. objects: appearance, widget, signature, catalog
    2. certificates can carry a signature      4. increment, digest, signed attributes

Rules kept here:
* only the first signature certifies (DocMDP P=2), and it says so in the catalog's `/Perms`;
* a `/Lock` that the base put on the field becomes the FieldMDP reference of its signature;
* the chain goes in leaf first, each certificate issued by the next, without the root.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from signing.errors import Broken, Conflict, Malformed, Rejected
from signing.pades import cms, dictionary, increment
from signing.pades.placeholder import Placeholder, members_of
from signing.pades.plan import FieldPlan, FilePlan
from signing.pades.vocabulary import (
    DOCMDP_PERMISSION,
    FILTER,
    MAX_CERTIFICATE,
    MAX_CERTIFICATES,
    MAX_INCREMENT,
    P256_MAX_DER,
    RESERVE_TOKEN,
    SUBFILTER_SIGNATURE,
    TYPE_SIGNATURE,
)


@dataclass(frozen=True)
class SignatureRequest:
    """What to sign with, as what, where.

    `certificates` are DER, leaf first, without the root. `signing_time` is aware UTC and only
    claimed (`/M`): the token decides. `location` names the text that the signer saw
    (`text-sha256:<hex>`). `certify` is for the first signature. `appearance` is a complete Form
    XObject (`<<…>>stream…endstream`), None leaves the empty one. `token_bytes` is the largest
    token that the TSA has been seen to send.
    """

    field: str
    certificates: tuple[bytes, ...]
    signing_time: datetime
    reason: str
    location: str
    name: str
    certify: bool = False
    appearance: bytes | None = None
    token_bytes: int = RESERVE_TOKEN


@dataclass(frozen=True, kw_only=True)
class Prepared(Placeholder):
    """A signature that waits for its value.

    `signed_attributes` are the bytes that the key signs, hashing included in its algorithm (DER of
    SET OF, tag 0x31). `certificates` are those of the request.
    """

    signed_attributes: bytes
    certificates: tuple[bytes, ...]

    def _to_members(self) -> dict[str, Any]:
        return {
            **super()._to_members(),
            "signed_attributes": self.signed_attributes.hex(),
            "certificates": [certificate.hex() for certificate in self.certificates],
        }

    @classmethod
    def _from_members(cls, members: dict[str, Any]) -> dict[str, Any]:
        return {
            **super()._from_members(members),
            "signed_attributes": bytes.fromhex(members["signed_attributes"]),
            "certificates": tuple(map(bytes.fromhex, members["certificates"])),
        }


def prepare(base: bytes, plan: FilePlan, request: SignatureRequest) -> Prepared:
    """Everything of the signature but its value and its token.

    Raises Conflict (FIELD_FILLED) if the field is signed, Rejected (CERTIFICATE_UNUSABLE) if the
    certificates cannot carry a signature, Broken if the field is not there, if `certify` is asked
    for after another signature, or if `plan` describes other bytes than `base`.
    """
    field = empty_field(plan, request.field)
    if request.certify and any(is_filled(other) for other in plan.fields.values()):
        raise Broken("Only the first signature of a file can certify it")
    certificates = _checked(request.certificates)
    digits = increment.reserve_digits(_container_size(certificates, request.token_bytes))

    look = plan.size if request.appearance is not None else None
    number = plan.size + (request.appearance is not None)
    widget = filled_widget(field.dictionary, signature=number, appearance=look)
    objects = {field.number: widget, number: _signature(request, plan, field, digits)}
    if look is not None and request.appearance is not None:
        objects[look] = request.appearance
    root = plan.root_dictionary
    if request.certify:
        permissions = b"<</DocMDP %d 0 R>>" % number
        root = dictionary.dictionary({**dictionary.entries(root), b"/Perms": permissions})
        objects[plan.root_number] = root

    made = increment.build(base, plan, objects, digits=digits)
    if len(made.data) > MAX_INCREMENT:
        raise Broken("The increment is larger than the judge allows")
    leaf = cms.certificate_facts(certificates[0])
    return Prepared(
        **members_of(plan, made, request.field, field=replace(field, dictionary=widget), root=root),
        signed_attributes=cms.signed_attributes(leaf, made.digest),
        certificates=certificates,
    )


def empty_field(plan: FilePlan, name: str) -> FieldPlan:
    """The field of that name; Broken if there is none, Conflict if it is signed."""
    field = plan.fields.get(name)
    if field is None:
        raise Broken(f"The file has no signature field {name!r}", code="NO_SUCH_FIELD")
    if is_filled(field):
        raise Conflict(
            f"The field {name!r} is signed already", "这一方已经签过了", code="FIELD_FILLED"
        )
    return field


def is_filled(field: FieldPlan) -> bool:
    """Whether the field has a value, that is, a signature."""
    # Most fields do not even contain the two bytes: only the others are worth reading.
    return b"/V" in field.dictionary and b"/V" in dictionary.entries(field.dictionary)


def filled_widget(widget: bytes, *, signature: int, appearance: int | None) -> bytes:
    """The widget with its signature and, if one is given, its appearance; all else as it was."""
    entries = dictionary.entries(widget)
    entries[b"/V"] = b"%d 0 R" % signature
    if appearance is not None:
        entries[b"/AP"] = b"<</N %d 0 R>>" % appearance
    return dictionary.dictionary(entries)


def _checked(certificates: Iterable[bytes]) -> tuple[bytes, ...]:
    """The chain as it goes into the CMS: readable, few, each issued by the next, no root."""
    chain = tuple(certificates)
    if not chain or len(chain) > MAX_CERTIFICATES or max(map(len, chain)) > MAX_CERTIFICATE:
        raise _unusable("give 1 to 8 certificates of at most 16 KiB each")
    cms.certificate_facts(chain[0])
    try:
        names = [cms.certificate_names(certificate) for certificate in chain]
    except Malformed as error:
        raise _unusable("one of them is not a certificate in DER") from error
    if any(one.issuer != issuer.subject for one, issuer in pairwise(names)):
        raise _unusable("each certificate must be issued by the next one, leaf first")
    if len(names) > 1 and names[-1].issuer == names[-1].subject:
        raise _unusable("leave the root out: the verifier has its own")
    return chain


def _container_size(certificates: tuple[bytes, ...], token: int) -> int:
    """The largest that the CMS can become, measured on one with the longest value."""
    leaf = cms.certificate_facts(certificates[0])
    longest = P256_MAX_DER if leaf.algorithm.key == "ec" else (leaf.public_key.key_size + 7) // 8
    mould = cms.signed_data(
        leaf,
        attributes=cms.signed_attributes(leaf, bytes(32)),
        value=bytes(longest),
        certificates=certificates,
        timestamp_token=bytes(token),
    )
    return len(mould)


def _unusable(why: str) -> Rejected:
    return Rejected(
        f"The certificates cannot be used: {why}",
        "证书不能用：请按“签名证书在前、不含根证书”的顺序提交",
        code="CERTIFICATE_UNUSABLE",
    )


def _signature(request: SignatureRequest, plan: FilePlan, field: FieldPlan, digits: int) -> bytes:
    """The signature dictionary (ISO 32000-2 table 255)."""
    entries = {
        b"/Type": b"/" + TYPE_SIGNATURE.encode(),
        b"/Filter": b"/" + FILTER.encode(),
        b"/SubFilter": b"/" + SUBFILTER_SIGNATURE.encode(),
        **increment.signature_placeholders(digits),
        b"/M": dictionary.text(request.signing_time.strftime("D:%Y%m%d%H%M%SZ")),
        b"/Name": dictionary.text(request.name),
        b"/Reason": dictionary.text(request.reason),
        b"/Location": dictionary.text(request.location),
    }
    references = []
    if request.certify:
        references.append(_reference(b"/DocMDP", {b"/P": b"%d" % DOCMDP_PERMISSION}))
    lock = dictionary.entries(field.dictionary).get(b"/Lock")
    if lock is not None:
        locked = dictionary.entries(lock)
        locked.pop(b"/Type", None)
        references.append(_reference(b"/FieldMDP", locked, data=plan.root_number))
    if references:
        entries[b"/Reference"] = b"[" + b"".join(references) + b"]"
    return dictionary.dictionary(entries)


def _reference(method: bytes, parameters: dict[bytes, bytes], *, data: int | None = None) -> bytes:
    """A signature reference dictionary (ISO 32000-2 §12.8.2)."""
    transform = {b"/Type": b"/TransformParams", b"/V": b"/1.2", **parameters}
    entries = {b"/Type": b"/SigRef", b"/TransformMethod": method}
    if data is not None:
        entries[b"/Data"] = b"%d 0 R" % data
    entries[b"/TransformParams"] = dictionary.dictionary(transform)
    return dictionary.dictionary(entries)
