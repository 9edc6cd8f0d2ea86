"""A migrated database on each engine in turn, with the storage that `app.py` would build."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from ports.stores import FakeRandom, FakeTsa, Store, log_signer
from signing.audit.merkle import Frontier
from signing.storage.anchor import CheckpointFile
from signing.storage.db import Row, connect, disconnect
from signing.storage.log import SqlLog
from signing.storage.migrations import upgrade
from signing.storage.sealing import FieldCipher
from signing.storage.transaction import SqlDatabase


@pytest.fixture
def make_store(clock, tmp_path) -> Iterator[Callable[[str], Store]]:
    """Open a migrated store at a URL; it is closed after the test."""
    apps: list[Flask] = []

    def make(url: str, *, anchor: Path | None = None) -> Store:
        app = Flask("tests")
        apps.append(app)
        random = FakeRandom()
        cipher = FieldCipher([b"k" * 32], index_key=b"i" * 32, random=random)
        database = SqlDatabase(connect(app, url), cipher=cipher, random=random)
        file = CheckpointFile(anchor or tmp_path / "log" / "checkpoint")
        tsa = FakeTsa()
        log = SqlLog(database, signers=[log_signer()], timestamp=tsa, clock=clock, anchor=file)
        return Store(url, database, log, file, tsa, clock, close=lambda: disconnect(app))

    yield make
    for app in apps:
        disconnect(app)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory) -> Path:
    """A migrated database file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "signing.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql) -> Iterator[str]:
    """URL of a migrated database that the tests empty before they use it."""
    url = postgresql.create_database()
    upgrade(url)
    yield url
    postgresql.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, make_store, tmp_path) -> Store:
    """An empty store but for two tenants, `ten_a` and `ten_b`; on each engine in turn."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "signing.db")
        store = make_store(f"sqlite:///{tmp_path}/signing.db")
    else:
        store = make_store(request.getfixturevalue("migrated_postgresql"))
        empty_postgresql(store)
    with store.database.transaction() as tx:
        for name in ("a", "b"):
            tx.tenants.create(tenant_id=f"ten_{name}", name=f"Platform {name}", at=store.clock())
    return store


def empty_postgresql(store: Store) -> None:
    """As freshly migrated: quicker than another database for each test."""
    tables = ", ".join(name for name in Row.metadata.tables if name != "log_state")
    empty = Frontier()
    store.sql(
        f"TRUNCATE {tables} RESTART IDENTITY",
        "DELETE FROM log_state",
        "INSERT INTO log_state VALUES (1, 0, :root, :frontier)",
        root=empty.root(),
        frontier=empty.to_bytes(),
    )
