import threading
from datetime import timedelta

import pytest

from signing.errors import Broken, Conflict, Rejected

SECRET = "sk_0123456789abcdef0123456789abcdef"
CALL = {"tenant_id": "ten_a", "key": "order-1"}


def begin(store, *, body: str = "body", at=None, **changes):
    with store.database.transaction() as tx:
        return tx.idempotency.begin(
            **{**CALL, **changes}, request_sha256=body, at=at or store.clock()
        )


def finish(store, answer: bytes = b"answer", **changes) -> None:
    with store.database.transaction() as tx:
        tx.idempotency.finish(**{**CALL, **changes}, answer=answer)


def test_a_key_is_found_by_its_secret_and_tells_its_tenant(store):
    scopes = frozenset({"links", "agreements"})
    with store.database.transaction() as tx:
        tx.tenants.add_key(
            key_id="key_1", tenant_id="ten_a", secret=SECRET, scopes=scopes, at=store.clock()
        )

    with store.database.transaction() as tx:
        found = tx.tenants.find_key(SECRET)
        stranger = tx.tenants.find_key(SECRET[:-1])

    assert found is not None
    assert (found.tenant_id, found.tenant_name, found.scopes) == ("ten_a", "Platform a", scopes)
    assert stranger is None


def test_of_a_secret_only_hash_and_first_characters_are_kept(store):
    with store.database.transaction() as tx:
        tx.tenants.add_key(
            key_id="key_1", tenant_id="ten_a", secret=SECRET, scopes=frozenset(), at=store.clock()
        )

    assert store.scalar("SELECT prefix FROM api_keys") == SECRET[:8]
    assert SECRET not in store.scalar("SELECT secret_sha256 FROM api_keys")


def test_a_revoked_key_opens_nothing(store):
    with store.database.transaction() as tx:
        tx.tenants.add_key(
            key_id="key_1", tenant_id="ten_a", secret=SECRET, scopes=frozenset(), at=store.clock()
        )
    store.sql("UPDATE api_keys SET revoked_at = created_at")

    with store.database.transaction() as tx:
        assert tx.tenants.find_key(SECRET) is None


def test_a_tenant_or_serial_that_exists_is_a_conflict(store):
    def add_tenant() -> None:
        with store.database.transaction() as tx:
            tx.tenants.create(tenant_id="ten_a", name="again", at=store.clock())

    def add_serial() -> None:
        with store.database.transaction() as tx:
            tx.certificates.add(
                serial=2**159, agreement_id="a", party_id="p", purpose="signer", at=store.clock()
            )

    add_serial()

    for repeat in (add_tenant, add_serial):
        with pytest.raises(Conflict):
            repeat()


def test_the_same_request_again_gets_the_first_answer(store):
    assert begin(store) is None
    finish(store, b"first")

    assert begin(store) == b"first"


def test_the_same_key_of_another_tenant_is_another_key(store):
    begin(store)
    finish(store)

    assert begin(store, tenant_id="ten_b") is None


def test_another_body_under_the_same_key_is_refused(store):
    begin(store)
    finish(store)

    with pytest.raises(Rejected) as refusal:
        begin(store, body="other")

    assert refusal.value.code == "IDEMPOTENCY_KEY_REUSED"


def test_a_second_call_waits_until_the_first_is_answered_or_taken_for_dead(store, noon):
    begin(store)

    with pytest.raises(Conflict) as refusal:
        begin(store, at=noon + timedelta(seconds=60))

    assert refusal.value.code == "IDEMPOTENCY_IN_FLIGHT"
    assert begin(store, at=noon + timedelta(seconds=61)) is None


def test_a_first_call_that_was_taken_for_dead_and_is_not_cannot_answer_too(store, noon):
    begin(store)
    begin(store, at=noon + timedelta(seconds=61))
    finish(store, b"second call")

    with pytest.raises(Conflict):
        finish(store, b"first call")

    assert begin(store) == b"second call"


def test_a_failed_call_frees_its_key_and_an_answered_one_does_not(store):
    begin(store)
    with store.database.transaction() as tx:
        tx.idempotency.forget(**CALL)
    assert begin(store, body="other") is None
    finish(store)

    with store.database.transaction() as tx:
        tx.idempotency.forget(**CALL)

    assert begin(store, body="other") == b"answer"


def test_an_answer_is_kept_for_seven_days_and_then_removed(store, noon):
    begin(store)
    finish(store)

    assert begin(store, at=noon + timedelta(days=7)) == b"answer"
    assert begin(store, at=noon + timedelta(days=7, seconds=1), body="other") is None
    assert begin(store, at=noon + timedelta(days=15), key="order-2") is None
    assert store.scalar("SELECT count(*) FROM idempotency") == 1


def test_an_answer_without_a_begun_call_is_refused(store):
    with pytest.raises(Broken):
        finish(store)


def test_of_twelve_equal_calls_at_once_one_is_the_first(store):
    outcomes: list[object] = []

    def call() -> None:
        try:
            outcomes.append(begin(store))
        except Conflict as e:
            outcomes.append(e.code)

    threads = [threading.Thread(target=call) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(None) == 1
    assert outcomes.count("IDEMPOTENCY_IN_FLIGHT") == 11
