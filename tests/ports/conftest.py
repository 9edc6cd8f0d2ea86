"""A migrated database on each engine in turn, with the storage that `app.py` would build."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from ports.stores import FakeRandom, FakeTsa, Store, log_signer
from signing.storage.anchor import CheckpointFile
from signing.storage.db import connect, disconnect
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


@pytest.fixture
def store(make_store, database_url) -> Store:
    """A store with two tenants, `ten_a` and `ten_b`."""
    upgrade(database_url)
    store = make_store(database_url)
    with store.database.transaction() as tx:
        for name in ("a", "b"):
            tx.tenants.create(tenant_id=f"ten_{name}", name=f"Platform {name}", at=store.clock())
    return store
