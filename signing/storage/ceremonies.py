"""Ceremonies and intents: what a party has done, and its signatures on their way.

Rules kept here:

1. The agreement's row is locked first, whatever is asked for: one order of locks for all, so that
   two requests queue instead of blocking each other for ever.
2. A ceremony is stored whole and sealed; fields that a newer program adds get their defaults.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from signing.domain.agreement import AgreementStatus, Custody
from signing.domain.ceremony import Ceremony
from signing.domain.signature import IntentStatus, SignatureIntent
from signing.errors import Broken, NotFound
from signing.storage.rows import AgreementRow, CeremonyRow, IntentRow, PartyRow
from signing.storage.sealing import FieldCipher, Sealed

CHUNK = 200


class SqlCeremonies:
    """The ceremonies of one transaction."""

    def __init__(self, session: Session, *, cipher: FieldCipher) -> None:
        self._session = session
        self._cipher = cipher

    def load(self, party_id: str, *, agreement_id: str) -> Ceremony:
        """Locked; a fresh one if nothing is stored yet."""
        lock_agreement(self._session, AgreementRow.id == agreement_id)
        row = self._session.get(CeremonyRow, party_id, populate_existing=True)
        if row is None:
            return Ceremony(party_id, agreement_id)
        state = self._cipher.open(row.state, place="ceremonies.state", row=party_id)
        return _ceremony(json.loads(state))

    def save(self, ceremony: Ceremony) -> None:
        """Keep it."""
        state = json.dumps(_members(ceremony), ensure_ascii=False).encode()
        sealed = self._cipher.seal(state, place="ceremonies.state", row=ceremony.party_id)
        row = self._session.get(CeremonyRow, ceremony.party_id)
        if row is None:
            self._session.add(CeremonyRow(party_id=ceremony.party_id, state=sealed))
        else:
            row.state = sealed
        self._session.flush()


class SqlIntents:
    """The signature intents of one transaction."""

    def __init__(self, session: Session, *, cipher: FieldCipher) -> None:
        self._session = session
        self._cipher = cipher

    def add(self, intent: SignatureIntent) -> None:
        """Keep a new one; an older open one of the same party lapses."""
        lock_agreement(self._session, AgreementRow.id == intent.agreement_id)
        self._session.execute(
            update(IntentRow)
            .where(IntentRow.party_id == intent.party_id, IntentRow.status == IntentStatus.OPEN)
            .values(status=IntentStatus.LAPSED)
        )
        row = IntentRow(
            id=intent.id,
            agreement_id=intent.agreement_id,
            party_id=intent.party_id,
            custody=intent.custody.value,
            base_sha256=intent.base_sha256,
            text_sha256=intent.text_sha256,
            prepared=self._seal(intent.id, "prepared", intent.prepared.encode()),
            certificates=self._seal(intent.id, "certificates", _pack(intent.certificates)),
            expires_at=intent.expires_at,
            created_at=intent.created_at,
            status=intent.status.value,
            value=intent.value,
            token=intent.token,
            result_sha256=intent.result_sha256,
        )
        self._session.add(row)
        self._session.flush()

    def load(self, intent_id: str) -> SignatureIntent:
        """Locked. Raises NotFound."""
        intent = self._locked(select(IntentRow).where(IntentRow.id == intent_id))
        if intent is None:
            raise NotFound("No such signature request", "没有这个签名请求")
        return intent

    def find_open(self, party_id: str) -> SignatureIntent | None:
        """The party's newest intent that is `open` or `valued`, locked."""
        return self._locked(
            select(IntentRow)
            .where(
                IntentRow.party_id == party_id,
                IntentRow.status.in_([IntentStatus.OPEN, IntentStatus.VALUED]),
            )
            .order_by(IntentRow.created_at.desc(), IntentRow.id.desc())
            .limit(1),
            AgreementRow.id
            == select(PartyRow.agreement_id).where(PartyRow.id == party_id).scalar_subquery(),
        )

    def save(self, intent: SignatureIntent) -> None:
        """Keep its new state: status, value, token and result; the rest is fixed."""
        row = self._session.get(IntentRow, intent.id)
        if row is None:
            raise Broken(f"{intent.id} was not added or loaded in this transaction")
        row.status = intent.status.value
        row.value, row.token = intent.value, intent.token
        row.result_sha256 = intent.result_sha256
        self._session.flush()

    def underway(self) -> Sequence[str]:
        """Ids of intents that are `open` or `valued`, oldest first."""
        query = (
            select(IntentRow.id)
            .where(IntentRow.status.in_([IntentStatus.OPEN, IntentStatus.VALUED]))
            .order_by(IntentRow.created_at)
        )
        return self._session.scalars(query).all()

    def of_party(self, party_id: str) -> Sequence[SignatureIntent]:
        """All that the party ever had, newest first; not locked."""
        query = (
            select(IntentRow)
            .where(IntentRow.party_id == party_id)
            .order_by(IntentRow.created_at.desc(), IntentRow.id.desc())
        )
        return [self._intent(row) for row in self._session.scalars(query)]

    def pending_under(self, certificate: bytes) -> Sequence[tuple[str, str]]:
        """(agreement, party) of open agreements that bear a signature under it; oldest first."""
        query = (
            select(IntentRow.id, IntentRow.agreement_id, IntentRow.party_id, IntentRow.certificates)
            .join(AgreementRow, AgreementRow.id == IntentRow.agreement_id)
            .where(
                AgreementRow.status == AgreementStatus.PENDING,
                IntentRow.status == IntentStatus.SIGNED,
            )
            .order_by(IntentRow.created_at)
            .execution_options(yield_per=CHUNK)
        )
        return [
            (agreement_id, party_id)
            for intent_id, agreement_id, party_id, sealed in self._session.execute(query)
            if _unpack(self._open(intent_id, "certificates", sealed))[0] == certificate
        ]

    def unfinished(self, *, limit: int) -> Sequence[str]:
        """Ids of intents with a value but no revision yet, oldest first."""
        query = (
            select(IntentRow.id)
            .where(IntentRow.status == IntentStatus.VALUED)
            .order_by(IntentRow.created_at)
            .limit(limit)
        )
        return self._session.scalars(query).all()

    def _locked(
        self, query: Select[IntentRow], agreement: ColumnElement[bool] | None = None
    ) -> SignatureIntent | None:
        if agreement is None:
            owner = query.with_only_columns(IntentRow.agreement_id).scalar_subquery()
            agreement = AgreementRow.id == owner
        lock_agreement(self._session, agreement)
        fresh = query.with_for_update().execution_options(populate_existing=True)
        row = self._session.scalar(fresh)
        return None if row is None else self._intent(row)

    def _intent(self, row: IntentRow) -> SignatureIntent:
        return SignatureIntent(
            id=row.id,
            agreement_id=row.agreement_id,
            party_id=row.party_id,
            custody=Custody(row.custody),
            base_sha256=row.base_sha256,
            text_sha256=row.text_sha256,
            prepared=self._open(row.id, "prepared", row.prepared).decode(),
            certificates=_unpack(self._open(row.id, "certificates", row.certificates)),
            expires_at=row.expires_at,
            created_at=row.created_at,
            status=IntentStatus(row.status),
            value=row.value,
            token=row.token,
            result_sha256=row.result_sha256,
        )

    def _seal(self, intent_id: str, field: str, plaintext: bytes) -> Sealed:
        return self._cipher.seal(plaintext, place=f"intents.{field}", row=intent_id)

    def _open(self, intent_id: str, field: str, sealed: Sealed) -> bytes:
        return self._cipher.open(sealed, place=f"intents.{field}", row=intent_id)


