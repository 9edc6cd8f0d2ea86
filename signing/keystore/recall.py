"""Taking a certificate back: from a serial number to a revocation list that says so.

Rules kept here:
* by serial number operators take back what lives long: seals, issuing CAs, TSAs;
* any party's certificate may be reported, a phone's too: it has ended within 15 minutes and names
  no list, but the list tells what its holder said, and since when;
* ours is what the key of one of our CAs signed, whatever name or number stands in it; a stranger's
  is refused from then on, and revoked by its own CA only;
* the list is published before this returns; a seal so revoked signs nothing more (`Seals`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.errors import NotFound, Rejected
from signing.keystore.files import KeyFolder
from signing.keystore.founding import Foundation
from signing.keystore.revocation import REASONS, Revocations


@dataclass(frozen=True)
class _Known:
    """A certificate that we issued, and the slug of the CA that did."""

    certificate: x509.Certificate
    issuer: str


@dataclass(frozen=True)
class Recalled:
    """What became of a certificate: its serial number (hex), whether our list tells of it."""

    serial: str
    is_listed: bool


class Recall:
    """Revoke by serial number, or as somebody reported it."""

    def __init__(
        self,
        folder: KeyFolder,
        foundation: Foundation,
        revocations: Revocations,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._folder = folder
        self._foundation = foundation
        self._revocations = revocations
        self._clock = clock

    def revoke(self, serial: str, *, reason: str) -> bytes:
        """The certificate (DER) with that serial number (hex), revoked; repeating changes nothing.

        `reason` is a name of RFC 5280 §5.3.1. Raises NotFound (`SERIAL_UNKNOWN`), Rejected
        (`REASON_UNKNOWN`).
        """
        if reason not in REASONS:
            names = ", ".join(sorted(REASONS))
            raise Rejected(
                f"The reason is none of {names}",
                f"吊销原因只能是：{names}",
                code="REASON_UNKNOWN",
            )
        wanted = serial.strip().replace(":", "").lower().lstrip("0")
        for known in self._known():
            if f"{known.certificate.serial_number:x}" == wanted:
                self._revocations.revoke(
                    known.certificate.serial_number,
                    at=self._clock(),
                    reason=reason,
                    issuer=known.issuer,
                )
                return known.certificate.public_bytes(Encoding.DER)
        raise NotFound(
            f"No seal, CA or TSA here has the serial number {serial}",
            f"没有序列号为 {serial} 的印章、CA 或时间戳证书",
            code="SERIAL_UNKNOWN",
        )

    def report(self, certificate: bytes) -> Recalled:
        """A party's certificate (DER), whose key is in wrong hands; repeating changes nothing."""
        reported = x509.load_der_x509_certificate(certificate)
        issuer = next((a for a in self._foundation.issuing_authorities if a.issued(reported)), None)
        at, reason = self._clock(), x509.ReasonFlags.key_compromise.value
        if issuer is None:
            self._revocations.distrust(reported, at=at, reason=reason)
        else:
            serial = reported.serial_number
            self._revocations.revoke(serial, at=at, reason=reason, issuer=issuer.slug)
        return Recalled(f"{reported.serial_number:x}", issuer is not None)

    def told(self) -> Mapping[str, str]:
        """Serial numbers (hex) that were taken back so far, each with the reason."""
        return self._revocations.told()

    def _known(self) -> Iterator[_Known]:
        issuing = self._foundation.issuing_authorities
        slugs = {authority.der: authority.slug for authority in issuing}
        for path in sorted(self._folder.seals.glob("*.pem")):
            if path.name.endswith(".key.pem"):
                continue
            leaf, issuer = x509.load_pem_x509_certificates(path.read_bytes())[:2]
            yield _Known(leaf, slugs[issuer.public_bytes(Encoding.DER)])
        for authority in issuing:
            yield _Known(authority.certificate, "root")
        for path in sorted(self._folder.private.glob("tsa*.pem")):
            if not path.name.endswith(".key.pem"):
                yield _Known(x509.load_pem_x509_certificate(path.read_bytes()), "root")
