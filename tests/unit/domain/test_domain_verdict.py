import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from signing.domain.verdict import (
    FAILURES,
    CertificateFacts,
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
    VerdictFinding,
    Weight,
    dispute_route,
    worst,
)

NOON = datetime(2026, 11, 25, 4, 0, 0, tzinfo=UTC)
SIGNATURE = SignatureVerdict(
    role="worker",
    name="张*",
    indication=Indication.TOTAL_PASSED,
    sub_indication=None,
    signed_at=NOON,
    time_source="timestamp",
    covers=Covers.ENTIRE_REVISION,
    later_changes=LaterChanges.ARCHIVE_ONLY,
    custody="device",
    certificate=CertificateFacts("TEST CA", "1f", NOON, NOON),
)
VERDICT = Verdict(
    indication=Indication.TOTAL_PASSED,
    outcome=Outcome.VALID,
    generated_at=NOON,
    verifier="signing 0.1.0",
    document=DocumentFacts("ab" * 32, 6, "written_agreement", "HT-1", True, None, True),
    signatures=(SIGNATURE,),
    timestamps=(TimestampVerdict(NOON, "TEST TSA", Indication.TOTAL_PASSED),),
    log=LogFacts(included=True, index=41, tree_size=977, witnesses=2, first_seen_by=NOON),
    dispute={"route": "court", "basis": "…"},
    findings=(VerdictFinding("UNTOUCHED", Weight.INFO, "完好", "untouched"),),
)


def test_the_json_is_that_of_the_interface():
    assert VERDICT.to_dict() == {
        "indication": "TOTAL-PASSED",
        "outcome": "valid",
        "generated_at": "2026-11-25T04:00:00Z",
        "verifier": "signing 0.1.0",
        "document": {
            "sha256": "ab" * 32,
            "pages": 6,
            "kind": "written_agreement",
            "number": "HT-1",
            "complete": True,
            "identical_to_stored": None,
            "test_certificates": True,
        },
        "signatures": [
            {
                "role": "worker",
                "name": "张*",
                "indication": "TOTAL-PASSED",
                "sub_indication": None,
                "signed_at": "2026-11-25T04:00:00Z",
                "time_source": "timestamp",
                "covers": "ENTIRE_REVISION",
                "later_changes": "ARCHIVE_ONLY",
                "custody": "device",
                "certificate": {
                    "issuer": "TEST CA",
                    "serial": "1f",
                    "not_before": "2026-11-25T04:00:00Z",
                    "not_after": "2026-11-25T04:00:00Z",
                },
            }
        ],
        "timestamps": [
            {"gen_time": "2026-11-25T04:00:00Z", "tsa": "TEST TSA", "indication": "TOTAL-PASSED"}
        ],
        "log": {
            "included": True,
            "index": 41,
            "tree_size": 977,
            "witnesses": 2,
            "first_seen_by": "2026-11-25T04:00:00Z",
        },
        "dispute": {"route": "court", "basis": "…"},
        "findings": [
            {
                "code": "UNTOUCHED",
                "severity": "info",
                "message_zh": "完好",
                "message": "untouched",
            }
        ],
    }


def test_what_is_not_known_is_null():
    blank = Verdict(None, Outcome.UNREADABLE, NOON, "signing", DocumentFacts("00" * 32))

    found = json.loads(json.dumps(blank.to_dict()))

    assert found["indication"] is found["log"] is found["dispute"] is None
    assert [found["document"][key] for key in ("pages", "complete", "identical_to_stored")] == [
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("indication", "code"),
    [
        (Indication.TOTAL_PASSED, 0),
        (Indication.TOTAL_FAILED, 1),
        (None, 2),
        (Indication.INDETERMINATE, 3),
    ],
)
def test_exit_codes_are_those_of_the_interface(indication, code):
    assert replace(VERDICT, indication=indication).exit_code == code


def test_the_gravest_indication_wins_in_any_order():
    for order in itertools.permutations(Indication):
        assert worst(order) is Indication.TOTAL_FAILED
    assert worst([Indication.TOTAL_PASSED, Indication.INDETERMINATE]) is Indication.INDETERMINATE
    assert worst([]) is Indication.TOTAL_PASSED


def test_failures_are_the_sub_indications_of_total_failed():
    assert {SubIndication.HASH_FAILURE, SubIndication.REVOKED} < FAILURES
    assert SubIndication.NO_CERTIFICATE_CHAIN_FOUND not in FAILURES
    assert SubIndication.REVOKED_NO_POE not in FAILURES


@pytest.mark.parametrize(
    ("kind", "relation", "route"),
    [
        ("labour_contract", "", "arbitration"),
        ("written_agreement", "", "court"),
        ("tripartite_agreement", "managed", "court"),
        ("tripartite_agreement", "labour_relation", "arbitration"),
    ],
)
def test_disputes_go_where_the_policy_sends_them(kind, relation, route):
    found = dispute_route(kind, worker_relation_with=relation)

    assert found["route"] == route
    assert "湘人社规〔2021〕24号（二十三）" in found["basis"]


@pytest.mark.parametrize("kind", [None, "loan"])
def test_of_other_files_no_route_is_known(kind):
    assert dispute_route(kind) is None
