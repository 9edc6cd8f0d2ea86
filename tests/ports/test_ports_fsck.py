"""What a DBA who bypasses every trigger can do, and that the check finds it."""

import shutil

import pytest
from sqlalchemy import text

from ports.stores import Store, log_verifier, make_plan, sha
from signing.audit.merkle import Frontier, leaf_hash
from signing.domain.agreement import Custody
from signing.domain.search import AgreementFilter
from signing.errors import Broken
from signing.storage.documents import DirectoryDocuments
from signing.storage.fsck import find_violations
from signing.storage.migrations import upgrade

ONE = {"limit": 1, "cursor": None}
REVISIONS = [f"revision {n} of 1" for n in (2, 3)]


def violations(store: Store, folder) -> set[str]:
    documents = DirectoryDocuments(folder / "documents")
    found = find_violations(
        store.database, documents, log_keys=[log_verifier()], anchor=store.anchor
    )
    return {violation.code for violation in found}


def fill(store: Store, folder) -> None:
    """One agreement signed by both parties, one voided, one open with 260 events; published."""
    documents = DirectoryDocuments(folder / "documents")
    with store.database.transaction() as tx:
        for name in ("a", "b"):
            tx.tenants.create(tenant_id=f"ten_{name}", name=name, at=store.clock())
    signed, voided, long = (store.add_agreement() for _ in range(3))
    for number in (1, 2, 3):
        documents.put(f"revision 1 of {number}".encode())
    for party, content in zip(signed.parties, REVISIONS, strict=True):
        sign(store, signed.id, party.id, documents.put(content.encode()))
    with store.database.transaction() as tx:
        after, events = tx.agreements.load(voided.id).voided(reason="写错了", at=store.clock())
        tx.agreements.save(after, events=events)
    store.note(long, 260)
    store.log.publish()
    store.note(long, 3)
    store.log.publish()
    store.note(long, 2)


def sign(store: Store, agreement_id: str, party_id: str, sha256: str) -> None:
    with store.database.transaction() as tx:
        loaded = tx.agreements.load(agreement_id)
        after, events = loaded.signed(
            party_id,
            base_sha256=loaded.revision_sha256,
            revision_sha256=sha256,
            custody=Custody.SERVICE,
            evidence={},
            at=store.clock(),
        )
        tx.agreements.save(after, events=events, plan=make_plan(2))


@pytest.fixture(scope="module")
def filled_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("filled")


@pytest.fixture
def copy(make_store, filled_folder, tmp_path):
    """A copy of one filled SQLite store, made once for this module."""
    if not (filled_folder / "signing.db").exists():
        url = f"sqlite:///{filled_folder}/signing.db"
        upgrade(url)
        first = make_store(url, anchor=filled_folder / "log" / "checkpoint")
        fill(first, filled_folder)
        first.close()
    shutil.copytree(filled_folder, tmp_path / "copy")
    folder = tmp_path / "copy"
    return make_store(f"sqlite:///{folder}/signing.db", anchor=folder / "log" / "checkpoint")


