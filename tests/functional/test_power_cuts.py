"""Power is cut after every single transaction in turn; what was begun is finished, once (D10).

Nothing between two transactions lasts but files by their digest, so these are all the states that a
crash can leave. A real `kill -9` of the real server is in test_crash.py.
"""

import pytest

from signing.domain.agreement import AgreementStatus
from trial_service import PowerCut, TrialService, violations

MOST_TRANSACTIONS = 40


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(request, make_database, tmp_path_factory):
    """One service for all cuts: each has an agreement of its own."""
    service = TrialService(tmp_path_factory.mktemp("power"), make_database(request.param))
    yield service
    service.close()


def every_cut(service, act):
    """Run `act` with the power cut after 1, 2, 3 … transactions, until it gets through.

    `act` returns what it did; it gets the number of the attempt. Yields after each cut, with the
    power back.
    """
    for commits in range(1, MOST_TRANSACTIONS):
        service.power.cut_after(commits)
        try:
            act(commits)
        except PowerCut:
            service.power.restore()
            yield commits
        else:
            service.power.restore()
            return
    raise AssertionError(f"not finished after {MOST_TRANSACTIONS} transactions")


def test_an_agreement_that_was_being_made_is_made_once_and_sealed_once(service):
    before = set(service.agreements())

    def create(attempt: int):
        body = service.example(reference=f"cut-{attempt}")
        return service.post("/agreements", body, **{"Idempotency-Key": f"cut-{attempt}"})

    cuts = 0
    for attempt in every_cut(service, create):
        service.clock.advance(seconds=61)
        service.run_jobs()
        answer = create(attempt)
        assert answer.status_code == 201, answer.text
        service.run_jobs()
        cuts += 1

        assert service.events(answer.json["id"]).count("party.signed") == 1
        assert service.agreement(answer.json["id"]).parties[0].signed_at is not None
    made = [service.agreement(i).draft.reference for i in service.agreements() if i not in before]
    assert cuts >= 5
    assert sorted(made) == sorted({f"cut-{attempt}" for attempt in range(1, cuts + 2)})


def test_a_signature_whose_value_was_handed_in_is_made_once(service):
    workers = {}

    def hand_in(attempt: int):
        service.power.restore()
        worker = service.worker(service.issue())
        worker.come_to_sign()
        workers[attempt] = worker, worker.prepare()
        service.power.cut_after(attempt)
        return worker.hand_in(workers[attempt][1])

    cuts = 0
    for attempt in every_cut(service, hand_in):
        worker, prepared = workers[attempt]
        done = worker.hand_in(prepared)
        again = worker.hand_in(prepared)
        service.run_jobs()
        cuts += 1

        assert done.status is again.status is AgreementStatus.COMPLETED
        assert again.document_sha256 == done.document_sha256
        assert service.events(done.id).count("party.signed") == 2
        assert service.events(done.id).count("agreement.completed") == 1
    assert cuts >= 4


def test_a_signature_is_made_even_if_the_phone_never_comes_back(service):
    workers = {}

    def hand_in(attempt: int):
        service.power.restore()
        worker = service.worker(service.issue())
        worker.come_to_sign()
        workers[attempt] = worker, worker.prepare()
        service.power.cut_after(attempt)
        return worker.hand_in(workers[attempt][1])

    finished = []
    for attempt in every_cut(service, hand_in):
        worker, _ = workers[attempt]
        service.clock.advance(seconds=10)
        service.run_jobs()

        finished.append(service.agreement(worker.agreement_id).status is AgreementStatus.COMPLETED)
        assert service.events(worker.agreement_id).count("party.signed") == 1 + finished[-1]
    # Until the value itself is kept there is nothing that the service could finish.
    assert finished == sorted(finished)
    assert finished[-1] is True


def test_a_request_that_was_cut_off_costs_a_code_at_most_and_signs_nothing(service):
    workers = {}

    def ask(attempt: int):
        service.power.restore()
        worker = service.worker(service.issue())
        worker.come_to_sign()
        workers[attempt] = worker, worker.ask_for_code()
        service.power.cut_after(attempt)
        return worker.prepare_with(workers[attempt][1])

    for attempt in every_cut(service, ask):
        worker, _ = workers[attempt]
        assert "party.signed" not in service.events(worker.agreement_id)[5:]
        service.clock.advance(seconds=60)

        done = worker.hand_in(worker.prepare())

        assert done.status is AgreementStatus.COMPLETED
        assert service.events(worker.agreement_id).count("party.signed") == 2


def test_the_archive_step_comes_in_the_end_whatever_was_cut_off(service):
    waiting = {}

    def archive(attempt: int):
        service.power.restore()
        worker = service.worker(service.issue())
        worker.come_to_sign()
        waiting[attempt] = worker.hand_in(worker.prepare()).id
        service.power.cut_after(attempt)
        return service.run_jobs()

    for attempt in every_cut(service, archive):
        service.clock.advance(minutes=5)
        service.run_jobs()

        done = service.agreement(waiting[attempt])
        assert done.archive_sha256 == done.revision_sha256 != done.document_sha256


def test_after_all_these_cuts_everything_stored_is_as_it_must_be(service):
    service.clock.advance(minutes=15)
    service.run_jobs()
    service.services.housekeeping.publish_log()

    assert violations(service) == []
