"""Is this certificate what its profile says? Asked before the CA's own key is used.

The certificate at hand is signed with a throwaway key: a wrong one then never exists.

Rules kept here:
* extensions are exactly those of the row, no more, no less, with their criticality;
* serial numbers have 64 to 127 bits, keys are P-256, TEST stands in the subject.
"""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID

from signing.errors import Broken
from signing.keystore.profiles import USAGES, Profile
from signing.pades import vocabulary

_MIN_SERIAL_BITS = 64
_MAX_SERIAL_BITS = 127


def lint(profile: Profile, certificate: x509.Certificate) -> None:
    """Raises Broken (CERTIFICATE_LINT), naming everything that is not as the row says."""
    wrong = [what for what, right in _findings(profile, certificate) if not right]
    if wrong:
        raise Broken(
            f"A {profile.name} certificate would not be as its profile says: {', '.join(wrong)}",
            code="CERTIFICATE_LINT",
        )


def _findings(profile: Profile, certificate: x509.Certificate) -> list[tuple[str, bool]]:
    extensions = {e.oid.dotted_string: e for e in certificate.extensions}
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    purposes = extensions.get(ExtensionOID.EXTENDED_KEY_USAGE.dotted_string)
    listed = [] if purposes is None else [oid.dotted_string for oid in purposes.value]
    span = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    bits = certificate.serial_number.bit_length()
    names = "".join(str(a.value) for a in certificate.subject)
    return [
        ("extensions", set(extensions) == _expected(profile)),
        ("basicConstraints", constraints.critical),
        ("cA", constraints.value.ca == profile.authority),
        ("pathLength", constraints.value.path_length == profile.path_length),
        ("keyUsage", usage.critical and _set_usages(usage.value) == profile.usages),
        ("extKeyUsage", listed == list(profile.purposes)),
        (
            "extKeyUsage critical",
            purposes is None or purposes.critical == profile.purposes_critical,
        ),
        ("validity", timedelta(0) < span <= profile.span),
        ("serial", _MIN_SERIAL_BITS <= bits <= _MAX_SERIAL_BITS),
        ("TEST in the subject", "TEST" in names),
        ("key", _is_p256(certificate.public_key())),
    ]


def _expected(profile: Profile) -> set[str]:
    oids = {
        ExtensionOID.BASIC_CONSTRAINTS.dotted_string: True,
        ExtensionOID.KEY_USAGE.dotted_string: True,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER.dotted_string: True,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER.dotted_string: profile.name != "root",
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS.dotted_string: profile.name != "root",
        ExtensionOID.CRL_DISTRIBUTION_POINTS.dotted_string: profile.crl,
        ExtensionOID.EXTENDED_KEY_USAGE.dotted_string: bool(profile.purposes),
        ExtensionOID.CERTIFICATE_POLICIES.dotted_string: profile.policy is not None,
        vocabulary.OID_SHORT_TERM: profile.short_term,
        vocabulary.OID_AGREEMENT: profile.short_term,
    }
    return {oid for oid, present in oids.items() if present}


def _set_usages(usage: x509.KeyUsage) -> set[str]:
    # encipherOnly and decipherOnly have no meaning, and raise, without keyAgreement.
    return {name for name in USAGES[:-2] if getattr(usage, name)}


def _is_p256(key: object) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