EDITS = {
    "changes a record": (
        "UPDATE events SET record = CAST(replace(record, 'view', 'sign') AS BLOB) WHERE id = 20",
        {"EVENT_CHANGED", "LOG_LEAF_CHANGED", "CHAIN_BROKEN"},
    ),
    "changes the time beside a record": (
        "UPDATE events SET at = '2020-01-01 00:00:00.000000' WHERE id = 20",
        {"EVENT_CHANGED"},
    ),
    "changes the name beside a record": (
        "UPDATE events SET name = 'party.signed' WHERE id = 20",
        {"EVENT_CHANGED"},
    ),
    "makes a record unreadable": (
        "UPDATE events SET record = x'00' WHERE id = 20",
        {"EVENT_UNREADABLE"},
    ),
    "deletes an event and its leaf": (
        (
            "DELETE FROM log_leaves WHERE event_id = 20;"
            "DELETE FROM event_openings WHERE event_id = 20;"
            "DELETE FROM events WHERE id = 20"
        ),
        {"LOG_GAP", "CHAIN_BROKEN"},
    ),
    "deletes an agreement's last event": (
        (
            "DELETE FROM events_pending WHERE event_id = (SELECT max(id) FROM events);"
            "DELETE FROM event_openings WHERE event_id = (SELECT max(id) FROM events);"
            "DELETE FROM events WHERE id = (SELECT max(id) FROM events)"
        ),
        {"CHAIN_BROKEN"},
    ),
    "deletes a waiting event's place in the queue": (
        "DELETE FROM events_pending WHERE event_id = (SELECT max(id) FROM events)",
        {"EVENT_PLACE"},
    ),
    "queues an event a second time": (
        "INSERT INTO events_pending SELECT event_id, leaf_hash FROM log_leaves WHERE idx = 0",
        {"EVENT_PLACE"},
    ),
    "changes a waiting event's hash": (
        "UPDATE events_pending SET leaf_hash = (SELECT leaf_hash FROM log_leaves WHERE idx = 0)",
        {"EVENT_CHANGED"},
    ),
    "swaps two leaves": (
        (
            "UPDATE log_leaves SET idx = -1 WHERE idx = 4;"
            "UPDATE log_leaves SET idx = 4 WHERE idx = 5;"
            "UPDATE log_leaves SET idx = 5 WHERE idx = -1"
        ),
        {"LOG_CHANGED", "LOG_STATE_CHANGED", "LOG_TILE_CHANGED"},
    ),
    "swaps the records of two events": (
        (
            "UPDATE events SET record = (SELECT record FROM events e WHERE e.id = 41 - events.id)"
            " WHERE id IN (20, 21)"
        ),
        {"EVENT_CHANGED", "LOG_LEAF_CHANGED", "CHAIN_BROKEN"},
    ),
    "changes a leaf": (
        "UPDATE log_leaves SET leaf_hash = zeroblob(32) WHERE idx = 9",
        {"LOG_LEAF_CHANGED"},
    ),
    "deletes the last leaf": (
        "DELETE FROM log_leaves WHERE idx = (SELECT max(idx) FROM log_leaves)",
        {"EVENT_PLACE", "LOG_STATE_CHANGED", "LOG_HEAD_AHEAD"},
    ),
    "changes a tile": (
        "UPDATE log_tiles SET data = zeroblob(8192)",
        {"LOG_TILE_CHANGED"},
    ),
    "deletes a tile": ("DELETE FROM log_tiles", {"LOG_TILE_CHANGED"}),
    "adds a tile": (
        "INSERT INTO log_tiles SELECT 1, 0, data, root FROM log_tiles",
        {"LOG_TILE_CHANGED"},
    ),
    "changes the state's root": (
        "UPDATE log_state SET root = zeroblob(32)",
        {"LOG_STATE_CHANGED"},
    ),
    "deletes the state": ("DELETE FROM log_state", {"LOG_STATE_CHANGED"}),
    "changes a head": (
        "UPDATE log_heads SET root = zeroblob(32) WHERE size = (SELECT min(size) FROM log_heads)",
        {"LOG_CHANGED", "CHECKPOINT_CHANGED"},
    ),
    "forges a checkpoint": (
        "UPDATE log_checkpoints SET note = CAST(replace(note, '2026', '2027') AS BLOB)",
        {"CHECKPOINT_FORGED"},
    ),
    "moves an opening to another event": (
        (
            "UPDATE event_openings SET opening = (SELECT opening FROM event_openings e"
            " WHERE e.event_id = 20) WHERE event_id = 21"
        ),
        {"OPENING_CHANGED"},
    ),
    "makes a voided agreement pending again": (
        "UPDATE agreements SET status = 'pending' WHERE status = 'voided'",
        {"STATUS_CHANGED"},
    ),
    "makes a pending agreement completed": (
        "UPDATE agreements SET status = 'completed' WHERE status = 'pending'",
        {"STATUS_CHANGED"},
    ),
    "lets a party have signed": (
        "UPDATE parties SET status = 'signed', signed_sha256 = 'x' WHERE status = 'waiting'",
        {"SIGNATURE_CHANGED"},
    ),
    "lets a party have signed another revision": (
        "UPDATE parties SET signed_sha256 = 'x' WHERE status = 'signed'",
        {"SIGNATURE_CHANGED"},
    ),
    "swaps the text of an agreement": (
        "UPDATE agreements SET text_sha256 = 'x' WHERE status = 'completed'",
        {"AGREEMENT_CHANGED"},
    ),
    "swaps two agreements' drafts": (
        (
            "UPDATE agreements SET draft ="
            " (SELECT draft FROM agreements a WHERE a.status = 'voided') WHERE status = 'pending'"
        ),
        {"FIELD_CHANGED"},
    ),
    "points an agreement at a revision that is not on record": (
        "UPDATE agreements SET document_sha256 = 'x' WHERE status = 'completed'",
        {"REVISION_MISSING"},
    ),
    "deletes a revision": (
        "DELETE FROM revisions WHERE ordinal = 3",
        {"REVISION_MISSING"},
    ),
    "gives a certificate out without an event": (
        (
            "INSERT INTO certificates"
            " SELECT 'ab', id, 'pty', 'signer', created_at FROM agreements LIMIT 1"
        ),
        {"SERIAL_UNLOGGED"},
    ),
    "deletes an agreement's events": (
        (
            "DELETE FROM events_pending; DELETE FROM log_leaves; DELETE FROM event_openings;"
            "DELETE FROM events"
        ),
        {"CHAIN_BROKEN", "LOG_STATE_CHANGED"},
    ),
    "points a row at nothing": (
        "UPDATE parties SET agreement_id = 'agr_none' WHERE status = 'waiting'",
        {"ROW_ORPHANED"},
    ),
}


