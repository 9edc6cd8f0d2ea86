"""That these parties signed this agreement, in its order, over its text (rule 9).

Rules kept here:
* the fields are those of the roles of the agreement's kind, and `archive`;
* the first signature certifies the file, or the last signer's field locks it (`CERTIFY=off`);
* parties sign in the order that agreement.json says;
* each certificate names the party, and a one-use certificate this agreement and the very bytes
  that were about to be signed;
* each signature's `/Location` is the digest of the canonical text of contract.html.
"""

from collections.abc import Iterator

from signing.domain.draft import Role
from signing.pades import vocabulary
from signing.verification import der, syntax
from signing.verification.attachments import Agreement
from signing.verification.certificates import Certificate
from signing.verification.changes import History, SignedRevision
from signing.verification.form import Base
from signing.verification.reasons import Refused


def check_file(base: Base, history: History, agreement: Agreement) -> None:
    """What holds for the file as a whole. Raises Refused."""
    wanted = {role.value for role in agreement.order} | {vocabulary.ARCHIVE_FIELD}
    if {field.name for field in base.fields} != wanted:
        raise Refused("FIELDS", "other fields than the parties' and archive")
    signed = [step for step in history.signed if not step.is_timestamp]
    last = agreement.order[-1].value
    locks = any(field.lock is not None and field.name == last for field in base.fields)
    if signed and not signed[0].certifies and not locks:
        raise Refused("NOT_CERTIFIED")
    order = [role.value for role in agreement.order]
    if [step.field.name for step in signed] != order[: len(signed)]:
        raise Refused("WRONG_ORDER")


def problems(
    step: SignedRevision, certificate: Certificate, agreement: Agreement, *, before: bytes
) -> Iterator[Refused]:
    """What does not hold for one party's signature.

    `before` is SHA-256 of the revision that was about to be signed.
    """
    role = step.field.name
    location = step.signature.entries.get(b"/Location")
    wanted = f"{vocabulary.LOCATION_PREFIX}{agreement.text_sha256}".encode()
    if location is None or syntax.string(location) != wanted:
        yield Refused("TEXT_LOCK", role)
    if not _bears(certificate, agreement.names[Role(role)], is_person=role == Role.WORKER):
        yield Refused("PARTY_NAME", role)
    is_bound = vocabulary.OID_AGREEMENT in certificate.extensions
    if is_bound and _binding(certificate) != (agreement.id, before):
        yield Refused("OTHER_AGREEMENT", role)


def _bears(certificate: Certificate, name: str, *, is_person: bool) -> bool:
    """Whether the certificate names the party; an enterprise may stand in O, its officer in CN."""
    return certificate.holder_name() == name or (not is_person and certificate.organisation == name)


def _binding(certificate: Certificate) -> tuple[str, bytes] | None:
    """Agreement id and SHA-256 of the revision, from the private extension."""
    value = certificate.extensions[vocabulary.OID_AGREEMENT].value.public_bytes()
    try:
        identifier, digest = der.read_whole(value).children()
        text = identifier.expect(der.UTF8_STRING).content.decode()
        return text, digest.expect(der.OCTET_STRING).content
    except (Refused, ValueError):
        return None
