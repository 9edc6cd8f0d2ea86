"""From a certificate to a trust anchor at a moment in time, and whether it was revoked (rule 8).

Rules kept here:
* anchors come from the verifier; the document's certificates only lead there;
* every certificate is valid at the moment; every issuer is a CA that may sign certificates, with
  room for the CAs below it; an extension that is critical and unknown stops the path;
* all keys and signatures stand in the table;
* a CRL counts if its issuer signed it and it still spoke at the moment (nextUpdate not before);
  revocation on or before the moment counts whichever CRL tells of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from signing.verification import certificates
from signing.verification.certificates import Certificate, RevocationList
from signing.verification.reasons import Refused

_MAX_LENGTH = 5
_MAX_CHECKS = 64
"""Signatures checked in search of one path: hundreds of namesakes must not keep us busy."""


@dataclass(frozen=True)
class Path:
    """A certificate and its issuers, leaf first; the last one is an anchor if `is_anchored`."""

    certificates: tuple[Certificate, ...]
    is_anchored: bool

    @property
    def leaf(self) -> Certificate:
        """The signer's own."""
        return self.certificates[0]


class Revocation(Enum):
    """What is known of a certificate at a moment."""

    GOOD = "good"
    REVOKED_LATER = "revoked_later"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


def find_path(
    leaf: Certificate, pool: Iterable[Certificate], anchors: Sequence[Certificate], at: datetime
) -> Path:
    """The first path from `leaf` to an anchor whose links and constraints hold at `at`.

    Without one, the longest chain that the pool's signatures give, not anchored. Raises
    Refused(CHAIN_CONSTRAINTS) if there are paths to an anchor and each breaks its constraints.
    """
    longest = Path((leaf,), is_anchored=False)
    broken = False
    candidates = (*anchors, *pool)
    for path in _paths((leaf,), candidates, anchors, iter(range(_MAX_CHECKS))):
        if path.is_anchored and _holds(path.certificates, at):
            return path
        broken = broken or path.is_anchored
        if len(path.certificates) > len(longest.certificates):
            longest = path
    if broken:
        raise Refused("CHAIN_CONSTRAINTS")
    return Path(longest.certificates, is_anchored=False)


def _paths(
    chain: tuple[Certificate, ...],
    candidates: tuple[Certificate, ...],
    anchors: Sequence[Certificate],
    checks: Iterator[int],
) -> Iterator[Path]:
    """All ways up from the last certificate of `chain`, anchors first, while `checks` last."""
    last = chain[-1]
    if last in anchors:
        yield Path(chain, is_anchored=True)
        return
    yield Path(chain, is_anchored=False)
    if len(chain) == _MAX_LENGTH:
        return
    for issuer in candidates:
        if issuer.subject != last.issuer or issuer in chain:
            continue
        if next(checks, None) is None:
            return
        if certificates.is_issued_by(last.der, issuer.der):
            yield from _paths((*chain, issuer), candidates, anchors, checks)


def _holds(chain: tuple[Certificate, ...], at: datetime) -> bool:
    """Constraints of the issuers at `at` (RFC 5280 §6.1); the leaf's validity is judged apart."""
    for depth, certificate in enumerate(chain):
        if certificate.has_unknown_critical or not certificate.has_strong_key:
            return False
        if depth == 0:
            continue
        usage, room = certificate.key_usage, certificate.path_length
        is_ca = room is None or room >= depth - 1
        may_sign = usage is not None and usage.key_cert_sign
        is_current = certificate.not_before <= at <= certificate.not_after
        if not (is_ca and may_sign and is_current):
            return False
    return True


def revocation(
    certificate: Certificate,
    issuer: Certificate,
    crls: Iterable[RevocationList],
    at: datetime,
) -> Revocation:
    """What the issuer's CRLs say about `certificate` at `at`."""
    spoken = _crls_of(issuer, crls)
    since = [crl.revoked[certificate.serial] for crl in spoken if certificate.serial in crl.revoked]
    if any(moment <= at for moment in since):
        return Revocation.REVOKED
    if since:
        return Revocation.REVOKED_LATER
    if any(crl.next_update >= at for crl in spoken):
        return Revocation.GOOD
    return Revocation.UNKNOWN


def is_compromised(
    certificate: Certificate, issuer: Certificate, crls: Iterable[RevocationList], until: datetime
) -> bool:
    """Whether a CRL says that its key was in wrong hands by `until`: then it could backdate."""
    spoken = _crls_of(issuer, crls)
    return any(
        certificate.serial in crl.compromised and crl.revoked[certificate.serial] <= until
        for crl in spoken
    )


def _crls_of(issuer: Certificate, crls: Iterable[RevocationList]) -> list[RevocationList]:
    return [
        crl
        for crl in crls
        if crl.issuer == issuer.subject and certificates.is_crl_of(crl.der, issuer.der)
    ]
