import hashlib
import threading

import pytest
from sqlalchemy import text

from ports.stores import log_verifier
from signing.audit import tiles
from signing.audit.checkpoint import open_checkpoint
from signing.audit.entry import parse_entry
from signing.audit.merkle import EMPTY_ROOT, Frontier, leaf_hash, root_hash, verify_consistency
from signing.audit.policy import parse_policy, policy_text
from signing.audit.proof import LogProof, format_proof, parse_proof, verify_proof
from signing.audit.tiles import bundles_of, parse_bundle, tile_hashes, tiles_of
from signing.errors import Broken, NotFound, Unavailable
from signing.storage.sequencer import sequence


def checkpoint(note: bytes):
    return open_checkpoint(note, [log_verifier()])


def sequence_once(store, limit: int = 1000) -> int:
    with store.database.session() as session:
        return sequence(session, limit=limit)


def leaves(store) -> list[bytes]:
    """Entries in the order of the log, from the published bundles."""
    size = checkpoint(store.log.read("checkpoint")).size
    return [e for b in bundles_of(size) for e in parse_bundle(store.log.read(b.path))]


def test_every_event_is_in_the_published_log_once_and_in_order(store):
    first, second = store.add_agreement(), store.add_agreement()
    store.note(first, 3)

    published = store.log.publish()

    entries = [parse_entry(leaf) for leaf in leaves(store)]
    assert published.size == len(entries) == 7
    for agreement in (first, second):
        numbers = [e.number for e in entries if e.tag == agreement.tag]
        assert numbers == [e.n for e in store.events(agreement)]
    assert checkpoint(published.note).root == root_hash([leaf_hash(e.leaf()) for e in entries])
    assert published.timestamp_token == b"token over " + hashlib.sha256(published.note).digest()


def test_each_event_has_a_proof_that_the_offline_verifier_accepts(store):
    agreement = store.add_agreement()
    store.note(agreement, 300)
    published = store.log.publish()
    policy = parse_policy(policy_text([log_verifier()]).encode())

    for event in store.events(agreement)[::37]:
        path = tuple(store.log.proof(event.index, size=published.size))
        data = format_proof(LogProof(event.index, path, published.note))
        verified = verify_proof(parse_proof(data), event.leaf, policy)
        assert (verified.index, verified.size) == (event.index, 302)


def test_nothing_new_gives_the_same_checkpoint_again(store):
    store.add_agreement()
    first = store.log.publish()

    assert store.log.publish() == first
    assert len(store.tsa.asked) == 1


def test_an_empty_log_is_published_as_one(store):
    published = checkpoint(store.log.publish().note)

    assert (published.size, published.root) == (0, EMPTY_ROOT)


def test_a_later_checkpoint_only_appends_to_an_earlier_one(store):
    agreement = store.add_agreement()
    roots = []
    for count in (1, 250, 30, 300):
        store.note(agreement, count)
        roots.append(checkpoint(store.log.publish().note))
    newest = roots[-1]

    for earlier in roots[:-1]:
        proof = tiles.consistency_proof(
            _full_where_it_exists(store, newest.size), earlier.size, newest.size
        )
        assert verify_consistency(
            size1=earlier.size,
            root1=earlier.root,
            size2=newest.size,
            root2=newest.root,
            proof=proof,
        )


def _full_where_it_exists(store, size: int):
    """What a client does: fetch the tiles of the newest tree."""
    newest = {(t.level, t.index): t for t in tiles_of(size)}
    return lambda tile: store.log.read(newest[(tile.level, tile.index)].path)


def test_tiles_are_those_of_the_tree_however_it_was_batched(store):
    agreement = store.add_agreement()
    for count in (1, 253, 1, 300, 255):
        store.note(agreement, count)
        while sequence_once(store, limit=97):
            pass
    size = store.log.publish().size

    hashes = [leaf_hash(leaf) for leaf in leaves(store)]
    assert size == 812
    for tile in tiles_of(size):
        found = tile_hashes(store.log.read(tile.path))
        span = 256**tile.level
        expected = [
            root_hash(hashes[n * span : (n + 1) * span])
            for n in range(tile.index * 256, tile.index * 256 + tile.width)
        ]
        assert found == expected


