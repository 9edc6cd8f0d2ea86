"""Minimum wage: R-06a, MIN_WAGE_UNKNOWN, and the wage of the probation period (L-probation).

Rules kept here:

* Labour contract: the monthly standard of the place of performance, 实施条例 14; the hourly one
  for part-time work, 劳动合同法 72. Written and tripartite agreements: the hourly one.
* A verified row decides. With unverified rows only, the answer is always MIN_WAGE_UNKNOWN as a
  warning; below the lowest tier blocks, below the highest warns. No row for the place blocks.
* Money is integer 分; nothing is rounded.
* Probation: at least 80 % of the contract wage and at least the minimum, 劳动合同法 20.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import MinimumWage, RulePack


@dataclass(frozen=True)
class Promise:
    """The least pay that the draft promises: how much, per month or hour, and where it says so."""

    path: str
    fen: int
    hourly: bool

    @property
    def unit_zh(self) -> str:
        """The unit as the message prints it."""
        return "小时" if self.hourly else "月"


_CHANGEABLE = (
    ("monthly_wage_fen", False),
    ("base_wage_fen", False),
    ("guaranteed_hourly_fen", True),
)
"""Amounts of an amendment, and whether they are by the hour."""


def check(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """Findings on the amounts that the draft promises."""
    promises = tuple(_promises(facts))
    if not promises:
        yield pack.cases["wages.nothing_promised"].finding(facts.kind, _pay_path(facts))
    yield from _against_the_minimum(promises, facts, pack, today)
    yield from _probation(facts, pack)


def check_change(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """Findings on the amounts that an amendment sets; what it leaves alone was checked before."""
    changes = [
        Promise(f"values.{key}", fen, hourly=hourly)
        for key, hourly in _CHANGEABLE
        if (fen := facts.integer(key)) is not None
    ]
    if changes:
        yield from _against_the_minimum(changes, facts, pack, today)


def _against_the_minimum(
    promises: Sequence[Promise], facts: Facts, pack: RulePack, today: date
) -> Iterator[Finding]:
    rows = pack.wages_at(facts.draft.performance_place, today)
    if not rows:
        yield pack.cases["wages.unknown_place"].finding(
            facts.kind, "performance_place", place=facts.draft.performance_place
        )
    elif not rows[0].verified:
        yield pack.cases["wages.unverified"].finding(
            facts.kind, "performance_place", since=min(r.valid_from for r in rows)
        )
    for promise in promises:
        if rows:
            yield from _below(promise, rows, facts, pack)


def _promises(facts: Facts) -> Iterator[Promise]:
    if facts.is_labour_contract:
        yield from _labour_promises(facts)
    else:
        yield from _service_promises(facts)


def _labour_promises(facts: Facts) -> Iterator[Promise]:
    method = facts.text("pay_method")
    if method == "monthly" or not method:
        yield from _monthly(facts, "monthly_wage_fen")
    elif method == "base_performance":
        floor = facts.integer("fixed_performance_floor_fen") or 0
        base = facts.integer("base_wage_fen")
        if base is not None:
            yield Promise("values.base_wage_fen", base + floor, hourly=False)
    elif method == "piece":
        yield from _piece(facts)
    elif method == "hourly":
        hourly = facts.integer("guaranteed_hourly_fen")
        if hourly is not None:
            yield Promise("values.guaranteed_hourly_fen", hourly, hourly=True)
    else:
        yield from _monthly(facts, "monthly_wage_fen")
    if facts.given("probation_wage_fen") and facts.text("pay_method") != "hourly":
        yield from _monthly(facts, "probation_wage_fen")


def _monthly(facts: Facts, key: str) -> Iterator[Promise]:
    amount = facts.integer(key)
    if amount is not None:
        yield Promise(f"values.{key}", amount, hourly=False)


def _piece(facts: Facts) -> Iterator[Promise]:
    """计件: unit price times the quota of normal hours, 劳动合同法 31 and 最低工资规定 12."""
    price = facts.integer("unit_price_fen")
    quota = facts.integer("quota_for_normal_hours")
    if price is not None and quota is not None:
        yield Promise("values.unit_price_fen", price * quota, hourly=False)


def _service_promises(facts: Facts) -> Iterator[Promise]:
    """Pay of an hour: guaranteed, or the price of the orders that an hour holds."""
    guaranteed = facts.integer("guaranteed_hourly_fen")
    price = facts.integer("unit_price_fen")
    orders = facts.number("expected_orders_per_hour")
    if guaranteed is not None:
        yield Promise("values.guaranteed_hourly_fen", guaranteed, hourly=True)
    elif price is not None and orders is not None:
        yield Promise("values.unit_price_fen", int(price * orders), hourly=True)


def _pay_path(facts: Facts) -> str:
    if not facts.is_labour_contract:
        return "values.guaranteed_hourly_fen"
    keys = {
        "piece": "unit_price_fen",
        "base_performance": "base_wage_fen",
        "hourly": "guaranteed_hourly_fen",
    }
    return f"values.{keys.get(facts.text('pay_method'), 'monthly_wage_fen')}"


def _below(
    promise: Promise, rows: tuple[MinimumWage, ...], facts: Facts, pack: RulePack
) -> Iterator[Finding]:
    standards = [r.hourly_fen if promise.hourly else r.monthly_fen for r in rows]
    lowest, highest = min(standards), max(standards)
    if promise.fen < lowest:
        case, standard = "wages.below", lowest
    elif promise.fen < highest:
        case, standard = "wages.maybe_below", highest
    else:
        return
    yield pack.cases[case].finding(
        facts.kind,
        promise.path,
        promised=yuan(promise.fen),
        standard=yuan(standard),
        unit=promise.unit_zh,
    )


def _probation(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    probation = facts.integer("probation_wage_fen")
    wage = facts.integer("monthly_wage_fen") or facts.integer("base_wage_fen")
    if not facts.is_labour_contract or probation is None or wage is None:
        return
    if probation * 100 < wage * 80:
        yield pack.cases["probation.wage"].finding(
            facts.kind,
            "values.probation_wage_fen",
            promised=yuan(probation),
            least=yuan(-(-wage * 80 // 100)),
        )


def yuan(fen: int) -> str:
    """Money in 元 as a message prints it, exact: 190050 → "1900.50"."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)
