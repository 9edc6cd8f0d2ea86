"""W1: who asks you to sign what. Looking changes nothing; pressing 开始 records the consents.

Rules kept here:
* before the gate only masked names are shown (T15);
* each consent is an event of its own, with the hash of the text agreed to, before anything else
  happens (law.md §8 P-04; 电子劳动合同订立指引 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from signing.domain.agreement import AgreementStatus, PartyStatus
from signing.domain.compromise import CompromiseReport
from signing.domain.draft import Kind, Role
from signing.domain.masking import mask_name, mask_phone
from signing.errors import FieldError, Invalid
from signing.services.access import Visitor, admit
from signing.services.ports import Clock
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Database

CONSENTS = ("electronic_form", "signing_notice", "privacy_notice")
"""`electronic_form` 同意用电子方式签, `signing_notice` 签署须知, `privacy_notice` 个人信息保护."""


@dataclass(frozen=True)
class Doorway:
    """What the first page may show; names are masked.

    `platform` is the enterprise that asks, `help_phone` its number for questions, "" if unknown.
    `report` is the first report about this party's own key.
    """

    agreement_id: str
    party_id: str
    kind: Kind
    title: str
    platform: str
    help_phone: str
    worker_masked: str
    phone_masked: str
    agreement_status: AgreementStatus
    party_status: PartyStatus
    is_their_turn: bool
    is_frozen: bool
    report: CompromiseReport | None
    has_begun: bool
    expires_at: datetime
    signed_at: datetime | None
    test_certificates: bool


class Opening:
    """Look and begin."""

    def __init__(self, *, database: Database, links: Links, clock: Clock) -> None:
        self._database = database
        self._links = links
        self._clock = clock

    def look(self, link_token: str) -> Doorway:
        """The first page; changes nothing, since scanners fetch links too.

        Raises NotFound, Gone.
        """
        with self._database.transaction() as tx:
            guest = admit(tx, self._links, link_token)
            agreement, party = guest.agreement, guest.party
            title = tx.agreements.page(agreement.id).title
        details = agreement.details_of(party.id)
        asking = next(p for p in agreement.draft.parties if p.role is not Role.WORKER)
        return Doorway(
            agreement_id=agreement.id,
            party_id=party.id,
            kind=agreement.draft.kind,
            title=title,
            platform=asking.name,
            help_phone=asking.get("phone"),
            worker_masked=mask_name(party.name),
            phone_masked=mask_phone(str(details.get("phone", ""))),
            agreement_status=agreement.status,
            party_status=party.status,
            is_their_turn=agreement.whose_turn == party,
            is_frozen=agreement.is_frozen,
            report=party.report,
            has_begun=guest.ceremony.consented_at is not None,
            expires_at=agreement.expires_at,
            signed_at=party.signed_at,
            test_certificates=agreement.test_certificates,
        )

    def begin(self, link_token: str, *, consents: Mapping[str, str], visitor: Visitor) -> None:
        """The worker pressed 开始 with all three boxes ticked.

        `consents` maps each of `CONSENTS` to the SHA-256 of the text that stood on the page. Raises
        Invalid `CONSENT_MISSING` naming each box that is not ticked, Conflict, NotYourTurn, and as
        `look`.
        """
        missing = [name for name in CONSENTS if name not in consents]
        if missing:
            raise Invalid([_not_ticked(name) for name in missing])
        now = self._clock()
        with self._database.transaction() as tx:
            guest = admit(tx, self._links, link_token)
            agreement, events = guest.agreement.viewed(
                guest.party.id, consents=consents, evidence=visitor.as_evidence(), at=now
            )
            tx.agreements.save(agreement, events=events)
            tx.ceremonies.save(replace(guest.ceremony, consented_at=now))


def _not_ticked(name: str) -> FieldError:
    return FieldError(
        path=name,
        code="CONSENT_MISSING",
        message="This box has to be ticked first",
        message_zh="这一条还没勾",
    )
