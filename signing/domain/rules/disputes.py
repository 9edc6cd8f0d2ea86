"""Where a dispute goes, by kind: the router of law.md §6.1 (R-23).

Rules kept here:

* Labour relation: negotiation or mediation at will, then labour arbitration, then the court.
* Not fully a labour relation: negotiation, mediation, the people's court.
* Tripartite: by `worker_relation_with`; platform and provider stand together.
* A claim to confirm a labour relation always goes to labour arbitration (仲裁法 2(1)).

What a dispute clause says in words is judged where clauses are read (frames of R-23).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from signing.domain.draft import Kind
from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack


class Route(StrEnum):
    """The road of a dispute; the verdict of the verifier prints it."""

    ARBITRATION = "arbitration"
    COURT = "court"


@dataclass(frozen=True)
class DisputeRoute:
    """Route, its legal basis, limitation and venue, in the words of the agreement."""

    route: Route
    basis: str
    limitation_zh: str
    venue_zh: str


_ARBITRATION = DisputeRoute(
    Route.ARBITRATION,
    "劳动争议调解仲裁法 2、5、21、27；湘人社规〔2021〕24号 (二十三)",
    "一年；拖欠报酬的，自劳动关系终止之日起一年内提出",
    "劳动合同履行地或者用人单位所在地的劳动人事争议仲裁委员会；不服裁决的，依法向人民法院起诉",
)
_COURT = DisputeRoute(
    Route.COURT,
    "民法典 188；民事诉讼法 24；湘人社规〔2021〕24号 (二十三)",
    "三年",
    "被告住所地或者合同履行地的人民法院；请求确认劳动关系的，可以申请劳动仲裁",
)


def route(kind: Kind, worker_relation_with: str = "") -> DisputeRoute:
    """The road of a dispute out of an agreement of that kind."""
    is_labour = kind is Kind.LABOUR_CONTRACT or (
        kind is Kind.TRIPARTITE_AGREEMENT and worker_relation_with == "labour_relation"
    )
    return _ARBITRATION if is_labour else _COURT


def check(facts: Facts, pack: RulePack, _today: date) -> Iterator[Finding]:
    """R-23c: a tripartite agreement's route that does not fit whose worker it is."""
    if facts.kind is not Kind.TRIPARTITE_AGREEMENT:
        return
    chosen = facts.text("dispute_route")
    if chosen and chosen != route(facts.kind, facts.text("worker_relation_with")).route:
        yield pack.cases["disputes.route"].finding(facts.kind, "values.dispute_route")
