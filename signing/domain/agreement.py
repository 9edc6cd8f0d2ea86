"""An agreement and its parties as a state machine.

Rules kept here:
* every transition returns the agreement as it is afterwards and the events to log: a change
  without an event cannot be expressed;
* parties act in the order of signing (D2); nobody acts on a closed agreement;
* the last party's signature completes the agreement in the same step (D16);
* `document_sha256` is the revision of the last signature and fixed once completed; the archive
  step adds `archive_sha256` beside it and changes nothing else;
* once a party's key is reported, an open agreement is frozen: nobody signs it any more, it can only
  be voided or run out. A completed one keeps its file, with the report beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from signing.domain.compromise import CompromiseReport
from signing.domain.draft import AgreementDraft, Role
from signing.domain.events import Event, EventType
from signing.domain.finding import Finding
from signing.errors import Broken, Conflict, NotFound, NotYourTurn


class AgreementStatus(StrEnum):
    """`pending` is the only open one."""

    PENDING = "pending"
    COMPLETED = "completed"
    DECLINED = "declined"
    VOIDED = "voided"
    EXPIRED = "expired"
    FAILED = "failed"


class PartyStatus(StrEnum):
    """From not its turn to signed or declined."""

    WAITING = "waiting"
    INVITED = "invited"
    VIEWED = "viewed"
    IDENTIFIED = "identified"
    SIGNED = "signed"
    DECLINED = "declined"


class Custody(StrEnum):
    """Who holds the signing key (D4)."""

    DEVICE = "device"
    SERVICE = "service"
    EXTERNAL = "external"


@dataclass(frozen=True)
class Party:
    """One party: `position` is its place in the order of signing, from 0.

    `link_generation` counts the links made for it; only the newest opens the page. `report` is the
    first report that its key is in wrong hands.
    """

    id: str
    role: Role
    name: str
    position: int
    custody: Custody
    status: PartyStatus = PartyStatus.WAITING
    link_generation: int = 0
    signed_at: datetime | None = None
    signed_sha256: str | None = None
    report: CompromiseReport | None = None

    @property
    def has_finished(self) -> bool:
        """Whether nothing more is asked of this party."""
        return self.status in (PartyStatus.SIGNED, PartyStatus.DECLINED)


@dataclass(frozen=True)
class Agreement:
    """One agreement. `parties` stand in the order of the request.

    `tag` is the random 128-bit name under which the log knows it (hex). `revision_sha256` is the
    newest revision of the file, `document_sha256` that of the last party's signature so far.
    """

    id: str
    tenant_id: str
    number: str
    tag: str
    draft: AgreementDraft
    parties: tuple[Party, ...]
    template_version: str
    template_sha256: str
    rule_pack_version: str
    renderer_id: str
    text_sha256: str
    findings: tuple[Finding, ...]
    revision_sha256: str
    document_sha256: str
    created_at: datetime
    expires_at: datetime
    test_certificates: bool
    status: AgreementStatus = AgreementStatus.PENDING
    archive_sha256: str | None = None
    completed_at: datetime | None = None
    closed_reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether anybody may still act on it."""
        return self.status is AgreementStatus.PENDING

    @property
    def is_frozen(self) -> bool:
        """Whether nobody may sign it any more because a party's key was reported."""
        return self.is_open and any(party.report for party in self.parties)

    @property
    def in_signing_order(self) -> tuple[Party, ...]:
        """Parties as they sign."""
        return tuple(sorted(self.parties, key=lambda party: party.position))

    @property
    def whose_turn(self) -> Party | None:
        """The party that is asked to sign now; None when the agreement is closed or frozen."""
        if not self.is_open or self.is_frozen:
            return None
        return next((p for p in self.in_signing_order if not p.has_finished), None)

    def party(self, party_id: str) -> Party:
        """The party with that id. Raises NotFound."""
        for party in self.parties:
            if party.id == party_id:
                return party
        raise NotFound("No such party in this agreement", "这份协议里没有这一方")

    def details_of(self, party_id: str) -> Mapping[str, Any]:
        """What the request said of that party (`name`, `phone`, `id_number` …)."""
        return self.draft.party(self.party(party_id).role).details

    def is_last(self, party_id: str) -> bool:
        """Whether this party's signature completes the agreement."""
        return self.in_signing_order[-1].id == party_id

    def check_turn(self, party_id: str) -> Party:
        """The party, if it may act now.

        Raises Conflict if the agreement is closed or frozen or the party already signed,
        NotYourTurn if one ordered before has not.
        """
        party = self.party(party_id)
        if not self.is_open:
            raise Conflict(
                f"The agreement is {self.status.value}",
                f"这份协议已经{_STATUS_ZH[self.status]}，不能再签",
                code=f"AGREEMENT_{self.status.value.upper()}",
                status=self.status.value,
            )
        if self.is_frozen:
            raise Conflict(
                "The agreement is frozen: a party's key was reported as compromised. Void it and"
                " make a new one",
                "有一方报告签名可能被别人用了，协议已经冻结，没有签成。要签，请平台作废后重新发起",
                code="AGREEMENT_FROZEN",
                status=self.status.value,
            )
        if party.has_finished:
            raise Conflict(
                "This party has signed already", "这一方已经签过了", code="ALREADY_SIGNED"
            )
        if self.whose_turn != party:
            raise NotYourTurn("Another party signs before this one", "还没轮到您签。轮到了会发短信")
        return party

    def created(self, *, at: datetime) -> tuple["Agreement", list[Event]]:
        """The first events: created, and the first party invited."""
        event = Event(
            EventType.AGREEMENT_CREATED,
            at,
            payload={
                "kind": self.draft.kind.value,
                "template_sha256": self.template_sha256,
                "rule_pack_version": self.rule_pack_version,
                "renderer_id": self.renderer_id,
                "text_sha256": self.text_sha256,
                "document_sha256": self.document_sha256,
                "findings": [f.rule for f in self.findings],
                "test_certificates": self.test_certificates,
            },
        )
        invited, events = _next_invited(self, at=at)
        return invited, [event, *events]

    def invited_again(self, party_id: str, *, at: datetime) -> tuple["Agreement", list[Event]]:
        """A fresh link for that party: the old one dies (D18). Raises as `check_turn`."""
        party = self.check_turn(party_id)
        again = replace(party, link_generation=party.link_generation + 1)
        payload = {"role": party.role.value, "link_generation": again.link_generation}
        return self._with(again), [Event(EventType.PARTY_INVITED, at, party_id, payload)]

    def viewed(
        self,
        party_id: str,
        *,
        consents: Mapping[str, str],
        evidence: Mapping[str, Any],
        at: datetime,
    ) -> tuple["Agreement", list[Event]]:
        """The party opened the page and gave its consents, each an event of its own (P-04).

        `consents` maps a consent's name to the SHA-256 of the text agreed to; `evidence` says from
        where. Raises as `check_turn`.
        """
        party = self.check_turn(party_id)
        events = [Event(EventType.AGREEMENT_VIEWED, at, party_id, dict(evidence))]
        events += [
            Event(
                EventType.PARTY_CONSENTED,
                at,
                party_id,
                {
                    "consent": name,
                    "text_sha256": text_sha256,
                    "document_sha256": self.revision_sha256,
                },
            )
            for name, text_sha256 in consents.items()
        ]
        if party.status is PartyStatus.INVITED:
            party = replace(party, status=PartyStatus.VIEWED)
        return self._with(party), events

    def identified(
        self, party_id: str, *, evidence: Mapping[str, Any], at: datetime
    ) -> tuple["Agreement", list[Event]]:
        """Name and document number agreed with what the platform gave. Raises as `check_turn`."""
        party = self.check_turn(party_id)
        if party.status is PartyStatus.INVITED:
            raise Conflict("The page was not opened first", "请先从第一页开始", code="NOT_VIEWED")
        event = Event(EventType.PARTY_IDENTIFIED, at, party_id, dict(evidence))
        return self._with(replace(party, status=PartyStatus.IDENTIFIED)), [event]

    def noted(
        self, event_type: EventType, party_id: str, *, payload: Mapping[str, Any], at: datetime
    ) -> tuple["Agreement", list[Event]]:
        """Something to log that changes no state (presented, asked, requested, downloaded …)."""
        return self, [Event(event_type, at, party_id, dict(payload))]

    def signed(
        self,
        party_id: str,
        *,
        base_sha256: str,
        revision_sha256: str,
        custody: Custody,
        evidence: Mapping[str, Any],
        at: datetime,
    ) -> tuple["Agreement", list[Event]]:
        """The party signed revision `base_sha256`, giving `revision_sha256`.

        Returns the agreement afterwards: the next party invited, or completed if this was the last
        (D16). Raises Conflict with nothing changed if the file has moved on since the signature was
        prepared (a parallel signature would lose one of the two); else as `check_turn`.
        """
        party = self.check_turn(party_id)
        if base_sha256 != self.revision_sha256:
            raise Conflict(
                "The document changed after this signature was prepared",
                "文件在您签字时有了新版本，没有签成。请重新打开链接",
                code="REVISION_CHANGED",
            )
        done = replace(
            party,
            status=PartyStatus.SIGNED,
            custody=custody,
            signed_at=at,
            signed_sha256=revision_sha256,
        )
        after = replace(
            self._with(done), revision_sha256=revision_sha256, document_sha256=revision_sha256
        )
        payload = {
            "agreement_id": self.id,
            "party_id": party_id,
            "role": party.role.value,
            "custody": custody.value,
            "base_sha256": base_sha256,
            "document_sha256": revision_sha256,
            **evidence,
        }
        event = Event(EventType.PARTY_SIGNED, at, party_id, payload)
        after, following = (
            _completed(after, at=at) if after.whose_turn is None else _next_invited(after, at=at)
        )
        return after, [event, *following]

    def declined(
        self, party_id: str, *, reason: str, at: datetime
    ) -> tuple["Agreement", list[Event]]:
        """The party does not want to sign; no reason is needed. Raises as `check_turn`."""
        party = self.check_turn(party_id)
        after = replace(
            self._with(replace(party, status=PartyStatus.DECLINED)),
            status=AgreementStatus.DECLINED,
            closed_reason=reason,
        )
        payload = {"role": party.role.value, "reason": reason}
        return after, [Event(EventType.PARTY_DECLINED, at, party_id, payload)]

    def voided(self, *, reason: str, at: datetime) -> tuple["Agreement", list[Event]]:
        """The platform takes it back. Raises Conflict once it is closed."""
        if not self.is_open:
            raise Conflict(
                f"The agreement is {self.status.value} and cannot be voided",
                f"这份协议已经{_STATUS_ZH[self.status]}，不能作废",
                code=f"AGREEMENT_{self.status.value.upper()}",
                status=self.status.value,
            )
        after = replace(self, status=AgreementStatus.VOIDED, closed_reason=reason)
        return after, [Event(EventType.AGREEMENT_VOIDED, at, payload={"reason": reason})]

    def expired(self, *, at: datetime) -> tuple["Agreement", list[Event]]:
        """Its time ran out. Raises Broken if it is closed or still has time."""
        if not self.is_open or at < self.expires_at:
            raise Broken("Not an agreement to expire")
        after = replace(self, status=AgreementStatus.EXPIRED)
        return after, [Event(EventType.AGREEMENT_EXPIRED, at)]

    def reported(
        self, party_id: str, report: CompromiseReport, *, evidence: Mapping[str, Any]
    ) -> tuple["Agreement", list[Event]]:
        """Somebody says that this party's key is in wrong hands; a repetition changes nothing.

        Raises NotFound.
        """
        party = self.party(party_id)
        if party.report is not None:
            return self, []
        payload = {
            "agreement_id": self.id,
            "role": party.role.value,
            "serial": report.serial,
            "reason": "keyCompromise",
            "statement": report.reason,
            "reported_by": report.by.value,
            "revoked": report.is_revoked,
            **evidence,
        }
        event = Event(EventType.CERTIFICATE_REVOKED, report.at, party_id, payload)
        return self._with(replace(party, report=report)), [event]

    def archived(self, *, archive_sha256: str) -> "Agreement":
        """The archive timestamp is in: a new revision beside the signed one (D16)."""
        return replace(self, revision_sha256=archive_sha256, archive_sha256=archive_sha256)

    def _with(self, party: Party) -> "Agreement":
        parties = tuple(party if p.id == party.id else p for p in self.parties)
        return replace(self, parties=parties)


