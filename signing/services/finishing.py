"""From a signature value to a published revision; the same for phone, seal and external key.

Numbered steps, each repeatable after a crash with the same outcome (D10, pdf.md §2):

1. keep the value: the first to arrive wins;
2. have it timestamped, outside any transaction: a TSA may take seconds. While it is away the value
   stays and is retried; 60 s before the certificate ends the intent lapses and nothing is signed.
   So it does if the certificate was revoked meanwhile;
3. keep the token: the first wins;
4. assemble (pure), judge, store the file;
5. one transaction, only if the agreement still has the revision that was prepared: new revision,
   event, next party or completion.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from signing.domain.agreement import Agreement, Custody
from signing.domain.signature import IntentStatus, SignatureIntent
from signing.errors import Conflict, Unavailable
from signing.pades.finish import assemble, check_value, imprint
from signing.pades.plan import FilePlan
from signing.pades.prepare import Prepared
from signing.services.follow_up import plan_follow_up
from signing.services.ports import Clock
from signing.services.ports.neighbours import Authority, Judge, Timestamper
from signing.services.ports.storage import Database, Documents

RETRY_AFTER = timedelta(seconds=5)


@dataclass(frozen=True)
class _Revision:
    """A finished file that is not yet published."""

    sha256: str
    plan: FilePlan


class Finishing:
    """Make a value into a revision."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        authority: Authority,
        timestamper: Timestamper,
        judge: Judge,
        clock: Clock,
    ) -> None:
        self._database = database
        self._documents = documents
        self._authority = authority
        self._timestamper = timestamper
        self._judge = judge
        self._clock = clock

    def accept(self, intent_id: str, value: bytes) -> Agreement:
        """Take a value (raw r‖s or DER) for an intent and finish it.

        Raises Rejected `SIGNATURE_INVALID` with nothing touched, Conflict `SIGNATURE_LAPSED` or
        `REVISION_CHANGED`, Unavailable while the TSA is away (the value is kept; repeat later).
        """
        self._keep_value(intent_id, value)
        return self.finish(intent_id)

    def finish(self, intent_id: str) -> Agreement:
        """Steps 2–5 for an intent that has its value; repeating a finished one changes nothing."""
        with self._database.transaction() as tx:
            intent = tx.intents.load(intent_id)
            agreement = tx.agreements.load(intent.agreement_id)
        if intent.status is IntentStatus.SIGNED:
            return agreement
        intent = self._timestamped(intent)
        revision = self._assembled(intent)
        return self._publish(intent, revision)

    def _keep_value(self, intent_id: str, value: bytes) -> None:
        # 1. A bad value never reaches the row, let alone the file.
        with self._database.transaction() as tx:
            intent = tx.intents.load(intent_id)
            value_der = check_value(Prepared.from_json(intent.prepared), value)
            if intent.status is IntentStatus.LAPSED:
                raise _lapsed()
            if intent.value is None:
                kept = replace(intent, value=value_der, status=IntentStatus.VALUED)
                tx.intents.save(kept)
                tx.jobs.add(
                    "finish",
                    key=intent_id,
                    payload={"intent_id": intent_id},
                    run_at=self._clock() + RETRY_AFTER,
                )

    def _timestamped(self, intent: SignatureIntent) -> SignatureIntent:
        if intent.value is None or intent.status is IntentStatus.LAPSED:
            raise _lapsed()
        if intent.token is not None:
            return intent
        # 2. Outside any transaction.
        self._check_alive(intent)
        try:
            token = self._timestamper.timestamp(imprint(intent.value))
        except Unavailable:
            self._check_alive(intent)
            raise
        # A key that was reported while the TSA answered has not signed, and a token that comes too
        # late proves nothing.
        is_dead = self._is_dead(intent)
        # 3. Two finishers may both have asked: one token counts.
        with self._database.transaction() as tx:
            current = tx.intents.load(intent.id)
            is_open = current.token is None and current.status is not IntentStatus.LAPSED
            if is_open and not is_dead:
                current = replace(current, token=token)
                tx.intents.save(current)
        if current.token is None:
            self._lapse(intent)
            raise _lapsed()
        return current

    def _check_alive(self, intent: SignatureIntent) -> None:
        """Conflict, and the intent lapsed, if a token would come too late now."""
        if self._is_dead(intent):
            self._lapse(intent)
            raise _lapsed()

    def _is_dead(self, intent: SignatureIntent) -> bool:
        is_revoked = self._authority.is_revoked(intent.certificates[0])
        return is_revoked or intent.has_lapsed(self._clock())

    def _assembled(self, intent: SignatureIntent) -> _Revision:
        # 4. Pure from here to the file: same row, same bytes.
        if intent.value is None or intent.token is None:
            raise _lapsed()
        pdf, plan = assemble(
            self._documents.get(intent.base_sha256),
            Prepared.from_json(intent.prepared),
            intent.value,
            intent.token,
        )
        self._judge.judge(pdf)
        return _Revision(self._documents.put(pdf), plan)

    def _publish(self, intent: SignatureIntent, revision: _Revision) -> Agreement:
        # 5. The compare-and-swap is in Agreement.signed: the base must still be the newest.
        now = self._clock()
        try:
            with self._database.transaction() as tx:
                current = tx.intents.load(intent.id)
                agreement = tx.agreements.load(intent.agreement_id)
                if current.status is IntentStatus.SIGNED:
                    return agreement
                agreement, events = agreement.signed(
                    intent.party_id,
                    base_sha256=intent.base_sha256,
                    revision_sha256=revision.sha256,
                    custody=intent.custody,
                    evidence={
                        "certificate_sha256": sha256(intent.certificates[0]).hexdigest(),
                        "text_sha256": intent.text_sha256,
                        "intent_id": intent.id,
                    },
                    at=now,
                )
                tx.agreements.save(agreement, events=events, plan=revision.plan)
                tx.intents.save(
                    replace(current, status=IntentStatus.SIGNED, result_sha256=revision.sha256)
                )
                plan_follow_up(
                    tx, agreement, at=now, caller_seals=intent.custody is not Custody.DEVICE
                )
        except Conflict:
            self._lapse(intent)
            raise
        return agreement

    def _lapse(self, intent: SignatureIntent) -> None:
        """Nothing was signed; the party may start again, and is told so (D3)."""
        with self._database.transaction() as tx:
            current = tx.intents.load(intent.id)
            if current.status in (IntentStatus.SIGNED, IntentStatus.LAPSED):
                return
            tx.intents.save(replace(current, status=IntentStatus.LAPSED))
            agreement = tx.agreements.load(intent.agreement_id)
            if agreement.whose_turn is not None:
                plan_follow_up(tx, agreement, at=self._clock())


def _lapsed() -> Conflict:
    return Conflict(
        "The signature took too long and was not made",
        "时间太久，没有签成。请再签一次",
        code="SIGNATURE_LAPSED",
    )
