"""3,000 mutants of an archived file (20,000 in the benchmark; security.md §4.5)."""

import hashlib
from collections import Counter

import workshop
from attack import standard_trust
from mutants import OPERATORS, mutants, uncovered

from signing.domain.verdict import Outcome
from signing.verification.foreign import ForeignReport, Reading
from signing.verification.verify import verify_document

COUNT = 3_000
AT = workshop.START + workshop.timedelta(hours=3)
GOOD = workshop.standard_states()[4][0]
DIGEST = hashlib.sha256(GOOD).hexdigest()


def verdict(data):
    """Files without a mark of ours go to pyHanko's child; its answer never passes anything."""
    return verify_document(
        data,
        trust=standard_trust(),
        at=AT,
        known_sha256s=lambda _: {DIGEST},
        read_foreign=lambda _: ForeignReport(Reading.BROKEN),
    )


def differs_only_in_the_gap(mutant):
    start, stop = uncovered(GOOD)
    same_ends = mutant[: start + 1] == GOOD[: start + 1] and mutant[stop - 1 :] == GOOD[stop - 1 :]
    return len(mutant) == len(GOOD) and same_ends


def test_the_file_itself_is_valid_and_identical():
    found = verdict(GOOD)

    assert found.outcome is Outcome.VALID
    assert found.document.identical_to_stored is True


def test_no_mutant_with_a_covered_byte_changed_is_valid():
    accepted = []
    operators = Counter()

    for operator, mutant in mutants(GOOD, COUNT):
        operators[operator] += 1
        found = verdict(mutant)
        if found.outcome is Outcome.VALID:
            accepted.append((operator, mutant, found))

    assert operators.keys() == {operator.__name__ for operator, _ in OPERATORS}
    for operator, mutant, found in accepted:
        assert differs_only_in_the_gap(mutant), operator
        assert "NOT_IDENTICAL" in {finding.code for finding in found.findings}
        assert found.document.identical_to_stored is False
