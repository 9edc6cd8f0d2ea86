"""Every invariant of what is stored, for `signing check`."""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from signing.audit.note import NoteVerifier
from signing.errors import Broken
from signing.storage.agreement_rows import AgreementMapper
from signing.storage.anchor import CheckpointFile
from signing.storage.events import SqlEvents
from signing.storage.fsck_agreements import Store, check_agreements
from signing.storage.fsck_events import check_events
from signing.storage.fsck_log import check_log
from signing.storage.transaction import SqlDatabase
from signing.storage.violation import Violation


def find_violations(
    database: SqlDatabase,
    documents: Store,
    *,
    log_keys: Sequence[NoteVerifier],
    anchor: CheckpointFile,
) -> Iterator[Violation]:
    """Everything that is not as it must be, in one consistent view of the database.

    `log_keys` are all keys that ever signed checkpoints. Raises Unavailable if the database does
    not answer.
    """
    outside = anchor.read()  # before the view: a checkpoint published meanwhile is not ahead of it
    with database.session(writing=False) as session:
        yield from check_log(session, log_keys=log_keys, outside=outside)
        yield from check_events(session, cipher=database.cipher)
        yield from check_agreements(
            session,
            mapper=AgreementMapper(database.cipher),
            events=SqlEvents(session, cipher=database.cipher, random=_no_random),
            documents=documents,
        )
        yield from _check_foreign_keys(session)


def _check_foreign_keys(session: Session) -> Iterator[Violation]:
    """SQLite can be written to with foreign keys off; PostgreSQL checks them itself."""
    if session.get_bind().dialect.name != "sqlite":
        return
    found = session.connection().exec_driver_sql("PRAGMA foreign_key_check")
    for table, row_id, parent, _ in found:
        yield Violation("ROW_ORPHANED", f"{table} {row_id}", f"it points to no row of {parent}")


def _no_random(_size: int) -> bytes:
    raise Broken("A check writes nothing")
