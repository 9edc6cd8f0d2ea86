"""Walk (c): a stranger uploads a file; and our own files before they are published.

Rules kept here:
* the verdict comes from `verification` alone: the portal and the command line share everything;
* an upload is never stored; only its whole digest is looked up, never a part of it (T52);
* a file of ours that our own verifier does not find sound is never published (D3).
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from signing.domain.agreement import Agreement
from signing.domain.verdict import Indication, Verdict
from signing.errors import Broken, Unavailable
from signing.services.evidence import EvidenceDesk
from signing.services.ports import Clock
from signing.services.ports.storage import Database
from signing.verification.package import pdf_inside
from signing.verification.trust import TrustAnchors
from signing.verification.verify import verify_document

TrustSource = Callable[[], TrustAnchors]
"""Reads the anchors when asked: they may be rotated while the service runs."""


class Verifying:
    """Judge uploads."""

    def __init__(
        self, *, database: Database, evidence: EvidenceDesk, trust: TrustSource, clock: Clock
    ) -> None:
        self._database = database
        self._evidence = evidence
        self._trust = trust
        self._clock = clock

    def verify_upload(self, pdf: bytes, evidence: bytes | None = None) -> Verdict:
        """The verdict, whatever the file. Our own evidence is added for a file that we know.

        Whether we have stored these bytes, we say ourselves, whatever the evidence says.
        """
        now = self._clock()
        document = pdf_inside(pdf)
        digest = sha256(document).hexdigest()
        with self._database.transaction() as tx:
            agreement = tx.agreements.by_document(digest)
        if evidence is None and document is pdf and agreement is not None:
            evidence = self._evidence_of(agreement)
        return verify_document(
            pdf,
            trust=self._trust(),
            at=now,
            evidence=evidence,
            known_sha256s=lambda _: None if agreement is None else (digest,),
        )

    def _evidence_of(self, agreement: Agreement) -> bytes | None:
        try:
            return self._evidence.package(agreement).content
        except Unavailable:
            return None


class PublicationJudge:
    """Our own verifier as the gate before publication."""

    def __init__(self, *, trust: TrustSource, clock: Callable[[], datetime]) -> None:
        self._trust = trust
        self._clock = clock

    def judge(self, pdf: bytes) -> None:
        """Raises Broken unless every signature in the file is sound.

        A missing later signature is expected here, and a certificate of the enterprise's own CA has
        no anchor of ours; both are INDETERMINATE and pass.
        """
        verdict = verify_document(pdf, trust=self._trust(), at=self._clock())
        if verdict.indication in (None, Indication.TOTAL_FAILED):
            codes = ", ".join(finding.code for finding in verdict.findings)
            raise Broken(f"Our own verifier refuses the file: {codes}", code="JUDGE_REFUSED")
