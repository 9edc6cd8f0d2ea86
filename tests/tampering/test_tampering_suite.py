"""Every file of the attack suite, judged: what the judge must say, and that it says why."""

import re
from collections import Counter
from pathlib import Path

import catalogue
import pytest
from attack import standard_trust

from signing.domain.verdict import Indication, Outcome
from signing.verification.findings import HEADLINES
from signing.verification.verify import verify_document

ATTACKS = catalogue.attacks()
CHINESE = re.compile(r"[\u4e00-\u9fff]{6}")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.folder}-{attack.name}")
def test_the_judge_says_of_a_file_what_it_must(attack):
    trust = attack.trust
    data = attack.make()
    evidence = attack.evidence() if attack.evidence else None

    verdict = verify_document(
        data, trust=trust() if trust else standard_trust(), at=attack.at, evidence=evidence
    )

    assert verdict.outcome == attack.outcome
    assert verdict.exit_code == attack.exit_code
    assert attack.code in {finding.code for finding in verdict.findings}
    assert verdict.findings[0].code in HEADLINES
    assert all(CHINESE.search(finding.message_zh) for finding in verdict.findings)
    if verdict.outcome is not Outcome.VALID:
        assert verdict.indication is not Indication.TOTAL_PASSED


def test_the_suite_is_as_large_and_as_negative_as_it_must_be():
    negative = [attack for attack in ATTACKS if attack.is_negative]

    assert len(ATTACKS) >= 90
    assert len(negative) >= 0.6 * len(ATTACKS)
    assert len({(attack.folder, attack.name) for attack in ATTACKS}) == len(ATTACKS)


def test_each_class_says_in_a_readme_what_it_is():
    folders = Counter(attack.folder for attack in ATTACKS)

    for folder in folders:
        readme = Path(__file__).parent / folder / "README.md"
        assert CHINESE.search(readme.read_text("utf-8")), folder
