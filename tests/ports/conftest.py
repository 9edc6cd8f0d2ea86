"""A migrated database on each engine in turn, with the storage that `app.py` would build."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ports.stores import Store, open_store
from signing.audit.merkle import Frontier
from signing.storage.db import Row
from signing.storage.migrations import upgrade


@pytest.fixture
def make_store(clock, tmp_path) -> Iterator[Callable[..., Store]]:
    """Open a migrated store at a URL; it is closed after the test."""
    stores: list[Store] = []

    def make(url: str, *, anchor: Path | None = None) -> Store:
        store = open_store(url, anchor=anchor or tmp_path / "log" / "checkpoint", clock=clock)
        stores.append(store)
        return store

    yield make
    for store in stores:
        store.close()


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
