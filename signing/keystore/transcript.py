"""The record of a key ceremony: what was made, by whom, in whose presence; for the file, on paper.

Rules kept here:
* a record is written once, whole, and ends with the SHA-256 of all lines above the last: read aloud
  and written down by those present, it binds the file to the ceremony;
* keys are named by the digest of their public half, certificates by serial number and digest; no
  secret, no passphrase, nothing of a key file's content stands in it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.errors import Conflict
from signing.keystore import files
from signing.keystore.files import KeyFolder

_PUBLIC = 0o644


@dataclass(frozen=True)
class Inventory:
    """Everything of a key folder that may be told: a line by the name of each file."""

    lines: dict[str, str]

    @classmethod
    def of(cls, folder: KeyFolder) -> "Inventory":
        """What lies there now."""
        return cls(dict(_described(folder)))


def write(
    path: Path,
    *,
    title: str,
    present: Sequence[str],
    began: datetime,
    ended: datetime,
    before: Inventory,
    after: Inventory,
) -> str:
    """Write the record of what lies between two inventories; returns the digest that ends it."""
    check_free(path)
    lines = [
        f"密钥仪式记录 · key ceremony: {title}",
        f"开始 · began   {began.isoformat()}",
        *(f"在场 · present {name}" for name in present),
        *(f"{_mark(name, before, after)} {after.lines[name]}" for name in sorted(after.lines)),
        *(f"销毁 · gone    {name}" for name in sorted(before.lines.keys() - after.lines.keys())),
        f"结束 · ended   {ended.isoformat()}",
    ]
    text = "".join(line + "\n" for line in lines).encode()
    digest = hashlib.sha256(text).hexdigest()
    files.replace(path, text + f"sha256 {digest}\n".encode(), mode=_PUBLIC)
    return digest


def check_free(path: Path) -> None:
    """Raises Conflict (`TRANSCRIPT_EXISTS`): a record is never written over."""
    if path.exists():
        raise Conflict(
            f"{path} is there already", f"{path} 已经有了，记录不能覆盖", code="TRANSCRIPT_EXISTS"
        )


def _mark(name: str, before: Inventory, after: Inventory) -> str:
    if name not in before.lines:
        return "新制 · made   "
    return "原有 · kept   " if before.lines[name] == after.lines[name] else "更换 · changed"


def _described(folder: KeyFolder) -> Iterator[tuple[str, str]]:
    """File name and line, for keys, certificates, lists and anchors."""
    for path in sorted((*folder.private.rglob("*"), *folder.trust.rglob("*"))):
        name = str(path.relative_to(folder.root))
        if path.name.endswith(".key.pem"):
            yield name, f"{name}  private key"  # never looked into
        elif path.suffix == ".pub":
            yield name, f"{name}  public key sha256 {_sha256(path.read_bytes())}"
        elif path.suffix == ".pem":
            for certificate in x509.load_pem_x509_certificates(path.read_bytes())[:1]:
                yield name, f"{name}  {_certificate(certificate)}"
        elif path.suffix == ".crl" or (path.is_relative_to(folder.trust) and path.is_file()):
            yield name, f"{name}  sha256 {_sha256(path.read_bytes())}"


def _certificate(certificate: x509.Certificate) -> str:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return (
        f"certificate serial {certificate.serial_number:x} {certificate.subject.rfc4514_string()} "
        f"{begin:%Y-%m-%d}/{end:%Y-%m-%d} sha256 {_sha256(certificate.public_bytes(Encoding.DER))}"
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
