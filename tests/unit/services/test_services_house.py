"""What happened to the keys is logged once, whoever did it and whenever it is found out."""

import pytest

from fakes_storage import MemoryDatabase
from ports.stores import make_agreement
from signing.domain.compromise import CompromiseReport, Reporter
from signing.services.house import House


class Keys:
    """The keys as they are: `revoked` serials, `log_keys` oldest first (port `Recall`)."""

    def __init__(self):
        self.revoked = {}
        self.log_keys = ["log+1"]

    def told(self):
        return dict(self.revoked)


@pytest.fixture
def keys():
    return Keys()


@pytest.fixture
def database():
    return MemoryDatabase()


@pytest.fixture
def house(database, keys, clock):
    return House(database=database, recall=keys, log_keys=lambda: keys.log_keys, clock=clock)


def logged(database):
    with database.transaction() as tx:
        return [event.type for event in tx.house.events()], tx.house.told()


def test_where_nothing_happened_nothing_is_logged(house, database):
    assert house.catch_up() == 0

    assert logged(database)[0] == []


def test_each_rotation_and_each_revocation_is_told_once(house, database, keys):
    keys.log_keys = ["log+1", "log+2", "log+3"]
    keys.revoked = {"7f": "superseded"}

    counts = [house.catch_up(), house.catch_up()]
    keys.revoked["80"] = "keyCompromise"
    counts.append(house.catch_up())

    types, told = logged(database)
    assert counts == [3, 0, 1]
    assert types == ["log.key_rotated"] * 2 + ["certificate.revoked"] * 2
    assert (told.log_keys, told.serials) == ({"log+2", "log+3"}, {"7f", "80"})


def test_what_an_agreements_event_tells_of_is_not_told_again(house, database, keys, clock):
    agreement = make_agreement(1)
    report = CompromiseReport(clock(), Reporter.WORKER, "不是我签的", "7f", is_revoked=True)
    reported, events = agreement.reported(agreement.parties[1].id, report, evidence={})
    with database.transaction() as tx:
        tx.agreements.add(reported, page=None, plan=None, events=events)
    keys.revoked = {"7f": "keyCompromise"}

    assert house.catch_up() == 0


def test_a_second_report_about_a_party_is_no_event(clock):
    agreement = make_agreement(1)
    party = agreement.parties[0].id
    report = CompromiseReport(clock(), Reporter.PLATFORM, "丢了", "7f", is_revoked=True)

    once, events = agreement.reported(party, report, evidence={})
    twice, none = once.reported(party, report, evidence={})

    assert (len(events), none) == (1, [])
    assert twice == once
    assert (once.is_frozen, once.whose_turn) == (True, None)
