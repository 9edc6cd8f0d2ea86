"""What the present state of an agreement asks for next, as jobs in the transaction that made it so.

Rules kept here (D12, D16): every job is idempotent and has a key, so asking twice does no harm; a
crash after the transaction loses nothing, because the row is there.
"""

from datetime import datetime, timedelta

from signing.domain.agreement import Agreement, AgreementStatus
from signing.domain.draft import Role
from signing.services.ports.storage import Transaction
from signing.services.telling import is_told

INLINE_HEAD_START = timedelta(seconds=15)
"""A job waits where the caller itself goes on sealing: it is there for a caller that died."""


def plan_follow_up(
    tx: Transaction,
    agreement: Agreement,
    *,
    at: datetime,
    caller_seals: bool = False,
    reminders: int = 0,
) -> None:
    """Ask for the next seal, the worker's invitation, or the archive step and the news of it.

    `reminders` counts the invitations before this one under the same link: each is a job of its
    own, or one that is still being done would swallow the next.
    """
    if agreement.status is AgreementStatus.COMPLETED:
        tx.jobs.add("archive", key=agreement.id, payload={"agreement_id": agreement.id}, run_at=at)
        if is_told(agreement):
            tx.jobs.add("tell", key=agreement.id, payload={"agreement_id": agreement.id}, run_at=at)
        return
    party = agreement.whose_turn
    if party is None:
        return
    payload = {"agreement_id": agreement.id, "party_id": party.id}
    if party.role is Role.WORKER:
        key = f"{party.id}:{party.link_generation}" + (f":{reminders}" if reminders else "")
        tx.jobs.add("invite", key=key, payload=payload, run_at=at)
    elif agreement.details_of(party.id).get("seal") == "auto":
        run_at = at + INLINE_HEAD_START if caller_seals else at
        tx.jobs.add("seal", key=party.id, payload=payload, run_at=run_at)


def plan_renewal(
    tx: Transaction, agreement: Agreement, *, ends_at: datetime, margin: timedelta
) -> None:
    """Ask for the next archive timestamp, `margin` before the newest one ends."""
    if agreement.archive_sha256 is None:
        return
    tx.jobs.add(
        "renew",
        key=f"{agreement.id}:{agreement.archive_sha256}",
        payload={
            "agreement_id": agreement.id,
            "archive_sha256": agreement.archive_sha256,
            "ends_at": ends_at.isoformat(),
        },
        run_at=ends_at - margin,
    )
