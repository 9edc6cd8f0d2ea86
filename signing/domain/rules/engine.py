"""One check of one draft: every chapter of the law, all findings at once.

Pure: the same draft, pack, day and reader give the same findings in the same order, which is
the order of `CHAPTERS` and, inside free text, the order of the words.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from signing.domain.draft import AgreementDraft, Companion
from signing.domain.finding import Finding
from signing.domain.rules import (
    appeals,
    benefits,
    classification,
    clauses,
    consistency,
    declarations,
    disputes,
    drafts,
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
    consistency.check,
    disputes.check,
    mandatory.check,
    drafts.check,
)


COMPANION_CHAPTERS: Mapping[Companion, tuple[Chapter, ...]] = {
    Companion.AMENDMENT: (policy.check, people.check, wages.check_change),
    Companion.RENEWAL: (policy.check, people.check, term.check),
    Companion.TERMINATION: (policy.check, people.check, declarations.check_termination),
    Companion.NOTICE: (policy.check, people.check, declarations.check_notice),
    Companion.CERTIFICATE: (policy.check, declarations.check_certificate),
    Companion.COPY: (),
}
"""What is asked of a document about an agreement: the agreement itself was checked when made."""


def check(
    draft: AgreementDraft,
    *,
    pack: RulePack,
    today: date,
    reader: ClauseReader,
    text_valid: tuple[date, date | None] | None = None,
) -> tuple[Finding, ...]:
    """All findings on a draft (block, warn, info), in a stable order, each once.

    `text_valid` are the first and last day of the text's own validity, if that is asked (P-19).
    """
    facts = Facts(draft)
    chapters = COMPANION_CHAPTERS[draft.companion] if draft.companion else CHAPTERS
    found = [f for chapter in chapters for f in chapter(facts, pack, today)]
    if text_valid is not None:
        found.extend(policy.check_text(facts, pack, today, text_valid))
    found.extend(clauses.check(facts, pack, reader))
    return tuple(dict.fromkeys(found))
