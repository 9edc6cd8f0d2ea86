import threading
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from ports.stores import sha
from signing.domain.agreement import Custody
from signing.domain.ceremony import Ceremony
from signing.domain.signature import IntentStatus, SignatureIntent
from signing.errors import Broken, NotFound

SAMPLES = {
    "str": "text 张三",
    "int": 3,
    "bytes": b"\x00\xff",
    "Mapping[str, str]": {"pay": "2026-12-01T04:00:00Z"},
}


def with_every_field(agreement, noon) -> Ceremony:
    """Whatever fields the domain gives a ceremony, none is at its default."""
    values = {}
    for number, field in enumerate(fields(Ceremony)):
        kind = str(getattr(field.type, "__name__", field.type)).removesuffix(" | None")
        is_time = "datetime" in str(field.type)
        values[field.name] = (
            noon + timedelta(microseconds=number) if is_time else _sample(str(field.type), kind)
        )
    return Ceremony(**{**values, "party_id": agreement.parties[1].id, "agreement_id": agreement.id})


def _sample(declared: str, kind: str) -> object:
    found = [value for name, value in SAMPLES.items() if name in (declared, kind)]
    found += [value for name, value in SAMPLES.items() if name in declared]
    return found[0]


def make_intent(agreement, noon, **changes) -> SignatureIntent:
    values = {
        "id": "int_1",
        "agreement_id": agreement.id,
        "party_id": agreement.parties[1].id,
        "custody": Custody.DEVICE,
        "base_sha256": sha("base"),
        "text_sha256": sha("text"),
        "prepared": '{"name": "张三"}',
        "certificates": (b"leaf", b"issuer"),
        "expires_at": noon + timedelta(minutes=15),
        "created_at": noon,
    }
    return SignatureIntent(**{**values, **changes})


def test_a_party_without_a_ceremony_gets_a_fresh_one(store):
    agreement = store.add_agreement()
    party = agreement.parties[1].id

    with store.database.transaction() as tx:
        assert tx.ceremonies.load(party, agreement_id=agreement.id) == Ceremony(party, agreement.id)


def test_a_ceremony_comes_back_as_it_was_in_every_field(store, noon):
    agreement = store.add_agreement()
    ceremony = with_every_field(agreement, noon)

    with store.database.transaction() as tx:
        tx.ceremonies.save(replace(ceremony, gate_wrong=0))
        tx.ceremonies.save(ceremony)

    with store.database.transaction() as tx:
        loaded = tx.ceremonies.load(ceremony.party_id, agreement_id=agreement.id)
    defaults = Ceremony(ceremony.party_id, agreement.id)
    kept = {f.name for f in fields(Ceremony)} - {"party_id", "agreement_id"}
    assert all(getattr(ceremony, name) != getattr(defaults, name) for name in kept)
    assert loaded == ceremony


