"""Every state in which there is nothing to sign has its page, its code, and a way on (W10)."""

import re
from datetime import UTC, datetime

import pytest

from fakes_web import LINK, client_of, doorway, use_case
from signing.domain.agreement import AgreementStatus, PartyStatus
from signing.errors import (
    Broken,
    Conflict,
    Gone,
    Locked,
    NotFound,
    NotYourTurn,
    TooMany,
    Unauthenticated,
    Unavailable,
)

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)


def headings(page):
    return re.findall(r"<h1[^>]*>(.*?)</h1>", page.get_data(as_text=True))


def page_of_doorway(**changes):
    return client_of(opening=use_case(look=doorway(**changes))).get(f"/s/{LINK}")


def page_of_error(error, *, look=None):
    services = {
        "opening": use_case(look=look or doorway(has_begun=True)),
        "reading_room": use_case(open=error),
    }
    return client_of(**services).get(f"/s/{LINK}/read")


@pytest.mark.parametrize(
    ("changes", "status", "heading"),
    [
        ({"agreement_status": AgreementStatus.EXPIRED}, 410, "这个链接过期了"),
        ({"agreement_status": AgreementStatus.VOIDED}, 410, "这份合同取消了"),
        ({"agreement_status": AgreementStatus.DECLINED}, 410, "这份合同取消了"),
        ({"agreement_status": AgreementStatus.FAILED}, 410, "这份合同没有做成"),
        ({"party_status": PartyStatus.DECLINED}, 200, "您选了不签"),
        ({"party_status": PartyStatus.WAITING}, 200, "还没轮到您签"),
    ],
)
def test_a_closed_door_says_why(changes, status, heading):
    page = page_of_doorway(is_their_turn=False, **changes)

    assert page.status_code == status
    assert headings(page) == [heading]
    assert "0731-80000000" in page.get_data(as_text=True)


def test_a_party_that_signed_is_led_to_its_copy():
    page = page_of_doorway(is_their_turn=False, party_status=PartyStatus.SIGNED)

    assert page.status_code == 303
    assert page.headers["Location"] == f"/s/{LINK}/done"


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (Locked("locked", code="GATE_LOCKED", until=UNTIL), 423, "先锁住了"),
        (NotYourTurn("wait"), 409, "还没轮到您签"),
        (Conflict("changed", code="TEXT_CHANGED"), 409, "屏幕上的文字不对"),
        (Unavailable("database"), 503, "我们这边出了毛病"),
        (Broken("invariant"), 500, "我们这边出了毛病"),
        (TooMany("slow", "太快了", retry_after_seconds=9), 429, "没有办成"),
    ],
)
def test_an_error_on_the_way_has_its_page_and_code(error, status, heading):
    page = page_of_error(error)

    assert page.status_code == status
    assert headings(page) == [heading]
    assert "0731-80000000" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (NotFound("no link", code="LINK_UNKNOWN"), 404, "链接不对"),
        (Gone("newer", code="LINK_REPLACED"), 410, "这个链接换过了"),
        (Unavailable("database"), 503, "我们这边出了毛病"),
    ],
)
def test_a_door_that_does_not_open_says_why_without_a_name(error, status, heading):
    page = client_of(opening=use_case(look=error)).get(f"/s/{LINK}")

    assert page.status_code == status
    assert headings(page) == [heading]
    assert "12333" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("code", "place"),
    [("NOT_VIEWED", ""), ("NOT_READ", "/read"), ("ALREADY_SIGNED", "/done")],
)
def test_what_only_means_another_page_leads_there(code, place):
    page = page_of_error(Conflict("elsewhere", code=code))

    assert page.status_code == 303
    assert page.headers["Location"] == f"/s/{LINK}{place}"


def test_a_session_that_is_over_is_told_as_such_only_to_who_had_one():
    services = {
        "opening": use_case(look=doorway(has_begun=True)),
        "reading_room": use_case(open=Unauthenticated("over", code="SESSION_OVER")),
    }
    stranger, guest = client_of(**services), client_of(**services)
    guest.set_cookie("signing_session", "old", path=f"/s/{LINK}")

    assert stranger.get(f"/s/{LINK}/read").headers["Location"] == f"/s/{LINK}/identity"
    assert guest.get(f"/s/{LINK}/read").headers["Location"] == f"/s/{LINK}/identity?again=1"


def test_the_signing_script_gets_problems_and_no_pages():
    client = client_of(
        opening=use_case(look=doorway()),
        key_offer=use_case(offer=Conflict("read first", "请先看完", code="NOT_READ")),
    )
    token = re.search(r'name="form_token" value="(\w+)"', client.get(f"/s/{LINK}").text)[1]

    answer = client.post(
        f"/s/{LINK}/key",
        json={"spki": ""},
        headers={"X-Form-Token": token, "Accept": "application/problem+json, application/json"},
    )

    assert answer.status_code == 409
    assert answer.content_type.startswith("application/problem+json")
    assert (answer.json["code"], answer.json["detail_zh"]) == ("NOT_READ", "请先看完")
