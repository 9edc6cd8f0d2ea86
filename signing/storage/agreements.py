"""Agreements with their events, in one transaction (port `Agreements`).

Rules kept here:

1. An agreement is locked when it is loaded, and only a loaded one is saved; the row's version is
   compared and swapped on top of that.
2. No audit event, no change: `save` refuses an empty list. Only `save_archived` has none.
3. Every revision that an agreement ever had stays on record.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from signing.domain.agreement import Agreement, AgreementStatus
from signing.domain.events import Event, LoggedEvent
from signing.domain.page import Page
from signing.domain.search import AgreementFilter
from signing.errors import Broken, Conflict, Malformed, NotFound
from signing.pades.plan import FilePlan
from signing.storage.agreement_rows import AgreementMapper
from signing.storage.events import SqlEvents
from signing.storage.rows import AgreementRow, FileRow, LookupRow, PartyRow, RevisionRow
from signing.storage.sealing import FieldCipher

_CURSOR_MAC = 16


class SqlAgreements:
    """The agreements of one transaction."""

    def __init__(self, session: Session, *, cipher: FieldCipher, events: SqlEvents) -> None:
        self._session = session
        self._cipher = cipher
        self._events = events
        self._mapper = AgreementMapper(cipher)
        self._loaded: dict[str, AgreementRow] = {}

    def add(
        self, agreement: Agreement, *, page: Page, plan: FilePlan, events: Sequence[Event]
    ) -> None:
        """A new agreement with its first events. Raises Conflict if the number is taken."""
        row = AgreementRow(id=agreement.id, audit_n=0, audit_head="")
        self._mapper.fill(row, agreement)
        self._session.add(row)
        try:
            self._session.flush()
        except IntegrityError as e:
            if "number" not in str(e.orig):
                raise Broken(f"{agreement.id} cannot be stored: {e.orig}") from e
            raise Conflict(
                f"The number {agreement.number} is taken", "协议编号已被占用", code="NUMBER_TAKEN"
            ) from e
        self._loaded[agreement.id] = row
        self._session.add(self._mapper.file_row(agreement.id, page=page, plan=plan))
        tokens = self._mapper.tokens(agreement)
        self._session.add_all(LookupRow(token=t, agreement_id=agreement.id) for t in tokens)
        self._save(row, events, before="")

    def load(self, agreement_id: str, *, tenant_id: str | None = None) -> Agreement:
        """Locked until the end of the transaction. Raises NotFound, also for another tenant's."""
        row = self._locked(AgreementRow.id == agreement_id)
        if row is None or tenant_id not in (None, row.tenant_id):
            raise _no_agreement()
        return self._mapper.agreement(row)

    def load_by_party(self, party_id: str) -> Agreement:
        """The agreement of that party, locked. Raises NotFound."""
        owner = select(PartyRow.agreement_id).where(PartyRow.id == party_id).scalar_subquery()
        row = self._locked(AgreementRow.id == owner)
        if row is None:
            raise _no_agreement()
        return self._mapper.agreement(row)

    def save(
        self, agreement: Agreement, *, events: Sequence[Event], plan: FilePlan | None = None
    ) -> None:
        """The loaded agreement's new state, with the events of the change.

        Raises Broken without events or for an agreement that was not loaded here, Conflict if the
        row has moved on although it was locked.
        """
        if not events:
            raise Broken(f"{agreement.id}: a change without an event", code="NO_AUDIT_EVENT")
        row = self._row(agreement)
        before = row.revision_sha256
        self._mapper.fill(row, agreement)
        if plan is not None:
            self._file(agreement.id).plan = self._mapper.sealed_plan(agreement.id, plan)
        self._save(row, events, before=before)

    def save_archived(self, agreement: Agreement, *, plan: FilePlan) -> None:
        """The archive step's revision: the one change that no event tells of."""
        row = self._row(agreement)
        before, row.revision_sha256 = row.revision_sha256, agreement.revision_sha256
        row.archive_sha256 = agreement.archive_sha256
        self._file(agreement.id).plan = self._mapper.sealed_plan(agreement.id, plan)
        self._save(row, (), before=before)

    def list(
        self, tenant_id: str, matching: AgreementFilter, *, limit: int, cursor: str | None
    ) -> tuple[Sequence[Agreement], str | None]:
        """Newest first, and the cursor of the next page. Raises Malformed on a foreign cursor."""
        wanted = [AgreementRow.tenant_id == tenant_id, *self._conditions(tenant_id, matching)]
        place = tuple_(AgreementRow.created_at, AgreementRow.id)
        if cursor is not None:
            wanted.append(place < tuple_(*self._open_cursor(cursor, tenant_id)))
        newest_first = (AgreementRow.created_at.desc(), AgreementRow.id.desc())
        query = select(AgreementRow).where(*wanted).order_by(*newest_first).limit(limit + 1)
        rows = self._session.scalars(query).all()
        more = self._cursor(rows[limit - 1], tenant_id) if len(rows) > limit else None
        return [self._mapper.agreement(row) for row in rows[:limit]], more

    def due_to_expire(self, at: datetime, *, limit: int) -> Sequence[str]:
        """Ids of open agreements whose time has run out."""
        query = (
            select(AgreementRow.id)
            .where(AgreementRow.status == AgreementStatus.PENDING, AgreementRow.expires_at <= at)
            .order_by(AgreementRow.expires_at)
            .limit(limit)
        )
        return self._session.scalars(query).all()

    def page(self, agreement_id: str) -> Page:
        """What the phone shows. Raises NotFound."""
        return self._mapper.page(self._file(agreement_id))

    def plan(self, agreement_id: str) -> FilePlan:
        """The plan of the newest revision. Raises NotFound."""
        return self._mapper.plan(self._file(agreement_id))

    def events(self, agreement_id: str) -> Sequence[LoggedEvent]:
        """All its events, in order. Raises NotFound."""
        tag = self._session.scalar(select(AgreementRow.tag).where(AgreementRow.id == agreement_id))
        if tag is None:
            raise _no_agreement()
        return self._events.of(tag)

    def by_document(self, sha256: str) -> Agreement | None:
        """The agreement one of whose stored revisions has that digest; not locked."""
        query = (
            select(AgreementRow)
            .join(RevisionRow, RevisionRow.agreement_id == AgreementRow.id)
            .where(RevisionRow.sha256 == sha256)
            .order_by(AgreementRow.created_at.desc())
            .limit(1)
        )
        row = self._session.scalar(query)
        return None if row is None else self._mapper.agreement(row)

    def _locked(self, condition: ColumnElement[bool]) -> AgreementRow | None:
        query = (
            select(AgreementRow)
            .where(condition)
            .with_for_update(of=AgreementRow)
            .execution_options(populate_existing=True)  # what was read before the lock is stale
        )
        self._session.flush()
        row = self._session.scalar(query)
        if row is not None:
            self._loaded[row.id] = row
        return row

    def _row(self, agreement: Agreement) -> AgreementRow:
        if agreement.id not in self._loaded:
            raise Broken(f"{agreement.id} was not loaded in this transaction")
        return self._loaded[agreement.id]

    def _file(self, agreement_id: str) -> FileRow:
        row = self._session.get(FileRow, agreement_id)
        if row is None:
            raise _no_agreement()
        return row

    def _save(self, row: AgreementRow, events: Sequence[Event], *, before: str) -> None:
        """Events into the chain, a revision other than `before` on record, the version swapped."""
        if row.revision_sha256 != before:
            self._record_revision(row)
        self._events.append(row, events)
        self._session.flush()

    def _record_revision(self, row: AgreementRow) -> None:
        count = select(func.count()).where(RevisionRow.agreement_id == row.id)
        ordinal = self._session.scalar(count) or 0
        self._session.add(
            RevisionRow(sha256=row.revision_sha256, agreement_id=row.id, ordinal=ordinal + 1)
        )

    def _conditions(
        self, tenant_id: str, matching: AgreementFilter
    ) -> Sequence[ColumnElement[bool]]:
        plain = {
            AgreementRow.status: matching.status,
            AgreementRow.kind: matching.kind,
            AgreementRow.reference: matching.reference,
        }
        conditions: list[ColumnElement[bool]] = [
            column == value for column, value in plain.items() if value is not None
        ]
        if matching.region is not None:
            # A code that ends in 00 names a city or province, and all that lies in it.
            within = matching.region.removesuffix("00").removesuffix("00")
            conditions.append(AgreementRow.performance_place.startswith(within, autoescape=True))
        if matching.created_after is not None:
            conditions.append(AgreementRow.created_at > matching.created_after)
        if matching.query is not None:
            conditions.append(self._found_by(tenant_id, matching.query))
        return conditions

    def _found_by(self, tenant_id: str, words: str) -> ColumnElement[bool]:
        """By number, start of the reference, or a party's whole name, phone or number."""
        token = self._cipher.token(words, scope=tenant_id)
        named = select(LookupRow.agreement_id).where(LookupRow.token == token)
        return or_(
            AgreementRow.number == words.strip(),
            AgreementRow.reference.startswith(words.strip(), autoescape=True),
            AgreementRow.id.in_(named),
        )

    def _cursor(self, row: AgreementRow, tenant_id: str) -> str:
        place = json.dumps([row.created_at.isoformat(), row.id]).encode()
        return base64.urlsafe_b64encode(self._mac(place, tenant_id) + place).decode()

    def _open_cursor(self, cursor: str, tenant_id: str) -> tuple[datetime, str]:
        try:
            data = base64.urlsafe_b64decode(cursor)
        except ValueError:
            data = b""
        mac, place = data[:_CURSOR_MAC], data[_CURSOR_MAC:]
        if mac != self._mac(place, tenant_id):
            raise Malformed(
                "Not a cursor of this list", "翻页标记不对，请从第一页开始", code="CURSOR"
            )
        at, agreement_id = json.loads(place)
        return datetime.fromisoformat(at), agreement_id

    def _mac(self, place: bytes, tenant_id: str) -> bytes:
        return self._cipher.mac(b"cursor\0" + tenant_id.encode() + b"\0" + place)[:_CURSOR_MAC]


def _no_agreement() -> NotFound:
    return NotFound("No such agreement", "没有这份协议")
