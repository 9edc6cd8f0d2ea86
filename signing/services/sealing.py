"""An enterprise signs with the seal that the service keeps for it (custody `service`, D4).

Rule kept here: who asked for one thing is not told of the failure of the next. A seal asked for by
hand fails loudly and may be asked for again; one that follows by itself has a job.
"""

import logging

from signing.domain.agreement import Agreement, Custody, Party
from signing.domain.draft import AgreementDraft, Role
from signing.errors import Conflict, SigningError
from signing.pades.appearance import seal_appearance
from signing.pades.prepare import Prepared
from signing.services.finishing import Finishing
from signing.services.ports import Clock
from signing.services.ports.neighbours import Seals
from signing.services.ports.storage import Database
from signing.services.requesting import Requesting, Wanted, is_waiting_for_value

_log = logging.getLogger(__name__)


class Sealing:
    """Seal an agreement for one party."""

    def __init__(
        self,
        *,
        database: Database,
        seals: Seals,
        requesting: Requesting,
        finishing: Finishing,
        clock: Clock,
    ) -> None:
        self._database = database
        self._seals = seals
        self._requesting = requesting
        self._finishing = finishing
        self._clock = clock

    def check_seals(self, draft: AgreementDraft, *, tenant_id: str) -> None:
        """Before anything is stored: every party that seals at its turn has a seal that can (D16).

        Raises Rejected as `Seals.check`.
        """
        for party in draft.parties:
            if party.get("seal") == "auto":
                self._seals.check(tenant_id=tenant_id, uscc=party.get("uscc"), name=party.name)

    def seal(self, agreement_id: str, party_id: str, *, tenant_id: str | None = None) -> Agreement:
        """The agreement after the seal; sealing twice changes nothing the second time.

        `tenant_id` is None for the service's own jobs. Raises NotFound, NotYourTurn, Conflict,
        Rejected `SEAL_UNKNOWN`, Unavailable while the TSA is away (a job goes on with it).
        """
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            party = _enterprise(agreement, party_id)
        if party.signed_at is not None:
            return agreement
        agreement.check_turn(party_id)
        try:
            agreement = self._seal(agreement, party)
        except Conflict:
            # A job and a caller may both have sealed: if one of them did, all is as wanted.
            with self._database.transaction() as tx:
                agreement = tx.agreements.load(agreement_id)
            if agreement.party(party_id).signed_at is None:
                raise
        return self.go_on(agreement)

    def go_on(self, agreement: Agreement) -> Agreement:
        """Seal for whoever comes next and asked for it; the agreement as it is then.

        What was done before stands, so a failure is not told to the caller: the job of that seal
        goes on with it, after a restart too.
        """
        try:
            self.seal_all(agreement)
        except SigningError as error:
            _log.warning("sealing waits", extra={"what": "seal", "code": error.code})
        except Exception:  # noqa: BLE001 - the caller's own work is done; it is logged
            _log.exception("sealing failed", extra={"what": "seal"})
        with self._database.transaction() as tx:
            return tx.agreements.load(agreement.id)

    def seal_all(self, agreement: Agreement) -> Agreement:
        """Seal for every party that asked for it, as long as it is one's turn."""
        party = agreement.whose_turn
        if party is None or agreement.details_of(party.id).get("seal") != "auto":
            return agreement
        return self.seal(agreement.id, party.id)

    def _seal(self, agreement: Agreement, party: Party) -> Agreement:
        uscc = agreement.draft.party(party.role).get("uscc")
        intent = self._requesting.reusable(agreement, party, Custody.SERVICE)
        if intent is None:
            intent = self._requesting.request(self._wanted(agreement, party, uscc))
        if is_waiting_for_value(intent):
            attributes = Prepared.from_json(intent.prepared).signed_attributes
            value = self._seals.sign(tenant_id=agreement.tenant_id, uscc=uscc, data=attributes)
            return self._finishing.accept(intent.id, value)
        return self._finishing.finish(intent.id)

    def _wanted(self, agreement: Agreement, party: Party, uscc: str) -> Wanted:
        chain = self._seals.certificate(tenant_id=agreement.tenant_id, uscc=uscc, name=party.name)
        with self._database.transaction() as tx:
            plan = tx.agreements.plan(agreement.id)
        now = self._clock()
        return Wanted(
            agreement=agreement,
            party=party,
            custody=Custody.SERVICE,
            certificates=chain,
            appearance=seal_appearance(
                plan,
                party.role.value,
                name=party.name,
                signing_time=now,
                is_test=agreement.test_certificates,
            ),
            reason="同意并盖章",
            expires_at=self._seals.not_after(chain),
        )


def _enterprise(agreement: Agreement, party_id: str) -> Party:
    party = agreement.party(party_id)
    if party.role is Role.WORKER:
        raise Conflict(
            "The worker signs with the key on the worker's own phone",
            "劳动者只能用自己手机上的密钥签字",
            code="NOT_AN_ENTERPRISE",
        )
    return party
