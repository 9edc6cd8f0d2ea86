"""`signing check` on what the demo stored: clean as it is, and each kind of damage by its name."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from signing.app import open_checking
from signing.cli.main import main
from signing.config import Config

LONG_AGO = 1_700_000_000
"""A Unix time, for files that nobody can be writing any more."""


NAMES = """
SELECT a.id AS agreement, p.id AS worker, p.rowid AS row, i.id AS intent, r.sha256 AS base,
  a.archive_sha256 AS newest,
  (SELECT archive_sha256 FROM agreements WHERE kind = 'labour_contract') AS other,
  (SELECT max(id) FROM events WHERE tag = a.tag) AS event,
  (SELECT max(size) FROM log_checkpoints) AS size,
  '2026-01-01 00:00:00.000000' AS long_ago
FROM agreements a JOIN parties p ON p.agreement_id = a.id AND p.role = 'worker'
JOIN intents i ON i.party_id = p.id JOIN revisions r ON r.agreement_id = a.id AND r.ordinal = 1
WHERE a.kind = 'written_agreement'
"""
"""One agreement, and what belongs to it, for the statements of the tests."""


class Stored:
    """A copy of the demo's home, to be damaged as somebody with root and SQL could."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.documents = home / "instance" / "documents"
        self.keys = home / "keys" / "private"
        self.database = home / "instance" / "signing.db"
        with closing(sqlite3.connect(self.database)) as connection:
            connection.row_factory = sqlite3.Row
            self.names = dict(connection.execute(NAMES).fetchone())

    def violations(self) -> set[tuple[str, str]]:
        """Codes, and where."""
        with open_checking(Config.from_env({"SIGNING_HOME": str(self.home)})) as checking:
            return {(found.code, found.where) for found in checking.violations()}

    def codes(self) -> set[str]:
        return {code for code, _ in self.violations()}

    def sql(self, *statements: str) -> None:
        """Past every trigger and foreign key; `:agreement` and so on are `names`."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (trigger,) in triggers.fetchall():
                connection.execute(f"DROP TRIGGER {trigger}")
            rows = [connection.execute(each, self.names).rowcount for each in statements]
        assert rows[-1] > 0, "the last statement changed nothing"

    def file_of(self, sha256: str) -> Path:
        return self.documents / sha256[:2] / sha256[2:4] / sha256


@pytest.fixture
def stored(demo_results, tmp_path) -> Stored:
    home = tmp_path / "home"
    shutil.copytree(demo_results, home, ignore=shutil.ignore_patterns("*.zip", "*.pdf"))
    return Stored(home)


def run(home: Path, capsys, *arguments: str, monkeypatch) -> tuple[int, str, str]:
    monkeypatch.setenv("SIGNING_HOME", str(home))
    code = main(["check", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_what_the_demo_stored_is_whole_and_one_line_says_so(demo_results):
    program = Path(sys.executable).with_name("signing")

    answer = subprocess.run(
        [program, "check"],
        env={**os.environ, "SIGNING_HOME": str(demo_results)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == "全部完好：3 份协议 · nothing is violated in 3 agreement(s)\n"


def test_a_check_changes_nothing(stored):
    before = {p: p.read_bytes() for p in stored.home.rglob("*") if p.is_file()}

    stored.violations()

    after = {p: p.read_bytes() for p in stored.home.rglob("*") if p.is_file()}
    assert {p: c for p, c in after.items() if p.suffix not in (".db-shm", ".db-wal")} == before


@pytest.mark.parametrize(
    ("code", "where", "statement"),
    [
        (
            "STATUS_CHANGED",
            "{agreement}",
            "UPDATE agreements SET status = 'voided' WHERE id = :agreement",
        ),
        (
            "AGREEMENT_CHANGED",
            "{agreement}",
            "UPDATE agreements SET template_sha256 = renderer_id WHERE id = :agreement",
        ),
        (
            "FIELD_CHANGED",
            "{agreement}",
            "UPDATE agreements SET draft = zeroblob(64) WHERE id = :agreement",
        ),
        (
            "FILE_UNSOUND",
            "{agreement}",
            "UPDATE agreements SET revision_sha256 = :base WHERE id = :agreement",
        ),
        (
            "FILE_SWAPPED",
            "{agreement}",
            "UPDATE agreements SET revision_sha256 = :other WHERE id = :agreement",
        ),
        (
            "ARCHIVE_FORGOTTEN",
            "{agreement}",
            "UPDATE agreements SET archive_sha256 = NULL WHERE id = :agreement",
        ),
        (
            "SIGNATURE_CHANGED",
            "{agreement}",
            "UPDATE parties SET status = 'invited' WHERE id = :worker",
        ),
        (
            "ROW_ORPHANED",
            "parties {row}",
            "UPDATE parties SET agreement_id = 'agr_0' WHERE id = :worker",
        ),
        (
            "DOCUMENT_MISSING",
            "{agreement}",
            "UPDATE revisions SET sha256 = substr(sha256, 2) || '0' WHERE sha256 = :base",
        ),
        (
            "INTENT_CHANGED",
            "{agreement}",
            "UPDATE intents SET status = 'lapsed' WHERE id = :intent",
        ),
        (
            "INTENT_CHANGED",
            "{intent}",
            "UPDATE intents SET result_sha256 = base_sha256 WHERE id = :intent",
        ),
        (
            "SERIAL_UNLOGGED",
            "{agreement}",
            "DELETE FROM certificates WHERE agreement_id = :agreement",
        ),
        (
            "SERIAL_UNLOGGED",
            "{agreement}",
            "INSERT INTO certificates VALUES ('4242', :agreement, :worker, 'signer', :long_ago)",
        ),
        (
            "CHAIN_BROKEN",
            "{agreement}",
            "DELETE FROM events WHERE id = :event",
        ),
        (
            "EVENT_CHANGED",
            "events {event}",
            "UPDATE events SET name = 'agreement.voided' WHERE id = :event",
        ),
        (
            "EVENT_PLACE",
            "events {event}",
            "DELETE FROM log_leaves WHERE event_id = :event",
        ),
        (
            "OPENING_CHANGED",
            "event_openings {event}",
            "UPDATE event_openings SET opening = zeroblob(64) WHERE event_id = :event",
        ),
        ("LOG_GAP", "log_leaves 8", "DELETE FROM log_leaves WHERE idx = 7"),
        (
            "LOG_LEAF_CHANGED",
            "log_leaves 7",
            "UPDATE log_leaves SET leaf_hash = zeroblob(32) WHERE idx = 7",
        ),
        ("LOG_STATE_CHANGED", "log_state", "UPDATE log_state SET size = size - 1"),
        (
            "CHECKPOINT_FORGED",
            "log_checkpoints {size}",
            "UPDATE log_checkpoints SET note = CAST(note || X'0A' AS BLOB) WHERE size = :size",
        ),
    ],
)
def test_what_a_dba_changed_is_named(stored, code, where, statement):
    place = where.format(**stored.names)

    stored.sql(statement)

    assert (code, place) in stored.violations()


def test_a_value_that_nobody_will_timestamp_is_named(stored):
    stored.sql(
        "DELETE FROM jobs WHERE key = :intent",
        "UPDATE intents SET status = 'valued', created_at = :long_ago WHERE id = :intent",
    )

    assert ("SIGNATURE_STUCK", stored.names["intent"]) in stored.violations()


def test_a_byte_changed_in_a_stored_file_is_named(stored):
    path = stored.file_of(stored.names["newest"])
    content = bytearray(path.read_bytes())
    content[2000] ^= 1
    path.write_bytes(content)

    assert stored.codes() == {"DOCUMENT_CHANGED"}


def test_a_stored_file_that_is_gone_is_named(stored):
    stored.file_of(stored.names["base"]).unlink()

    assert stored.codes() == {"DOCUMENT_MISSING"}


def test_a_checkpoint_outside_that_is_not_ours_is_named(stored):
    note = stored.home / "instance" / "log" / "checkpoint"
    note.write_bytes(note.read_bytes().replace(b"\n", b"0\n", 2))

    assert stored.violations() == {("CHECKPOINT_FORGED", "checkpoint outside the database")}


def test_yesterdays_database_under_todays_checkpoint_is_named(stored):
    stored.sql(
        "DELETE FROM log_checkpoints WHERE size = :size", "DELETE FROM log_heads WHERE size = :size"
    )

    assert stored.violations() == {("CHECKPOINT_CHANGED", "checkpoint outside the database")}


def test_a_certificate_that_the_ca_signed_unasked_is_named(stored):
    line = {"serial": "4242", "purpose": "signer", "not_before": "", "tbs_sha256": ""}
    with (stored.keys / "issued.ndjson").open("a") as journal:
        journal.write(json.dumps(line) + "\n")

    assert stored.violations() == {("SERIAL_UNKNOWN", "serial 4242")}


def test_files_of_nobody_are_named_once_they_are_old(stored):
    orphan = stored.file_of("ab" * 32)
    orphan.parent.mkdir(parents=True)
    half_written = stored.documents / "incoming" / "tmpabc"
    for path in (orphan, half_written):
        path.write_bytes(b"%PDF-")
    assert stored.codes() == set()

    for path in (orphan, half_written):
        os.utime(path, (LONG_AGO, LONG_AGO))

    assert stored.violations() == {
        ("DOCUMENT_UNKNOWN", "ab" * 32),
        ("FILE_LEFT_OVER", str(half_written)),
    }


def test_a_key_that_others_may_read_is_named_and_nothing_is_opened(stored, capsys, monkeypatch):
    key = stored.keys / "issuing.key.pem"
    key.chmod(0o640)
    (stored.home / "keys" / "passphrase").chmod(0o644)

    code, printed, _ = run(stored.home, capsys, monkeypatch=monkeypatch)

    assert code == 1
    named = [line.split()[1].rstrip(":") for line in printed.splitlines()[:-1]]
    assert named == [str(stored.home / "keys" / "passphrase"), str(key)]
    assert "nothing else was looked at" in printed.splitlines()[-1]


def test_a_violation_is_one_line_in_both_languages_and_exit_1(stored, capsys, monkeypatch):
    stored.sql("UPDATE agreements SET archive_sha256 = NULL WHERE id = :agreement")

    code, printed, errors = run(stored.home, capsys, monkeypatch=monkeypatch)

    assert (code, errors) == (1, "")
    (line,) = printed.splitlines()
    where = stored.names["agreement"]
    told = "已签完，但没有存档任务 · no job will add its archive step"
    assert line == f"ARCHIVE_FORGOTTEN {where}: {told}"


def test_the_same_as_json(stored, capsys, monkeypatch):
    stored.sql("UPDATE agreements SET archive_sha256 = NULL WHERE id = :agreement")

    code, printed, _ = run(stored.home, capsys, "--json", monkeypatch=monkeypatch)

    answer = json.loads(printed)
    assert (code, answer["agreements"]) == (1, 3)
    (violation,) = answer["violations"]
    assert set(violation) == {"code", "where", "message", "message_zh"}


def test_where_nothing_was_stored_there_is_nothing_to_check(tmp_path, capsys, monkeypatch):
    code, _, errors = run(tmp_path, capsys, monkeypatch=monkeypatch)

    assert code == 2
    assert "没有密钥" in errors
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_read_is_exit_2(stored, capsys, monkeypatch):
    stored.database.write_bytes(b"not a database, but long enough" * 99)

    code, _, errors = run(stored.home, capsys, monkeypatch=monkeypatch)

    assert code == 2
    assert "DATABASE_UNREADABLE" in errors


def test_a_database_of_another_version_is_exit_2(stored, capsys, monkeypatch):
    stored.sql("UPDATE alembic_version SET version_num = '0000'")

    code, _, errors = run(stored.home, capsys, monkeypatch=monkeypatch)

    assert code == 2
    assert "signing db upgrade" in errors
