"""Platform, provider, worker: R-02c, R-03a, R-03b, R-03d, R-04a, R-20b.

Rules kept here:

* The provider's licences are named and valid on the day of the check.
* The contract between platform and provider exists and covers the whole term.
* Dispatch means a dispatch licence and a labour contract with the provider.
* Every duty in the matrix has somebody who answers for it.
* Work is passed on once: to the provider, not further.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from signing.domain.draft import Kind
from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts, read_day
from signing.domain.rules.pack import RulePack

_DISPATCH_MONTHS = 24
DUTIES = (
    "dispatch",
    "assessment",
    "pay_calculation",
    "pay_payment",
    "insurance_payment",
    "commercial_insurance",
    "safety_training",
    "protective_gear",
    "rest_control",
    "appeals",
    "personal_information",
    "record_keeping",
)


def check(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """Findings on tripartite agreements; nothing on the others."""
    if facts.kind is not Kind.TRIPARTITE_AGREEMENT:
        return
    yield from _qualification(facts, pack, today)
    yield from _main_contract(facts, pack)
    yield from _dispatch(facts, pack)
    yield from _duties(facts, pack)
    depth = facts.integer("subcontract_depth")
    if depth is not None and depth > 1:
        yield pack.cases["tripartite.depth"].finding(facts.kind, "values.subcontract_depth")
    if facts.text("worker_relation_with") == "labour_relation" and not facts.text(
        "labour_contract_number"
    ):
        yield pack.cases["tripartite.no_labour_contract"].finding(
            facts.kind, "values.labour_contract_number"
        )


def _qualification(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    rows = facts.rows("partner_qualification")
    if not rows:
        yield pack.cases["tripartite.no_licence"].finding(
            facts.kind, "values.partner_qualification"
        )
    for index, row in enumerate(rows):
        until = read_day(row.get("valid_to")) if isinstance(row, Mapping) else None
        if until is not None and until < today:
            yield pack.cases["tripartite.expired_licence"].finding(
                facts.kind,
                f"values.partner_qualification[{index}].valid_to",
                until=until.isoformat(),
            )


def _main_contract(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    path = "values.main_contract_ref"
    reference = facts.table("main_contract_ref")
    if not reference and not facts.text("main_contract_ref"):
        yield pack.cases["tripartite.no_main_contract"].finding(facts.kind, path)
        return
    start, end = read_day(reference.get("start_date")), read_day(reference.get("end_date"))
    our_start, our_end = facts.day("start_date"), facts.day("end_date")
    starts_late = start is not None and our_start is not None and start > our_start
    ends_early = end is not None and our_end is not None and end < our_end
    if starts_late or ends_early:
        yield pack.cases["tripartite.main_contract_short"].finding(facts.kind, path)


def _dispatch(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    if facts.text("cooperation_mode") != "dispatch":
        return
    licensed = any(
        isinstance(row, Mapping) and row.get("type") == "dispatch_licence"
        for row in facts.rows("partner_qualification")
    )
    if not licensed:
        yield pack.cases["dispatch.licence"].finding(facts.kind, "values.partner_qualification")
    if facts.text("worker_relation_with") != "labour_relation":
        yield pack.cases["dispatch.relation"].finding(facts.kind, "values.worker_relation_with")
    months = facts.integer("dispatch_term_months")
    if months is None or months < _DISPATCH_MONTHS:
        yield pack.cases["dispatch.term"].finding(facts.kind, "values.dispatch_term_months")


def _duties(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    matrix = facts.table("duty_matrix")
    if not matrix:
        yield pack.cases["tripartite.no_duties"].finding(facts.kind, "values.duty_matrix")
    for duty in DUTIES if matrix else ():
        if not matrix.get(duty):
            yield pack.cases["tripartite.empty_duty"].finding(
                facts.kind, f"values.duty_matrix.{duty}"
            )
