"""No test of this folder touches the network: asking for a socket's other end fails it."""

import sys

import pytest

FORBIDDEN = frozenset(("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"))
armed: set[str] = set()  # the ids of the tests that run now: one, or none


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    if armed and event in FORBIDDEN:
        raise AssertionError(f"a unit test called {event}{arguments[1:]}")


sys.addaudithook(refuse)


@pytest.fixture(autouse=True)
def no_network(request):
    armed.add(request.node.nodeid)
    yield
    armed.clear()
