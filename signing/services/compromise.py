"""A key in wrong hands is taken back at once, and what waits for it lapses (电子签名法 15, 27).

    1  the certificate: on our list with the time and `keyCompromise`, published at once
    2  signatures that are under way with it lapse
    3  the agreement is frozen if it is open; the report is logged and told to the worker
    4  other open agreements that bear a signature under it are frozen too

Rules kept here:
* revocation first: whatever fails afterwards, the list says so and the seal is frozen. The report
  may be repeated, and what is missing is done then; `house` logs what nothing tells of;
* an intent under that certificate that has no token yet lapses: nothing is signed with it any more.
  One that has its token was signed before, and stands (the token's time decides);
* nothing that was signed is taken away: a completed agreement keeps its file and its verdict.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from signing.domain.agreement import Agreement, Custody, Party
from signing.domain.compromise import CompromiseReport, Reporter
from signing.domain.draft import Role
from signing.domain.signature import IntentStatus, SignatureIntent
from signing.errors import Conflict, FieldError, Invalid
from signing.services.house import House
from signing.services.once import Ticket
from signing.services.ports import Clock
from signing.services.ports.neighbours import Recall, Recalled, Seals
from signing.services.ports.storage import Database, Transaction

REASON_LIMIT = 500
COMPROMISED = "keyCompromise"


@dataclass(frozen=True)
class Reported:
    """The certificate (DER) that was revoked, and ids of the agreements that it stopped."""

    certificate: bytes
    agreements: Sequence[str]


@dataclass(frozen=True)
class _Found:
    """What an operator revoked by its serial number (port `Recalled`)."""

    serial: str
    is_listed: bool


@dataclass(frozen=True)
class Statement:
    """What somebody says; `evidence` is from where, for the event."""

    by: Reporter
    reason: str
    evidence: Mapping[str, Any]


class Compromise:
    """Report that a key is compromised."""

    def __init__(
        self, *, database: Database, recall: Recall, seals: Seals, house: House, clock: Clock
    ) -> None:
        self._database = database
        self._recall = recall
        self._seals = seals
        self._house = house
        self._clock = clock

    def report(self, serial: str, *, reason: str) -> Reported:
        """Revoke the certificate with that serial number (hex) and stop what waits for it.

        `reason` is a name of RFC 5280 §5.3.1. Raises NotFound, Rejected. Repeating is harmless.
        """
        # 1. The list and the seal.
        certificate = self._recall.revoke(serial, reason=reason)
        # 2. What is under way with it.
        stopped = self._lapse_underway(certificate)
        # 4. What bears it and is still open; a key that was merely replaced did no harm.
        if reason == COMPROMISED:
            statement = Statement(Reporter.OPERATOR, reason, {})
            found = _Found(serial.strip().replace(":", "").lower().lstrip("0"), is_listed=True)
            stopped += self._freeze_others(certificate, self._made(found, statement), statement)
        self._house.catch_up()
        return Reported(certificate, list(dict.fromkeys(stopped)))

    def report_party(
        self,
        agreement_id: str,
        party_id: str,
        statement: Statement,
        *,
        tenant_id: str | None,
        ticket: Ticket | None = None,
    ) -> Agreement:
        """The key of that party is in wrong hands; the agreement afterwards.

        `tenant_id` is None for the party itself. Raises NotFound, Invalid without a reason,
        Conflict `NOTHING_TO_REVOKE` for a party that has no certificate yet. Repeating is harmless.
        """
        _check_reason(statement.reason)
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            party = agreement.party(party_id)
            intents = tx.intents.of_party(party_id)
        certificate = self._certificate(agreement, party, intents)
        # 1. The list; a seal signs nothing more.
        recalled = self._recall.report(certificate)
        # 2. What is under way with it.
        self._lapse_underway(certificate)
        # 3. This agreement.
        report = self._made(recalled, statement)
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            agreement = self._freeze(tx, agreement, party_id, report, statement)
            if ticket is not None:
                ticket.keep(tx, agreement)
        # 4. Others; a phone's key signed one.
        if party.custody is not Custody.DEVICE:
            self._freeze_others(certificate, report, statement)
        return agreement

    def _certificate(
        self, agreement: Agreement, party: Party, intents: Sequence[SignatureIntent]
    ) -> bytes:
        """What the party signed with, or was about to; else its seal that waits for its turn.

        A stranger's certificate counts once its key has signed: anybody may show a certificate.
        """
        signed = [intent for intent in intents if intent.status is IntentStatus.SIGNED]
        underway = [intent for intent in intents if _is_underway(intent)]
        if signed or underway:
            return [*signed, *underway][0].certificates[0]
        uscc = str(agreement.details_of(party.id).get("uscc", ""))
        found = None
        if party.role is not Role.WORKER and party.custody is Custody.SERVICE:
            found = self._seals.present(tenant_id=agreement.tenant_id, uscc=uscc)
        if found is None:
            raise Conflict(
                "This party has not signed: there is no key of its to report",
                "这一方还没有签过，没有可以停用的签名密钥",
                code="NOTHING_TO_REVOKE",
            )
        return found

    def _made(self, recalled: Recalled, statement: Statement) -> CompromiseReport:
        return CompromiseReport(
            at=self._clock(),
            by=statement.by,
            reason=statement.reason.strip(),
            serial=recalled.serial,
            is_revoked=recalled.is_listed,
        )

    def _freeze(
        self,
        tx: Transaction,
        agreement: Agreement,
        party_id: str,
        report: CompromiseReport,
        statement: Statement,
    ) -> Agreement:
        """The report on record, its event, and the SMS that tells the worker of it."""
        after, events = agreement.reported(party_id, report, evidence=statement.evidence)
        if events:
            tx.agreements.save(after, events=events)
            payload = {"agreement_id": after.id, "party_id": party_id}
            tx.jobs.add("notice", key=party_id, payload=payload, run_at=report.at)
        return after

    def _freeze_others(
        self, certificate: bytes, report: CompromiseReport, statement: Statement
    ) -> list[str]:
        """Ids of open agreements that bear a signature under it, each frozen and told of."""
        with self._database.transaction() as tx:
            bearing = tx.intents.pending_under(certificate)
        frozen = []
        for agreement_id, party_id in bearing:
            with self._database.transaction() as tx:
                agreement = tx.agreements.load(agreement_id)
                if agreement.is_open and not agreement.is_frozen:
                    self._freeze(tx, agreement, party_id, report, statement)
                    frozen.append(agreement_id)
        return frozen

    def _lapse_underway(self, certificate: bytes) -> list[str]:
        """Ids of the agreements whose signing lapsed."""
        with self._database.transaction() as tx:
            underway = tx.intents.underway()
        lapsed = [self._lapse(intent_id, certificate) for intent_id in underway]
        return [agreement for agreement in lapsed if agreement]

    def _lapse(self, intent_id: str, certificate: bytes) -> str:
        """The agreement of an intent that lapsed now; "" if it has another certificate or a token.

        Whose seal lapsed is asked again when there is a new one: the job of the seal waits.
        """
        with self._database.transaction() as tx:
            intent = tx.intents.load(intent_id)
            is_open = intent.status in (IntentStatus.OPEN, IntentStatus.VALUED)
            if intent.certificates[0] != certificate or intent.token is not None or not is_open:
                return ""
            tx.intents.save(replace(intent, status=IntentStatus.LAPSED))
        return intent.agreement_id


def _is_underway(intent: SignatureIntent) -> bool:
    is_shown_only = intent.custody is Custody.EXTERNAL and intent.value is None
    return intent.status in (IntentStatus.OPEN, IntentStatus.VALUED) and not is_shown_only


def _check_reason(reason: str) -> None:
    if not 1 <= len(reason.strip()) <= REASON_LIMIT:
        raise Invalid(
            [
                FieldError(
                    path="reason",
                    code="REASON_LENGTH",
                    message=f"Give a reason of 1 to {REASON_LIMIT} characters",
                    message_zh=f"请写明原因，1 到 {REASON_LIMIT} 个字",
                )
            ]
        )
