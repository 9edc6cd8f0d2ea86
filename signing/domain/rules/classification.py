"""The questionnaire of law.md §6.3 and its conflict with the kind chosen (R-02b, D9).

Rules kept here:

* Each answer yields points towards a labour relation: control, discipline, continuity and
  organisation count for it, autonomy over time, orders and price against it (指导性案例 237 号).
* The score is advice. It never changes the kind; above the threshold it is a finding.
* Both sides answer; where they differ, the worker's answer is kept and the difference shown.
* Who has worked for more than a month in what the answers call a labour relation, without a
  labour contract, is not given another agreement instead (R-02a; 劳动合同法 10, 82).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from signing.domain.finding import Finding
from signing.domain.rules.calendar import add_months
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

QUESTIONS = ("q1", "q2", "q3", "q4", "q5", "q6", "q7")
ANSWERS = ("yes", "no", "partly")

_AUTONOMY = frozenset({"q1", "q2", "q6"})
"""Questions whose "yes" speaks against a labour relation; all others speak for it."""

_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"q1": 3, "q2": 3, "q3": 3, "q4": 2, "q5": 2, "q6": 2, "q7": 3}
)
FULL_SCORE = 2 * sum(_WEIGHTS.values())
LABOUR_SCORE = FULL_SCORE * 7 // 10
"""From here on the answers point to a labour relation."""


@dataclass(frozen=True)
class Classification:
    """What the answers of one side point to."""

    score: int
    answered: int

    @property
    def points_to_labour_relation(self) -> bool:
        """Whether the answers, all given, reach the threshold."""
        return self.answered == len(QUESTIONS) and self.score >= LABOUR_SCORE


def classify(answers: Mapping[str, object]) -> Classification:
    """Score one side's answers: 0 for none of it, 2 × weight for all of it, half for `partly`."""
    score = answered = 0
    for question in QUESTIONS:
        answer = answers.get(question)
        if answer not in ANSWERS:
            continue
        answered += 1
        speaks_for = (answer == "no") if question in _AUTONOMY else (answer == "yes")
        score += _WEIGHTS[question] * (1 if answer == "partly" else 2 * speaks_for)
    return Classification(score, answered)


def differing(enterprise: Mapping[str, object], worker: Mapping[str, object]) -> tuple[str, ...]:
    """Questions that both sides answered, and differently."""
    return tuple(
        q for q in QUESTIONS if q in enterprise and q in worker and enterprise[q] != worker[q]
    )


def check(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """CLASSIFICATION_CONFLICT and R-02a where the answers say labour relation, the kind not."""
    given = facts.draft.classification
    enterprise = _answers(given.get("answers"))
    worker = _answers(given.get("worker_answers"))
    path = "classification.answers"
    if not facts.is_labour_contract and any(
        classify(side).points_to_labour_relation for side in (enterprise, worker)
    ):
        score = max(classify(enterprise).score, classify(worker).score)
        yield pack.cases["classification.conflict"].finding(
            facts.kind, path, score=score, full=FULL_SCORE
        )
        yield from _unwritten(facts, pack, today)
    for question in differing(enterprise, worker):
        yield pack.cases["classification.differing"].finding(
            facts.kind, f"classification.worker_answers.{question}", question=question
        )


def _unwritten(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    key = "first_task_date" if facts.day("first_task_date") else "start_date"
    since = facts.day(key)
    has_contract = bool(facts.text("labour_contract_number"))
    if since is not None and not has_contract and today > add_months(since, 1):
        yield pack.cases["classification.unwritten"].finding(
            facts.kind, f"values.{key}", since=since.isoformat()
        )


def _answers(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
