"""Several at once: one signature, one winner, and never half of both."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from running_service import party_of
from signing.domain.agreement import AgreementStatus
from signing.errors import SigningError
from signing.services.once import Ticket
from trial_service import TrialService, violations

ROUNDS = 4


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(request, make_database, tmp_path_factory):
    service = TrialService(tmp_path_factory.mktemp("races"), make_database(request.param))
    yield service
    service.close()


def at_once(*acts) -> list[str]:
    """Start them together; `done` or the code of the error of each, in their order."""
    ready = threading.Barrier(len(acts))
    outcomes = [""] * len(acts)

    def run(place: int, act) -> None:
        ready.wait()
        try:
            act()
        except SigningError as error:
            outcomes[place] = error.code
        else:
            outcomes[place] = "done"

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def ready_worker(service):
    """A worker whose value is ready to be handed in."""
    worker = service.worker(service.issue())
    worker.come_to_sign()
    return worker, worker.prepare()


def test_the_same_value_handed_in_twelve_times_at_once_is_one_signature(service):
    worker, prepared = ready_worker(service)

    outcomes = at_once(*[lambda: worker.hand_in(prepared)] * 12)

    assert set(outcomes) == {"done"}
    events = service.events(worker.agreement_id)
    assert events.count("party.signed") == 2
    assert events.count("agreement.completed") == 1


def test_twelve_requests_with_the_same_code_at_once_are_one_certificate(service):
    worker = service.worker(service.issue())
    worker.come_to_sign()
    code = worker.ask_for_code()
    prepared = []

    outcomes = at_once(*[lambda: prepared.append(worker.prepare_with(code))] * 12)

    assert outcomes.count("done") >= 1
    assert set(outcomes) <= {"done", "CODE_MISSING"}
    events = service.events(worker.agreement_id)
    assert events.count("certificate.issued") == 1
    assert len({p.intent_id for p in prepared}) == 1
    worker.hand_in(prepared[0])
    assert service.agreement(worker.agreement_id).status is AgreementStatus.COMPLETED


def test_a_seal_asked_for_twelve_times_at_once_is_set_once(service):
    body = service.example()
    party_of(body, "enterprise")["seal"] = "manual"
    agreement = service.issue(body)
    party = agreement.parties[0]

    outcomes = at_once(
        *[lambda: service.services.sealing.seal(agreement.id, party.id)] * 12,
    )

    assert set(outcomes) == {"done"}
    assert service.events(agreement.id).count("party.signed") == 1


def void(service, agreement_id):
    return service.services.agreements.void(
        agreement_id, tenant_id=service.tenant.tenant_id, reason="写错了", ticket=Ticket()
    )


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_taking_back_and_signing_at_once_have_one_winner(service, round_):
    worker, prepared = ready_worker(service)
    # The TSA takes its time, so that now one and now the other is first.
    pause = threading.Event()
    service.tsa.before = lambda: pause.wait(0.01 * round_)

    signed, voided = at_once(
        lambda: worker.hand_in(prepared), lambda: void(service, worker.agreement_id)
    )

    service.tsa.before = lambda: None
    agreement = service.agreement(worker.agreement_id)
    ends = Counter(service.events(agreement.id))
    if agreement.status is AgreementStatus.COMPLETED:
        assert (signed, voided) == ("done", "AGREEMENT_COMPLETED")
        assert (ends["party.signed"], ends["agreement.voided"]) == (2, 0)
    else:
        assert agreement.status is AgreementStatus.VOIDED
        assert (signed, voided) == ("AGREEMENT_VOIDED", "done")
        assert (ends["party.signed"], ends["agreement.voided"]) == (1, 1)


def test_what_was_taken_back_while_the_tsa_took_its_time_is_not_signed(service):
    worker, prepared = ready_worker(service)
    service.tsa.before = lambda: void(service, worker.agreement_id)

    with pytest.raises(SigningError) as refusal:
        worker.hand_in(prepared)

    service.tsa.before = lambda: None
    assert refusal.value.code == "AGREEMENT_VOIDED"
    agreement = service.agreement(worker.agreement_id)
    assert agreement.status is AgreementStatus.VOIDED
    assert agreement.party(worker.party_id).signed_at is None
    assert agreement.revision_sha256 == agreement.document_sha256


def test_what_ran_out_while_the_tsa_took_its_time_is_not_signed(service):
    soon = service.clock.now + timedelta(minutes=2)
    body = service.example(expires_at=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    worker = service.worker(service.issue(body))
    worker.come_to_sign()
    prepared = worker.prepare()

    def run_out() -> None:
        service.clock.now = soon
        service.services.housekeeping.expire_due()

    service.tsa.before = run_out
    with pytest.raises(SigningError) as refusal:
        worker.hand_in(prepared)

    service.tsa.before = lambda: None
    assert refusal.value.code == "AGREEMENT_EXPIRED"
    assert service.agreement(worker.agreement_id).status is AgreementStatus.EXPIRED
    assert service.events(worker.agreement_id).count("party.signed") == 1


def test_an_agreement_that_runs_out_before_it_is_sealed_was_made_all_the_same(service):
    soon = service.clock.now + timedelta(minutes=2)
    body = service.example(expires_at=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def run_out() -> None:
        service.clock.now = soon
        service.services.housekeeping.expire_due()

    service.tsa.before = run_out
    answer = service.post("/agreements", body)

    service.tsa.before = lambda: None
    assert (answer.status_code, answer.json["status"]) == (201, "expired")
    assert service.events(answer.json["id"]).count("party.signed") == 0


def test_a_phone_that_lost_its_key_signs_with_a_new_one(service):
    lost, _ = ready_worker(service)
    agreement = service.agreement(lost.agreement_id)
    service.clock.advance(seconds=60)

    worker = service.worker(agreement)
    worker.come_to_sign()
    worker.hand_in(worker.prepare())

    done = service.agreement(lost.agreement_id)
    assert done.status is AgreementStatus.COMPLETED
    assert service.events(done.id).count("certificate.issued") == 2
    assert service.events(done.id).count("party.signed") == 2


def test_a_phone_that_lost_the_answer_gets_it_again_without_another_code(service):
    worker = service.worker(service.issue())
    worker.come_to_sign()
    code = worker.ask_for_code()

    first, again = worker.prepare_with(code), worker.prepare_with("000000")

    assert first.intent_id == again.intent_id
    worker.hand_in(again)
    assert service.agreement(worker.agreement_id).status is AgreementStatus.COMPLETED
    assert service.events(worker.agreement_id).count("certificate.issued") == 1


def test_after_all_these_races_everything_stored_is_as_it_must_be(service):
    service.run_jobs()

    assert violations(service) == []
