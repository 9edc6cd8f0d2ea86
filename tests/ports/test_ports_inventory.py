"""What is stored, laid out for `signing check` (port `Inventory`), on each engine."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from ports.stores import log_verifier, make_plan, sha
from signing.domain.agreement import Custody
from signing.domain.signature import IntentStatus, SignatureIntent
from signing.domain.stock import StoredIntent, StoredJob, Telling
from signing.errors import Broken, NotFound, Unavailable
from signing.storage.documents import DirectoryDocuments
from signing.storage.inventory import SqlInventory, check_database
from signing.storage.migrations import upgrade


@pytest.fixture
def documents(tmp_path) -> DirectoryDocuments:
    return DirectoryDocuments(tmp_path / "documents")


@pytest.fixture
def inventory(store, documents, tmp_path) -> SqlInventory:
    return SqlInventory(
        store.database,
        documents=documents,
        documents_dir=tmp_path / "documents",
        checkpoint_file=tmp_path / "log" / "checkpoint",
        log_keys=[log_verifier()],
    )


def sign(store, agreement) -> SignatureIntent:
    """The enterprise's signature, told and kept."""
    party = agreement.parties[0]
    intent = SignatureIntent(
        id="int_1",
        agreement_id=agreement.id,
        party_id=party.id,
        custody=Custody.SERVICE,
        base_sha256=agreement.revision_sha256,
        text_sha256=agreement.text_sha256,
        prepared="{}",
        certificates=(b"leaf",),
        expires_at=store.clock(),
        created_at=store.clock(),
        status=IntentStatus.SIGNED,
        result_sha256=sha("signed"),
    )
    with store.database.transaction() as tx:
        after, events = tx.agreements.load(agreement.id).signed(
            party.id,
            base_sha256=agreement.revision_sha256,
            revision_sha256=sha("signed"),
            custody=Custody.SERVICE,
            evidence={"intent_id": intent.id},
            at=store.clock(),
        )
        tx.agreements.save(after, events=events, plan=make_plan(2))
        tx.intents.add(intent)
    return intent


def test_an_agreement_comes_with_its_intents_and_what_its_events_tell(store, inventory):
    first, second = store.add_agreement(), store.add_agreement()
    intent = sign(store, first)

    found = {stored.agreement.id: stored for stored in inventory.agreements()}

    assert found[first.id].intents == (
        StoredIntent(intent.id, intent.party_id, IntentStatus.SIGNED, store.clock(), sha("signed")),
    )
    assert found[first.id].tellings == (Telling("int_1", sha("signed")),)
    assert (found[second.id].intents, found[second.id].tellings) == ((), ())


def test_an_erased_telling_is_there_and_says_nothing(store, inventory):
    agreement = store.add_agreement()
    sign(store, agreement)
    store.sql("DELETE FROM event_openings")

    (stored,) = inventory.agreements()

    assert stored.tellings == (Telling(None, None),)


def test_an_agreement_that_cannot_be_read_does_not_hide_the_others(store, inventory):
    broken, whole = store.add_agreement(), store.add_agreement()
    store.sql(
        "UPDATE agreements SET draft = (SELECT draft FROM agreements WHERE id = :other)"
        " WHERE id = :id",
        id=broken.id,
        other=whole.id,
    )

    assert [stored.agreement.id for stored in inventory.agreements()] == [whole.id]


def test_unfinished_work_is_told_by_kind_and_key(store, inventory, clock):
    with store.database.transaction() as tx:
        tx.jobs.add("archive", key="agr_1", payload={}, run_at=clock())
        tx.jobs.add("finish", key="int_1", payload={}, run_at=clock() + timedelta(hours=1))
        tx.jobs.claim(at=clock(), lease_seconds=9)

    assert inventory.jobs() == {
        ("archive", "agr_1"): StoredJob(clock(), 1),
        ("finish", "int_1"): StoredJob(clock() + timedelta(hours=1), 0),
    }


def test_serials_are_those_of_signers(store, inventory):
    with store.database.transaction() as tx:
        for serial, purpose in ((255, "signer"), (4096, "other")):
            tx.certificates.add(
                serial=serial, agreement_id="a", party_id="p", purpose=purpose, at=store.clock()
            )

    assert inventory.serials() == {"ff"}


def test_files_that_no_agreement_knows_are_told_once_they_are_old(store, inventory, documents):
    known = documents.put(b"known")
    store.add_agreement(revision_sha256=known, document_sha256=known)
    unknown = documents.put(b"unknown")
    now = datetime.now(UTC)

    assert list(inventory.unknown_documents(before=now - timedelta(minutes=10))) == []
    assert list(inventory.unknown_documents(before=now + timedelta(minutes=1))) == [unknown]


def test_files_left_half_written_are_told_once_they_are_old(store, inventory, tmp_path):
    store.add_agreement()
    store.log.publish()
    left = [tmp_path / "documents" / "incoming" / "tmp1", tmp_path / "log" / "checkpoint.tmp2"]
    for path in left:
        path.write_bytes(b"half")
        os.utime(path, (1_700_000_000, 1_700_000_000))

    found = list(inventory.temporary_files(before=datetime.now(UTC) - timedelta(minutes=10)))

    assert found == [str(path) for path in left]


def test_a_database_is_looked_for_and_never_made(tmp_path):
    with pytest.raises(NotFound):
        check_database(f"sqlite:///{tmp_path}/none.db")

    assert list(tmp_path.iterdir()) == []


def test_a_database_without_our_tables_is_not_of_this_version(database_url, tmp_path):
    (tmp_path / "signing.db").touch()

    with pytest.raises(Broken) as refusal:
        check_database(database_url)
    assert refusal.value.code == "DATABASE_NOT_CURRENT"

    upgrade(database_url)
    check_database(database_url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://nobody:x@127.0.0.1:1/none",
        "sqlite:////proc/self/status",
    ],
)
def test_what_cannot_be_read_is_unavailable(url):
    with pytest.raises(Unavailable) as refusal:
        check_database(url)

    assert refusal.value.code == "DATABASE_UNREADABLE"