def lock_agreement(session: Session, condition: ColumnElement[bool]) -> None:
    """Lock an agreement's row until the end of the transaction (rule 1)."""
    session.flush()
    session.execute(select(AgreementRow.id).where(condition).with_for_update())


def _members(ceremony: Ceremony) -> dict[str, Any]:
    return {f.name: _wrapped(getattr(ceremony, f.name)) for f in fields(ceremony)}


def _ceremony(members: dict[str, Any]) -> Ceremony:
    known = {f.name for f in fields(Ceremony)}
    return Ceremony(**{name: _unwrapped(v) for name, v in members.items() if name in known})


def _wrapped(value: Any) -> Any:
    """JSON with times and bytes marked as such; a mapping of texts becomes `{"map": …}`."""
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if value is None or isinstance(value, str | int):
        return value
    return {"map": dict(value)}


def _unwrapped(value: Any) -> Any:
    match value:
        case {"time": text}:
            return datetime.fromisoformat(text)
        case {"bytes": text}:
            return base64.b64decode(text)
        case {"map": members}:
            return members
        case _:
            return value


def _pack(parts: Sequence[bytes]) -> bytes:
    return json.dumps([base64.b64encode(part).decode() for part in parts]).encode()


def _unpack(data: bytes) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(part) for part in json.loads(data))
