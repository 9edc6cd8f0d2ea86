"""What may stand in a party's members: they are printed, signed and compared at the gate."""

from dataclasses import replace
from datetime import date

import pytest

from signing.domain.draft import ROLES, AgreementDraft, Kind, PartyDraft, Role
from signing.domain.rules.shape import check_parties

TODAY = date(2026, 11, 25)
WORKER = {
    "name": "张三",
    "id_type": "resident_id",
    "id_number": "430111198509170573",
    "phone": "13900000208",
    "address": "湖南省长沙市岳麓区麓山南路1号",
}


def mistakes(**changes: str) -> list[tuple[str, str]]:
    """Path and code of each mistake about the worker's text."""
    kind = Kind.WRITTEN_AGREEMENT
    parties = tuple(
        PartyDraft(role, {**WORKER, **changes} if role is Role.WORKER else {})
        for role in ROLES[kind]
    )
    draft = AgreementDraft(kind, "latest", "430104", parties, {})
    return [
        (error.path, error.code)
        for error in check_parties(replace(draft), today=TODAY)
        if error.path.startswith("parties[1]")
    ]


@pytest.mark.parametrize(
    ("member", "text", "code"),
    [
        ("name", "张三\n李四", "CONTROL_CHARACTER"),
        ("name", "张\u200b三", "INVISIBLE_CHARACTER"),
        ("name", "张三\u202e", "INVISIBLE_CHARACTER"),
        ("name", "李四😀", "EMOJI"),
        ("name", " 张三", "EDGE_SPACE"),
        ("address", "长沙市\t岳麓区", "CONTROL_CHARACTER"),
    ],
)
def test_a_character_that_a_reader_cannot_see_is_refused_where_it_stands(member, text, code):
    found = mistakes(**{member: text})

    assert (f"parties[1].{member}", code) in found


@pytest.mark.parametrize(
    "name",
    ["买买提·吐尔逊", "买买提•吐尔逊", "𠮷野", "㐀㐁", "Nguyễn Văn A", "O'Neil-Smith", "张三"],
)
def test_names_of_every_people_are_taken(name):
    assert mistakes(name=name) == []
