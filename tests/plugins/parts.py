"""Which tests may be left out: by name on a person's machine, none with CI=true.

`make test WITHOUT="chromium postgresql"` leaves out what is marked `needs("chromium")` and what
asks for the fixture of that part. With CI=true a skip is a failure, save where the reason names
the public vectors that lie beside the repository (`../shared`).
"""

import os
import re

import pytest

from plugins.leaving_out import leave_out_if_asked

PARTS = ("chromium", "postgresql", "softhsm", "redis", "rabbitmq", "moto")
EXCUSED = re.compile(r"\bshared/")


def pytest_configure(config):
    config.addinivalue_line("markers", f"needs(part): needs one of {', '.join(PARTS)}")
    left_out = set(os.environ.get("WITHOUT", "").split())
    if unknown := left_out - set(PARTS):
        raise pytest.UsageError(f"WITHOUT={' '.join(unknown)}: parts are {', '.join(PARTS)}")


def pytest_runtest_setup(item):
    for marker in item.iter_markers("needs"):
        for part in marker.args:
            leave_out_if_asked(part)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    return refuse_skip(report)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector):
    report = yield
    return refuse_skip(report)


def refuse_skip(report):
    """Turn a skip into a failure with CI=true; expected failures are not skips."""
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not EXCUSED.search(reason):
        report.outcome = "failed"
        report.longrepr = f"CI=true allows no skip: {reason}"
    return report
