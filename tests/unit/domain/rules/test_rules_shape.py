from dataclasses import replace

import pytest

from rule_drafts import ENTERPRISE, FREE, TODAY, WORKER, make_draft
from signing.domain.draft import Kind, PartyDraft, Role
from signing.domain.rules.shape import check_parties
from signing.language import load_regions

WA = Kind.WRITTEN_AGREEMENT


def errors(draft):
    found = check_parties(draft, regions=load_regions(), today=TODAY)
    return {(e.path, e.code) for e in found}


@pytest.mark.parametrize("kind", list(Kind))
def test_a_lawful_draft_has_no_shape_error(kind):
    assert errors(make_draft(kind)) == set()


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("name", "", "REQUIRED"),
        ("id_number", "", "REQUIRED"),
        ("phone", None, "REQUIRED"),
        ("id_number", "430104199003070016", "ID_NUMBER_INVALID"),
        ("id_type", "library_card", "ID_TYPE_UNKNOWN"),
        ("phone", "0731-88880000", "PHONE_INVALID"),
    ],
)
def test_a_worker_needs_a_name_a_number_and_a_mobile(member, value, code):
    draft = make_draft(WA, worker={member: value})

    assert (f"parties[1].{member}", code) in errors(draft)


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("uscc", "91430100MA4L16JQ9E", "USCC_INVALID"),
        ("phone", "12", "PHONE_INVALID"),
        ("legal_representative", " ", "REQUIRED"),
        ("address", "", "REQUIRED"),
    ],
)
def test_an_enterprise_needs_its_code_and_members(member, value, code):
    draft = make_draft(WA)
    enterprise = PartyDraft(Role.ENTERPRISE, ENTERPRISE | {member: value})

    changed = replace(draft, parties=(enterprise, draft.parties[1]))

    assert (f"parties[0].{member}", code) in errors(changed)


def test_a_party_too_many_and_a_party_missing_are_both_named():
    parties = (PartyDraft(Role.EMPLOYER, ENTERPRISE), PartyDraft(Role.WORKER, WORKER))

    found = errors(replace(make_draft(WA), parties=parties))

    assert ("parties", "PARTY_COUNT") in found
    assert ("parties[0].role", "ROLE_UNKNOWN") in found


@pytest.mark.parametrize("answer", ["maybe", None, "", True])
def test_the_questionnaire_wants_seven_plain_answers(answer):
    draft = make_draft(WA, classification={"answers": FREE | {"q3": answer}})

    assert ("classification.answers.q3", "ANSWER_REQUIRED") in errors(draft)


@pytest.mark.parametrize("place", ["430100", "110101", "", "岳麓区"])
def test_a_place_is_a_county_of_hunan(place):
    draft = make_draft(WA, performance_place=place)

    assert ("performance_place", "REGION_UNKNOWN") in errors(draft)


def test_a_date_that_does_not_exist_is_refused():
    draft = make_draft(WA, values={"start_date": "2026-02-30"})

    assert ("values.start_date", "DATE_INVALID") in errors(draft)


def test_a_term_may_not_end_before_it_begins():
    draft = make_draft(WA, values={"end_date": "2026-11-30"})

    assert ("values.end_date", "ENDS_BEFORE_START") in errors(draft)


def test_every_mistake_is_listed_at_once():
    draft = make_draft(
        WA, worker={"name": "", "phone": "1"}, values={"end_date": "x"}, classification={}
    )

    assert len(errors(draft)) == 3 + 7
