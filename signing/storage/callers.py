"""Who calls, what they were answered, and which serials were given out.

Rules kept here:

1. Of an API key only its SHA-256 and first characters are kept: the secret has 128 random bits or
   more, so a plain hash cannot be searched.
2. A first answer is kept sealed, for seven days, in the transaction of what it tells of. A second
   caller is refused while the first still runs; after 60 s the first is taken for dead, and if
   it is not, its own `finish` fails and undoes its work.
3. A serial is written before the CA's key is used, and never twice.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from signing.domain.caller import ApiKey
from signing.errors import Broken, Conflict, Rejected
from signing.storage.inserts import insert_if_absent
from signing.storage.rows import ApiKeyRow, CertificateRow, IdempotencyRow, TenantRow
from signing.storage.sealing import FieldCipher

RUNS_AT_MOST = timedelta(seconds=60)
KEPT = timedelta(days=7)
_PREFIX_LENGTH = 8
_FORGOTTEN_AT_ONCE = 10


class SqlTenants:
    """Platforms and their keys, in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(self, *, tenant_id: str, name: str, at: datetime) -> None:
        """A new platform."""
        self._session.add(TenantRow(id=tenant_id, name=name, created_at=at))
        _flush(self._session, f"tenant {tenant_id}")

    def add_key(
        self, *, key_id: str, tenant_id: str, secret: str, scopes: frozenset[str], at: datetime
    ) -> None:
        """`secret` is the whole `sk_…` text; only its SHA-256 is kept."""
        row = ApiKeyRow(
            id=key_id,
            tenant_id=tenant_id,
            prefix=secret[:_PREFIX_LENGTH],
            secret_sha256=_sha256(secret),
            scopes=" ".join(sorted(scopes)),
            created_at=at,
        )
        self._session.add(row)
        _flush(self._session, f"API key {key_id}")

    def find_key(self, secret: str) -> ApiKey | None:
        """Who bears that secret; None also for a key that was revoked."""
        query = select(ApiKeyRow).where(
            ApiKeyRow.secret_sha256 == _sha256(secret), ApiKeyRow.revoked_at.is_(None)
        )
        row = self._session.scalar(query)
        if row is None:
            return None
        return ApiKey(row.id, row.tenant_id, row.tenant.name, frozenset(row.scopes.split()))


class SqlCertificates:
    """Serial numbers given out."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, *, serial: int, agreement_id: str, party_id: str, purpose: str, at: datetime
    ) -> None:
        """Raises Conflict if the serial is taken."""
        row = CertificateRow(
            serial=f"{serial:x}",
            agreement_id=agreement_id,
            party_id=party_id,
            purpose=purpose,
            issued_at=at,
        )
        self._session.add(row)
        _flush(self._session, f"serial {serial:x}")


class SqlIdempotency:
    """First answers."""

    def __init__(self, session: Session, *, cipher: FieldCipher) -> None:
        self._session = session
        self._cipher = cipher

    def begin(self, *, tenant_id: str, key: str, request_sha256: str, at: datetime) -> bytes | None:
        """The first answer if there is one; None if this call is now the first.

        Raises Conflict `IDEMPOTENCY_IN_FLIGHT` while the first still runs, Rejected
        `IDEMPOTENCY_KEY_REUSED` for another body.
        """
        values = {
            "tenant_id": tenant_id,
            "key_sha256": _sha256(key),
            "request_sha256": request_sha256,
            "started_at": at,
            "is_final": False,
        }
        if insert_if_absent(self._session, IdempotencyRow, values):
            self._forget_old(tenant_id, at - KEPT)
            return None
        row = self._locked(tenant_id, key)
        is_running = not row.is_final and at - row.started_at <= RUNS_AT_MOST
        if at - row.started_at > KEPT:
            row.answer, row.is_final = None, False
        elif row.request_sha256 != request_sha256:
            raise Rejected(
                "This Idempotency-Key was used for another request",
                "这个 Idempotency-Key 已用于另一个请求，请换一个",
                code="IDEMPOTENCY_KEY_REUSED",
            )
        elif row.answer is not None and not is_running:
            row.is_final = True
            self._session.flush()
            return self._cipher.open(
                row.answer, place="idempotency.answer", row=_row_id(tenant_id, row.key_sha256)
            )
        elif is_running:
            raise Conflict(
                "The first request with this Idempotency-Key is still running",
                "同一个请求还在处理，请稍后再试",
                code="IDEMPOTENCY_IN_FLIGHT",
            )
        row.request_sha256, row.started_at = request_sha256, at
        self._session.flush()
        return None

    def finish(self, *, tenant_id: str, key: str, answer: bytes, is_final: bool = True) -> None:
        """Keep the answer. Raises Conflict if another call with this key was quicker.

        One that is not final is given only after its call is taken for dead.
        """
        row = self._locked(tenant_id, key)
        if row.is_final:
            raise Conflict(
                "Another request with this Idempotency-Key was answered first",
                "同一个请求已经处理过了",
                code="IDEMPOTENCY_IN_FLIGHT",
            )
        row_id = _row_id(tenant_id, row.key_sha256)
        row.answer = self._cipher.seal(answer, place="idempotency.answer", row=row_id)
        row.is_final = is_final
        self._session.flush()

    def forget(self, *, tenant_id: str, key: str) -> None:
        """The first call failed: the key is free again. An answer that was kept stays."""
        self._session.execute(
            delete(IdempotencyRow).where(
                IdempotencyRow.tenant_id == tenant_id,
                IdempotencyRow.key_sha256 == _sha256(key),
                IdempotencyRow.answer.is_(None),
            )
        )

    def _forget_old(self, tenant_id: str, before: datetime) -> None:
        """A few of the tenant's answers that are past their time, so that none stays for ever."""
        old = (
            select(IdempotencyRow.key_sha256)
            .where(IdempotencyRow.tenant_id == tenant_id, IdempotencyRow.started_at < before)
            .limit(_FORGOTTEN_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        self._session.execute(
            delete(IdempotencyRow).where(
                IdempotencyRow.tenant_id == tenant_id, IdempotencyRow.key_sha256.in_(old)
            )
        )

    def _locked(self, tenant_id: str, key: str) -> IdempotencyRow:
        query = (
            select(IdempotencyRow)
            .where(IdempotencyRow.tenant_id == tenant_id, IdempotencyRow.key_sha256 == _sha256(key))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        row = self._session.scalar(query)
        if row is None:
            raise Broken("This Idempotency-Key was not begun, or was forgotten meanwhile")
        return row


def _flush(session: Session, what: str) -> None:
    try:
        session.flush()
    except IntegrityError as e:
        raise Conflict(f"{what} exists already", "已经有了，不能重复", code="EXISTS") from e


def _row_id(tenant_id: str, key_sha256: str) -> str:
    return f"{tenant_id}:{key_sha256}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
