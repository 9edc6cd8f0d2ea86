import threading
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from ports.stores import PAGE, make_agreement, make_plan, sha
from signing.audit.entry import open_entry, parse_entry
from signing.audit.merkle import leaf_hash
from signing.domain.agreement import AgreementStatus, Custody, Party, PartyStatus
from signing.domain.compromise import CompromiseReport, Reporter
from signing.domain.draft import AgreementDraft, Companion, Kind, Order, PartyDraft, Role
from signing.domain.finding import Finding, Severity
from signing.domain.search import AgreementFilter
from signing.errors import Broken, Conflict, Malformed, NotFound


def load(store, agreement_id, **keywords):
    with store.database.transaction() as tx:
        return tx.agreements.load(agreement_id, **keywords)


def with_every_field(noon):
    """No field at its default: what is not stored is noticed."""
    worker = PartyDraft(Role.WORKER, {"name": "张三", "id_number": "430104…", "phone": "138…"})
    enterprise = PartyDraft(Role.ENTERPRISE, {"name": "某公司", "uscc": "91…", "seal": "auto"})
    draft = AgreementDraft(
        kind=Kind.WRITTEN_AGREEMENT,
        template_version="2026.1",
        performance_place="430104",
        parties=(worker, enterprise),
        values={"start_date": "2026-12-01", "pay": {"unit_price_fen": 1}, "list": [1, "二"]},
        classification={"answers": {"q1": "yes"}, "answered_by": "王五"},
        reference="rider-1",
        order=Order.WORKER_FIRST,
        expires_at=noon + timedelta(days=9),
        companion=Companion.AMENDMENT,
        parent={"id": "agr_p", "number": "2025-1", "sha256": sha("parent")},
    )
    party = Party(
        id="pty_w",
        role=Role.WORKER,
        name="张三",
        position=1,
        custody=Custody.DEVICE,
        status=PartyStatus.SIGNED,
        link_generation=3,
        signed_at=noon + timedelta(microseconds=7),
        signed_sha256=sha("signed"),
        report=CompromiseReport(noon, Reporter.WORKER, "不是我签的", "7f", is_revoked=True),
    )
    other = replace(party, id="pty_e", role=Role.ENTERPRISE, name="某公司", position=0)
    finding = Finding("R-05a", Severity.WARN, "5", "中文", "English", "values.x", "词", "改成")
    return make_agreement(
        1,
        draft=draft,
        parties=(party, other),
        findings=(finding,),
        test_certificates=True,
        status=AgreementStatus.VOIDED,
        archive_sha256=sha("archive"),
        completed_at=noon,
        closed_reason="写错了",
    )


def test_an_agreement_comes_back_as_it_was_in_every_field(store, noon):
    agreement = with_every_field(noon)
    with store.database.transaction() as tx:
        tx.agreements.add(agreement, page=PAGE, plan=make_plan(5), events=store.viewings(agreement))

    loaded = load(store, agreement.id)

    for kept in (agreement, agreement.parties[0], agreement.draft):
        assert all(getattr(kept, f.name) not in ("", None, 0, (), {}) for f in fields(kept))
    assert loaded == agreement


def test_page_and_plan_come_back_and_a_new_plan_takes_the_place_of_the_old(store):
    agreement = store.add_agreement()

    with store.database.transaction() as tx:
        first = tx.agreements.plan(agreement.id)
        loaded = tx.agreements.load(agreement.id)
        tx.agreements.save(loaded, events=store.viewings(loaded), plan=make_plan(2))

    with store.database.transaction() as tx:
        assert (first, tx.agreements.plan(agreement.id)) == (make_plan(1), make_plan(2))
        assert tx.agreements.page(agreement.id) == PAGE


def test_a_taken_number_is_a_conflict_and_changes_nothing(store):
    store.add_agreement()

    with pytest.raises(Conflict) as refusal:
        store.add_agreement(number="2026-000001")

    assert refusal.value.code == "NUMBER_TAKEN"
    assert store.scalar("SELECT count(*) FROM events") == 2


def test_an_agreement_of_another_tenant_is_not_found(store):
    agreement = store.add_agreement()

    assert load(store, agreement.id, tenant_id="ten_a").id == agreement.id
    for wrong in ({"tenant_id": "ten_b"}, {"tenant_id": ""}):
        with pytest.raises(NotFound):
            load(store, agreement.id, **wrong)
    with pytest.raises(NotFound):
        load(store, "agr_none")