def test_only_what_a_checkpoint_covers_is_served(store):
    agreement = store.add_agreement()
    for path in ("checkpoint", "tile/0/000.p/1"):
        with pytest.raises(NotFound):
            store.log.read(path)
    store.log.publish()
    store.note(agreement, 3)
    sequence_once(store)

    assert len(store.log.read("tile/0/000.p/2")) == 64
    for path in ("tile/0/000.p/3", "tile/entries/000.p/3", "tile/1/000.p/1", "tile/0/001", "x"):
        with pytest.raises(NotFound):
            store.log.read(path)


def test_a_proof_outside_the_tree_is_not_found(store):
    store.add_agreement()
    store.log.publish()

    for index, size in ((2, 2), (0, 3), (-1, 2), (0, 0)):
        with pytest.raises(NotFound):
            store.log.proof(index, size=size)


def test_an_event_that_commits_late_is_sequenced_late_and_not_lost(store):
    """A cursor over ids would pass it by: its id was given out before."""
    first, second = store.add_agreement(), store.add_agreement()
    sequence_once(store)
    if store.url.startswith("sqlite"):
        store.note(first)
        store.note(second)
        assert sequence_once(store) == 2
        return

    with store.database.transaction() as slow:
        loaded = slow.agreements.load(first.id)
        slow.agreements.save(loaded, events=store.viewings(loaded))  # has its id, not committed
        store.note(second)
        assert sequence_once(store) == 1

    assert sequence_once(store) == 1
    assert [e.index is None for e in store.events(first)] == [False] * 3


def test_three_sequencers_and_six_writers_leave_no_gap_and_no_double(store):
    agreements = [store.add_agreement() for _ in range(6)]
    writing = threading.Event()
    writing.set()

    def write(agreement) -> None:
        for _ in range(10):
            store.note(agreement)

    def run_sequencer() -> None:
        while writing.is_set():
            sequence_once(store, limit=7)

    writers = [threading.Thread(target=write, args=(a,)) for a in agreements]
    sequencers = [threading.Thread(target=run_sequencer) for _ in range(3)]
    for thread in writers + sequencers:
        thread.start()
    for thread in writers:
        thread.join()
    writing.clear()
    for thread in sequencers:
        thread.join()

    published = checkpoint(store.log.publish().note)
    entries = [parse_entry(leaf) for leaf in leaves(store)]
    assert published.size == 6 * 12 == len({(e.tag, e.number) for e in entries})
    for agreement in agreements:
        assert [e.number for e in entries if e.tag == agreement.tag] == list(range(1, 13))


def test_a_sequencer_that_dies_before_its_commit_has_done_nothing(store):
    store.add_agreement()

    class Killed(Exception):
        pass

    def die_midway() -> None:
        with store.database.session() as session:
            sequence(session)
            raise Killed

    with pytest.raises(Killed):
        die_midway()

    assert store.scalar("SELECT count(*) FROM log_leaves") == 0
    assert sequence_once(store) == 2


def test_a_record_edited_before_it_is_sequenced_stops_the_sequencer(store):
    agreement = store.add_agreement()
    store.sql("UPDATE events SET record = (SELECT record FROM events WHERE n = 1) WHERE n = 2")

    with pytest.raises(Broken) as refusal:
        store.log.publish()

    assert refusal.value.code == "LOG_RECORD_CHANGED"
    assert [e.index for e in store.events(agreement)] == [None, None]


def test_a_log_whose_tail_was_cut_off_is_not_signed_again(store):
    agreement = store.add_agreement()
    store.note(agreement, 5)
    store.log.publish()
    shrink(store, to=4)
    store.sql("DELETE FROM log_checkpoints", "DELETE FROM log_heads")

    with pytest.raises(Broken) as refusal:
        store.log.publish()

    assert refusal.value.code == "LOG_SHRANK"  # the file outside the database remembers
    assert len(store.tsa.asked) == 1


