"""How the built-in CA makes a certificate.

    1 profile and subject, signed with a throwaway key        3 journal, fsync: serial, purpose,
    2 lint of that certificate                                  SHA-256 of the part to be signed
                                                              4 the CA's key signs that very part

Rules kept here:
* the bytes that were linted are the bytes that are signed: only the signature is put anew;
* no certificate without a journal line before it; serials are known before the key is used;
* CA keys are opened by the key process alone (`helper.py`), once for each signature.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing.keystore import files, lint, profiles
from signing.keystore.process import KeyProcess
from signing.keystore.profiles import Issuer, Profile, Subject
from signing.pades import der, vocabulary

_ECDSA = der.sequence(der.oid(vocabulary.OID_ECDSA_SHA256))
_SERIAL_BITS = 127


@dataclass(frozen=True)
class CertificateAuthority:
    """A CA certificate with the file of its key; `slug` names it in addresses and file names."""

    slug: str
    certificate: x509.Certificate
    key_file: Path
    base_url: str

    @property
    def der(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.DER)

    def issued(self, certificate: x509.Certificate) -> bool:
        """Whether its key signed that certificate: names and numbers can be borrowed."""
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    @property
    def issuer(self) -> Issuer:
        """What its certificates say about it."""
        return Issuer(
            subject=self.certificate.subject,
            public_key=p256(self.certificate),
            crl_url=f"{self.base_url}/{self.slug}.crl",
            certificate_url=f"{self.base_url}/{self.slug}.cer",
        )


class Press:
    """Makes certificates: throwaway, lint, journal, then the real key (see the module)."""

    def __init__(self, keys: KeyProcess, journal: Path) -> None:
        self.keys = keys
        self._journal = journal
        self._throwaway = ec.generate_private_key(ec.SECP256R1())

    def issue(
        self,
        profile: Profile,
        subject: Subject,
        *,
        issuer: Issuer | None,
        key_file: Path,
        serial: int,
        validity: tuple[datetime, datetime],
    ) -> x509.Certificate:
        """A certificate of that kind, signed by the key in `key_file`. Raises Broken on lint."""
        not_before, not_after = validity
        made = profiles.builder(
            profile, subject, issuer, serial=serial, not_before=not_before, not_after=not_after
        )
        draft = made.sign(self._throwaway, hashes.SHA256())
        lint.lint(profile, draft)
        to_be_signed = draft.tbs_certificate_bytes
        line = {
            "serial": f"{serial:x}",
            "purpose": profile.name,
            "not_before": not_before.isoformat(),
            "tbs_sha256": hashlib.sha256(to_be_signed).hexdigest(),
        }
        files.append_line(self._journal, json.dumps(line))
        return x509.load_der_x509_certificate(self.seal(to_be_signed, key_file))

    def seal(self, to_be_signed: bytes, key_file: Path) -> bytes:
        """Certificate or CRL: the part to be signed, the algorithm, the signature over it."""
        value = self.keys.sign(key_file, to_be_signed)
        return der.sequence(to_be_signed, _ECDSA, der.bit_string(value))

    def draft_crl(self, builder: x509.CertificateRevocationListBuilder) -> bytes:
        """The part of a CRL that is to be signed."""
        return builder.sign(self._throwaway, hashes.SHA256()).tbs_certlist_bytes


def new_serial(random_bits: Callable[[int], int] = secrets.randbits) -> int:
    """A positive number of exactly 127 bits."""
    return 1 << (_SERIAL_BITS - 1) | random_bits(_SERIAL_BITS - 1)


def p256(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    """The key of one of our own certificates."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("our own certificates have P-256 keys")
    return key
