"""Complaints and appeals: R-13a, R-13b.

Rules kept here:

* Channel, days to accept and days to answer are named, and numbers (湘人社规〔2021〕24号 (十三)).
* A missing limit blocks; a long one warns, because no law gives the number (pack switches).
"""

from collections.abc import Iterator
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

_LIMITS = ("appeal_accept_days", "appeal_result_days")
_TEXTS = ("appeal_channel", "reply_method")


def check(facts: Facts, pack: RulePack, _today: date) -> Iterator[Finding]:
    """R-13a for written and tripartite agreements."""
    if facts.is_labour_contract:
        return
    for key in _TEXTS:
        if not facts.text(key):
            yield pack.cases["appeals.missing"].finding(facts.kind, f"values.{key}")
    for key in _LIMITS:
        days = facts.integer(key)
        if days is None or days < 1:
            yield pack.cases["appeals.missing"].finding(facts.kind, f"values.{key}")
        elif days > pack.switches.get(key, days):
            yield pack.cases["appeals.long"].finding(
                facts.kind, f"values.{key}", days=days, most=pack.switches[key]
            )
