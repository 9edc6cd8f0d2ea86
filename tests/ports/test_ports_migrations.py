import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from signing.storage.db import Row, make_engine
from signing.storage.migrations import is_current, upgrade

APPEND_ONLY = {
    "events": "record",
    "certificates": "serial",
    "log_leaves": "leaf_hash",
    "log_tiles": "data",
    "log_heads": "root",
    "log_checkpoints": "note",
}
UNCHANGED = {"event_openings": "opening", "events_pending": "leaf_hash"}


@pytest.fixture
def engine(database_url):
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def full_store(store):
    """At least one row in every table of evidence."""
    agreement = store.add_agreement()
    store.note(agreement, 260)
    store.log.publish()
    store.note(agreement)
    with store.database.transaction() as tx:
        tx.certificates.add(
            serial=7, agreement_id="agr", party_id="pty", purpose="signer", at=store.clock()
        )
    return store


def test_the_migrations_make_exactly_the_tables_that_the_rows_describe(database_url, engine):
    upgrade(database_url)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []


def test_an_upgrade_may_be_repeated(database_url):
    assert not is_current(database_url)

    assert upgrade(database_url) == upgrade(database_url) == "0002"

    assert is_current(database_url)


def test_evidence_cannot_be_changed_or_deleted_by_an_ordinary_statement(full_store):
    tables = Row.metadata.tables
    updated, deleted = APPEND_ONLY | UNCHANGED, [*APPEND_ONLY, "log_state"]
    statements = [tables[t].update().values({c: tables[t].c[c]}) for t, c in updated.items()]

    for statement in [*statements, *(tables[t].delete() for t in deleted)]:
        with (
            pytest.raises(DatabaseError, match="append-only"),
            full_store.database.session() as session,
        ):
            session.execute(statement)


def test_the_tree_cannot_shrink_by_an_ordinary_statement(full_store):
    with (
        pytest.raises(DatabaseError, match="never shrinks"),
        full_store.database.session() as session,
    ):
        session.execute(text("UPDATE log_state SET size = size - 1"))


def test_an_opening_can_be_erased(full_store):
    with full_store.database.session() as session:
        session.execute(text("DELETE FROM event_openings"))

    assert full_store.scalar("SELECT count(*) FROM event_openings") == 0
