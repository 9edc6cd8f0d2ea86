"""An enterprise signs with its own key, in two steps over the API (custody `external`, D4).

Rules kept here: a certificate under which no sound signature can come about is refused before the
key is used, in the judge's words; so is one that was reported as compromised. Nothing is asked for
that would outlive the certificate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from signing.domain.agreement import Agreement, Custody
from signing.domain.draft import Role
from signing.errors import Conflict, Rejected
from signing.pades.appearance import seal_appearance
from signing.pades.prepare import Prepared
from signing.services.finishing import Finishing
from signing.services.ports import Clock
from signing.services.ports.neighbours import Authority
from signing.services.ports.storage import Database
from signing.services.requesting import Requesting, Wanted
from signing.services.sealing import Sealing
from signing.services.verifying import TrustSource
from signing.verification.acceptance import check_offered
from signing.verification.reasons import REASONS, Refused

REQUEST_LIFE = timedelta(minutes=15)


@dataclass(frozen=True)
class ToBeSigned:
    """What an enterprise's own key has to sign.

    `data` is the DER of the signed attributes, `digest` its SHA-256, for a token that is handed
    nothing but a hash.
    """

    intent_id: str
    data: bytes
    digest: bytes
    expires_at: datetime


class ExternalSigning:
    """Ask for bytes to sign, take the value."""

    def __init__(
        self,
        *,
        database: Database,
        requesting: Requesting,
        finishing: Finishing,
        sealing: Sealing,
        authority: Authority,
        trust: TrustSource,
        clock: Clock,
    ) -> None:
        self._database = database
        self._requesting = requesting
        self._finishing = finishing
        self._sealing = sealing
        self._authority = authority
        self._trust = trust
        self._clock = clock

    def request(
        self, agreement_id: str, party_id: str, *, tenant_id: str, certificates: Sequence[bytes]
    ) -> ToBeSigned:
        """Bytes to sign under that certificate (DER, leaf first).

        Raises Rejected `CERTIFICATE_UNUSABLE`, NotFound, NotYourTurn, Conflict.
        """
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            party = agreement.check_turn(party_id)
            plan = tx.agreements.plan(agreement.id)
        if party.role is Role.WORKER:
            raise Conflict(
                "The worker signs on the worker's own phone",
                "劳动者只能用自己手机上的密钥签字",
                code="NOT_AN_ENTERPRISE",
            )
        now = self._clock()
        not_after = self._check(certificates, holder=party.name, at=now)
        intent = self._requesting.request(
            Wanted(
                agreement=agreement,
                party=party,
                custody=Custody.EXTERNAL,
                certificates=tuple(certificates),
                appearance=seal_appearance(
                    plan,
                    party.role.value,
                    name=party.name,
                    signing_time=now,
                    is_test=agreement.test_certificates,
                ),
                reason="同意并盖章",
                expires_at=min(now + REQUEST_LIFE, not_after),
            )
        )
        prepared = Prepared.from_json(intent.prepared)
        return ToBeSigned(
            intent.id,
            prepared.signed_attributes,
            sha256(prepared.signed_attributes).digest(),
            intent.expires_at,
        )

    def _check(self, certificates: Sequence[bytes], *, holder: str, at: datetime) -> datetime:
        """Until when the certificate is good."""
        if self._authority.is_revoked(certificates[0]):
            raise Rejected(
                "This certificate was reported as compromised: use another key",
                "这张证书已经报告失控，不能再用，请换一把密钥",
                code="CERTIFICATE_UNUSABLE",
                reason="REVOKED",
            )
        try:
            anchors = self._trust().ca
            return check_offered(certificates, holder=holder, anchors=anchors, at=at).not_after
        except Refused as problem:
            reason = REASONS[problem.code]
            raise Rejected(
                f"The certificates cannot be used: {reason.en}",
                f"证书不能用：{reason.zh}",
                code="CERTIFICATE_UNUSABLE",
                reason=problem.code,
            ) from problem

    def submit(
        self, agreement_id: str, party_id: str, *, tenant_id: str, value: bytes
    ) -> Agreement:
        """The value (ECDSA DER or raw r‖s) for the newest request of that party.

        Raises Conflict `NO_SIGNATURE_REQUEST`, and as `Finishing.accept`. Repeating a value that
        was taken gives the same agreement.
        """
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            party = agreement.party(party_id)
            intent = tx.intents.find_open(party_id)
        if party.signed_at is not None:
            return agreement
        if intent is None or intent.custody is not Custody.EXTERNAL:
            raise Conflict(
                "Ask for the bytes to sign first", "请先取待签数据", code="NO_SIGNATURE_REQUEST"
            )
        return self._sealing.go_on(self._finishing.accept(intent.id, value))