def _next_invited(agreement: Agreement, *, at: datetime) -> tuple[Agreement, list[Event]]:
    """The party whose turn it is now becomes `invited`."""
    party = agreement.whose_turn
    if party is None:
        raise Broken("Nobody is left to invite")
    payload = {"role": party.role.value, "link_generation": party.link_generation}
    parties = tuple(
        replace(p, status=PartyStatus.INVITED) if p == party else p for p in agreement.parties
    )
    event = Event(EventType.PARTY_INVITED, at, party.id, payload)
    return replace(agreement, parties=parties), [event]


def _completed(agreement: Agreement, *, at: datetime) -> tuple[Agreement, list[Event]]:
    after = replace(agreement, status=AgreementStatus.COMPLETED, completed_at=at)
    payload = {"agreement_id": agreement.id, "document_sha256": agreement.document_sha256}
    return after, [Event(EventType.AGREEMENT_COMPLETED, at, payload=payload)]


_STATUS_ZH: Mapping[AgreementStatus, str] = {
    AgreementStatus.PENDING: "在签",
    AgreementStatus.COMPLETED: "签完",
    AgreementStatus.DECLINED: "被拒签",
    AgreementStatus.VOIDED: "作废",
    AgreementStatus.EXPIRED: "过期",
    AgreementStatus.FAILED: "制作失败",
}
