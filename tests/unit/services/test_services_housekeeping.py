"""Jobs: done once, put off while a neighbour is away, never forgotten; expiry at its time."""

import pytest

from services_desk import Desk
from signing.domain.agreement import AgreementStatus
from signing.errors import Broken, Conflict, NotFound, Unavailable
from signing.services.agreements import AgreementDesk
from signing.services.housekeeping import LEASE_SECONDS, Housekeeping


class Work:
    """Stands for whatever a job asks for: counts the calls, raises what it is told to."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.error: Exception | None = None

    def __call__(self, *arguments: object, **named: object) -> None:
        self.calls.append(arguments or named)
        if self.error is not None:
            raise self.error

    seal_all = archive = finish = renew = tell = __call__


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def house(desk: Desk, work: Work) -> Housekeeping:
    links = AgreementDesk(
        database=desk.database,
        documents=None,
        links=desk.links,
        clock=desk.clock,
        public_url="https://sign.example",
    )
    return Housekeeping(
        database=desk.database,
        sealing=work,
        finishing=work,
        archiving=work,
        renewal=work,
        telling=work,
        desk=links,
        notices=work,
        messenger=desk.messenger,
        log=None,
        clock=desk.clock,
    )


def add(desk: Desk, kind: str, **payload: str) -> None:
    with desk.database.transaction() as tx:
        tx.jobs.add(kind, key="k", payload=payload, run_at=desk.clock())


def jobs(desk: Desk) -> list[str]:
    return [job.kind for job, _, _ in desk.database.tables.jobs.values()]


def test_a_job_that_is_done_is_gone(desk, house, work):
    add(desk, "archive", agreement_id="agr_1")

    assert house.run_due() == 1

    assert (work.calls, jobs(desk), house.run_one()) == ([("agr_1",)], [], False)


@pytest.mark.parametrize("error", [Unavailable("tsa"), NotFound("x"), Broken("x"), ValueError()])
@pytest.mark.parametrize("kind", ["archive", "finish", "seal"])
def test_a_job_that_fails_comes_back_later_and_later(desk, house, work, kind, error):
    agreement = desk.add()
    work.error = error
    add(desk, kind, agreement_id=agreement.id, intent_id="int_1")
    waits = []

    for _ in range(12):
        assert house.run_one()
        before = desk.clock.now
        while not due(desk):
            desk.clock.advance(seconds=1)
        waits.append(int((desk.clock.now - before).total_seconds()))

    assert waits[:4] == [4, 8, 16, 32]
    assert waits[-1] == 600
    assert jobs(desk) == [kind]


def due(desk: Desk) -> bool:
    return any(run_at <= desk.clock() for _, run_at, _ in desk.database.tables.jobs.values())


def test_a_signature_that_lapsed_is_not_tried_again(desk, house, work):
    work.error = Conflict("too late", code="SIGNATURE_LAPSED")
    add(desk, "finish", intent_id="int_1")

    house.run_one()

    assert jobs(desk) == []


@pytest.mark.parametrize("kind", ["seal", "archive"])
def test_what_was_in_the_way_of_another_job_may_be_gone_next_time(desk, house, work, kind, clock):
    """A seal whose signature lapsed has to be set again, and nobody else will ask for it."""
    agreement = desk.add()
    work.error = Conflict("stale", code="STALE")
    add(desk, kind, agreement_id=agreement.id)
    house.run_one()
    work.error = None

    clock.advance(minutes=1)
    house.run_one()

    assert (len(work.calls), jobs(desk)) == (2, [])


def test_a_job_of_a_machine_that_died_is_taken_over_when_its_lease_ends(desk, house, work, clock):
    add(desk, "archive", agreement_id="agr_1")
    with desk.database.transaction() as tx:
        tx.jobs.claim(at=clock.now, lease_seconds=LEASE_SECONDS)
    assert house.run_one() is False

    clock.advance(seconds=LEASE_SECONDS)

    assert house.run_one() is True
    assert work.calls == [("agr_1",)]


def test_an_invitation_greets_the_worker_masked_and_has_the_link(desk, agreement, house):
    party = agreement.parties[1]
    add(desk, "invite", agreement_id=agreement.id, party_id=party.id)

    house.run_due()

    ((phone, text, _),) = desk.messenger.sent
    link = f"https://sign.example/s/{desk.link(agreement)}"
    assert phone == "13800000000"
    assert text == f"【长沙某某网络科技有限公司】张*您好，请您签《协议》：{link}"


def test_nobody_is_invited_to_what_is_over(desk, agreement, link, house):
    add(desk, "invite", agreement_id=agreement.id, party_id=agreement.parties[1].id)
    session = desk.come_to_sign(link)
    desk.declining.decline(link, session=session, reason="")

    house.run_due()

    assert (desk.messenger.sent, jobs(desk)) == ([], [])


def test_an_invitation_waits_while_no_sms_can_be_sent(desk, agreement, house, clock):
    desk.messenger.away = True
    add(desk, "invite", agreement_id=agreement.id, party_id=agreement.parties[1].id)
    house.run_one()
    desk.messenger.away = False

    clock.advance(minutes=1)
    house.run_due()

    assert (len(desk.messenger.sent), jobs(desk)) == (1, [])


def test_an_agreement_expires_at_its_time_and_not_before(desk, house, clock):
    agreement = desk.add(2, expires_at=clock.now.replace(hour=5))
    clock.advance(minutes=59, seconds=59)
    assert house.expire_due() == 0

    clock.advance(seconds=1)

    assert house.expire_due() == 1
    assert desk.agreement(agreement).status is AgreementStatus.EXPIRED
    assert desk.events(agreement)[-1] == "agreement.expired"
    assert house.expire_due() == 0
