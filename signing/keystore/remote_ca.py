"""A CA of somebody else's certifies the workers' keys (`SIGNING_CA=external`, `SIGNING_CA_URL`).

    POST application/pkcs10: CertificationRequest (RFC 2986), DER; Request-Id: hex, names the
         signature; Authorization: Bearer …, from `SIGNING_CA_TOKEN_FILE`
    → 200 application/pem-certificate-chain (RFC 8555 §9.1): leaf first, without the root

Rules kept here:
* the phone proved possession of its key under the name that is to stand in the certificate; what it
  signed is what the CA gets, byte for byte;
* a certificate is looked at before any key uses it: the judge's own rules first, then what we asked
  for. One that names another key, another name, lasts longer than 15 minutes or follows another
  policy is Broken: the CA is told, the worker is not made to sign with it;
* no certificate without a way to an anchor of `keys/trust/ca`; the lists that the CA's own
  certificates name are fetched for the archive step, and believed if their issuer signed them;
* seals stay with the built-in CA, or with the enterprises' own (custody `external`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signing.errors import Broken, Unavailable
from signing.keystore import files, requests
from signing.keystore.authority import Authority, IssuedCertificate
from signing.keystore.breaker import Breaker, BreakerOpen
from signing.keystore.files import KeyFolder
from signing.keystore.remote_http import Endpoint, NoAnswer
from signing.pades import der, value, vocabulary
from signing.verification import certificates, chains
from signing.verification.acceptance import check_offered
from signing.verification.certificates import Certificate
from signing.verification.reasons import Refused

SECONDS = 10.0
_MAX_ANSWER, _MAX_CRL = 64 * 1024, 1024 * 1024
_MAX_COMMON_NAME = 64
_REQUEST, _CHAIN = "application/pkcs10", "application/pem-certificate-chain"
_CRL = "application/pkix-crl"
_ECDSA = der.sequence(der.oid(vocabulary.OID_ECDSA_SHA256))


@dataclass(frozen=True)
class RemoteCaSettings:
    """Address, file with the bearer token (None: none is sent), policy OID wanted ("": any)."""

    url: str
    token_file: Path | None
    policy: str


class RemoteAuthority:
    """Workers' certificates from the external CA, all else from `own`."""

    def __init__(
        self,
        settings: RemoteCaSettings,
        own: Authority,
        *,
        folder: KeyFolder,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        seconds: float = SECONDS,
    ) -> None:
        if settings.token_file is not None:
            files.check_private(settings.token_file)
        self._settings = settings
        self._own = own
        self._folder = folder
        self._clock = clock
        self._seconds = seconds
        self._breaker = Breaker(monotonic)

    def new_serial(self) -> int:
        """Names the request; the CA gives its certificates serial numbers of its own."""
        return self._own.new_serial()

    def request_info(self, spki: bytes, *, name: str) -> bytes:
        """CertificationRequestInfo for a phone's key. Raises Rejected unless it is P-256."""
        return requests.request_info(spki, subject=_subject(name))

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
        """A one-use certificate from the CA, looked at before it is used.

        Agreement and document are not told to the CA: the signature binds them. Raises Rejected for
        a bad proof, Unavailable (`CA_AWAY`, `CA_PAUSED`), Broken (`CA_CERTIFICATE`).
        """
        del agreement_id, document_sha256
        key = requests.proven_key(request_info, proof, subject=_subject(name))
        request = der.sequence(request_info, _ECDSA, der.bit_string(value.ecdsa_der(proof)))
        try:
            with self._breaker.guard():
                chain = _chain(self._ask(request, serial))
                self._check(chain, key=key, name=name, at=at)
        except BreakerOpen as error:
            raise _away("CA_PAUSED", "it was away a moment ago") from error
        except NoAnswer as error:
            raise _away("CA_AWAY", str(error)) from error
        self._remember(chain[1:])
        leaf = certificates.load(chain[0])
        return IssuedCertificate(chain, leaf.serial, leaf.not_after)

    def is_revoked(self, certificate: bytes) -> bool:
        """Whether one of the built-in CA's was taken back."""
        return self._own.is_revoked(certificate)

    def validation_data(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """The built-in CA's certificates and lists, and those of the CAs above the workers'.

        Raises Unavailable (`CA_AWAY`) while a list cannot be had.
        """
        own_certificates, own_crls = self._own.validation_data()
        seen = self._seen()
        lists = tuple(self._list_for(certificate) for certificate in seen if certificate.names_crl)
        issuers = tuple(certificate.der for certificate in seen)
        return (*own_certificates, *issuers), (*own_crls, *lists)

    def _ask(self, request: bytes, serial: int) -> bytes:
        headers = {"Request-Id": f"{serial:x}"}
        if self._settings.token_file is not None:
            token = self._settings.token_file.read_text("ascii").strip()
            headers["Authorization"] = f"Bearer {token}"
        endpoint = Endpoint(self._settings.url, self._seconds, _MAX_ANSWER)
        return endpoint.post(request, content_type=_REQUEST, accept=_CHAIN, headers=headers)

    def _check(
        self, chain: Sequence[bytes], *, key: ec.EllipticCurvePublicKey, name: str, at: datetime
    ) -> None:
        """Raises Broken (CA_CERTIFICATE) with everything that is not as it was asked for."""
        try:
            leaf = check_offered(chain, holder=name, anchors=self._anchors(), at=at)
        except Refused as problem:
            raise _unfit([f"{problem.code} {problem.detail}".strip()]) from problem
        wanted = self._settings.policy
        wrong = [
            why
            for why, holds in (
                ("it is over another key", _is_over(leaf, key)),
                ("it leads to none of our anchors", self._is_anchored(chain, at)),
                ("not marked short-term, or valid for more than 15 minutes", leaf.is_short_term),
                (f"its policy is not {wanted}", not wanted or wanted in _policies(leaf)),
            )
            if not holds
        ]
        if wrong:
            raise _unfit(wrong)

    def _is_anchored(self, chain: Sequence[bytes], at: datetime) -> bool:
        leaf, *issuers = map(certificates.load, chain)
        return chains.find_path(leaf, issuers, self._anchors(), at).is_anchored

    def _anchors(self) -> list[Certificate]:
        pems = sorted((self._folder.trust / "ca").glob("*.pem"))
        return [
            certificates.load(certificate.public_bytes(Encoding.DER))
            for pem in pems
            for certificate in x509.load_pem_x509_certificates(pem.read_bytes())
        ]

    @property
    def _seen_file(self) -> Path:
        return self._folder.private / "remote-ca.pem"

    def _seen(self) -> list[Certificate]:
        """CAs that stood above workers' certificates, for later archive steps."""
        if not self._seen_file.exists():
            return []
        parsed = x509.load_pem_x509_certificates(self._seen_file.read_bytes())
        return [certificates.load(each.public_bytes(Encoding.DER)) for each in parsed]

    def _remember(self, issuers: Sequence[bytes]) -> None:
        with self._folder.locked():
            known = [certificate.der for certificate in self._seen()]
            added = [issuer for issuer in issuers if issuer not in known]
            if added:
                pems = [
                    x509.load_der_x509_certificate(each).public_bytes(Encoding.PEM)
                    for each in (*known, *added)
                ]
                files.replace(self._seen_file, b"".join(pems))

    def _list_for(self, certificate: Certificate) -> bytes:
        """The list that a CA's certificate names, if its issuer signed it and it speaks today."""
        issuers = [
            other
            for other in (*self._anchors(), *self._seen())
            if certificates.is_issued_by(certificate.der, other.der)
        ]
        for url in _urls(certificate):
            try:
                fetched = Endpoint(url, self._seconds, _MAX_CRL).get(accept=_CRL)
            except NoAnswer:
                continue
            crl = certificates.load_crl(fetched)
            is_signed = any(certificates.is_crl_of(fetched, issuer.der) for issuer in issuers)
            if crl is not None and is_signed and crl.next_update >= self._clock():
                return fetched
        raise _away("CA_AWAY", f"no revocation list for {certificate.common_name()}")


def _subject(name: str) -> x509.Name:
    """C=CN, CN, and OU where a name is longer than a CN may be: no TEST here."""
    short = name.encode()[:_MAX_COMMON_NAME].decode(errors="ignore")
    pairs = [
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, name if short != name else ""),
        (NameOID.COMMON_NAME, short),
    ]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs if text])


