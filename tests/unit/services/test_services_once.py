"""Idempotency-Key: the first answer again, and nothing done twice."""

import pytest

from fakes_storage import MemoryDatabase
from signing.errors import Conflict, Rejected
from signing.services.once import Once

CALL = {"tenant_id": "ten_a", "key": "order-1", "request_sha256": "body"}


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
def once(database, clock) -> Once:
    return Once(database=database, clock=clock)


def call(once, database, result: object = "first", *, is_final: bool = True, **changes):
    """What a view does: keep the answer in the transaction of the work. Returns what it gives."""
    with once.ticket(**{**CALL, **changes}, dump=lambda done: str(done).encode()) as ticket:
        if ticket.first_answer is not None:
            return ticket.first_answer
        with database.transaction() as tx:
            ticket.keep(tx, result, is_final=is_final)
        return str(result).encode()


def test_a_repeated_call_gets_the_first_answer_and_does_nothing(once, database):
    assert call(once, database, "first") == b"first"

    assert call(once, database, "second") == b"first"


def test_without_a_key_nothing_is_kept_and_everything_is_done(once, database):
    assert [call(once, database, n, key=None) for n in ("1", "2")] == [b"1", b"2"]
    assert database.tables.answers == {}


def test_a_call_that_fails_frees_its_key(once, database):
    with pytest.raises(ValueError, match="power cut"), once.ticket(**CALL, dump=bytes):
        raise ValueError("power cut")

    assert call(once, database, "again", request_sha256="corrected") == b"again"


def test_an_answer_and_what_it_tells_of_stand_or_fall_together(once, database):
    def fail_after_keeping() -> None:
        with once.ticket(**CALL, dump=lambda _: b"answer") as ticket, database.transaction() as tx:
            tx.tenants.create(tenant_id="ten_x", name="x")
            ticket.keep(tx, "done")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        fail_after_keeping()

    assert (database.tables.tenants, database.tables.answers) == ({}, {})


def test_the_answer_of_a_call_that_died_half_way_stands_after_a_minute(once, database, clock):
    call(once, database, "made, not yet sealed", is_final=False)
    with pytest.raises(Conflict):
        call(once, database)

    clock.advance(seconds=61)

    assert call(once, database, "second") == b"made, not yet sealed"


@pytest.mark.parametrize("key", ["", "x" * 256, "字", "a\nb"])
def test_a_key_is_short_and_printable(once, database, key):
    with pytest.raises(Rejected) as refusal:
        call(once, database, key=key)

    assert refusal.value.code == "IDEMPOTENCY_KEY_INVALID"
