"""A service on each engine, started once for all tests that speak to it over HTTP."""

import pytest

from running_service import Api, Home, serving


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def service(request, tmp_path_factory):
    """The running service; its agreements are those of all tests, so look for your own."""
    folder = tmp_path_factory.mktemp(f"service-{request.param}")
    if request.param == "sqlite":
        with serving(Home(folder)) as home:
            yield home
        return
    server = request.getfixturevalue("postgresql")
    url = server.create_database()
    with serving(Home(folder, url)) as home:
        yield home
    server.drop_database(url)


@pytest.fixture
def api(service) -> Api:
    """A platform that calls it."""
    return service.api


@pytest.fixture
def other(service) -> Api:
    """Another platform."""
    return service.other
