"""Revoked certificates and the lists that say so (RFC 5280 §5).

Rules kept here:
* a revocation is a journal line first, then a new list; a line is never taken back;
* a certificate of a stranger's CA stands on none of our lists: its line names it by its digest, so
  that no stranger's serial number can be taken for one of ours;
* list numbers rise, also when two lists are made within a second or the clock steps back;
* the root's list lives one year, the issuing CA's 30 days; both are made anew long before that,
  so that an archived file carries a list hardly older than its signatures.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from signing.keystore import files
from signing.keystore.press import CertificateAuthority, Press

_LIFETIME, _ROOT_LIFETIME = timedelta(days=30), timedelta(days=365)
_FRESH, _ROOT_FRESH = timedelta(minutes=10), timedelta(days=1)
_ROOT = "root"
STRANGER = ""
"""In the place of the CA's name, for a certificate of somebody else's."""
REASONS = {reason.value: reason for reason in x509.ReasonFlags}


class Revocations:
    """The lists of both CAs; safe between processes through the folder's lock."""

    def __init__(
        self,
        folder: files.KeyFolder,
        authorities: Iterable[CertificateAuthority],
        press: Press,
    ) -> None:
        self._folder = folder
        self._authorities = {authority.slug: authority for authority in authorities}
        self._press = press

    @property
    def _journal(self) -> Path:
        return self._folder.private / "revoked.ndjson"

    def revoke(
        self, serial: int, *, at: datetime, reason: str = "unspecified", issuer: str = "issuing"
    ) -> None:
        """Revoke a certificate of `issuer` (a CA's slug, such as `root`) and publish it at once.

        `reason` is a name of RFC 5280 §5.3.1, such as `keyCompromise`. Repeating changes nothing.
        """
        with self._folder.locked():
            if not self.is_revoked(serial):
                line = {
                    "serial": f"{serial:x}",
                    "at": at.isoformat(),
                    "reason": REASONS[reason].value,
                    "issuer": issuer,
                }
                files.append_line(self._journal, json.dumps(line))
            self._renew(issuer, at)

    def distrust(self, certificate: x509.Certificate, *, at: datetime, reason: str) -> None:
        """Write down that a stranger's certificate is not to be used. Repeating changes nothing."""
        digest = certificate.fingerprint(hashes.SHA256()).hex()
        with self._folder.locked():
            if not self.is_distrusted(digest):
                line = {
                    "serial": f"{certificate.serial_number:x}",
                    "at": at.isoformat(),
                    "reason": REASONS[reason].value,
                    "issuer": STRANGER,
                    "certificate": digest,
                }
                files.append_line(self._journal, json.dumps(line))

    def is_revoked(self, serial: int) -> bool:
        """Whether that certificate was revoked, by whichever of the CAs."""
        return f"{serial:x}" in {line["serial"] for line in self._lines() if line["issuer"]}

    def is_distrusted(self, digest: str) -> bool:
        """Whether a stranger's certificate with that SHA-256 (hex) was reported."""
        return digest in {line.get("certificate") for line in self._lines()}

    def told(self) -> Mapping[str, str]:
        """Serial numbers (hex) of all that was taken back or reported, each with the reason."""
        return {line["serial"]: line["reason"] for line in self._lines()}

    def crls(self, at: datetime) -> tuple[bytes, ...]:
        """The lists of root and issuing CA, DER, made anew if they are no longer fresh."""
        return tuple(self.crl(slug, at) for slug in self._authorities)

    def crl(self, slug: str, at: datetime) -> bytes:
        """The list of one CA."""
        current = self._load(slug)
        if current is not None and self._is_fresh(slug, current, at):
            return self._file(slug).read_bytes()
        with self._folder.locked():
            current = self._load(slug)
            if current is None or not self._is_fresh(slug, current, at):
                self._renew(slug, at)
        return self._file(slug).read_bytes()

    def _renew(self, slug: str, at: datetime) -> None:
        """Sign and write a new list; the caller holds the lock."""
        authority, at = self._authorities[slug], at.replace(microsecond=0)
        previous = self._load(slug)
        number = int(at.timestamp())
        if previous is not None:
            number = max(number, _number(previous) + 1)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.certificate.subject)
            .last_update(at)
            .next_update(at + (_ROOT_LIFETIME if slug == _ROOT else _LIFETIME))
            .add_extension(x509.CRLNumber(number), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.issuer.public_key),
                critical=False,
            )
        )
        for line in self._lines():
            if line["issuer"] == slug:
                builder = builder.add_revoked_certificate(_entry(line))
        to_be_signed = self._press.draft_crl(builder)
        files.replace(self._file(slug), self._press.seal(to_be_signed, authority.key_file))

    def _is_fresh(self, slug: str, crl: x509.CertificateRevocationList, at: datetime) -> bool:
        age = at - crl.last_update_utc
        return timedelta(0) <= age < (_ROOT_FRESH if slug == _ROOT else _FRESH)

    def _file(self, slug: str) -> Path:
        return self._folder.private / f"{slug}.crl"

    def _load(self, slug: str) -> x509.CertificateRevocationList | None:
        try:
            return x509.load_der_x509_crl(self._file(slug).read_bytes())
        except FileNotFoundError:
            return None

    def _lines(self) -> list[dict[str, str]]:
        return read_journal(self._journal)


def read_journal(path: Path) -> list[dict[str, str]]:
    """The journal's lines, oldest first; none where nothing was ever revoked."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def _entry(line: dict[str, str]) -> x509.RevokedCertificate:
    made = (
        x509.RevokedCertificateBuilder()
        .serial_number(int(line["serial"], 16))
        .revocation_date(datetime.fromisoformat(line["at"]).astimezone(UTC))
    )
    reason = REASONS[line["reason"]]
    if reason is not x509.ReasonFlags.unspecified:  # RFC 5280 §5.3.1: leave it out then
        made = made.add_extension(x509.CRLReason(reason), critical=False)
    return made.build()
