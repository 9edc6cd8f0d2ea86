import json
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
    TimestampVerdict,
    Verdict,
)
from signing.verification import report
from signing.verification.findings import finding
from signing.verification.wording import EN, ZH

AT = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
VERDICT = Verdict(
    indication=Indication.TOTAL_FAILED,
    outcome=Outcome.TAMPERED,
    generated_at=AT,
    verifier="signing 0.1.0",
    document=DocumentFacts("ab" * 32, 3, "labour_contract", "HT-7", None, None, True),
    signatures=(
        SignatureVerdict(
            role="employer",
            name="长沙某某公司",
            indication=Indication.TOTAL_FAILED,
            sub_indication=SubIndication.HASH_FAILURE,
            signed_at=AT,
            time_source="timestamp",
            covers=Covers.ENTIRE_FILE,
            later_changes=LaterChanges.FORBIDDEN,
        ),
    ),
    timestamps=(TimestampVerdict(AT, "TEST TSA", Indication.TOTAL_PASSED),),
    log=LogFacts(included=True, index=4, tree_size=9, witnesses=0, first_seen_by=None),
    findings=(finding("CHANGED"), finding("HASH_FAILURE", who="用人单位")),
)


def test_the_chinese_report_begins_with_the_outcome_and_the_next_step():
    lines = report.to_text(VERDICT, file_name="合同.pdf").split("\n")

    assert lines[0] == "结论：无效 (TOTAL-FAILED)"
    assert "请找签完时下载的原件" in lines[1]
    assert lines[2] == "文件：合同.pdf"


def test_times_are_beijing_time_in_chinese_and_utc_in_english():
    assert "2026-11-26 02:30:00（北京时间）" in report.to_text(VERDICT, file_name="a")
    assert "2026-11-25T18:30:00Z" in report.to_text(VERDICT, file_name="a", language="en")


def test_every_finding_stands_in_the_report_with_its_code():
    for language in ("zh", "en"):
        text = report.to_text(VERDICT, file_name="a", language=language)
        assert "[HASH_FAILURE]" in text
    assert "用人单位：签名之后文件内容被改动" in report.to_text(VERDICT, file_name="a")


def test_the_english_report_has_no_chinese_but_names():
    text = report.to_text(replace(VERDICT, signatures=()), file_name="a", language="en")

    assert text.isascii()


def test_the_log_is_told_whether_it_holds_the_document_or_not():
    nothing = LogFacts(included=False, index=None, tree_size=None, witnesses=0, first_seen_by=None)

    assert "日志第 4 条（共 9 条）" in report.to_text(VERDICT, file_name="a")
    assert "没有这份文件的有效记录" in report.to_text(replace(VERDICT, log=nothing), file_name="a")
    assert "存证" not in report.to_text(replace(VERDICT, log=None), file_name="a")


@pytest.mark.parametrize(
    "steering", ["\x1b[2J", "\x07", "\x9b31m", "\u202e", "\u2066", "\r", "\ud800"]
)
def test_names_from_hostile_files_do_not_steer_the_terminal(steering):
    signature = replace(VERDICT.signatures[0], name=f"a{steering}b")
    verdict = replace(VERDICT, signatures=(signature,))

    text = report.to_text(verdict, file_name=f"x{steering}.pdf")
    document = report.to_json([verdict])

    assert steering[0] not in text + document
    assert json.loads(document)["signatures"][0]["name"] == f"a{steering}b"


def test_one_verdict_is_an_object_and_several_are_an_array():
    assert json.loads(report.to_json([VERDICT]))["outcome"] == "tampered"
    assert len(json.loads(report.to_json([VERDICT, VERDICT]))) == 2


def test_both_languages_have_the_same_words():
    assert set(ZH.labels) == set(EN.labels)
    for words in (ZH, EN):
        assert set(words.outcomes) == set(Outcome)
        assert set(words.indications) == set(Indication)
        assert set(words.covers) == set(Covers)
        assert set(words.changes) == set(LaterChanges)
