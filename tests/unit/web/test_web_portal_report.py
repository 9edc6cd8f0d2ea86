"""A verdict in plain words: what is bad, unknown and good never look alike."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from signing.domain.verdict import (
    Covers,
    DocumentFacts,
    Indication,
    LaterChanges,
    LogFacts,
    Outcome,
    SignatureVerdict,
    SubIndication,
    Verdict,
    VerdictFinding,
    Weight,
)
from signing.web.portal import report

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
SIGNATURE = SignatureVerdict(
    role="worker",
    name="张*",
    indication=Indication.TOTAL_PASSED,
    sub_indication=None,
    signed_at=NOON,
    time_source="timestamp",
    covers=Covers.ENTIRE_FILE,
    later_changes=LaterChanges.NONE,
    custody="device",
)
GOOD = Verdict(
    indication=Indication.TOTAL_PASSED,
    outcome=Outcome.VALID,
    generated_at=NOON,
    verifier="signing",
    document=DocumentFacts("ab" * 32, complete=True, identical_to_stored=True),
    signatures=(SIGNATURE,),
    log=LogFacts(included=True, index=4, tree_size=9, witnesses=0, first_seen_by=None),
)
WARNING = VerdictFinding("LOG_PROOF_ABSENT", Weight.WARNING, "没有日志证明", "no proof")


def marks(verdict):
    return [check.mark[0] for check in report.checks(verdict)]


def test_a_good_file_is_good_in_every_respect():
    assert report.headline(GOOD) == report.Headline("✓", "有效", "good")
    assert marks(GOOD) == ["✓"] * 6


def test_a_warning_shows_in_the_first_line():
    line = report.headline(replace(GOOD, findings=(WARNING,)))

    assert (line.mark, line.tone) == ("⚠", "warn")
    assert "有提醒" in line.text


@pytest.mark.parametrize(
    "outcome", [outcome for outcome in Outcome if outcome is not Outcome.VALID]
)
def test_no_other_outcome_looks_good(outcome):
    line = report.headline(replace(GOOD, outcome=outcome))

    assert line.tone != "good"
    assert line.mark != "✓"


def test_outcomes_do_not_look_alike():
    lines = {report.headline(replace(GOOD, outcome=outcome)) for outcome in Outcome}

    assert len(lines) == len(Outcome)


def test_what_is_not_known_is_shown_as_not_known():
    unknown = replace(GOOD, document=DocumentFacts("ab" * 32), log=None)

    assert marks(unknown) == ["✓", "？", "✓", "✓", "？", "？"]


def test_an_issuer_that_nobody_knows_is_named_as_the_trouble():
    doubtful = replace(
        SIGNATURE,
        indication=Indication.INDETERMINATE,
        sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    )
    verdict = replace(GOOD, outcome=Outcome.VALID_UNKNOWN_ISSUER, signatures=(doubtful,))

    assert marks(verdict)[:3] == ["✓", "✓", "✗"]


def test_a_file_that_was_changed_fails_the_first_check():
    assert marks(replace(GOOD, outcome=Outcome.TAMPERED))[0] == "✗"


def test_a_file_without_signatures_claims_nothing():
    verdict = replace(GOOD, outcome=Outcome.NO_SIGNATURE, signatures=(), log=None)

    assert marks(verdict)[0] == marks(verdict)[3] == "？"


def test_a_file_that_cannot_be_opened_has_no_checks():
    assert report.checks(replace(GOOD, outcome=Outcome.UNREADABLE, indication=None)) == ()


def test_a_time_that_nobody_proves_is_said_to_be_claimed():
    claimed = replace(GOOD, signatures=(replace(SIGNATURE, time_source="claimed"),))

    assert report.signers(GOOD)[0].time == "2026年12月1日 12:00（时间戳证明）"
    assert report.signers(claimed)[0].time.endswith("（只是签名人自己写的）")
    assert marks(claimed)[3] == "✗"


def test_a_name_that_turns_the_line_round_is_made_harmless():
    hostile = replace(GOOD, signatures=(replace(SIGNATURE, name="张\u202e*\n"),))

    assert report.signers(hostile)[0].name == "张\ufffd*\ufffd"
