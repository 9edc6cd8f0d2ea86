"""Second half of a signature: the value, its timestamp token, the finished file.

Rules kept here:
* a value is verified before anything is made of it (`check_value`);
* `assemble` is a pure function of base, prepared, value and token: same input, same bytes, however
  often and on whichever machine it is repeated (D10);
* never a signature without a token (D3): there is no way to leave it out.
"""

import hashlib

from signing.pades import cms, placeholder, value
from signing.pades.plan import FilePlan
from signing.pades.prepare import Prepared


def check_value(prepared: Prepared, signature_value: bytes) -> bytes:
    """The value as CMS carries it (DER for ECDSA), given as r‖s or as DER.

    Raises Rejected (SIGNATURE_INVALID) unless it verifies over the signed attributes.
    """
    return value.verified(prepared.certificates[0], prepared.signed_attributes, signature_value)


def imprint(value_der: bytes) -> bytes:
    """What the TSA stamps: SHA-256 of the signature value (EN 319 122-1 §5.3)."""
    return hashlib.sha256(value_der).digest()


def assemble(
    base: bytes, prepared: Prepared, value_der: bytes, token: bytes
) -> tuple[bytes, FilePlan]:
    """The signed file and its plan.

    `value_der` comes from `check_value`, `token` is an RFC 3161 TimeStampToken (ContentInfo).
    Raises Broken if `base` is another revision or the reserve is too small (RESERVE_TOO_SMALL).
    """
    container = cms.signed_data(
        cms.certificate_facts(prepared.certificates[0]),
        attributes=prepared.signed_attributes,
        value=value_der,
        certificates=prepared.certificates,
        timestamp_token=token,
    )
    return placeholder.fill(base, prepared, container)
