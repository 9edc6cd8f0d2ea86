"""Whether the law and the text that a draft stands on are in force that day (R-99, P-19)."""

from collections.abc import Iterator, Mapping
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

_RULE_ANNEXES = frozenset({"platform_rules", "rulebook"})


def check(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """R-99 after the pack's last day, and for a pack that is a draft or not yet in force."""
    if not pack.in_force or today < pack.valid_from:
        yield pack.cases["policy.not_in_force"].finding(facts.kind, "", pack=pack.title)
    elif pack.valid_to is not None and today > pack.valid_to:
        yield pack.cases["policy.expired"].finding(
            facts.kind, "", pack=pack.title, last=pack.valid_to.isoformat()
        )
    yield from _rule_annexes(facts, pack)


def check_text(
    facts: Facts, pack: RulePack, today: date, valid: tuple[date, date | None]
) -> Iterator[Finding]:
    """P-19 for a text that is not valid yet, or no longer."""
    start, end = valid
    if today < start or (end is not None and today > end):
        yield pack.cases["policy.text_over"].finding(
            facts.kind, "template_version", version=facts.draft.template_version
        )


def _rule_annexes(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    """R-12b: rules that touch workers are published before they bind (劳动合同法 4)."""
    for index, annex in enumerate(facts.rows("annexes")):
        if not isinstance(annex, Mapping) or str(annex.get("kind")) not in _RULE_ANNEXES:
            continue
        if not annex.get("published_on"):
            yield pack.cases["policy.unpublished"].finding(
                facts.kind, f"values.annexes[{index}].published_on"
            )
