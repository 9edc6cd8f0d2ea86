"""Whom the verifier trusts: files of the verifier's own folder, never the document (D5).

The folder (interfaces.md §2):

    ca/*.pem     roots that may issue signers' certificates     ca/*.crl   their CRLs, optional
    tsa/*.pem    roots that may issue TSA certificates          tsa/*.crl  their CRLs, optional
    log/policy   C2SP tlog-policy: log keys, witnesses, quorum; optional

CRLs may be DER or PEM. They matter for files without an archive timestamp, and tell of
revocations that came to light after the archive step.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.audit.policy import parse_policy
from signing.errors import Malformed, NotFound, SigningError
from signing.verification import certificates
from signing.verification.certificates import Certificate, RevocationList
from signing.verification.reasons import Refused

_MAX_FILE = 1024 * 1024
_MAX_FILES = 200


@dataclass(frozen=True)
class TrustAnchors:
    """Everything that a verdict may lean on. `log_policy` is the policy file's bytes."""

    ca: tuple[Certificate, ...] = ()
    tsa: tuple[Certificate, ...] = ()
    crls: tuple[RevocationList, ...] = ()
    log_policy: bytes | None = None


def trust_from(
    *,
    ca: tuple[bytes, ...] = (),
    tsa: tuple[bytes, ...] = (),
    crls: tuple[bytes, ...] = (),
    log_policy: bytes | None = None,
) -> TrustAnchors:
    """Anchors from DER that is at hand; Malformed if a certificate or CRL cannot be read."""
    return TrustAnchors(
        ca=tuple(_certificate(data, "ca") for data in ca),
        tsa=tuple(_certificate(data, "tsa") for data in tsa),
        crls=tuple(_crl(data, "crls") for data in crls),
        log_policy=log_policy,
    )


def with_crls(trust: TrustAnchors, crls: Iterable[bytes]) -> TrustAnchors:
    """The same anchors with CRLs (DER) that are at hand besides; Malformed if one is none."""
    return replace(trust, crls=(*trust.crls, *(_crl(data, "crls") for data in crls)))


def load_trust(folder: Path) -> TrustAnchors:
    """Read a trust folder.

    Raises NotFound if there is no such folder or it holds no anchor at all, Malformed if a file
    in it cannot be read as what it should be; both say what to do.
    """
    if not folder.is_dir():
        raise NotFound(
            f"There is no trust folder {folder}: make one with `signing keys export-trust DIR`,"
            " or name one with --trust",
            f"没有找到信任目录 {folder}：请用 signing keys export-trust 导出，或用 --trust 指定",
            code="TRUST_MISSING",
        )
    ca = tuple(_certificates(folder / "ca"))
    tsa = tuple(_certificates(folder / "tsa"))
    if not ca or not tsa:
        raise NotFound(
            f"{folder} must hold ca/*.pem and tsa/*.pem: whom to trust is for you to say",
            f"信任目录 {folder} 里要有 ca/*.pem 和 tsa/*.pem：信任谁由您决定",
            code="TRUST_EMPTY",
        )
    return TrustAnchors(
        ca=ca,
        tsa=tsa,
        crls=(*_crls(folder / "ca"), *_crls(folder / "tsa")),
        log_policy=_policy(folder / "log" / "policy"),
    )


def _policy(path: Path) -> bytes | None:
    """The policy's bytes if there is one: a slip of the verifier's is never blamed on a file."""
    if not path.exists():
        return None
    data = _read(path)
    try:
        parse_policy(data)
    except SigningError as e:
        raise _malformed(path, str(e)) from e
    return data


def _certificates(folder: Path) -> Iterator[Certificate]:
    for path in _files(folder, "*.pem"):
        try:
            parsed = x509.load_pem_x509_certificates(_read(path))
        except ValueError as e:
            raise _malformed(path) from e
        for certificate in parsed:
            yield _certificate(certificate.public_bytes(Encoding.DER), path)


def _certificate(data: bytes, where: object) -> Certificate:
    try:
        return certificates.load(data)
    except Refused as e:
        raise _malformed(where) from e


def _crls(folder: Path) -> Iterator[RevocationList]:
    for path in _files(folder, "*.crl"):
        data = _read(path)
        if data.lstrip().startswith(b"-----BEGIN"):
            try:
                data = x509.load_pem_x509_crl(data).public_bytes(Encoding.DER)
            except ValueError as e:
                raise _malformed(path) from e
        yield _crl(data, path)


def _crl(data: bytes, where: object) -> RevocationList:
    crl = certificates.load_crl(data)
    if crl is None:
        raise _malformed(where)
    return crl


def _files(folder: Path, pattern: str) -> list[Path]:
    files = sorted(folder.glob(pattern)) if folder.is_dir() else []
    if len(files) > _MAX_FILES:
        raise _malformed(folder)
    return files


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise _malformed(path)  # a pipe would be waited for
        with path.open("rb") as stream:
            data = stream.read(_MAX_FILE + 1)
    except OSError as e:
        raise _malformed(path) from e
    if len(data) > _MAX_FILE:
        raise _malformed(path)
    return data


def _malformed(where: object, why: str = "") -> Malformed:
    detail = f" ({why})" if why else ""
    return Malformed(
        f"{where} cannot be read{detail}: replace it or take it out of the trust folder",
        f"信任目录里的 {where} 读不出来{detail}：请换一份，或把它移走",
        code="TRUST_MALFORMED",
    )
