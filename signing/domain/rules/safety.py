"""Safety, insurance and injury: R-08a, R-09a, R-09b, R-11a to R-11c.

Rules kept here:

* Protective gear, training and bad-weather rules are named (湘人社规〔2021〕24号 (八)).
* A labour contract enrols in every social insurance; there is no other option.
* In the pilot trades an agreement names the occupational-injury scheme or an insurance, and the
  worker pays for neither.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

_SAFETY_KEYS = ("ppe_list", "training_hours", "bad_weather_rule")
_OUTSIDE_THE_PILOT = frozenset({"courier", "domestic", "other"})
"""The pilot is for 出行, 外卖 and 即时配送, 同城货运 (湘人社规〔2021〕24号 (十一))."""
_OPTION_KEYS = ("pension_option", "medical_option")


def check(facts: Facts, pack: RulePack, _today: date) -> Iterator[Finding]:
    """Findings on safety and cover."""
    for key in _SAFETY_KEYS:
        if not (facts.text(key) or facts.rows(key) or facts.number(key)):
            case = "safety.empty" if facts.given(key) else "safety.absent"
            yield pack.cases[case].finding(facts.kind, f"values.{key}")
    if facts.is_labour_contract:
        yield from _premiums(facts, pack)
        return
    yield from _options(facts, pack)
    yield from _scheme(facts, pack)


def _options(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    if facts.text("worker_relation_with") == "labour_relation":
        return
    for key in _OPTION_KEYS:
        if not facts.text(key):
            yield pack.cases["insurance.no_option"].finding(facts.kind, f"values.{key}")


def _scheme(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    scheme = facts.text("occupational_injury_scheme")
    policies = facts.rows("commercial_insurance")
    path = "values.occupational_injury_scheme"
    if scheme == "commercial_insurance" and not policies:
        yield pack.cases["injury.no_policy"].finding(facts.kind, "values.commercial_insurance")
    elif scheme == "enrolled" and facts.text("service_type") in _OUTSIDE_THE_PILOT:
        yield pack.cases["injury.enrolled_outside"].finding(facts.kind, path)
    elif scheme == "unknown":
        outside = facts.text("service_type") in _OUTSIDE_THE_PILOT
        case = "injury.unknown" if policies else f"injury.none{'_outside' if outside else ''}"
        yield pack.cases[case].finding(facts.kind, path)
    elif not scheme and facts.text("service_type") in _OUTSIDE_THE_PILOT:
        yield pack.cases["injury.none_outside"].finding(facts.kind, path)
    elif not scheme:
        yield pack.cases["injury.none"].finding(facts.kind, path)
    if facts.text("occupational_injury_payer") == "worker":
        yield pack.cases["injury.worker_pays_scheme"].finding(
            facts.kind, "values.occupational_injury_payer"
        )
    yield from _premiums(facts, pack)


def _premiums(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    for index, policy in enumerate(facts.rows("commercial_insurance")):
        if isinstance(policy, Mapping) and policy.get("payer") == "worker":
            yield pack.cases["insurance.worker_pays"].finding(
                facts.kind, f"values.commercial_insurance[{index}].payer"
            )
