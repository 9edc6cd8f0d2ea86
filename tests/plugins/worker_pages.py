"""Fixtures for the tests of the pages: a service in this process and a worker's phone.

A test module takes them by `pytest_plugins = ("plugins.worker_pages",)`.
"""

import pytest

from node_tools import NodeTools
from worker_phone import Outbox, WorkerPhone, chromium
from worker_site import ROOT, WorkerSite


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """One service for all tests of the pages: each test has an agreement of its own."""
    site = WorkerSite(tmp_path_factory.mktemp("site"))
    yield site
    site.close()


@pytest.fixture
def worker(site):
    """A worker who has just got the SMS."""
    return site.new_worker()


@pytest.fixture(scope="module")
def browser(chromium_path):
    """Debian's Chromium, for one module: Playwright's event loop runs in this thread meanwhile.

    While it does, nobody else may start one, such as pyHanko in the tests that follow.
    """
    with chromium(chromium_path) as browser:
        yield browser


@pytest.fixture
def phone(browser):
    """A phone with nothing on it; what its pages complained of fails the test."""
    phone = WorkerPhone(browser)
    yield phone
    phone.close()
    assert phone.complaints == []


@pytest.fixture
def outbox(site):
    """The SMS that were sent."""
    return Outbox(site.outbox_path)


@pytest.fixture(scope="session")
def node_tools():
    """Node, and the packages of package-lock.json; fetched once where they are not yet there."""
    return NodeTools(ROOT)