def test_wrong_answers_given_at_the_same_time_are_all_counted(store, noon):
    """Five tries must not become eight because they came in parallel."""
    agreement = store.add_agreement()
    party = agreement.parties[1].id

    def answer_wrongly() -> None:
        with store.database.transaction() as tx:
            ceremony = tx.ceremonies.load(party, agreement_id=agreement.id)
            tx.ceremonies.save(replace(ceremony, gate_wrong=ceremony.gate_wrong + 1))

    threads = [threading.Thread(target=answer_wrongly) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.database.transaction() as tx:
        assert tx.ceremonies.load(party, agreement_id=agreement.id).gate_wrong == 8


def test_an_intent_comes_back_as_it_was_with_value_token_and_result(store, noon):
    agreement = store.add_agreement()
    intent = make_intent(agreement, noon)
    done = replace(
        intent,
        status=IntentStatus.SIGNED,
        value=b"value",
        token=b"token",
        result_sha256=sha("result"),
    )

    with store.database.transaction() as tx:
        tx.intents.add(intent)
        assert tx.intents.load("int_1") == intent
        tx.intents.save(done)

    with store.database.transaction() as tx:
        assert tx.intents.load("int_1") == done


def test_a_new_intent_lets_older_open_ones_of_the_same_party_lapse(store, noon):
    agreement = store.add_agreement()
    other = make_intent(agreement, noon, id="int_o", party_id=agreement.parties[0].id)
    with store.database.transaction() as tx:
        tx.intents.add(make_intent(agreement, noon))
        tx.intents.add(other)
        tx.intents.add(make_intent(agreement, noon, id="int_2"))

    with store.database.transaction() as tx:
        assert tx.intents.load("int_1").status is IntentStatus.LAPSED
        assert tx.intents.load("int_2").status is IntentStatus.OPEN
        assert tx.intents.load("int_o").status is IntentStatus.OPEN


def test_the_open_intent_of_a_party_is_the_newest_that_is_not_finished(store, noon):
    agreement = store.add_agreement()
    valued = make_intent(agreement, noon, status=IntentStatus.VALUED, value=b"v")
    with store.database.transaction() as tx:
        assert tx.intents.find_open(valued.party_id) is None
        tx.intents.add(valued)
        tx.intents.add(make_intent(agreement, noon + timedelta(seconds=1), id="int_2"))

    with store.database.transaction() as tx:
        newest = tx.intents.find_open(valued.party_id)
        assert newest is not None
        tx.intents.save(replace(newest, status=IntentStatus.LAPSED))
        before = tx.intents.find_open(valued.party_id)

    assert (newest.id, before) == ("int_2", valued)


def test_intents_with_a_value_and_no_revision_are_unfinished(store, noon):
    agreement = store.add_agreement()
    with store.database.transaction() as tx:
        for number, status in enumerate(IntentStatus):
            tx.intents.add(make_intent(agreement, noon, id=f"int_{number}", status=status))

        assert tx.intents.unfinished(limit=9) == ["int_1"]
        assert tx.intents.load("int_1").status is IntentStatus.VALUED


def test_intents_that_are_not_there_are_not_found_or_broken(store, noon):
    agreement = store.add_agreement()

    with store.database.transaction() as tx:
        with pytest.raises(NotFound):
            tx.intents.load("int_none")
        with pytest.raises(Broken):
            tx.intents.save(make_intent(agreement, noon))


def test_a_ceremony_stored_by_a_newer_program_still_loads(store, noon):
    agreement = store.add_agreement()
    party = agreement.parties[1].id
    state = b'{"party_id": "%s", "agreement_id": "a", "unheard_of": {"map": {}}}' % party.encode()
    sealed = store.database.cipher.seal(state, place="ceremonies.state", row=party)

    with store.database.session() as session:
        session.execute(
            text("INSERT INTO ceremonies (party_id, state) VALUES (:p, :s)"),
            {"p": party, "s": sealed.data},
        )

    with store.database.transaction() as tx:
        assert tx.ceremonies.load(party, agreement_id=agreement.id).party_id == party


def signed(agreement, noon, name, **changes):
    values = {"id": name, "status": IntentStatus.SIGNED, "certificates": (b"seal", b"issuer")}
    return make_intent(agreement, noon, **{**values, **changes})


def test_all_that_a_party_ever_had_is_told_newest_first(store, noon):
    agreement = store.add_agreement()
    late = noon + timedelta(minutes=1)
    with store.database.transaction() as tx:
        tx.intents.add(make_intent(agreement, noon))
        tx.intents.add(make_intent(agreement, noon, id="int_2", created_at=late))
        of_another = agreement.parties[0].id
        tx.intents.add(make_intent(agreement, noon, id="int_3", party_id=of_another))

    with store.database.transaction() as tx:
        found = tx.intents.of_party(agreement.parties[1].id)

    assert [(intent.id, intent.status) for intent in found] == [
        ("int_2", IntentStatus.OPEN),
        ("int_1", IntentStatus.LAPSED),
    ]


def test_what_bears_a_signature_under_a_certificate_is_found_while_it_is_pending(store, noon):
    first, second, other, unsigned, closed = (store.add_agreement() for _ in range(5))
    with store.database.transaction() as tx:
        tx.intents.add(signed(second, noon + timedelta(minutes=1), "int_2"))
        tx.intents.add(signed(first, noon, "int_1"))
        tx.intents.add(signed(other, noon, "int_3", certificates=(b"another", b"seal")))
        tx.intents.add(signed(unsigned, noon, "int_4", status=IntentStatus.VALUED))
        tx.intents.add(signed(closed, noon, "int_5"))
        voided, events = tx.agreements.load(closed.id).voided(reason="x", at=noon)
        tx.agreements.save(voided, events=events)

    with store.database.transaction() as tx:
        found = tx.intents.pending_under(b"seal")

    assert list(found) == [(a.id, a.parties[1].id) for a in (first, second)]
