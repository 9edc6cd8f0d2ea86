"""One signature, or one document timestamp, judged at its own time (rules 6 to 9).

Rules kept here:
* what is fatal to reading on stops; everything else that does not hold is collected, so that a
  report names all of it;
* a signer's certificate is judged at its token's genTime, revocation included;
* a token is believed until its TSA's certificate ends, or until a later proof took over (`limit`);
* nothing is judged as of a time at which it did not exist: a signature whose token is later than
  the time of the verdict had no proof of existence then (EN 319 102-1), and cannot be judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from signing.domain.verdict import Indication, SubIndication, worst
from signing.pades import vocabulary
from signing.verification import chains, cms, parties, tokens
from signing.verification.attachments import Agreement
from signing.verification.certificates import Certificate, RevocationList
from signing.verification.chains import Path, Revocation
from signing.verification.changes import SignedRevision
from signing.verification.reasons import REASONS, Refused
from signing.verification.signature_object import SignedBytes
from signing.verification.tokens import Token
from signing.verification.trust import TrustAnchors

REVOCATION_GRACE = timedelta(days=1)
CLOCK_TOLERANCE = timedelta(minutes=5)
"""A verifier's clock may be behind the TSA's by so much."""
_SIGNING_PURPOSES = frozenset(
    (
        vocabulary.OID_EKU_DOCUMENT_SIGNING,
        vocabulary.OID_EKU_EMAIL_PROTECTION,
        "2.5.29.37.0",  # anyExtendedKeyUsage
    )
)


@dataclass
class Judged:
    """What was found about one step. `pool` are the certificates that its CMS carries.

    `problems` concern the signature, `token_problems` its timestamp; `notes` decide nothing.
    """

    step: SignedRevision
    certificate: Certificate | None = None
    pool: tuple[Certificate, ...] = ()
    token: Token | None = None
    problems: list[Refused] = field(default_factory=list)
    token_problems: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def all_problems(self) -> list[Refused]:
        """Of signature and token, gravest first."""
        return sorted(
            [*self.problems, *self.token_problems],
            key=lambda p: REASONS[p.code].indication is not Indication.TOTAL_FAILED,
        )

    @property
    def indication(self) -> Indication:
        """Of the signature with its token."""
        return worst(REASONS[problem.code].indication for problem in self.all_problems)

    @property
    def token_indication(self) -> Indication:
        """Of the token alone."""
        return worst(REASONS[problem.code].indication for problem in self.token_problems)

    @property
    def sub_indication(self) -> SubIndication | None:
        """The word for the gravest problem, None if there is none."""
        problems = self.all_problems
        return REASONS[problems[0].code].sub_indication if problems else None


@dataclass(frozen=True)
class Court:
    """What all signatures of a file are judged by.

    `stored` and `crls` come from the document security store and the trust folder; `seen_at` is a
    time at which witnesses of the log had seen all parties' signatures, None if there is none.
    """

    trust: TrustAnchors
    agreement: Agreement
    stored: tuple[Certificate, ...]
    crls: tuple[RevocationList, ...]
    at: datetime
    seen_at: datetime | None = None

    def judge(self, step: SignedRevision, signed: SignedBytes, *, limit: datetime) -> Judged:
        """Judge one step; `limit` is when its token's existence is next proven otherwise."""
        judged = Judged(step)
        try:
            if step.is_timestamp:
                judged.token = tokens.check(signed.container, digest=signed.digest)
            else:
                self._read_signature(judged, signed)
        except Refused as problem:
            judged.problems.append(problem)
        if judged.token is not None:
            self._judge_order(judged, judged.token)
            self._judge_tsa(judged, judged.token, limit)
        if judged.certificate is not None:
            moment = judged.token.gen_time if judged.token else judged.certificate.not_before
            self._judge_chain(judged, judged.certificate, moment)
        return judged

    def _judge_order(self, judged: Judged, token: Token) -> None:
        """Whether it was there at the time of the verdict; an archive timestamp may come later."""
        if token.gen_time - self.at <= CLOCK_TOLERANCE:
            return
        if judged.step.is_timestamp:
            judged.notes.append("CLOCK_BEHIND")
        else:
            judged.problems.append(Refused("TIME_BEFORE_SIGNING", token.gen_time.isoformat()))

    def _read_signature(self, judged: Judged, signed: SignedBytes) -> None:
        """Rules 6, 9 and the token of 7."""
        # 6. One signer over these bytes, by the certificate that it bound.
        data = cms.read(signed.container, content_type=vocabulary.OID_DATA)
        judged.pool = data.certificates
        certificate = judged.certificate = cms.verify(
            data,
            digest=signed.digest,
            content_type=vocabulary.OID_DATA,
            algorithms=vocabulary.PARTY_ALGORITHMS,
        )
        judged.problems += usage_problems(certificate)
        # 9. This party, this text, these bytes.
        judged.problems += parties.problems(
            judged.step, certificate, self.agreement, before=signed.before
        )
        # 7. Exactly one token, over the signature value.
        kinds = [kind for kind, _ in data.signer.unsigned]
        if not kinds:
            raise Refused("TIMESTAMP_MISSING")
        if kinds != [vocabulary.OID_TIMESTAMP_TOKEN]:
            raise Refused("TIMESTAMP_DOUBLE", f"{len(kinds)} unsigned attributes")
        judged.token = tokens.check(data.signer.unsigned[0][1].raw, stamped=data.signer.value)

    def _judge_tsa(self, judged: Judged, token: Token, limit: datetime) -> None:
        """Rule 7: the TSA is trusted, and what it said can still be believed."""
        if self.seen_at is not None:
            limit = min(limit, max(self.seen_at, token.gen_time))
        try:
            path = chains.find_path(
                token.certificate, (*token.pool, *self.stored), self.trust.tsa, token.gen_time
            )
        except Refused as problem:
            judged.token_problems.append(problem)
            return
        if not path.is_anchored:
            name = token.certificate.common_name()
            judged.token_problems.append(Refused("TSA_UNKNOWN", name))
            return
        if any(certificate.not_after < limit for certificate in path.certificates):
            judged.token_problems.append(Refused("TSA_OUT_OF_BOUNDS", limit.isoformat()))
        judged.token_problems += self._tsa_revocations(path, token, limit)

    def _tsa_revocations(self, path: Path, token: Token, limit: datetime) -> Iterator[Refused]:
        """A key in wrong hands backdates: compromise counts until the next proof took over."""
        for one, issuer in pairwise(path.certificates):
            state = chains.revocation(one, issuer, self.crls, token.gen_time)
            compromised = chains.is_compromised(one, issuer, self.crls, limit)
            if state is Revocation.REVOKED or compromised:
                yield Refused("TSA_REVOKED", one.common_name())

    def _judge_chain(self, judged: Judged, certificate: Certificate, moment: datetime) -> None:
        """Rule 8: validity, path and revocation at the moment of the token."""
        if moment < certificate.not_before:
            judged.problems.append(Refused("NOT_YET_VALID"))
        if moment > certificate.not_after:
            judged.problems.append(Refused("EXPIRED"))
        try:
            path = chains.find_path(
                certificate, (*judged.pool, *self.stored), self.trust.ca, moment
            )
        except Refused as problem:
            judged.problems.append(problem)
            return
        # 6. No certificate beyond the path.
        beyond = [sent for sent in judged.pool if sent not in path.certificates]
        if beyond:
            judged.problems.append(Refused("EXTRA_CERTIFICATES", beyond[0].common_name()))
        if not path.is_anchored:
            issuer = certificate.common_name(of_issuer=True)
            judged.problems.append(Refused("UNKNOWN_ISSUER", issuer))
            return
        self._judge_revocation(judged, path, moment)

    def _judge_revocation(self, judged: Judged, path: Path, moment: datetime) -> None:
        """Rule 8: a CRL for every certificate that is not short-term.

        A short-term one needs none; where a list tells of it (its holder reported it) that counts.
        """
        for one, issuer in pairwise(path.certificates):
            if not (one.is_short_term or one.names_crl):
                judged.problems.append(Refused("REVOCATION_UNDECLARED", one.common_name()))
                continue
            state = chains.revocation(one, issuer, self.crls, moment)
            if state is Revocation.REVOKED:
                judged.problems.append(Refused("REVOKED", one.common_name()))
            elif state is Revocation.REVOKED_LATER:
                judged.notes.append("REVOKED_LATER")
            elif one.is_short_term or state is Revocation.GOOD:
                continue
            elif self.at - moment > REVOCATION_GRACE:
                judged.problems.append(Refused("REVOCATION_MISSING", one.common_name()))
            else:
                judged.notes.append("REVOCATION_PENDING")


def usage_problems(certificate: Certificate) -> Iterator[Refused]:
    """Rule 6: the key may commit its holder to content (nonRepudiation), and sign documents."""
    usage, (purposes, _) = certificate.key_usage, certificate.purposes
    if usage is None or not usage.content_commitment:
        yield Refused("KEY_USAGE", "no nonRepudiation")
    elif purposes and not _SIGNING_PURPOSES.intersection(purposes):
        yield Refused("KEY_USAGE", "another extended key usage")
