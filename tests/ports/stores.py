"""A store as `app.py` would build it, with what the tests put into it."""

import hashlib
import itertools
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import text

from signing.audit.note import NoteSigner, NoteVerifier
from signing.domain.agreement import Agreement, Custody, Party
from signing.domain.draft import AgreementDraft, Kind, PartyDraft, Role
from signing.domain.events import Event, EventType, LoggedEvent
from signing.domain.page import Page
from signing.pades.plan import FieldPlan, FilePlan
from signing.storage.anchor import CheckpointFile
from signing.storage.db import connect, disconnect
from signing.storage.log import SqlLog
from signing.storage.sealing import FieldCipher
from signing.storage.transaction import SqlDatabase

ORIGIN = "log.example/2026"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def log_signer() -> NoteSigner:
    return NoteSigner(ORIGIN, LOG_KEY.public_key().public_bytes_raw(), LOG_KEY.sign)


def log_verifier() -> NoteVerifier:
    return log_signer().verifier


class FakeRandom:
    """Bytes that never repeat and are the same in every run."""

    def __init__(self) -> None:
        self._count = itertools.count()

    def __call__(self, size: int) -> bytes:
        seed = next(self._count).to_bytes(8, "big")
        return hashlib.shake_256(seed).digest(size)


class FakeTsa:
    """Makes "tokens" that name what they stamp; `away` makes it fail."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.away: Exception | None = None

    def __call__(self, imprint: bytes) -> bytes:
        if self.away is not None:
            raise self.away
        self.asked.append(imprint)
        return b"token over " + imprint


@dataclass
class Store:
    """A database with its log, and helpers for the tests."""

    url: str
    database: SqlDatabase
    log: SqlLog
    anchor: CheckpointFile
    tsa: FakeTsa
    clock: Callable[[], datetime]
    close: Callable[[], None]
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def add_agreement(self, **changes) -> Agreement:
        """A written agreement of tenant `ten_a` with its first two events."""
        agreement = make_agreement(next(self._ids), **changes)
        created, events = agreement.created(at=self.clock())
        with self.database.transaction() as tx:
            tx.agreements.add(created, page=PAGE, plan=make_plan(1), events=events)
        return created

    def note(self, agreement: Agreement, count: int = 1, *, party: int = 1) -> None:
        """Let the agreement have `count` more events."""
        with self.database.transaction() as tx:
            loaded = tx.agreements.load(agreement.id)
            tx.agreements.save(loaded, events=self.viewings(loaded, count, party=party))

    def viewings(self, agreement: Agreement, count: int = 1, *, party: int = 1) -> list[Event]:
        """Events that change nothing; each names a person."""
        party_id = agreement.parties[party].id
        payload = {"ip": "203.0.113.7", "name": "张三"}
        return [
            Event(EventType.AGREEMENT_VIEWED, self.clock(), party_id, payload) for _ in range(count)
        ]

    def events(self, agreement: Agreement) -> Sequence[LoggedEvent]:
        with self.database.transaction() as tx:
            return tx.agreements.events(agreement.id)

    def sql(self, *statements: str, **values) -> None:
        """As a DBA would: past every trigger and foreign key."""
        if self.url.startswith("sqlite"):
            self._sql_past_sqlite(statements, values)
            return
        with self.database.session() as session:
            session.execute(text("SET LOCAL session_replication_role = 'replica'"))
            for statement in statements:
                session.execute(text(statement), values)

    def _sql_past_sqlite(self, statements: Sequence[str], values: dict[str, object]) -> None:
        connection = sqlite3.connect(self.url.removeprefix("sqlite:///"))
        try:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in names.fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement, values)
            connection.commit()
        finally:
            connection.close()

    def scalar(self, query: str):
        with self.database.session(writing=False) as session:
            return session.scalar(text(query))


def open_store(url: str, *, anchor: Path, clock: Callable[[], datetime]) -> Store:
    """A store over a migrated database; `close` it in the end."""
    app = Flask("tests")
    random = FakeRandom()
    cipher = FieldCipher([b"k" * 32], index_key=b"i" * 32, random=random)
    database = SqlDatabase(connect(app, url), cipher=cipher, random=random)
    file, tsa = CheckpointFile(anchor), FakeTsa()
    log = SqlLog(database, signers=[log_signer()], timestamp=tsa, clock=clock, anchor=file)
    return Store(url, database, log, file, tsa, clock, close=lambda: disconnect(app))


PAGE = Page("<main id='contract'>张三的协议</main>", ({"id": "pay", "title": "钱怎么算"},), "协议")


def make_plan(size: int) -> FilePlan:
    box = FieldPlan(7, b"<< /T (worker) >>", (0.0, 0.0, 1.5, 2.0))
    return FilePlan(
        length=size,
        sha256="00" * 32,
        startxref=1,
        size=9,
        root_number=1,
        root_dictionary=b"<< \xff >>",
        info_number=None,
        file_id=b"[<00><00>]",
        fields={"worker": box},
        faces={},
    )


def sha(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def make_agreement(ordinal: int, **changes) -> Agreement:
    enterprise = PartyDraft(
        Role.ENTERPRISE, {"name": "长沙某某网络科技有限公司", "uscc": "91430100MAYYYY016Y"}
    )
    worker = PartyDraft(
        Role.WORKER, {"name": "张三", "id_number": "430104199003070012", "phone": "13800000000"}
    )
    draft = AgreementDraft(
        kind=Kind.WRITTEN_AGREEMENT,
        template_version="2026.1",
        performance_place=changes.pop("performance_place", "430104"),
        parties=(enterprise, worker),
        values={"start_date": "2026-12-01", "unit_price_fen": 500},
        reference=changes.pop("reference", f"rider-{ordinal:06d}"),
    )
    created_at = datetime(2026, 12, 1, 4, 0, ordinal % 60, ordinal, tzinfo=UTC)
    fields = {
        "id": f"agr_{ordinal:032x}",
        "tenant_id": "ten_a",
        "number": f"2026-{ordinal:06d}",
        "tag": f"{ordinal:032x}",
        "draft": draft,
        "parties": (
            Party(f"pty_{ordinal:031x}e", Role.ENTERPRISE, enterprise.name, 0, Custody.SERVICE),
            Party(f"pty_{ordinal:031x}f", Role.WORKER, worker.name, 1, Custody.DEVICE),
        ),
        "template_version": "2026.1",
        "template_sha256": sha("template"),
        "rule_pack_version": "2026-01",
        "renderer_id": "renderer",
        "text_sha256": sha(f"text {ordinal}"),
        "findings": (),
        "revision_sha256": sha(f"revision 1 of {ordinal}"),
        "document_sha256": sha(f"revision 1 of {ordinal}"),
        "created_at": created_at,
        "expires_at": datetime(2026, 12, 31, tzinfo=UTC),
        "test_certificates": True,
    }
    return Agreement(**{**fields, **changes})
