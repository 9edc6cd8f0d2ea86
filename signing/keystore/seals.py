"""Enterprises' seal keys: made, used and kept without the server ever holding one (D4, T23).

Rules kept here:
* a seal belongs to (tenant, credit code): two tenants never share one, whatever name they give;
* keys are made and used in the key process; here are paths, certificates and signatures only;
* a key file exists before its certificate: a crash between the two is repaired at the next call;
* a seal that was revoked signs nothing more until somebody makes its successor (`follow`);
* a certificate that ends within 30 days is followed by one for a new key; the old pair stays.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.errors import Rejected
from signing.keystore import files
from signing.keystore.authority import Authority, IssuedCertificate
from signing.keystore.files import KeyFolder
from signing.keystore.process import MadeKey

_RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class SealInfo:
    """A seal that can sign: `chain` is DER, leaf first, without the root."""

    key_id: str
    chain: tuple[bytes, ...]
    serial: int
    not_after: datetime


class SealKeys(Protocol):
    """Where the keys are: in encrypted files, or in a token that gives out none."""

    def make(self, kind: str) -> MadeKey:
        """A new key, and what its key file is to hold."""

    def public(self, key_file: Path) -> bytes:
        """SubjectPublicKeyInfo (DER)."""

    def sign(self, key_file: Path, data: bytes) -> bytes:
        """ECDSA P-256/SHA-256 signature in DER."""


class Seals:
    """Seal keys by tenant and credit code."""

    def __init__(
        self,
        folder: KeyFolder,
        keys: SealKeys,
        authority: Authority,
        *,
        clock: Callable[[], datetime],
        is_revoked: Callable[[int], bool],
        make_on_first_use: bool,
    ) -> None:
        self._folder = folder
        self._keys = keys
        self._authority = authority
        self._clock = clock
        self._is_revoked = is_revoked
        self._make_on_first_use = make_on_first_use

    def certificate(self, *, tenant_id: str, uscc: str, name: str) -> tuple[bytes, ...]:
        """The seal's chain, made on first use where that is allowed. Raises as `check`."""
        self.check(tenant_id=tenant_id, uscc=uscc, name=name)
        return self.ensure_seal(tenant_id, uscc, name).chain

    def check(self, *, tenant_id: str, uscc: str, name: str) -> None:
        """Whether that seal can sign for `name`, or may be made.

        Raises Rejected: SEAL_UNKNOWN for a seal that nobody registered, SEAL_REVOKED, SEAL_NAME.
        """
        found = self.find_seal(tenant_id, uscc)
        if found is None and not self._make_on_first_use:
            raise Rejected(
                "No seal is registered for this credit code",
                "这家企业还没有登记电子印章，请先登记再签",
                code="SEAL_UNKNOWN",
                uscc=uscc,
            )
        self._check_not_revoked(found)
        if found is not None and self.holder(found) != name:
            # The judge would find another name in the certificate than in the agreement.
            raise Rejected(
                f"The seal's certificate names {self.holder(found)}",
                f"电子印章登记的名称是“{self.holder(found)}”，和协议里的名称不一致，请换发印章或改名称",
                code="SEAL_NAME",
                uscc=uscc,
            )

    def present(self, *, tenant_id: str, uscc: str) -> bytes | None:
        """The newest certificate of that seal (DER), None if there is none."""
        found = self.find_seal(tenant_id, uscc)
        return None if found is None else found.chain[0]

    def not_after(self, chain: tuple[bytes, ...]) -> datetime:
        """Until when that seal's certificate is good."""
        return x509.load_der_x509_certificate(chain[0]).not_valid_after_utc

    def sign(self, *, tenant_id: str, uscc: str, data: bytes) -> bytes:
        """ECDSA P-256/SHA-256 signature (DER) over `data`. Raises Rejected (SEAL_UNKNOWN)."""
        found = self.find_seal(tenant_id, uscc)
        if found is None:
            raise Rejected("No such seal", "没有这枚电子印章", code="SEAL_UNKNOWN", uscc=uscc)
        self._check_not_revoked(found)
        return self._keys.sign(self._folder.seals / f"{found.key_id}.key.pem", data)

    def find_seal(self, tenant_id: str, uscc: str) -> SealInfo | None:
        """The newest seal of that enterprise that has a certificate."""
        newest = None
        for key_id in self._generations(tenant_id, uscc):
            chain_file = self._folder.seals / f"{key_id}.pem"
            if chain_file.exists():
                newest = _info(key_id, chain_file.read_bytes())
        return newest

    def ensure_seal(self, tenant_id: str, uscc: str, name: str) -> SealInfo:
        """The seal, made if there is none or its certificate is about to end.

        Raises Rejected (SEAL_REVOKED).
        """
        found = self.find_seal(tenant_id, uscc)
        self._check_not_revoked(found)
        if found is not None and self._is_lasting(found):
            return found
        with self._folder.locked():
            found = self.find_seal(tenant_id, uscc)  # somebody else may have been quicker
            if found is not None and self._is_lasting(found):
                return found
            return self._make(tenant_id, uscc, name)

    def holder(self, seal: SealInfo) -> str:
        """Whose seal it is, as its certificate says."""
        subject = x509.load_der_x509_certificate(seal.chain[0]).subject
        whole = subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)
        names = whole or subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return str(names[0].value)

    def follow(self, tenant_id: str, uscc: str, name: str) -> SealInfo:
        """A new key and certificate for that seal, whatever the old one's state."""
        with self._folder.locked():
            return self._make(tenant_id, uscc, name)

    def _check_not_revoked(self, seal: SealInfo | None) -> None:
        if seal is not None and self._is_revoked(seal.serial):
            raise Rejected(
                f"The seal's certificate {seal.serial:x} was revoked; it has no successor yet",
                "这枚电子印章已经吊销，换发新的印章之后才能再盖",
                code="SEAL_REVOKED",
                serial=f"{seal.serial:x}",
            )

    def _is_lasting(self, seal: SealInfo) -> bool:
        return self._clock() < seal.not_after - _RENEW_BEFORE

    def _make(self, tenant_id: str, uscc: str, name: str) -> SealInfo:
        generations = self._generations(tenant_id, uscc)
        key_id = generations[-1] if generations else f"{_stem(tenant_id, uscc)}-1"
        if (self._folder.seals / f"{key_id}.pem").exists():
            key_id = f"{_stem(tenant_id, uscc)}-{len(generations) + 1}"
        key_file = self._folder.seals / f"{key_id}.key.pem"
        if not key_file.exists():
            files.create(key_file, self._keys.make("p256").pem)
        issued = self._authority.issue_seal(
            serial=self._authority.new_serial(),
            spki=self._keys.public(key_file),
            name=name,
            uscc=uscc,
            at=self._clock(),
        )
        chain_file = self._folder.seals / f"{key_id}.pem"
        files.create(chain_file, _pem(issued))
        return _info(key_id, chain_file.read_bytes())

    def _generations(self, tenant_id: str, uscc: str) -> list[str]:
        """Key ids of that seal, oldest first."""
        found = self._folder.seals.glob(f"{_stem(tenant_id, uscc)}-*.key.pem")
        names = [file.name.removesuffix(".key.pem") for file in found]
        return sorted(names, key=lambda name: int(name.rpartition("-")[2]))


def _stem(tenant_id: str, uscc: str) -> str:
    """No tenant can choose its way into another's name: both parts are hashed, apart."""
    parts = (hashlib.sha256(part.encode()).digest() for part in (tenant_id, uscc))
    return "seal-" + hashlib.sha256(b"".join(parts)).hexdigest()[:32]


def _pem(issued: IssuedCertificate) -> bytes:
    certificates = map(x509.load_der_x509_certificate, issued.chain)
    return b"".join(c.public_bytes(Encoding.PEM) for c in certificates)


def _info(key_id: str, chain_pem: bytes) -> SealInfo:
    chain = x509.load_pem_x509_certificates(chain_pem)
    return SealInfo(
        key_id=key_id,
        chain=tuple(certificate.public_bytes(Encoding.DER) for certificate in chain),
        serial=chain[0].serial_number,
        not_after=chain[0].not_valid_after_utc,
    )
