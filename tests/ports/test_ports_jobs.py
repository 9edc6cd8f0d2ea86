import threading
from datetime import timedelta

import pytest

LEASE = 30


def add(store, kind="archive", key="agr_1", after=0, **payload):
    with store.database.transaction() as tx:
        run_at = store.clock() + timedelta(seconds=after)
        tx.jobs.add(kind, key=key, payload=payload, run_at=run_at)


def claim(store):
    with store.database.transaction() as tx:
        return tx.jobs.claim(at=store.clock(), lease_seconds=LEASE)


def test_a_job_is_claimed_when_it_is_due_with_its_payload(store, clock):
    add(store, after=10, agreement_id="agr_1", name="张三")

    assert claim(store) is None
    clock.advance(seconds=10)
    job = claim(store)

    assert (job.kind, job.key, job.attempts) == ("archive", "agr_1", 1)
    assert job.payload == {"agreement_id": "agr_1", "name": "张三"}


def test_a_second_unfinished_job_of_the_same_kind_and_key_is_not_added(store):
    add(store, n=1)
    add(store, n=2)
    add(store, kind="invite", n=3)

    assert [claim(store).payload, claim(store).payload, claim(store)] == [{"n": 1}, {"n": 3}, None]


def test_a_finished_job_may_be_added_again_under_a_new_id(store):
    add(store)
    first = claim(store)
    with store.database.transaction() as tx:
        tx.jobs.done(first)

    add(store)

    assert claim(store).id > first.id


def test_a_leased_job_is_nobody_elses_until_the_lease_lapses(store, clock):
    add(store)
    first = claim(store)

    assert claim(store) is None
    clock.advance(seconds=LEASE)
    second = claim(store)

    assert (second.id, second.attempts) == (first.id, 2)


def test_a_failed_job_comes_back_at_its_time(store, clock):
    add(store)
    job = claim(store)
    with store.database.transaction() as tx:
        tx.jobs.failed(job, error="TSA", retry_at=clock() + timedelta(minutes=5))

    assert claim(store) is None
    clock.advance(minutes=5)

    assert claim(store).attempts == 2


def test_who_lost_the_lease_cannot_put_the_job_off_for_the_one_who_has_it(store, clock):
    add(store)
    slow = claim(store)
    clock.advance(seconds=LEASE)
    quick = claim(store)

    with store.database.transaction() as tx:
        tx.jobs.failed(slow, error="late", retry_at=clock() + timedelta(days=1))

    clock.advance(seconds=LEASE)
    assert claim(store).attempts == quick.attempts + 1


def test_jobs_are_claimed_in_the_order_in_which_they_are_due(store):
    add(store, key="c", after=-1)
    add(store, key="b", after=-2)
    add(store, key="a", after=-2)

    assert [claim(store).key for _ in range(3)] == ["b", "a", "c"]


def test_a_job_of_a_transaction_that_failed_does_not_exist(store):
    def fail_after_adding() -> None:
        with store.database.transaction() as tx:
            tx.jobs.add("archive", key="x", payload={}, run_at=store.clock())
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        fail_after_adding()

    assert claim(store) is None


def test_eight_claimers_share_twenty_jobs_without_doing_one_twice(store):
    for number in range(20):
        add(store, key=str(number))
    claimed: list[str] = []

    def work() -> None:
        while (job := claim(store)) is not None:
            claimed.append(job.key)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed, key=int) == [str(number) for number in range(20)]
