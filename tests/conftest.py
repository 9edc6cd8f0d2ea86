"""What every test may ask for: a clock, a database of its own on both engines, a browser's path."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugins.leaving_out import leave_out_if_asked
from plugins.postgres import Cluster, Server

pytest_plugins = ("plugins.budget", "plugins.parts")


class FakeClock:
    """A `Clock` that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> datetime:
        """Move by what `timedelta` takes, such as `minutes=5`; returns the new time."""
        self.now += timedelta(**duration)
        return self.now


@pytest.fixture
def noon() -> datetime:
    """Noon in Changsha, as an aware time in UTC."""
    return datetime(2026, 12, 1, 4, tzinfo=UTC)


@pytest.fixture
def clock(noon) -> FakeClock:
    """Stands at `noon`; `clock.advance(minutes=5)` moves it."""
    return FakeClock(noon)


@pytest.fixture(scope="session")
def postgresql():
    """A server: that of TEST_DATABASE_URL, else a cluster made for this run."""
    leave_out_if_asked("postgresql")
    if given := os.environ.get("TEST_DATABASE_URL"):
        server = Server(given)
        yield server
        server.drop_remaining()
        return
    cluster = Cluster()
    try:
        yield Server(cluster.start())
    finally:
        cluster.stop()


@pytest.fixture
def postgres_url(postgresql):
    """URL of an empty PostgreSQL database for this test alone."""
    url = postgresql.create_database()
    yield url
    postgresql.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> str:
    """URL of an empty database for this test alone, on each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/signing.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def make_database(postgresql_or_none, tmp_path_factory):
    """Make an empty database of the engine "sqlite" or "postgresql"; for fixtures of a module."""

    def make(engine: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('database')}/signing.db"
        return postgresql_or_none().create_database()

    return make


@pytest.fixture(scope="session")
def postgresql_or_none(request) -> Callable[[], Server]:
    """The server when it is asked for: a run without PostgreSQL tests starts none.

    Started so late, it stops before whoever asked is torn down: `postgresql` drops what remains.
    """
    return lambda: request.getfixturevalue("postgresql")


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """Path of the system's Chromium; None where Playwright brings its own."""
    leave_out_if_asked("chromium")
    names = ("chromium", "google-chrome-stable", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def demo_results(tmp_path_factory) -> Path:
    """What `signing demo` leaves: a folder per kind, and `trust`; made once for the whole run."""
    home = tmp_path_factory.mktemp("demo")
    program = Path(sys.executable).with_name("signing")
    subprocess.run(
        [program, "demo", "--out", home],
        env={**os.environ, "SIGNING_HOME": str(home)},
        check=True,
        timeout=240,
    )
    return home
