import threading

import pytest
from sqlalchemy import text

from ports.stores import make_agreement
from signing.errors import Broken, Unavailable
from signing.storage import db
from signing.storage.columns import UtcTime
from signing.storage.sealing import FieldCipher, Sealed


def test_an_error_inside_the_block_undoes_everything(store):
    def fail_midway() -> None:
        with store.database.transaction() as tx:
            tx.tenants.create(tenant_id="ten_c", name="C", at=store.clock())
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        fail_midway()

    assert store.scalar("SELECT count(*) FROM tenants") == 2


def test_a_read_left_open_before_does_not_disturb_a_transaction(store):
    """Flask-SQLAlchemy begins a transaction at the first read, and authentication reads first."""
    with store.database.session(writing=False) as outer:
        outer.execute(text("SELECT count(*) FROM tenants")).all()

        with store.database.transaction() as tx:
            tx.tenants.create(tenant_id="ten_c", name="C", at=store.clock())

    assert store.scalar("SELECT count(*) FROM tenants") == 3


def test_transactions_of_several_threads_do_not_share_a_session(store):
    agreements = [store.add_agreement() for _ in range(6)]

    threads = [threading.Thread(target=store.note, args=(a, 3)) for a in agreements]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [len(store.events(a)) for a in agreements] == [5] * 6


def test_a_database_that_stays_locked_is_unavailable(make_store, store, monkeypatch):
    monkeypatch.setattr(db, "PATIENCE_SECONDS", 1)
    impatient = make_store(store.url)
    agreement = store.add_agreement()

    with store.database.transaction() as holder:
        holder.agreements.load(agreement.id)

        with pytest.raises(Unavailable) as refusal, impatient.database.transaction() as tx:
            tx.agreements.load(agreement.id)

    assert refusal.value.code == "DATABASE_UNAVAILABLE"


def test_a_database_that_is_not_there_is_unavailable(make_store):
    away = make_store("postgresql://nobody:x@127.0.0.1:9/none")

    with pytest.raises(Unavailable), away.database.transaction():
        pytest.fail("a transaction without a database")


def test_times_come_back_aware_and_naive_ones_are_refused(store, noon):
    store.add_agreement()

    with store.database.transaction() as tx:
        loaded = tx.agreements.load(make_agreement(1).id)

    assert loaded.created_at == make_agreement(1).created_at
    assert loaded.created_at.tzinfo is not None
    with store.database.session(writing=False) as session, pytest.raises(Broken):
        UtcTime().process_bind_param(noon.replace(tzinfo=None), session.get_bind().dialect)


def test_settings_that_keep_a_published_leaf_are_on(store):
    with store.database.session() as session:
        if session.get_bind().dialect.name == "sqlite":
            found = [
                session.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert found == ["wal", 2, 1]
        else:
            assert session.scalar(text("SHOW synchronous_commit")) == "on"


def test_no_personal_data_is_readable_in_any_table(store):
    agreement = store.add_agreement()
    store.note(agreement)
    with store.database.transaction() as tx:
        tx.jobs.add("sms", key="1", payload={"phone": "13800000000"}, run_at=store.clock())
        tx.idempotency.begin(tenant_id="ten_a", key="k", request_sha256="x", at=store.clock())
        tx.idempotency.finish(tenant_id="ten_a", key="k", answer="张三".encode())

    canaries = ["张三", "430104199003070012", "13800000000", "长沙某某", "203.0.113.7"]
    with store.database.session(writing=False) as session:
        for table in db.Row.metadata.sorted_tables:
            for row in session.execute(table.select()):
                dump = b"".join(_bytes(value) for value in row)
                for canary in canaries:
                    assert canary.encode() not in dump, (table.name, canary)


def _bytes(value: object) -> bytes:
    if isinstance(value, Sealed):
        return value.data
    return value if isinstance(value, bytes) else str(value).encode()


def test_a_sealed_field_moved_to_another_row_does_not_open(store):
    first, second = store.add_agreement(), store.add_agreement()
    store.sql(
        "UPDATE agreements SET draft = (SELECT draft FROM agreements WHERE id = :a) WHERE id = :b",
        a=first.id,
        b=second.id,
    )

    with pytest.raises(Broken) as refusal, store.database.transaction() as tx:
        tx.agreements.load(second.id)

    assert refusal.value.code == "FIELD_CHANGED"


def test_fields_sealed_with_an_older_key_still_open_after_rotation(store):
    agreement = store.add_agreement()
    cipher = store.database.cipher
    store.database.cipher = FieldCipher(
        [b"n" * 32, b"k" * 32], index_key=b"i" * 32, random=cipher._random
    )

    store.note(agreement)

    with store.database.transaction() as tx:
        assert tx.agreements.load(agreement.id).draft.worker.name == "张三"
