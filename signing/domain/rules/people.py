"""Who signs: age (P-10), driving (P-10), enterprises posing as workers (R-02e).

Rules kept here:

* Under 16 nobody works (劳动法 15). From 16 to 17: 未成年工, with registration and health check.
* An electric bicycle may be ridden from 16 (道路交通安全法实施条例 72); motor vehicles from 18.
* Over the retirement age: work is allowed, with pay, rest, safety and injury cover kept.
* A worker is a natural person: one registered as 个体工商户 is not made so by the platform.
* Whoever signs for an enterprise as its agent has an authorisation that still runs (P-09).
"""

from collections.abc import Iterator
from datetime import date

from signing.domain.draft import Role
from signing.domain.finding import Finding
from signing.domain.identity_numbers import (
    age_on,
    birth_date,
    is_credit_code,
    is_female,
    is_resident_id,
    normalise,
)
from signing.domain.rules.consistency import MOTOR_TRADES, MOTOR_VEHICLES
from signing.domain.rules.facts import Facts, read_day
from signing.domain.rules.pack import RulePack
from signing.domain.rules.retirement import retires_on

_LEAST_AGE = 16
_ADULT = 18
_RIDE_HAILING_AGE = 21
"""18 and three years of driving (网络预约出租汽车经营服务管理暂行办法 14)."""


def check(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """Findings on the parties."""
    yield from _worker_is_a_person(facts, pack, today)
    yield from _age(facts, pack, today)
    yield from _agents(facts, pack, today)


def _agents(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    for index, party in enumerate(facts.draft.parties):
        if party.role is Role.WORKER or not party.get("agent").strip():
            continue
        if not party.get("agent_authorization_sha256"):
            yield pack.cases["people.agent"].finding(
                facts.kind, f"parties[{index}].agent_authorization_sha256"
            )
        until = read_day(party.get("agent_authorization_valid_to"))
        if until is not None and until < today:
            yield pack.cases["people.agent_over"].finding(
                facts.kind,
                f"parties[{index}].agent_authorization_valid_to",
                until=until.isoformat(),
            )


def _worker_is_a_person(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    for index, party in enumerate(facts.draft.parties):
        if party.role is not Role.WORKER:
            continue
        code = normalise(party.get("uscc"))
        number = normalise(party.get("id_number"))
        is_business = is_credit_code(number) and not is_resident_id(number, today=today)
        if code or is_business:
            member = "uscc" if code else "id_number"
            yield pack.cases["people.business"].finding(facts.kind, f"parties[{index}].{member}")


def _age(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    for index, party in enumerate(facts.draft.parties):
        number = normalise(party.get("id_number"))
        if party.role is not Role.WORKER or not is_resident_id(number, today=today):
            continue
        born = birth_date(number)
        if born is None:
            continue
        age = age_on(born, today)
        path = f"parties[{index}].id_number"
        is_retired = today >= retires_on(born, is_woman=is_female(number))
        case = _age_case(age, facts, is_retired=is_retired)
        if case:
            yield pack.cases[case].finding(facts.kind, path, age=age)


def _age_case(age: int, facts: Facts, *, is_retired: bool) -> str:
    if age < _LEAST_AGE:
        return "people.child"
    if age < _ADULT:
        drives = (
            facts.text("occupation") in MOTOR_TRADES or facts.text("vehicle_type") in MOTOR_VEHICLES
        )
        return "people.minor_driver" if drives else "people.minor"
    if facts.text("occupation") == "ride_hailing_driver" and age < _RIDE_HAILING_AGE:
        return "people.young_driver"
    return "people.over_age" if is_retired else ""
