"""The TSA does not answer: a value waits and is finished, or lapses in time; nothing is signed
without a token (D3)."""

from datetime import timedelta

import pytest

from running_service import party_of
from signing.domain.agreement import AgreementStatus, PartyStatus
from signing.domain.signature import IntentStatus
from signing.errors import Conflict, Unavailable
from trial_service import TrialService, violations


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(request, make_database, tmp_path_factory):
    service = TrialService(tmp_path_factory.mktemp("tsa"), make_database(request.param))
    yield service
    service.close()


@pytest.fixture
def worker(service):
    """A worker who stands before the signature."""
    service.tsa.away = False
    worker = service.worker(service.issue())
    worker.come_to_sign()
    yield worker
    service.tsa.away = False


def hand_in_while_away(service, worker):
    prepared = worker.prepare()
    service.tsa.away = True
    with pytest.raises(Unavailable):
        worker.hand_in(prepared)
    return prepared


def status_of(service, worker) -> tuple[AgreementStatus, PartyStatus]:
    agreement = service.agreement(worker.agreement_id)
    return agreement.status, agreement.party(worker.party_id).status


def intent_of(service, prepared):
    with service.application.database.transaction() as tx:
        return tx.intents.load(prepared.intent_id)


UNSIGNED = (AgreementStatus.PENDING, PartyStatus.IDENTIFIED)
SIGNED = (AgreementStatus.COMPLETED, PartyStatus.SIGNED)


def test_while_it_is_away_the_value_is_kept_and_nothing_is_signed(service, worker):
    prepared = hand_in_while_away(service, worker)

    assert status_of(service, worker) == UNSIGNED
    assert intent_of(service, prepared).status is IntentStatus.VALUED
    assert service.events(worker.agreement_id).count("party.signed") == 1


def test_when_it_is_back_the_signature_is_finished_without_the_phone(service, worker):
    hand_in_while_away(service, worker)
    for _ in range(3):
        service.clock.advance(seconds=30)
        service.run_jobs()
    assert status_of(service, worker) == UNSIGNED

    service.tsa.away = False
    service.clock.advance(minutes=2)
    service.run_jobs()

    assert status_of(service, worker) == SIGNED
    assert service.events(worker.agreement_id).count("party.signed") == 2


def test_when_it_is_back_the_phone_may_finish_it_too(service, worker):
    prepared = hand_in_while_away(service, worker)
    service.tsa.away = False

    worker.hand_in(prepared)
    service.clock.advance(minutes=1)
    service.run_jobs()

    assert status_of(service, worker) == SIGNED
    assert service.events(worker.agreement_id).count("party.signed") == 2


def test_a_minute_before_the_certificate_ends_the_value_lapses_and_the_worker_is_asked_again(
    service, worker
):
    before = len(service.messages(worker._details["phone"]))
    prepared = hand_in_while_away(service, worker)
    end = intent_of(service, prepared).expires_at
    service.clock.now = end - timedelta(seconds=60)
    service.run_jobs()
    assert intent_of(service, prepared).status is IntentStatus.VALUED

    service.clock.now = end - timedelta(seconds=40)
    service.run_jobs()

    assert intent_of(service, prepared).status is IntentStatus.LAPSED
    assert status_of(service, worker) == UNSIGNED
    assert service.events(worker.agreement_id).count("party.signed") == 1
    news = service.messages(worker._details["phone"])[before:]
    assert sum("请您签" in text for text in news) == 2  # the first invitation, and this one


def test_a_token_that_comes_after_the_certificates_end_is_not_used(service, worker):
    prepared = worker.prepare()
    service.tsa.before = lambda: service.clock.advance(minutes=20)  # as on a machine that slept
    with pytest.raises(Conflict) as refusal:
        worker.hand_in(prepared)
    service.tsa.before = lambda: None

    assert refusal.value.code == "SIGNATURE_LAPSED"
    assert intent_of(service, prepared).status is IntentStatus.LAPSED
    assert status_of(service, worker) == UNSIGNED


def test_a_value_that_lapsed_is_not_taken_up_again_by_a_tsa_that_is_back(service, worker):
    prepared = hand_in_while_away(service, worker)
    service.clock.advance(minutes=14)
    service.tsa.away = False
    service.run_jobs()

    with pytest.raises(Conflict) as refusal:
        worker.hand_in(prepared)

    assert refusal.value.code == "SIGNATURE_LAPSED"
    assert status_of(service, worker) == UNSIGNED


def test_after_a_lapse_the_worker_signs_with_a_new_code(service, worker):
    hand_in_while_away(service, worker)
    service.clock.advance(minutes=14)
    service.run_jobs()
    service.tsa.away = False

    worker.hand_in(worker.prepare())

    assert status_of(service, worker) == SIGNED
    assert service.events(worker.agreement_id).count("party.signed") == 2


def test_an_agreement_is_made_while_it_is_away_and_sealed_when_it_is_back(service):
    service.tsa.away = True

    agreement = service.issue()

    assert agreement.parties[0].status is PartyStatus.INVITED
    service.tsa.away = False
    service.clock.advance(minutes=1)
    service.run_jobs()
    sealed = service.agreement(agreement.id)
    assert sealed.parties[0].status is PartyStatus.SIGNED
    assert sealed.parties[1].status is PartyStatus.INVITED
    assert service.events(agreement.id).count("signature.requested") == 1


def test_a_seal_asked_for_while_it_is_away_is_503_and_set_later(service):
    body = service.example()
    party_of(body, "enterprise")["seal"] = "manual"
    agreement = service.issue(body)
    service.tsa.away = True

    answer = service.post(f"/agreements/{agreement.id}/parties/{agreement.parties[0].id}/seal")

    assert (answer.status_code, answer.json["code"]) == (503, "TSA_UNAVAILABLE")
    assert "Retry-After" in answer.headers
    service.tsa.away = False
    service.clock.advance(minutes=1)
    service.run_jobs()
    assert service.agreement(agreement.id).parties[0].status is PartyStatus.SIGNED


def test_what_is_signed_by_all_is_complete_and_archived_whenever_it_comes_back(service, worker):
    done = worker.hand_in(worker.prepare())
    service.tsa.away = True
    for _ in range(10):
        service.clock.advance(minutes=10)
        service.run_jobs()
    waiting = service.agreement(done.id)

    service.clock.advance(hours=20)
    service.tsa.away = False
    service.run_jobs()

    assert (waiting.status, waiting.archive_sha256) == (AgreementStatus.COMPLETED, None)
    assert service.agreement(done.id).archive_sha256 is not None
    assert service.agreement(done.id).document_sha256 == done.document_sha256


def test_evidence_waits_for_a_checkpoint_with_a_time(service, worker):
    service.tsa.away = True
    path = f"/api/v1/agreements/{worker.agreement_id}/evidence"
    headers = {"Authorization": f"Bearer {service.tenant.api_key}"}
    client = service.application.flask.test_client()

    refused = client.get(path, headers=headers)
    service.tsa.away = False

    assert refused.status_code == 503
    assert client.get(path, headers=headers).status_code == 200


def test_after_all_this_everything_stored_is_as_it_must_be(service):
    service.tsa.away = False
    service.clock.advance(minutes=15)
    service.run_jobs()

    assert violations(service) == []
