"""A budget of seconds for each part of the suite, printed at the end of every run.

With CI=true a part over its budget fails the run: 30 minutes for all of them, as many times over as
files run side by side; a part that nobody gave a budget is counted as `other`.
"""

import os
from collections import defaultdict

BUDGET = {
    "unit": 90,
    "ports": 80,
    "integration": 600,
    "functional": 780,
    "tampering": 120,
    "architecture": 100,
    "other": 30,
}

lanes = 1
spent: dict[str, float] = defaultdict(float)
count: dict[str, int] = defaultdict(int)


def pytest_configure(config):
    """How many files run side by side, each with seconds of its own (`-n`)."""
    global lanes  # noqa: PLW0603 (a plugin is its module)
    lanes = config.getoption("numprocesses", None) or 1


def part_of(nodeid: str) -> str:
    """The folder under tests/ in which a test lies, if it has a budget of its own."""
    folders = nodeid.partition("::")[0].split("/")
    part = folders[1] if len(folders) > 2 and folders[0] == "tests" else "other"
    return part if part in BUDGET else "other"


def over_budget() -> list[str]:
    return [part for part, seconds in spent.items() if seconds > lanes * BUDGET[part]]


def pytest_runtest_logreport(report):
    part = part_of(report.nodeid)
    spent[part] += report.duration
    count[part] += report.when == "call"


def pytest_sessionfinish(session, exitstatus):
    if os.environ.get("CI") == "true" and exitstatus == 0 and over_budget():
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    if not spent:
        return
    terminalreporter.section("seconds by part")
    line = "{:<14}{:>8}{:>10}{:>10}  {}".format
    terminalreporter.line(line("part", "tests", "seconds", "budget", ""))
    for part in sorted(spent, key=list(BUDGET).index):
        over = "OVER BUDGET" if part in over_budget() else ""
        terminalreporter.line(
            line(part, count[part], round(spent[part]), lanes * BUDGET[part], over)
        )
    total = round(sum(spent.values()))
    terminalreporter.line(line("all", sum(count.values()), total, lanes * sum(BUDGET.values()), ""))