def _chain(answer: bytes) -> tuple[bytes, ...]:
    """DER, leaf first. Raises NoAnswer if it is no chain."""
    try:
        parsed = x509.load_pem_x509_certificates(answer)
    except ValueError as error:
        raise NoAnswer("no chain of certificates") from error
    if len(parsed) > vocabulary.MAX_CERTIFICATES:
        raise NoAnswer(f"{len(parsed)} certificates")
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in parsed)


def _is_over(certificate: Certificate, key: ec.EllipticCurvePublicKey) -> bool:
    try:
        return certificate.parsed.public_key() == key
    except (ValueError, UnsupportedAlgorithm):
        return False


def _policies(certificate: Certificate) -> list[str]:
    found = certificate.extensions.get(x509.CertificatePolicies.oid.dotted_string)
    if found is None or not isinstance(found.value, x509.CertificatePolicies):
        return []
    return [policy.policy_identifier.dotted_string for policy in found.value]


def _urls(certificate: Certificate) -> Iterator[str]:
    """HTTP addresses of its CRL distribution points."""
    points = certificate.parsed.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    for point in points.value:
        for name in point.full_name or ():
            if isinstance(name, x509.UniformResourceIdentifier) and name.value.startswith("http"):
                yield name.value


def _unfit(wrong: Sequence[str]) -> Broken:
    return Broken(
        f"The CA's certificate is not as it was asked for: {'; '.join(wrong)}",
        "证书机构发的证书不对，没有用它签字，请联系管理员",
        code="CA_CERTIFICATE",
    )


def _away(code: str, why: str) -> Unavailable:
    return Unavailable(
        f"The CA does not answer: {why}", "证书机构暂时没有响应，请稍后再签", code=code
    )
