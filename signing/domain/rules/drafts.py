"""What a draft regulation would ask for: fires only under a pack that carries its cases.

Rules kept here, of the measures published for comment on 2026-10-08:

* Rest after four hours of continuous work.
* Stops of dispatch and bans of accounts are reviewed by a person.
"""

from collections.abc import Iterator
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack


def check(facts: Facts, pack: RulePack, _today: date) -> Iterator[Finding]:
    """Findings of the draft that a preview pack switches on; none under a pack in force."""
    most = pack.switches.get("draft_rest_after_hours", 0)
    hours = facts.number("max_continuous_order_hours")
    if most and hours is not None and hours > most:
        yield pack.cases["draft.rest_after_four_hours"].finding(
            facts.kind, "values.max_continuous_order_hours", hours=hours
        )
    if pack.switches.get("draft_human_review", 0) and not facts.integer("human_review_days"):
        yield pack.cases["draft.no_human_review"].finding(facts.kind, "values.human_review_days")
