"""What `signing check` makes of values; what it makes of a real store is in tests/functional."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ports.stores import make_agreement, sha
from signing.domain.agreement import AgreementStatus, Custody, PartyStatus
from signing.domain.signature import IntentStatus
from signing.domain.stock import StoredAgreement, StoredIntent, StoredJob, Telling
from signing.domain.verdict import DocumentFacts, Indication, Outcome, Verdict
from signing.services.checking import WORDS_ZH, check_signatures, check_verdict, check_work

STORAGE = Path(__file__).parents[3] / "signing" / "storage"


@pytest.fixture
def completed():
    """Signed by both, not yet archived."""
    agreement = make_agreement(1, status=AgreementStatus.COMPLETED)
    parties = tuple(
        replace(p, status=PartyStatus.SIGNED, signed_sha256=sha(p.id)) for p in agreement.parties
    )
    return replace(agreement, parties=parties)


@pytest.fixture
def stored(completed, noon) -> StoredAgreement:
    intents = tuple(
        StoredIntent(f"int_{n}", p.id, IntentStatus.SIGNED, noon, p.signed_sha256)
        for n, p in enumerate(completed.parties)
    )
    tellings = tuple(Telling(intent.id, intent.result_sha256) for intent in intents)
    return StoredAgreement(completed, intents, tellings)


def codes(violations) -> list[tuple[str, str]]:
    return [(found.code, found.where) for found in violations]


def with_intent(stored: StoredAgreement, **changes) -> StoredAgreement:
    """The worker's intent, changed."""
    first, second = stored.intents
    return replace(stored, intents=(first, replace(second, **changes)))


def test_signatures_that_are_told_as_they_are_kept_are_as_they_must_be(stored):
    assert codes(check_signatures(stored)) == []


def test_a_signature_that_no_event_tells_of_is_named(stored):
    untold = replace(stored, tellings=stored.tellings[:1])

    assert codes(check_signatures(untold)) == [("INTENT_CHANGED", "int_1")]


def test_an_event_that_tells_of_no_signature_is_named(stored):
    unkept = replace(stored, intents=stored.intents[:1])

    assert codes(check_signatures(unkept)) == [
        ("INTENT_CHANGED", stored.agreement.id),
        ("INTENT_CHANGED", "int_1"),
    ]


def test_two_signatures_of_one_party_are_named(stored):
    twice = with_intent(stored, party_id=stored.intents[0].party_id)

    assert ("INTENT_CHANGED", stored.agreement.id) in codes(check_signatures(twice))


def test_a_revision_told_otherwise_than_kept_is_named(stored):
    other = with_intent(stored, result_sha256=sha("other"))

    assert set(codes(check_signatures(other))) == {("INTENT_CHANGED", "int_1")}


def test_what_was_erased_is_counted_and_not_compared(stored):
    erased = replace(stored, tellings=(Telling(None, None), Telling(None, None)))

    assert codes(check_signatures(erased)) == []


def test_a_value_has_two_minutes_to_get_its_token(stored, noon):
    valued = with_intent(stored, status=IntentStatus.VALUED)
    at_once = {("archive", stored.agreement.id): StoredJob(noon, 0)}

    assert codes(check_work(valued, at_once, noon + timedelta(seconds=119))) == []
    assert codes(check_work(valued, at_once, noon + timedelta(minutes=2))) == [
        ("SIGNATURE_STUCK", "int_1")
    ]


@pytest.mark.parametrize(
    ("job", "is_stuck"),
    [
        (StoredJob(timedelta(minutes=10), 0), False),
        (StoredJob(timedelta(minutes=10), 1), True),
        (StoredJob(timedelta(minutes=7), 0), True),
    ],
    ids=["just handed in", "already failed", "nobody runs jobs"],
)
def test_a_value_that_was_just_handed_in_is_not_stuck(stored, noon, job, is_stuck):
    """Between the request and the value a worker may take a quarter of an hour."""
    valued = with_intent(stored, status=IntentStatus.VALUED)
    jobs = {
        ("finish", "int_1"): replace(job, run_at=noon + job.run_at),
        ("archive", stored.agreement.id): StoredJob(noon, 0),
    }

    found = codes(check_work(valued, jobs, noon + timedelta(minutes=10)))

    assert found == ([("SIGNATURE_STUCK", "int_1")] if is_stuck else [])


def test_what_is_complete_is_archived_or_will_be(stored, noon):
    agreement_id = stored.agreement.id

    assert codes(check_work(stored, {}, noon)) == [("ARCHIVE_FORGOTTEN", agreement_id)]
    assert codes(check_work(stored, {("archive", agreement_id): StoredJob(noon, 7)}, noon)) == []


def test_what_is_archived_will_be_renewed(stored, noon):
    archived = stored.agreement.archived(archive_sha256=sha("archived"))
    job = {("renew", f"{archived.id}:{archived.archive_sha256}"): StoredJob(noon, 0)}
    kept = replace(stored, agreement=archived)

    assert codes(check_work(kept, {}, noon)) == [("RENEWAL_FORGOTTEN", archived.id)]
    assert codes(check_work(kept, job, noon)) == []


def verdict(noon, indication, outcome, *, complete=True, number="2026-000001") -> Verdict:
    facts = DocumentFacts(sha("file"), complete=complete, number=number)
    return Verdict(indication, outcome, noon, "signing", facts)


PASSED = (Indication.TOTAL_PASSED, Outcome.VALID)
UNKNOWN = (Indication.INDETERMINATE, Outcome.VALID_UNKNOWN_ISSUER)
FAILED = (Indication.TOTAL_FAILED, Outcome.TAMPERED)
UNSIGNED = (Indication.INDETERMINATE, Outcome.NO_SIGNATURE)


@pytest.mark.parametrize(
    ("found", "is_sound"), [(PASSED, True), (UNKNOWN, False), (FAILED, False), (UNSIGNED, False)]
)
def test_a_complete_file_passes(completed, noon, found, is_sound):
    violations = codes(check_verdict(completed, verdict(noon, *found)))

    assert violations == ([] if is_sound else [("FILE_UNSOUND", completed.id)])


@pytest.mark.parametrize(("found", "is_sound"), [(PASSED, True), (UNKNOWN, True), (FAILED, False)])
def test_an_enterprises_own_ca_need_not_be_known_here(completed, noon, found, is_sound):
    enterprise, worker = completed.parties
    own = replace(completed, parties=(replace(enterprise, custody=Custody.EXTERNAL), worker))

    violations = codes(check_verdict(own, verdict(noon, *found)))

    assert violations == ([] if is_sound else [("FILE_UNSOUND", completed.id)])


@pytest.mark.parametrize(("found", "is_sound"), [(UNSIGNED, True), (FAILED, False)])
def test_a_file_under_way_is_at_least_not_tampered_with(noon, found, is_sound):
    pending = make_agreement(1)

    violations = codes(check_verdict(pending, verdict(noon, *found, complete=False)))

    assert violations == ([] if is_sound else [("FILE_UNSOUND", pending.id)])


def test_a_file_of_another_agreement_is_named(completed, noon):
    swapped = verdict(noon, *PASSED, number="2026-000002")

    assert codes(check_verdict(completed, swapped)) == [("FILE_SWAPPED", completed.id)]


def test_every_violation_that_storage_can_find_has_words_in_chinese():
    sources = [path.read_text("utf-8") for path in STORAGE.glob("fsck*.py")]
    found = {code for text in sources for code in re.findall(r'Violation\(\s*"([A-Z_]+)"', text)}

    assert len(found) > 10
    assert found - set(WORDS_ZH) == set()
