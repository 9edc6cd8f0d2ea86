"""Archive timestamps renewed before their certificates end, with the clock moved through the years.

The built-in TSA's certificates last ten years. Its key is rotated in year 8, so that a timestamp of
year 9 outlives the first one.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custody_desk import Desk
from signing.app import open_checking
from signing.cli.main import main
from signing.domain.verdict import Indication, SubIndication
from signing.verification.trust import load_trust
from signing.verification.verify import verify_document

BEGIN = datetime(2026, 12, 1, 4, tzinfo=UTC)
YEAR = timedelta(days=365)


class Clock:
    """Stands still until a test moves it."""

    now = BEGIN

    def __call__(self):
        return self.now


@dataclass
class Story:
    """What lies there after eleven years: files, and what happened when."""

    trust: Path
    archived: bytes
    renewed: bytes
    early: list
    too_soon: object
    after: object
    jobs: int


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """An agreement of year 0, renewed in year 9.8."""
    home, clock = tmp_path_factory.mktemp("renewal"), Clock()
    desk = Desk(home, clock)
    agreement_id = desk.completed()
    archived = desk.document(agreement_id)

    clock.now = BEGIN + 9.7 * YEAR
    desk.run_due()
    early = desk.agreement(agreement_id)
    clock.now = BEGIN + 9.8 * YEAR
    desk.run_due()
    too_soon = desk.agreement(agreement_id)
    desk.keystore.rotate("tsa")
    desk.close()

    desk = Desk(home, clock)  # the next start takes the new key into use
    clock.now += timedelta(hours=1)
    jobs = desk.run_due()
    after, renewed = desk.agreement(agreement_id), desk.document(agreement_id)
    desk.keystore.export_trust(home / "trust")
    desk.close()
    return Story(home / "trust", archived, renewed, early, too_soon, after, jobs)


def verdict(story, pdf, *, year):
    return verify_document(pdf, trust=load_trust(story.trust), at=BEGIN + year * YEAR)


def test_nothing_is_renewed_before_its_time(story):
    assert story.early.archive_sha256 == story.too_soon.archive_sha256


def test_a_timestamp_that_would_end_with_the_old_one_is_not_taken(story):
    assert story.too_soon.revision_sha256 == story.too_soon.archive_sha256
    assert story.after.archive_sha256 != story.too_soon.archive_sha256


def test_the_bytes_that_were_there_stay_as_they_were(story):
    assert story.renewed[: len(story.archived)] == story.archived
    assert len(story.archived) < len(story.renewed) < len(story.archived) + 12_000
    assert b"(renewal-2)" in story.renewed[len(story.archived) :]
    assert story.after.document_sha256 == story.early.document_sha256


@pytest.mark.parametrize("year", [9.81, 10.5, 11, 15, 19])
def test_renewed_it_is_sound_in_later_years(story, year):
    found = verdict(story, story.renewed, year=year)

    assert found.indication is Indication.TOTAL_PASSED, found.findings
    assert found.document.complete


@pytest.mark.parametrize("year", [0.001, 0.17, 3, 9])
def test_unrenewed_it_is_sound_for_as_long_as_its_timestamp(story, year):
    found = verdict(story, story.archived, year=year)

    assert found.indication is Indication.TOTAL_PASSED, found.findings


def test_unrenewed_nobody_can_say_in_year_eleven(story):
    found = verdict(story, story.archived, year=11)

    assert found.indication is Indication.INDETERMINATE
    assert "TSA_OUT_OF_BOUNDS" in {finding.code for finding in found.findings}


@pytest.mark.parametrize(("file", "code"), [("renewed", 0), ("archived", 3)])
def test_the_command_says_so_too(story, tmp_path, capsys, file, code):
    path = tmp_path / f"{file}.pdf"
    path.write_bytes(getattr(story, file))
    at = (BEGIN + 11 * YEAR).strftime("%Y-%m-%dT%H:%M:%SZ")

    answer = main(["verify", str(path), "--trust", str(story.trust), "--at", at])

    assert answer == code, capsys.readouterr().out


def test_a_renewal_that_nobody_will_make_is_a_violation(tmp_path):
    desk = Desk(tmp_path, Clock())
    agreement_id = desk.completed()
    desk.close()
    with closing(sqlite3.connect(tmp_path / "instance" / "signing.db")) as database, database:
        deleted = database.execute("DELETE FROM jobs WHERE kind = 'renew'").rowcount

    with open_checking(desk.config) as checking:
        found = {(one.code, one.where) for one in checking.violations()}

    assert deleted == 1
    assert ("RENEWAL_FORGOTTEN", agreement_id) in found


BEFORE = timedelta(seconds=-400)


@pytest.mark.parametrize("file", ["renewed", "archived"])
@pytest.mark.parametrize("before", [BEFORE, timedelta(days=-1), -100 * YEAR])
def test_before_it_was_signed_nobody_can_say(story, file, before):
    found = verify_document(getattr(story, file), trust=load_trust(story.trust), at=BEGIN + before)

    assert found.indication is Indication.INDETERMINATE
    assert found.findings[0].code == "NOT_YET_SIGNED"
    assert {one.sub_indication for one in found.signatures} == {SubIndication.OUT_OF_BOUNDS_NO_POE}
    assert "那时还不存在" in found.findings[0].message_zh
    assert "did not exist yet" in found.findings[0].message


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=4)])
def test_a_clock_that_is_a_little_behind_changes_nothing(story, late):
    found = verify_document(story.archived, trust=load_trust(story.trust), at=BEGIN - late)

    assert found.indication is Indication.TOTAL_PASSED, found.findings


@pytest.mark.parametrize("year", [0, 1 / 365, 60 / 365, 3, 9])
def test_as_of_a_day_before_its_renewal_the_renewed_file_is_what_it_was(story, year):
    found = verdict(story, story.renewed, year=year)

    assert found.indication is Indication.TOTAL_PASSED, found.findings
    assert "CLOCK_BEHIND" in {finding.code for finding in found.findings}


@pytest.mark.parametrize("file", ["renewed", "archived"])
@pytest.mark.parametrize("at", [datetime(2060, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_when_no_timestamp_lasts_any_more_nobody_can_say(story, file, at):
    found = verify_document(getattr(story, file), trust=load_trust(story.trust), at=at)

    codes = {finding.code for finding in found.findings}
    assert found.indication is Indication.INDETERMINATE
    assert "TSA_OUT_OF_BOUNDS" in codes
    assert "SYNTAX" not in codes
