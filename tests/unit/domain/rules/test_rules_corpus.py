"""The figures that the clause reader promises, on clauses no rule was written for."""

import pytest

from clause_corpus import lawful_clauses, pairs
from signing.domain.draft import AgreementDraft
from signing.domain.finding import Severity
from signing.domain.rules import clauses
from signing.domain.rules.facts import Facts


@pytest.fixture(scope="module")
def judged(pack, reader):
    """For every pair and kind put aside: the pair, findings on either side."""

    def findings(kind, text):
        draft = AgreementDraft(kind, "latest", "430104", (), {"other_terms": text})
        found = clauses.check(Facts(draft), pack, reader)
        return [f for f in found if f.severity is not Severity.INFO]

    return [
        (pair, findings(kind, pair.unlawful), findings(kind, pair.lawful))
        for pair in pairs("held_out")
        for kind in pair.kinds
    ]


def share(flags):
    """How many of the flags are set."""
    flags = list(flags)
    return sum(flags) / len(flags)


def test_nine_of_ten_unlawful_clauses_are_found(judged):
    assert share(bool(bad) for _, bad, _ in judged) >= 0.90


def test_four_of_five_are_found_under_the_right_rule(judged):
    found = [(pair, bad) for pair, bad, _ in judged if bad]

    assert share(any(f.rule in p.rules for f in bad) for p, bad in found) >= 0.80


def test_hardly_a_lawful_clause_is_blocked(judged):
    assert share(any(f.severity is Severity.BLOCK for f in good) for *_, good in judged) <= 0.01


def test_few_lawful_clauses_are_warned_of(judged):
    assert share(bool(good) for *_, good in judged) <= 0.05


def test_most_pairs_are_told_apart(judged):
    assert share(bool(bad) and not good for _, bad, good in judged) >= 0.85


def test_the_corpus_holds_every_family_of_rules_on_both_halves():
    development = {rule for pair in pairs("development") for rule in pair.rules}
    held_out = {rule for pair in pairs("held_out") for rule in pair.rules}

    assert len(development) >= 40
    assert held_out <= development


def test_the_corpus_is_as_large_as_it_says():
    clauses_in_all = 2 * sum(1 for part in ("development", "held_out") for _ in pairs(part))

    assert clauses_in_all >= 2_000
    assert sum(1 for _ in lawful_clauses("development")) >= 1_000


def test_no_clause_of_the_held_out_half_stands_in_the_development_half():
    development = {text for p in pairs("development") for text in (p.unlawful, p.lawful)}
    held_out = {text for p in pairs("held_out") for text in (p.unlawful, p.lawful)}

    assert not development & held_out
