"""Minimum wage: R-06a, MIN_WAGE_UNKNOWN; probation's wage (L-probation), collective floor (R-12a).

Rules kept here:

* Labour contract: the monthly standard of the place of performance, 实施条例 14, to which pay by
  the hour comes in 21.75 days; the hourly one for part-time work, 劳动合同法 72. Written and
  tripartite agreements: the hourly one.
* A verified row decides. With unverified rows only, the answer is always MIN_WAGE_UNKNOWN as a
  warning; below the lowest tier blocks, below the highest warns. No row for the place blocks.
* Money is integer 分, what is computed from it an exact fraction; nothing is rounded.
* Probation: at least 80 % of the contract wage and at least the minimum, 劳动合同法 20.
* Terms are not below the collective contract that the agreement names, 劳动合同法 55.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import MinimumWage, RulePack


@dataclass(frozen=True)
class Promise:
    """The least pay that the draft promises: how much, per month or hour, and where it says so."""

    path: str
    fen: int | Fraction
    hourly: bool

    @property
    def unit_zh(self) -> str:
        """The unit as the message prints it."""
        return "小时" if self.hourly else "月"


_DAYS_A_MONTH = Fraction(87, 4)
"""21.75 paid days (劳社部发〔2008〕3号)."""
_HOURS_A_DAY = 8
_PART_TIME_WEEK = 24
_WEEKS_A_MONTH = Fraction(52, 12)
_CHANGEABLE = (
    ("monthly_wage_fen", False),
    ("base_wage_fen", False),
    ("guaranteed_hourly_fen", True),
)
"""Amounts of an amendment, and whether they are by the hour."""
_PROBATION = "values.probation_wage_fen"
_WAGE_KEYS = {
    "piece": "unit_price_fen",
    "base_performance": "base_wage_fen",
    "hourly": "guaranteed_hourly_fen",
}
"""Where a labour contract says its pay, if not as a monthly wage."""


def check(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """Findings on the amounts that the draft promises."""
    promises = tuple(_promises(facts))
    if not promises:
        yield pack.cases["wages.nothing_promised"].finding(facts.kind, _pay_path(facts))
    yield from _against_the_minimum(promises, facts, pack, today)
    yield from _probation(facts, pack)
    yield from _collective(promises, facts, pack)


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
    if method == "hourly":
        yield from _hourly(facts)
        return
    key = _WAGE_KEYS.get(method, "monthly_wage_fen")
    wage = contract_wage(facts)
    if wage is not None:
        yield _by_the_month(facts, f"values.{key}", wage)
    probation = facts.integer("probation_wage_fen")
    if probation is not None:
        yield Promise(_PROBATION, probation, hourly=False)


def contract_wage(facts: Facts) -> int | None:
    """What a labour contract promises for a month of normal work; None if it is paid by the hour.

    计件: unit price times the quota of normal hours, 劳动合同法 31 and 最低工资规定 12.
    """
    method = facts.text("pay_method")
    if method == "base_performance":
        base = facts.integer("base_wage_fen")
        assured = facts.integer("fixed_performance_floor_fen") or 0
        return None if base is None else base + assured
    if method == "piece":
        price, quota = facts.integer("unit_price_fen"), facts.integer("quota_for_normal_hours")
        return None if price is None or quota is None else price * quota
    return None if method == "hourly" else facts.integer("monthly_wage_fen")


def _is_part_time(facts: Facts) -> bool:
    return facts.text("employment_form") == "part_time"


def _by_the_month(facts: Facts, path: str, wage: int) -> Promise:
    """A month's pay, in part-time work what it comes to by the hour."""
    if not _is_part_time(facts):
        return Promise(path, wage, hourly=False)
    hours = (facts.integer("weekly_hours") or _PART_TIME_WEEK) * _WEEKS_A_MONTH
    return Promise(path, wage / hours, hourly=True)


def _hourly(facts: Facts) -> Iterator[Promise]:
    """Pay by the hour, in full-time work what it comes to by the month."""
    hourly = facts.integer("guaranteed_hourly_fen")
    if hourly is None:
        return
    path = "values.guaranteed_hourly_fen"
    if _is_part_time(facts):
        yield Promise(path, hourly, hourly=True)
        return
    hours = min(facts.integer("daily_hours") or _HOURS_A_DAY, _HOURS_A_DAY) * _DAYS_A_MONTH
    yield Promise(path, hourly * hours, hourly=False)


def _service_promises(facts: Facts) -> Iterator[Promise]:
    """Pay of an hour: guaranteed, or the price of the orders that an hour holds."""
    guaranteed = facts.integer("guaranteed_hourly_fen")
    price = facts.integer("unit_price_fen")
    orders = facts.number("expected_orders_per_hour")
    if guaranteed is not None:
        yield Promise("values.guaranteed_hourly_fen", guaranteed, hourly=True)
    elif price is not None and orders is not None:
        yield Promise("values.unit_price_fen", price * Fraction(str(orders)), hourly=True)


def _pay_path(facts: Facts) -> str:
    if not facts.is_labour_contract:
        return "values.guaranteed_hourly_fen"
    return f"values.{_WAGE_KEYS.get(facts.text('pay_method'), 'monthly_wage_fen')}"


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


def _collective(promises: Sequence[Promise], facts: Facts, pack: RulePack) -> Iterator[Finding]:
    least = facts.integer("collective_minimum_fen") or 0
    for promise in promises:
        if promise.fen < least and promise.path != _PROBATION:
            yield pack.cases["pay.below_collective"].finding(
                facts.kind,
                promise.path,
                promised=yuan(promise.fen),
                least=yuan(least),
                unit=promise.unit_zh,
            )


def _probation(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    probation, wage = facts.integer("probation_wage_fen"), contract_wage(facts)
    if not facts.is_labour_contract or probation is None or wage is None:
        return
    if probation * 100 < wage * 80:
        yield pack.cases["probation.wage"].finding(
            facts.kind,
            _PROBATION,
            promised=yuan(probation),
            least=yuan(-(-wage * 80 // 100)),
        )


def yuan(fen: int | Fraction) -> str:
    """Money in 元 as a message prints it, fractions of a 分 cut off: 190050 → "1900.50"."""
    whole, rest = divmod(floor(fen), 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)
