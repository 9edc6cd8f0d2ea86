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

    assert set(RULE.findall(PAGE)) - known == set()


def test_every_article_of_every_agreement_is_numbered_and_every_companion_named():
    named = re.findall(r"`(?:companions/)?(labour_contract_[a-z]+|certified_copy)`", PAGE)
    generic = {
        f"{kind}_{what}" for kind in KINDS for what in ("amendment", "renewal", "termination")
    }

    assert set(companions.kinds()) == set(named) | generic
