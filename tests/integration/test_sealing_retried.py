"""A seal whose timestamp fails once: no agreement is left behind, no caller is left in the dark."""

import pytest

from custody_desk import Desk
from signing.app import make_shelf, open_checking
from signing.errors import Broken, Unavailable

FAILURES = {
    "away": Unavailable("away", "不在", code="TSA_AWAY"),
    "broken": Broken("a key cannot be used", code="KEY_UNUSABLE"),
    "unexpected": RuntimeError("nobody thought of this"),
}


class TsaThatFailsOnce:
    """The built-in one, after its `failures` are used up."""

    def __init__(self):
        self.failures = []
        self.real = None

    @property
    def token_bytes(self):
        return self.real.token_bytes

    def lasts_until(self, token):
        return self.real.lasts_until(token)

    def timestamp(self, imprint):
        if self.failures:
            raise self.failures.pop()
        return self.real.timestamp(imprint)


@pytest.fixture
def tsa():
    return TsaThatFailsOnce()


@pytest.fixture
def desk(tmp_path, clock, tsa):
    desk = Desk(tmp_path, clock, timestamper=tsa)
    tsa.real = desk.keystore.timestamper
    yield desk
    desk.close()


def by_hand(desk):
    """A body whose enterprise seals when it is asked to."""
    parties = [
        {**p, "seal": "manual"} if p["role"] != "worker" else p for p in desk.body()["parties"]
    ]
    return {"parties": parties}


def seal(desk, agreement_id):
    party = desk.enterprise(agreement_id)
    return desk.post(f"/agreements/{agreement_id}/parties/{party.id}/seal")


def is_clean(desk):
    with open_checking(desk.config, clock=desk.clock) as checking:
        return list(checking.violations()) == []


@pytest.mark.parametrize("failure", FAILURES)
def test_an_agreement_is_made_and_its_seal_follows_by_itself(desk, tsa, clock, failure):
    tsa.failures = [FAILURES[failure]]

    made = desk.post("/agreements", desk.body())
    waiting = desk.enterprise(made.json["id"]).signed_at
    clock.advance(seconds=20)
    desk.run_due()

    assert (made.status_code, made.json["status"]) == (201, "pending")
    assert waiting is None
    assert desk.enterprise(made.json["id"]).signed_at == clock()
    assert is_clean(desk)


@pytest.mark.parametrize("failure", FAILURES)
def test_the_next_start_sets_it_too(tmp_path, clock, tsa, failure):
    first = Desk(tmp_path, clock, timestamper=tsa)
    tsa.real, tsa.failures = first.keystore.timestamper, [FAILURES[failure]]
    agreement_id = first.create()
    first.close()

    clock.advance(seconds=20)
    second = Desk(tmp_path, clock)
    second.run_due()

    assert second.enterprise(agreement_id).signed_at == clock()
    second.close()


@pytest.mark.parametrize(
    ("failure", "status"), [("away", 503), ("broken", 500), ("unexpected", 500)]
)
def test_a_seal_asked_for_by_hand_fails_loudly_and_the_next_request_sets_it(
    desk, tsa, failure, status
):
    agreement_id = desk.create(**by_hand(desk))
    tsa.failures = [FAILURES[failure]]

    refused, again = seal(desk, agreement_id), seal(desk, agreement_id)

    assert refused.status_code == status
    assert ("Retry-After" in refused.headers) is (status == 503)
    assert again.status_code == 200
    assert again.json["parties"][0]["status"] == "signed"
    assert is_clean(desk)


@pytest.mark.parametrize("failure", FAILURES)
def test_and_if_nobody_asks_again_a_job_finishes_what_the_key_has_signed(desk, tsa, clock, failure):
    agreement_id = desk.create(**by_hand(desk))
    tsa.failures = [FAILURES[failure]]
    seal(desk, agreement_id)

    clock.advance(seconds=6)
    desk.run_due()

    assert desk.enterprise(agreement_id).signed_at == clock()


class FailsAtTheSecond:
    """Good for one token, then fails once, then good again."""

    def __init__(self, real, failure):
        self.real, self.failures, self.asked = real, [failure], 0

    @property
    def token_bytes(self):
        return self.real.token_bytes

    def timestamp(self, imprint):
        self.asked += 1
        if self.asked > 1 and self.failures:
            raise self.failures.pop()
        return self.real.timestamp(imprint)


@pytest.mark.parametrize("failure", FAILURES)
def test_who_sealed_first_is_not_told_of_the_failure_of_the_next(desk, tsa, clock, failure):
    body = make_shelf(desk.config).example("tripartite_agreement", 1)
    first, *others = body["parties"]
    agreement_id = desk.create(**{**body, "parties": [{**first, "seal": "manual"}, *others]})
    tsa.real = FailsAtTheSecond(tsa.real, FAILURES[failure])

    answer = seal(desk, agreement_id)
    clock.advance(seconds=20)
    desk.run_due()

    assert answer.status_code == 200
    assert [party["status"] for party in answer.json["parties"][:2]] == ["signed", "invited"]
    assert all(party.signed_at for party in desk.agreement(agreement_id).in_signing_order[:2])
