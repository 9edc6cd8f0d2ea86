"""Use cases over fakes: one sealed agreement whose worker has a link, and a clock that is moved."""

import pytest

from services_desk import Desk
from signing.domain.agreement import Agreement


@pytest.fixture
def desk(clock) -> Desk:
    return Desk(clock)


@pytest.fixture
def agreement(desk) -> Agreement:
    return desk.add()


@pytest.fixture
def link(desk, agreement) -> str:
    return desk.link(agreement)


@pytest.fixture
def session(desk, link) -> str:
    """The worker's, who has read everything and stands before the signature."""
    return desk.come_to_sign(link)
