"""The built-in CA as the parties meet it: one-use certificates for phones, two years for seals.

Rules kept here:
* a phone's key is certified only after it proved possession under the name that will stand there;
* one-use certificates are backdated 60 s and end 15 minutes after that;
* nothing outlives the issuing certificate. All of it is TEST, and says so (D5).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from signing.keystore import profiles, requests
from signing.keystore.founding import Foundation
from signing.keystore.press import Press, new_serial
from signing.keystore.profiles import Profile, Subject
from signing.keystore.revocation import Revocations
from signing.pades import vocabulary


@dataclass(frozen=True)
class IssuedCertificate:
    """DER with the leaf first and no root; `not_after` aware UTC."""

    chain: tuple[bytes, ...]
    serial: int
    not_after: datetime


class Authority:
    """Issues the parties' certificates, and says what proves them later."""

    def __init__(
        self,
        foundation: Foundation,
        press: Press,
        revocations: Revocations,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._foundation = foundation
        self._issuing = foundation.issuing
        self._press = press
        self._revocations = revocations
        self._clock = clock

    def new_serial(self) -> int:
        """126 random bits under a leading one, to write down before the key is used."""
        return new_serial()

    def request_info(self, spki: bytes, *, name: str) -> bytes:
        """CertificationRequestInfo (RFC 2986) for a phone's key, which it signs as proof.

        Raises Rejected (KEY_UNUSABLE) unless `spki` is a P-256 key in its one DER form.
        """
        return requests.request_info(spki, subject=profiles.subject_name(name))

    def issue_signer(
        self,
        *,
        serial: int,
        request_info: bytes,
        proof: bytes,
        name: str,
        agreement_id: str,
        document_sha256: str,
        at: datetime,
    ) -> IssuedCertificate:
        """A one-use certificate over the key in `request_info`, for one agreement and document.

        `proof` is the signature over `request_info` (r‖s or DER), `document_sha256` hex. Raises
        Rejected (PROOF_OF_POSSESSION, KEY_UNUSABLE).
        """
        subject_name = profiles.subject_name(name)
        key = requests.proven_key(request_info, proof, subject=subject_name)
        subject = Subject(subject_name, key, (agreement_id, bytes.fromhex(document_sha256)))
        begin = at.replace(microsecond=0) - timedelta(seconds=vocabulary.SIGNER_BACKDATED_SECONDS)
        return self._issue(profiles.SIGNER, subject, serial=serial, begin=begin)

    def issue_seal(
        self, *, serial: int, spki: bytes, name: str, uscc: str, at: datetime
    ) -> IssuedCertificate:
        """A certificate of two years for an enterprise's seal key."""
        subject = Subject(
            profiles.subject_name(name, organisation_id=uscc), requests.p256_key(spki)
        )
        begin = at.replace(microsecond=0) - timedelta(seconds=vocabulary.SIGNER_BACKDATED_SECONDS)
        return self._issue(profiles.SEAL, subject, serial=serial, begin=begin)

    def _issue(
        self, profile: Profile, subject: Subject, *, serial: int, begin: datetime
    ) -> IssuedCertificate:
        # Never beyond the issuer's own end: chains are checked at a time inside both.
        end = min(begin + profile.span, self._issuing.certificate.not_valid_after_utc)
        certificate = self._press.issue(
            profile,
            subject,
            issuer=self._issuing.issuer,
            key_file=self._issuing.key_file,
            serial=serial,
            validity=(begin, end),
        )
        chain = (certificate.public_bytes(Encoding.DER), self._issuing.der)
        return IssuedCertificate(chain, serial, end)

    def is_revoked(self, certificate: bytes) -> bool:
        """Whether one of ours (DER) was taken back, or a stranger's was reported to us."""
        found = x509.load_der_x509_certificate(certificate)
        if any(authority.issued(found) for authority in self._foundation.issuing_authorities):
            return self._revocations.is_revoked(found.serial_number)
        return self._revocations.is_distrusted(found.fingerprint(hashes.SHA256()).hex())

    def validation_data(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Certificates (issuing, TSA, root) and CRLs, DER, for the archive step.

        Older issuing CAs are among them: seals that they certified may be in the file.
        """
        foundation = self._foundation
        issuing = [authority.der for authority in foundation.issuing_authorities]
        certificates = (*issuing, foundation.tsa_certificate, foundation.root.der)
        return certificates, self._revocations.crls(self._clock())
