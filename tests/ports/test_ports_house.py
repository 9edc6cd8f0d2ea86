"""The house's own chain: in the same log as all others, told of once, never mistaken for theirs."""

from sqlalchemy import select

from ports.stores import log_verifier
from signing.audit.entry import parse_entry
from signing.domain.compromise import CompromiseReport, Reporter
from signing.domain.events import HOUSE_TAG, Event, EventType
from signing.storage.fsck import find_violations
from signing.storage.log_rows import EventRow


def rotated(store, old, new):
    return Event(EventType.LOG_KEY_ROTATED, store.clock(), payload={"from": old, "to": new})


def revoked(store, serial):
    payload = {"serial": serial, "reason": "keyCompromise"}
    return Event(EventType.CERTIFICATE_REVOKED, store.clock(), payload=payload)


def append(store, *events):
    with store.database.transaction() as tx:
        tx.house.append(events)


def told(store):
    with store.database.transaction() as tx:
        return tx.house.told()


def leaves(store):
    rows = store.scalar("SELECT count(*) FROM log_leaves")
    return int(rows)


def ours(store):
    with store.database.session(writing=False) as session:
        query = select(EventRow.n).where(EventRow.tag == HOUSE_TAG).order_by(EventRow.n)
        return list(session.scalars(query))


class NoDocuments:
    def get(self, _sha256):
        return b""


def test_what_was_logged_is_told(store):
    append(store, rotated(store, "old", "new"), revoked(store, "7f"))
    append(store, revoked(store, "80"))

    found = told(store)

    assert (found.serials, found.log_keys) == ({"7f", "80"}, {"new"})
    assert not found.is_partly_erased


def test_it_is_one_chain_in_the_log_beside_those_of_agreements(store):
    agreement = store.add_agreement()
    append(store, rotated(store, "old", "new"))
    store.note(agreement)
    append(store, revoked(store, "7f"))

    store.log.publish()

    with store.database.transaction() as tx:
        of_agreement = tx.agreements.events(agreement.id)
    assert leaves(store) == len(of_agreement) + 2
    assert all(parse_entry(event.leaf).tag == agreement.tag for event in of_agreement)
    assert ours(store) == [1, 2]
    found = find_violations(
        store.database, NoDocuments(), log_keys=[log_verifier()], anchor=store.anchor
    )
    assert list(found) == []


def test_an_agreements_own_event_counts_as_told(store):
    agreement = store.add_agreement()
    report = CompromiseReport(store.clock(), Reporter.PLATFORM, "x", "81", is_revoked=True)
    with store.database.transaction() as tx:
        loaded = tx.agreements.load(agreement.id)
        after, events = loaded.reported(agreement.parties[0].id, report, evidence={})
        tx.agreements.save(after, events=events)

    assert told(store).serials == {"81"}


def test_what_was_erased_may_have_told_of_anything(store):
    append(store, revoked(store, "7f"))
    store.sql("DELETE FROM event_openings")

    found = told(store)

    assert (found.serials, found.is_partly_erased) == (frozenset(), True)


def test_a_report_that_no_event_tells_of_is_a_violation(store):
    agreement = store.add_agreement()
    report = CompromiseReport(store.clock(), Reporter.WORKER, "x", "81", is_revoked=True)
    with store.database.transaction() as tx:
        loaded = tx.agreements.load(agreement.id)
        after, _ = loaded.reported(agreement.parties[1].id, report, evidence={})
        tx.agreements.save(after, events=store.viewings(loaded))

    found = find_violations(
        store.database, NoDocuments(), log_keys=[log_verifier()], anchor=store.anchor
    )

    assert [(one.code, one.where) for one in found] == [("REPORT_CHANGED", agreement.id)]
