"""docs/law.md says where each article of the policy is carried, and what it says is so."""

import re
from datetime import date
from pathlib import Path

import pytest

from contract_texts import KINDS, companions, template
from signing.domain.chinese import cn_number
from signing.language import load_pack

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "law.md").read_text("utf-8")
CODES = dict(zip(("LC", "WA", "TA"), KINDS, strict=True))
NUMERALS = [cn_number(n) for n in range(1, 26)]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| (")
]
RULE = re.compile(r"\b(?:[RP]-\d\d[a-z]?|L-[a-z]+|MIN_WAGE_UNKNOWN|CLASSIFICATION_CONFLICT)\b")
NOTES = """
    R-02a R-02b R-02c R-02d R-02e R-03a R-03b R-03c R-03d R-04a R-04b R-04c R-05a R-05b R-05c
    R-06a R-06b R-06c R-06d R-06e R-07a R-07b R-07c R-07d R-08a R-08b R-09a R-09b R-09c R-11a
    R-11b R-11c R-12a R-12b R-13a R-13b R-20a R-20b R-20c R-20d R-23a R-23b R-23c R-99 P-01 P-02
    P-03 P-04 P-05 P-06 P-07 P-08 P-09 P-10 P-11 P-12 P-13 P-14 P-15 P-16 P-17 P-18 P-19 P-20
    L-probation L-overtime L-damages L-resign L-termination L-unilateral L-waiver L-exemption
    L-renewal L-pay L-risk L-insurance L-privacy L-women L-noncompete L-benefit L-dispatch
    L-form L-danger L-affiliation L-mandatory
"""


def test_every_article_of_the_policy_has_its_row():
    assert [re.match(r"\((.+?)\)", row[0]).group(1) for row in ROWS] == NUMERALS


@pytest.mark.parametrize("row", ROWS, ids=NUMERALS)
def test_every_row_says_who_carries_the_article_or_that_software_cannot(row):
    _, asks, text, rule, rest = row

    assert asks
    assert text or rule or rest


@pytest.mark.parametrize(
    ("code", "anchor"), sorted(set(re.findall(r"\b(LC|WA|TA)#([a-z-]+)", PAGE)))
)
def test_every_article_that_is_cited_exists(code, anchor):
    assert f'article("{anchor}")' in template(CODES[code]).html


def test_every_rule_that_is_cited_exists():
    known = set(load_pack(on=date(2026, 11, 25)).cases.rules)
    before, _, _ = PAGE.partition("## Rules that are steps")

    assert set(RULE.findall(before)) - known == set()


def test_every_rule_of_the_law_notes_is_a_finding_or_a_step_that_the_page_names():
    findings = set(load_pack(on=date(2026, 11, 25)).cases.rules)
    _, _, steps = PAGE.partition("## Rules that are steps")
    named = set(RULE.findall(steps.partition("\n## ")[0]))

    assert set(NOTES.split()) - findings == named & set(NOTES.split())
    assert named & findings == set()


def test_every_article_of_every_agreement_is_numbered_and_every_companion_named():
    named = re.findall(r"`(?:companions/)?(labour_contract_[a-z]+|certified_copy)`", PAGE)
    generic = {
        f"{kind}_{what}" for kind in KINDS for what in ("amendment", "renewal", "termination")
    }

    assert set(companions.kinds()) == set(named) | generic