def test_an_untouched_store_has_no_violation(copy, tmp_path):
    assert violations(copy, tmp_path / "copy") == set()


@pytest.mark.parametrize("deed", EDITS)
def test_the_check_finds_a_dba_who(copy, tmp_path, deed):
    statements, expected = EDITS[deed]

    copy.sql(*statements.split(";"))

    assert expected <= violations(copy, tmp_path / "copy")


def test_a_whole_chain_rewritten_with_fresh_hashes_still_contradicts_the_checkpoints(
    copy, tmp_path
):
    """The DBA knows the code: leaf, tile, state and chain are all recomputed, heads too."""
    with copy.database.session(writing=False) as session:
        rows = session.execute(
            text(
                "SELECT e.id, e.record FROM events e JOIN log_leaves l ON l.event_id = e.id"
                " ORDER BY idx"
            )
        ).all()
    last_id, last = rows[-1]
    forged = last.replace(b"agreement.viewed", b"agreement.signed")
    frontier = Frontier().extend([*(leaf_hash(r) for _, r in rows[:-1]), leaf_hash(forged)])
    copy.sql(
        "UPDATE events SET record = :record, name = 'agreement.signed' WHERE id = :id",
        "UPDATE log_leaves SET leaf_hash = :leaf WHERE event_id = :id",
        "UPDATE log_state SET root = :root, frontier = :frontier",
        "UPDATE log_heads SET root = :root WHERE size = (SELECT size FROM log_state)",
        "UPDATE agreements SET audit_head = :head WHERE audit_n > 200",
        id=last_id,
        record=forged,
        leaf=leaf_hash(forged),
        root=frontier.root(),
        frontier=frontier.to_bytes(),
        head=leaf_hash(forged).hex(),
    )

    assert "CHECKPOINT_CHANGED" in violations(copy, tmp_path / "copy")


def test_a_file_changed_or_removed_on_disk_is_found(copy, tmp_path):
    documents = DirectoryDocuments(tmp_path / "copy" / "documents")
    documents.path(sha(REVISIONS[0])).write_bytes(b"other")
    documents.path(sha(REVISIONS[1])).unlink()

    assert violations(copy, tmp_path / "copy") == {"DOCUMENT_CHANGED", "DOCUMENT_MISSING"}


def test_yesterdays_database_under_todays_checkpoint_is_found(copy, tmp_path):
    kept = tmp_path / "yesterday.db"
    shutil.copy(tmp_path / "copy" / "signing.db", kept)
    with copy.database.transaction() as tx:
        open_one = tx.agreements.list("ten_a", AgreementFilter(status="pending"), **ONE)[0][0]
    copy.note(open_one)
    copy.log.publish()
    copy.close()
    shutil.copy(kept, tmp_path / "copy" / "signing.db")

    assert violations(copy, tmp_path / "copy") == {"CHECKPOINT_CHANGED"}
    with pytest.raises(Broken) as refusal:
        copy.log.publish()
    assert refusal.value.code == "LOG_SHRANK"


def test_erased_openings_are_no_violation(copy, tmp_path):
    copy.sql("DELETE FROM event_openings")

    assert violations(copy, tmp_path / "copy") == set()


def test_postgresql_is_checked_alike(make_store, postgres_url, tmp_path):
    upgrade(postgres_url)
    store = make_store(postgres_url)
    fill(store, tmp_path)
    assert violations(store, tmp_path) == set()

    store.sql(
        "UPDATE agreements SET status = 'pending' WHERE status = 'voided'",
        "UPDATE events SET name = 'party.signed' WHERE id = 20",
        "DELETE FROM log_leaves WHERE idx = (SELECT max(idx) FROM log_leaves)",
        "UPDATE log_tiles SET root = '\\x00'",
    )

    assert violations(store, tmp_path) >= {
        "STATUS_CHANGED",
        "EVENT_CHANGED",
        "EVENT_PLACE",
        "LOG_TILE_CHANGED",
        "LOG_STATE_CHANGED",
    }
