from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from signing.domain import identity_numbers as ids

TODAY = date(2026, 11, 25)
DIGITS = st.text("0123456789", min_size=17, max_size=17)


@given(DIGITS)
def test_the_check_character_is_that_of_the_other_implementation(head):
    assert ids.resident_id_check_character(head) == ric.calc_check_digit(head + "0")


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18))
def test_a_credit_code_is_judged_as_the_other_implementation_judges(code):
    numeric_region = code[:8].isdigit()

    assert not (numeric_region and uscc.is_valid(code)) or ids.is_credit_code(code)


def test_a_number_with_a_real_date_and_check_character_is_good():
    assert ids.is_resident_id("430104199003070015", today=TODAY)


@pytest.mark.parametrize(
    "number",
    [
        "430104199003070016",
        "43010419900307001",
        "4301041990030700155",
        "430104199013070015",
        "430104189903070015",
        "43010419900307001x",
        "430104199003070015\n",
        "",
    ],
)
def test_a_wrong_length_date_or_check_character_is_refused(number):
    assert not ids.is_resident_id(number, today=TODAY)


@pytest.mark.parametrize("area", ["133100", "510202", "810000", "820000", "830000"])
def test_people_of_retired_and_new_areas_are_people(area):
    head = f"{area}19900307001"
    number = head + ids.resident_id_check_character(head)

    assert ids.is_resident_id(number, today=TODAY)


def test_a_birth_date_still_to_come_is_refused():
    head = "43010420261126001"
    number = head + ids.resident_id_check_character(head)

    assert not ids.is_resident_id(number, today=TODAY)
    assert ids.is_resident_id(number, today=date(2026, 11, 26))


def test_full_width_blanks_and_lower_case_are_folded_before_comparing():
    assert ids.normalise(" ４３０１０４ 19900307-001x ") == "43010419900307001X"


@pytest.mark.parametrize(
    ("id_type", "number", "good"),
    [
        ("hk_macao_permit", "H12345678", True),
        ("hk_macao_permit", "A12345678", False),
        ("taiwan_permit", "12345678", True),
        ("taiwan_permit", "1234", False),
        ("passport", "E12345678", True),
        ("passport", "E1", False),
        ("foreigner_permanent_residence", "GBR110000000000", True),
        ("residence_permit", "810000199003070012", False),
        ("library_card", "123456", False),
    ],
)
def test_other_documents_have_a_form(id_type, number, good):
    assert ids.is_identity_number(number, id_type, today=TODAY) is good


@pytest.mark.parametrize("born", [date(2008, 2, 29), date(2008, 3, 1)])
def test_an_age_is_complete_from_the_birthday_on(born):
    birthday = date(2026, 3, 1)

    assert ids.age_on(born, birthday) == 18
    assert ids.age_on(date(2008, 3, 2), birthday) == 17


@pytest.mark.parametrize("number", ["13800000000", "+8619912345678"])
def test_a_mobile_takes_the_signing_code(number):
    assert ids.is_mobile(number)


@pytest.mark.parametrize("number", ["12800000000", "1380000000", "073188880000", "abc", ""])
def test_what_is_no_mobile_does_not(number):
    assert not ids.is_mobile(number)


@pytest.mark.parametrize("number", ["073188880000", "4008001234", "95588", "13800000000"])
def test_an_enterprise_may_be_called_on_a_land_line_or_service_number(number):
    assert ids.is_phone(number)


@pytest.mark.parametrize("number", ["88880000", "1", "phone", ""])
def test_an_incomplete_number_calls_nobody(number):
    assert not ids.is_phone(number)
