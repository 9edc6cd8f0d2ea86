"""Transactions: everything that is read and written together (ports `Database`, `Transaction`).

Rules kept here:

1. A transaction has an application context and so a session of its own: what authentication or a
   page read earlier in the request cannot leave a half-begun transaction behind, and none is shared
   between threads.
2. On SQLite the write lock is taken at once, on PostgreSQL by the rows that are loaded; who cannot
   have it within 15 s gets Unavailable, with nothing written.
3. It is durable when the block ends without an error; an error of any kind undoes it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from signing.errors import Conflict, Unavailable
from signing.storage.agreements import SqlAgreements
from signing.storage.callers import SqlCertificates, SqlIdempotency, SqlTenants
from signing.storage.ceremonies import SqlCeremonies, SqlIntents
from signing.storage.db import BEGIN_OPTION, PATIENCE_SECONDS, db
from signing.storage.events import SqlEvents
from signing.storage.house import SqlHouse
from signing.storage.jobs import SqlJobs
from signing.storage.sealing import FieldCipher


class SqlTransaction:
    """One transaction's view of all that is kept."""

    def __init__(
        self, session: Session, *, cipher: FieldCipher, random: Callable[[int], bytes]
    ) -> None:
        self._session = session
        self._cipher = cipher
        self._random = random

    @cached_property
    def agreements(self) -> SqlAgreements:
        """Agreements with their events."""
        return SqlAgreements(self._session, cipher=self._cipher, events=self._events)

    @cached_property
    def house(self) -> SqlHouse:
        """Events of no agreement."""
        return SqlHouse(self._session, events=self._events, cipher=self._cipher)

    @cached_property
    def ceremonies(self) -> SqlCeremonies:
        """What each party has done."""
        return SqlCeremonies(self._session, cipher=self._cipher)

    @cached_property
    def intents(self) -> SqlIntents:
        """Signatures on their way."""
        return SqlIntents(self._session, cipher=self._cipher)

    @cached_property
    def certificates(self) -> SqlCertificates:
        """Serials given out."""
        return SqlCertificates(self._session)

    @cached_property
    def idempotency(self) -> SqlIdempotency:
        """First answers."""
        return SqlIdempotency(self._session, cipher=self._cipher)

    @cached_property
    def tenants(self) -> SqlTenants:
        """Platforms and their keys."""
        return SqlTenants(self._session)

    @cached_property
    def jobs(self) -> SqlJobs:
        """Work for later."""
        return SqlJobs(self._session, cipher=self._cipher)

    @cached_property
    def _events(self) -> SqlEvents:
        return SqlEvents(self._session, cipher=self._cipher, random=self._random)


class SqlDatabase:
    """Where transactions come from."""

    def __init__(
        self,
        new_context: Callable[[], AbstractContextManager[Any]],
        *,
        cipher: FieldCipher,
        random: Callable[[int], bytes],
    ) -> None:
        """`new_context` is what `db.connect` returned; `random(n)` gives n fresh bytes (salts)."""
        self._new_context = new_context
        self.cipher = cipher
        self._random = random
        with new_context():
            self._is_sqlite = db.engine.dialect.name == "sqlite"
        self._turn = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Commits at the end of the block, rolls back on an exception.

        Raises Unavailable where the database does not answer or is locked for too long, Conflict
        where a row has moved on.
        """
        with self.session() as session:
            yield SqlTransaction(session, cipher=self.cipher, random=self._random)

    @contextmanager
    def session(self, *, writing: bool = True) -> Iterator[Session]:
        """A bare session in a transaction of its own; for reading, one consistent view."""
        with self._writers_turn(writing=writing), self._new_context():
            session = db.session()
            try:
                session.connection(execution_options=self._options(writing=writing))
                yield session
                session.commit()
            except (OperationalError, InterfaceError, PoolTimeout) as e:
                raise _unavailable(str(e)) from e
            except StaleDataError as e:
                raise Conflict(
                    "The row has moved on", "内容刚刚有变化，请刷新后再试", code="STALE"
                ) from e
            finally:
                db.session.remove()  # rolls back what was not committed

    @contextmanager
    def _writers_turn(self, *, writing: bool) -> Iterator[None]:
        """SQLite's own waiting is sleep and retry, which starves some: threads queue here first."""
        if not (self._is_sqlite and writing):
            yield
            return
        if not self._turn.acquire(timeout=PATIENCE_SECONDS):
            raise _unavailable("another thread of this process holds the write lock")
        try:
            yield
        finally:
            self._turn.release()

    def _options(self, *, writing: bool) -> dict[str, Any]:
        if self._is_sqlite:
            return {BEGIN_OPTION: "IMMEDIATE" if writing else "DEFERRED"}
        if writing:
            return {}
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _unavailable(message: str) -> Unavailable:
    return Unavailable(
        f"The database does not answer: {message}",
        "系统正忙，请稍后再试",
        code="DATABASE_UNAVAILABLE",
    )