def shrink(store, *, to: int) -> None:
    """Cut the tail off and mend the state row, as a DBA would who knows the code."""
    with store.database.session(writing=False) as session:
        kept = session.scalars(
            text("SELECT leaf_hash FROM log_leaves WHERE idx < :n ORDER BY idx"), {"n": to}
        ).all()
    frontier = Frontier().extend(kept)
    store.sql(
        "DELETE FROM log_leaves WHERE idx >= :n",
        "UPDATE log_state SET size = :n, root = :r, frontier = :f",
        n=to,
        r=frontier.root(),
        f=frontier.to_bytes(),
    )


def test_a_rewritten_history_of_equal_length_is_not_signed(store):
    agreement = store.add_agreement()
    store.note(agreement, 5)
    store.log.publish()
    shrink(store, to=4)
    store.sql("DELETE FROM log_checkpoints", "DELETE FROM log_heads")
    store.note(agreement, 9)  # grows past the old size again, with other entries

    with pytest.raises(Broken) as refusal:
        store.log.publish()

    assert refusal.value.code == "LOG_CHANGED"


def test_a_changed_leaf_under_the_edge_is_not_signed_over(store):
    agreement = store.add_agreement()
    store.log.publish()
    store.sql("UPDATE log_leaves SET leaf_hash = (SELECT leaf_hash FROM log_leaves WHERE idx = 1)")
    store.note(agreement)

    with pytest.raises(Broken) as refusal:
        store.log.publish()

    assert refusal.value.code == "LOG_CHANGED"


def test_a_state_row_that_contradicts_itself_stops_the_log(store):
    store.add_agreement()
    store.log.publish()
    store.sql("UPDATE log_state SET size = size + 1")

    with pytest.raises(Broken) as refusal:
        store.log.publish()

    assert refusal.value.code == "LOG_STATE_CHANGED"


def test_a_second_root_for_a_size_is_never_signed(store):
    store.add_agreement()
    store.sql("INSERT INTO log_heads (size, root) VALUES (2, :r)", r=b"another root")

    with pytest.raises(Broken) as refusal:
        store.log.publish()

    assert refusal.value.code == "LOG_CHANGED"
    assert store.tsa.asked == []


def test_a_forged_checkpoint_outside_the_database_is_noticed(store):
    store.add_agreement()
    store.log.publish()
    store.anchor.write(store.anchor.read().replace(b"log.example", b"log.forgery"))

    with pytest.raises(Broken):
        store.log.publish()


def test_while_the_tsa_is_away_nothing_is_published_and_nothing_lost(store):
    agreement = store.add_agreement()
    store.tsa.away = Unavailable("tsa")

    with pytest.raises(Unavailable):
        store.log.publish()
    with pytest.raises(NotFound):
        store.log.read("checkpoint")
    store.tsa.away = None
    store.note(agreement)

    assert store.log.publish().size == 3


def test_a_crash_between_file_and_table_is_repaired_by_the_next_publication(store):
    store.add_agreement()
    first = store.log.publish()
    store.sql("DELETE FROM log_checkpoints")

    again = store.log.publish()

    assert again.note == first.note
    assert store.log.read("checkpoint") == first.note


def test_two_publishers_at_once_publish_one_checkpoint(store):
    store.add_agreement()
    made = []

    threads = [threading.Thread(target=lambda: made.append(store.log.publish())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 4
    assert len({p.note for p in made}) == 1
    assert store.scalar("SELECT count(*) FROM log_checkpoints") == 1


def test_events_that_were_erased_keep_their_proofs(store):
    agreement = store.add_agreement()
    published = store.log.publish()
    with store.database.session() as session:
        session.execute(text("DELETE FROM event_openings"))

    policy = parse_policy(policy_text([log_verifier()]).encode())
    for event in store.events(agreement):
        path = tuple(store.log.proof(event.index, size=published.size))
        verify_proof(LogProof(event.index, path, published.note), event.leaf, policy)
        assert event.opening is None


def test_an_id_is_never_given_out_twice(store):
    """SQLite reuses the id of a deleted last row unless it is told not to."""
    agreement = store.add_agreement()
    highest = store.scalar("SELECT max(id) FROM events")
    for table in ("event_openings", "events_pending", "events"):
        store.sql(f"DELETE FROM {table}")  # noqa: S608 (our own names)

    store.note(agreement)

    assert store.scalar("SELECT min(id) FROM events") > highest
