"""The suite before OpenSSL and pdfsig: they refuse nothing that the judge calls valid, and whatever
they accept beyond it is written down with its reason, in the repository's table too.
"""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
import second_opinion
import workshop
from attack import Attack
from second_opinion import Opinions, Reason

import byte_ranges
import other_judges
from tools import generate_second_opinion

PAGE = generate_second_opinion.TARGET


@pytest.fixture(scope="module")
def asked():
    return second_opinion.ask_all()


@pytest.fixture
def are_the_versions_of_the_page():
    """Other versions of OpenSSL and poppler answer otherwise here and there."""
    named = ", ".join(f"{name} {number}" for name, number in second_opinion.versions().items())
    return f"Asked here: {named}." in PAGE.read_text("utf-8")


def test_nobody_refuses_a_file_that_the_judge_calls_valid(asked):
    assert second_opinion.wrongly_refused(asked) == []


def test_whoever_accepts_a_file_that_the_judge_refuses_does_so_for_a_reason_that_is_written_down(
    asked,
):
    explained = set(second_opinion.explained(second_opinion.reasons()))

    unexplained = second_opinion.differences(asked) - explained
    assert unexplained == set(), "give the reason in differences.toml of the class"


def test_no_reason_is_written_down_for_a_difference_that_is_none(
    asked, are_the_versions_of_the_page
):
    explained = Counter(second_opinion.explained(second_opinion.reasons()))
    known = {(one.attack.folder, one.attack.name) for one in asked if one.attack.is_negative}

    assert set(explained.values()) == {1}
    assert {(folder, file) for folder, file, _ in explained} <= known
    if are_the_versions_of_the_page:
        assert set(explained) == second_opinion.differences(asked)


def test_the_page_is_the_one_that_asking_makes(asked, are_the_versions_of_the_page):
    made = generate_second_opinion.page(asked, second_opinion.reasons())
    kept = PAGE.read_text("utf-8")
    if not are_the_versions_of_the_page:
        made, kept = (re.findall(r"(?m)^\| \w+ \| \d+ \| \d+ \|", text) for text in (made, kept))

    assert made == kept, "run `python tools/generate_second_opinion.py`"


def test_each_reason_is_a_sentence_and_names_whom_it_speaks_of():
    for reason in second_opinion.reasons():
        assert reason.files
        assert set(reason.accepted_by) <= set(second_opinion.OTHERS)
        assert re.fullmatch(r"[A-Z].{40,}[.]", reason.why, re.IGNORECASE), reason
        assert "\n" not in reason.why
        assert "|" not in reason.why


@pytest.mark.parametrize("module", [byte_ranges, other_judges])
def test_the_second_opinion_shares_no_code_with_the_service(module):
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert not any(name.startswith(("signing", "workshop", "forge")) for name in imported)


def test_a_sound_file_that_openssl_refuses_would_be_noticed():
    sound = Attack("sound", "", bytes, "", outcome="valid", folder="new")
    refused = Opinions(sound, {"OpenSSL": "signature", "pdfsig": "accepts"})

    assert second_opinion.wrongly_refused([refused]) == [("new", "sound", "OpenSSL")]


def test_an_attack_that_pdfsig_accepts_without_a_reason_would_be_noticed():
    attack = Attack("attack", "", bytes, "CODE", folder="new")
    accepted = Opinions(attack, {"OpenSSL": "signature", "pdfsig": "accepts"})
    of_openssl = Reason("new", ("OpenSSL",), ("attack",), "")

    unexplained = second_opinion.differences([accepted]) - set(
        second_opinion.explained([of_openssl])
    )

    assert unexplained == {("new", "attack", "pdfsig")}


@pytest.mark.parametrize("back", [2, 1])
def test_the_others_do_notice_a_flipped_bit_of_the_page(back):
    pdf = bytearray(workshop.standard_states()[-back][0])
    pdf[pdf.index(b"/MediaBox") + 1] ^= 1
    root = (workshop.standard().root.der,)

    (answers,) = other_judges.opinions([other_judges.Case(bytes(pdf), root, root, workshop.START)])

    assert answers == ("signature", "signature")
