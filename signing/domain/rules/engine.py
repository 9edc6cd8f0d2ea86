"""One check of one draft: every chapter of the law, all findings at once.

Pure: the same draft, pack, day and reader give the same findings in the same order, which is
the order of `CHAPTERS` and, inside free text, the order of the words.
"""

from collections.abc import Callable, Iterator
from datetime import date

from signing.domain.draft import AgreementDraft
from signing.domain.finding import Finding
from signing.domain.rules import (
    appeals,
    benefits,
    classification,
    clauses,
    disputes,
    mandatory,
    pay,
    people,
    policy,
    rest,
    safety,
    term,
    tripartite,
    wages,
)
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack
from signing.domain.rules.reading import ClauseReader

Chapter = Callable[[Facts, RulePack, date], Iterator[Finding]]

CHAPTERS: tuple[Chapter, ...] = (
    policy.check,
    people.check,
    classification.check,
    term.check,
    wages.check,
    pay.check,
    rest.check,
    safety.check,
    benefits.check,
    appeals.check,
    tripartite.check,
    disputes.check,
    mandatory.check,
)


def check(
    draft: AgreementDraft, *, pack: RulePack, today: date, reader: ClauseReader
) -> tuple[Finding, ...]:
    """All findings on a draft (block, warn, info), in a stable order, each once."""
    facts = Facts(draft)
    found = [f for chapter in CHAPTERS for f in chapter(facts, pack, today)]
    found.extend(clauses.check(facts, pack, reader))
    return tuple(dict.fromkeys(found))
