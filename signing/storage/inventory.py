"""What is stored, laid out for `signing check` (port `Inventory`): reads only, changes nothing.

Rules kept here: agreements come one by one, so a large store does not fill the memory; files are
told by digest or name, never by content.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from signing.audit.entry import SALT_SIZE
from signing.audit.note import NoteVerifier
from signing.domain.events import EventType
from signing.domain.signature import IntentStatus
from signing.domain.stock import KeyTellings, StoredAgreement, StoredIntent, StoredJob, Telling
from signing.errors import Broken, NotFound, Unavailable
from signing.storage.agreement_rows import AgreementMapper
from signing.storage.anchor import CheckpointFile
from signing.storage.documents import DirectoryDocuments
from signing.storage.events import PLACE, opening_row_id
from signing.storage.fsck import find_violations
from signing.storage.house import read_tellings
from signing.storage.log_rows import EventRow, OpeningRow
from signing.storage.migrations import is_current
from signing.storage.rows import AgreementRow, CertificateRow, IntentRow, JobRow, RevisionRow
from signing.storage.transaction import SqlDatabase
from signing.storage.violation import Violation

CHUNK = 200


class SqlInventory:
    """Database and documents of one service."""

    def __init__(
        self,
        database: SqlDatabase,
        *,
        documents: DirectoryDocuments,
        documents_dir: Path,
        checkpoint_file: Path,
        log_keys: Sequence[NoteVerifier],
    ) -> None:
        """`log_keys` are all keys that ever signed checkpoints."""
        self._database = database
        self._documents = documents
        self._documents_dir = documents_dir
        self._checkpoint_file = checkpoint_file
        self._log_keys = tuple(log_keys)

    def breaches(self) -> Iterator[Violation]:
        """What tables, log and documents say against one another."""
        with _readable():
            yield from find_violations(
                self._database,
                self._documents,
                log_keys=self._log_keys,
                anchor=CheckpointFile(self._checkpoint_file),
            )

    def agreements(self) -> Iterator[StoredAgreement]:
        """Every agreement that can be read."""
        mapper = AgreementMapper(self._database.cipher)
        query = select(AgreementRow).order_by(AgreementRow.id).execution_options(yield_per=CHUNK)
        with self._reading() as session:
            for row in session.scalars(query):
                try:
                    yield StoredAgreement(
                        mapper.agreement(row),
                        intents=_intents(session, row.id),
                        tellings=self._tellings(session, row.tag),
                    )
                except Broken:
                    continue  # told among the breaches

    def jobs(self) -> Mapping[tuple[str, str], StoredJob]:
        """Unfinished work by kind and key."""
        with self._reading() as session:
            rows = session.execute(select(JobRow.kind, JobRow.key, JobRow.run_at, JobRow.attempts))
            return {(kind, key): StoredJob(run_at, n) for kind, key, run_at, n in rows}

    def key_tellings(self) -> KeyTellings:
        """What events say of certificates taken back and of new log keys."""
        with self._reading() as session:
            return read_tellings(session, cipher=self._database.cipher)

    def serials(self) -> frozenset[str]:
        """Serials given out to signers, hex."""
        query = select(CertificateRow.serial).where(CertificateRow.purpose == "signer")
        with self._reading() as session:
            return frozenset(session.scalars(query))

    def unknown_documents(self, *, before: datetime) -> Iterator[str]:
        """Digests of stored files, written before that time, that are no agreement's revision."""
        incoming = self._documents_dir / "incoming"
        stored = [p.name for p in _older(self._documents_dir, before) if p.parent != incoming]
        with self._reading() as session:
            known = set(session.scalars(select(RevisionRow.sha256)))
        yield from sorted(set(stored) - known)

    def temporary_files(self, *, before: datetime) -> Iterator[str]:
        """Names of files that a crash left half written before that time."""
        yield from sorted(str(p) for p in _older(self._documents_dir / "incoming", before))
        anchor = self._checkpoint_file
        kept = {anchor.name, f"{anchor.name}.lock"}
        yield from sorted(str(p) for p in _older(anchor.parent, before) if p.name not in kept)

    def _tellings(self, session: Session, tag: str) -> tuple[Telling, ...]:
        query = (
            select(EventRow.n, OpeningRow.opening)
            .outerjoin(OpeningRow, OpeningRow.event_id == EventRow.id)
            .where(EventRow.tag == tag, EventRow.name == EventType.PARTY_SIGNED)
            .order_by(EventRow.n)
        )
        cipher = self._database.cipher
        tellings = []
        for n, opening in session.execute(query):
            payload: dict[str, Any] = {}
            if opening is not None:
                opened = cipher.open(opening, place=PLACE, row=opening_row_id(tag, n))
                payload = json.loads(opened[SALT_SIZE:])
            tellings.append(Telling(payload.get("intent_id"), payload.get("document_sha256")))
        return tuple(tellings)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with _readable(), self._database.session(writing=False) as session:
            yield session


def check_database(database_url: str) -> None:
    """Whether there is a database of this version at all; makes none.

    Raises NotFound if there is none, Unavailable if it does not answer, Broken if it is older or
    newer than this program.
    """
    path = database_url.removeprefix("sqlite:///")
    if path != database_url and not Path(path).is_file():
        raise NotFound(
            f"There is no database {path}: nothing was stored yet, or SIGNING_HOME is another",
            f"没有数据库 {path}：还没有存过东西，或者 SIGNING_HOME 不对",
            code="NOTHING_STORED",
        )
    with _readable():
        if not is_current(database_url):
            raise Broken(
                "The database is not of this version: run signing db upgrade",
                "数据库版本和程序不一致：请运行 signing db upgrade",
                code="DATABASE_NOT_CURRENT",
            )


def _intents(session: Session, agreement_id: str) -> tuple[StoredIntent, ...]:
    columns = (IntentRow.id, IntentRow.party_id, IntentRow.status, IntentRow.created_at)
    query = (
        select(*columns, IntentRow.result_sha256)
        .where(IntentRow.agreement_id == agreement_id)
        .order_by(IntentRow.created_at, IntentRow.id)
    )
    return tuple(
        StoredIntent(id_, party_id, IntentStatus(status), created_at, result)
        for id_, party_id, status, created_at, result in session.execute(query)
    )


def _older(folder: Path, before: datetime) -> Iterator[Path]:
    for path in folder.rglob("*"):
        try:
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:
            continue  # it was somebody's temporary file, and is done with
        if path.is_file() and written < before:
            yield path


@contextmanager
def _readable() -> Iterator[None]:
    """What the driver says of a damaged or unreachable database, in our words."""
    try:
        yield
    except DatabaseError as e:
        raise Unavailable(
            f"The database cannot be read: {e.orig}",
            "数据库读不出来",
            code="DATABASE_UNREADABLE",
        ) from e