def test_an_agreement_is_found_by_its_party(store):
    store.add_agreement()
    agreement = store.add_agreement()

    with store.database.transaction() as tx:
        assert tx.agreements.load_by_party(agreement.parties[1].id).id == agreement.id
        with pytest.raises(NotFound):
            tx.agreements.load_by_party("pty_none")


def test_a_change_without_an_event_is_refused(store):
    agreement = store.add_agreement()

    with store.database.transaction() as tx:
        voided = replace(tx.agreements.load(agreement.id), status=AgreementStatus.VOIDED)
        with pytest.raises(Broken) as refusal:
            tx.agreements.save(voided, events=[])

    assert load(store, agreement.id).status is AgreementStatus.PENDING
    assert refusal.value.code == "NO_AUDIT_EVENT"


def test_only_a_loaded_agreement_is_saved(store):
    agreement = store.add_agreement()

    with pytest.raises(Broken), store.database.transaction() as tx:
        tx.agreements.save(agreement, events=store.viewings(agreement))


def test_events_are_a_chain_whose_openings_tell_what_happened(store, noon):
    agreement = store.add_agreement()
    store.note(agreement)

    events = store.events(agreement)

    entries = [parse_entry(event.leaf) for event in events]
    assert [e.number for e in entries] == [1, 2, 3]
    assert [e.tag for e in entries] == [agreement.tag] * 3
    assert entries[0].previous == ""
    assert entries[2].previous == leaf_hash(events[1].leaf).hex()
    assert [e.type for e in events] == ["agreement.created", "party.invited", "agreement.viewed"]
    assert [e.party_id for e in events] == ["", agreement.parties[0].id, agreement.parties[1].id]
    assert {e.at for e in events} == {noon}
    assert [e.index for e in events] == [None] * 3
    assert open_entry(events[2].leaf, events[2].opening) == {
        "ip": "203.0.113.7",
        "name": "张三",
        "party_id": agreement.parties[1].id,
    }


def test_an_erased_opening_leaves_the_event_and_its_leaf(store):
    agreement = store.add_agreement()
    before = store.events(agreement)

    with store.database.session() as session:
        session.execute(text("DELETE FROM event_openings"))

    after = store.events(agreement)
    assert [e.leaf for e in after] == [e.leaf for e in before]
    assert [(e.opening, e.party_id) for e in after] == [(None, "")] * 2


def test_an_agreement_is_found_by_any_revision_it_ever_had(store):
    agreement = store.add_agreement()
    second, archived = sha("second"), sha("archived")
    with store.database.transaction() as tx:
        loaded = tx.agreements.load(agreement.id)
        signed = replace(loaded, revision_sha256=second, document_sha256=second)
        tx.agreements.save(signed, events=store.viewings(signed), plan=make_plan(2))
    with store.database.transaction() as tx:
        loaded = tx.agreements.load(agreement.id)
        tx.agreements.save_archived(loaded.archived(archive_sha256=archived), plan=make_plan(3))

    with store.database.transaction() as tx:
        found = [
            tx.agreements.by_document(s) for s in (agreement.revision_sha256, second, archived)
        ]
        assert [a.id for a in found if a] == [agreement.id] * 3
        assert tx.agreements.by_document(sha("stranger")) is None
        assert tx.agreements.load(agreement.id).archive_sha256 == archived
        assert tx.agreements.plan(agreement.id) == make_plan(3)
    assert len(store.events(agreement)) == 3


def test_a_row_that_moved_on_under_a_loaded_agreement_is_not_overwritten(store):
    agreement = store.add_agreement()

    def save_over_it() -> None:
        with store.database.transaction() as tx:
            loaded = tx.agreements.load(agreement.id)
            tx._session.execute(text("UPDATE agreements SET version = version + 1"))
            tx.agreements.save(loaded, events=store.viewings(loaded))

    with pytest.raises(Conflict) as refusal:
        save_over_it()

    assert refusal.value.code == "STALE"
    assert len(store.events(agreement)) == 2


