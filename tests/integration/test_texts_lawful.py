"""The shipped examples pass the rules themselves; what they print would pass them too."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest

from contract_texts import KINDS, all_composed, document, template
from signing.domain.draft import AgreementDraft, Kind, Order, PartyDraft, Role
from signing.domain.finding import Severity
from signing.domain.rules import engine
from signing.domain.rules.shape import check_parties
from signing.language import load_pack, make_reader
from signing.language.packs import load_regions

TODAY = date(2026, 11, 25)


@cache
def lawbook():
    return load_pack(on=TODAY), make_reader(), load_regions()


def draft(body: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> AgreementDraft:
    return AgreementDraft(
        kind=Kind(body["kind"]),
        template_version=body["template_version"],
        performance_place=body["performance_place"],
        parties=tuple(
            PartyDraft(Role(p["role"]), {k: v for k, v in p.items() if k != "role"})
            for p in body["parties"]
        ),
        values=body["values"] if values is None else values,
        classification=body["classification"],
        order=Order(body["order"]),
    )


def blocking(made: AgreementDraft):
    pack, reader, _ = lawbook()
    found = engine.check(made, pack=pack, today=TODAY, reader=reader)
    return [f for f in found if f.severity is Severity.BLOCK]


@pytest.mark.parametrize("kind", KINDS)
def test_no_example_is_refused_by_a_rule(kind):
    for body in template(kind).examples:
        assert blocking(draft(body)) == [], body["reference"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_parties_of_the_examples_have_numbers_that_check(kind):
    _, _, regions = lawbook()

    for body in template(kind).examples:
        assert check_parties(draft(body), regions=regions, today=TODAY) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_wages_lie_above_every_tier_that_is_known(kind):
    pack, reader, _ = lawbook()

    for body in template(kind).examples:
        found = engine.check(draft(body), pack=pack, today=TODAY, reader=reader)
        assert "R-06a" not in {f.rule for f in found}, body["reference"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_deposit_clause_in_an_example_is_refused(kind):
    body = document(kind, "01")

    found = blocking(
        draft(body, {**body["values"], "other_terms": "乙方入职时向甲方交纳押金500元。"})
    )

    assert "R-05a" in {f.rule for f in found}


def paragraphs(kind: str) -> list[str]:
    """Distinct paragraphs of the first examples, without the numbers of articles and items."""
    texts = (
        re.sub(r"<[^>]+>", "", found)
        for _, made in all_composed(kind)[:5]
        for found in re.findall(r"<(?:p|li)>(.*?)</(?:p|li)>", made.fragment, re.DOTALL)
    )
    return sorted({re.sub(r"^(第[^条]{1,5}条　|（.{1,2}）)", "", text) for text in texts})


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_texts_say_themselves_is_hardly_ever_taken_for_unlawful(kind):
    # The texts are lawful; a rule that blocks their words blocks a platform that copies them.
    # One in twenty is where the clause reader stands; the figure only ever comes down.
    body = document(kind, "02")
    said = paragraphs(kind)

    refused = [
        text
        for text in said
        if any(
            finding.path == "values.other_terms"
            for finding in blocking(draft(body, {**body["values"], "other_terms": text}))
        )
    ]

    assert len(refused) <= len(said) // 20, refused