def test_of_two_signatures_over_the_same_revision_one_is_refused(store):
    """Both were prepared over revision 1; each believes that it is the first."""
    agreement = store.add_agreement()
    party, base = agreement.parties[0].id, agreement.revision_sha256
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def sign(name: str) -> None:
        ready.wait()
        try:
            with store.database.transaction() as tx:
                loaded = tx.agreements.load(agreement.id)
                after, events = loaded.signed(
                    party,
                    base_sha256=base,
                    revision_sha256=sha(name),
                    custody=Custody.SERVICE,
                    evidence={},
                    at=store.clock(),
                )
                tx.agreements.save(after, events=events, plan=make_plan(2))
            outcomes.append("signed")
        except Conflict as e:
            outcomes.append(e.code)

    threads = [threading.Thread(target=sign, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["NOT_YOUR_TURN", "signed"] or sorted(outcomes) == [
        "ALREADY_SIGNED",
        "signed",
    ]
    assert store.scalar("SELECT count(*) FROM revisions") == 2
    assert [e.type for e in store.events(agreement)].count("party.signed") == 1


def test_twelve_writers_on_three_agreements_leave_whole_chains(store):
    agreements = [store.add_agreement() for _ in range(3)]

    threads = [threading.Thread(target=store.note, args=(agreements[i % 3], 2)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for agreement in agreements:
        events = store.events(agreement)
        assert [e.n for e in events] == list(range(1, 11))
        heads = [""] + [leaf_hash(e.leaf).hex() for e in events]
        assert [parse_entry(e.leaf).previous for e in events] == heads[:-1]


def test_lists_are_newest_first_and_go_on_where_they_stopped(store):
    made = [store.add_agreement().id for _ in range(5)]
    store.add_agreement(tenant_id="ten_b")

    with store.database.transaction() as tx:
        seen, cursor = [], None
        while True:
            page, cursor = tx.agreements.list("ten_a", AgreementFilter(), limit=2, cursor=cursor)
            seen.append([a.id for a in page])
            if cursor is None:
                break

    assert seen == [[made[4], made[3]], [made[2], made[1]], [made[0]]]


@pytest.mark.parametrize("cursor", ["", "x", "5Zyw", "AAAA" * 20])
def test_a_foreign_cursor_is_refused(store, cursor):
    with pytest.raises(Malformed), store.database.transaction() as tx:
        tx.agreements.list("ten_a", AgreementFilter(), limit=2, cursor=cursor)


def test_a_cursor_of_another_tenant_is_refused(store):
    for _ in range(2):
        store.add_agreement()

    with store.database.transaction() as tx:
        _, cursor = tx.agreements.list("ten_a", AgreementFilter(), limit=1, cursor=None)
        with pytest.raises(Malformed):
            tx.agreements.list("ten_b", AgreementFilter(), limit=1, cursor=cursor)


FILTERS = [
    ({"status": "pending"}, {1, 2, 3}),
    ({"status": "voided"}, set()),
    ({"kind": "written_agreement", "reference": "rider-000002"}, {2}),
    ({"region": "430104"}, {1, 2}),
    ({"region": "430100"}, {1, 2}),
    ({"region": "430000"}, {1, 2, 3}),
    ({"region": "430200"}, {3}),
    ({"region": "%"}, set()),
    ({"query": "张三"}, {1, 2}),
    ({"query": " 张 三 "}, {1, 2}),
    ({"query": "李四"}, {3}),
    ({"query": "13800000000"}, {1, 2}),
    ({"query": "2026-000003"}, {3}),
    ({"query": "rider-00000"}, {1, 2, 3}),
    ({"query": "_ider"}, set()),
    ({"query": "张"}, set()),
    ({"created_after": make_agreement(2).created_at}, {3}),
]


def test_every_field_of_a_filter_must_match(three_agreements):
    with three_agreements.database.transaction() as tx:
        for matching, expected in FILTERS:
            found, _ = tx.agreements.list(
                "ten_a", AgreementFilter(**matching), limit=9, cursor=None
            )

            assert {int(a.id[4:], 16) for a in found} == expected, matching


@pytest.fixture
def three_agreements(store):
    """Three agreements: two of 张三 in 岳麓, one of 李四 in 株洲."""
    store.add_agreement()
    store.add_agreement()
    other = make_agreement(3, performance_place="430203")
    worker = PartyDraft(Role.WORKER, {"name": "李四", "phone": "139"})
    draft = replace(other.draft, parties=(other.draft.parties[0], worker))
    store.add_agreement(draft=draft, performance_place="430203")
    return store


def test_agreements_whose_time_has_run_out_are_listed_oldest_first(store, clock):
    late = store.add_agreement(expires_at=clock() + timedelta(hours=2))
    early = store.add_agreement(expires_at=clock() + timedelta(hours=1))
    store.add_agreement(expires_at=clock() + timedelta(hours=9))

    with store.database.transaction() as tx:
        due = tx.agreements.due_to_expire(clock() + timedelta(hours=2), limit=9)
        first = tx.agreements.due_to_expire(clock() + timedelta(hours=2), limit=1)

    assert list(due) == [early.id, late.id]
    assert list(first) == [early.id]
