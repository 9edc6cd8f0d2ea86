"""The shape of a request where it is not law: members, numbers, dates (422 with `errors`).

Rules kept here:

* Each kind has exactly its parties; each party the members that identify it.
* What is printed of a party has no character that a reader cannot see or a contract does not need.
* Identity numbers, credit codes and phones have their form and check character.
* A labour contract names the worker's address (劳动合同法 17); documents about it need not.
* The place is a known county; the questionnaire has seven answers.
* Dates exist and terms do not end before they begin.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from signing.domain.characters import check_text
from signing.domain.draft import AgreementDraft, Kind, PartyDraft, Role, roles_named
from signing.domain.identity_numbers import (
    IdType,
    is_credit_code,
    is_identity_number,
    is_mobile,
    is_phone,
    normalise,
)
from signing.domain.regions import Regions
from signing.domain.rules.classification import ANSWERS, QUESTIONS
from signing.domain.rules.facts import read_day
from signing.errors import FieldError

_WORKER_MEMBERS = ("name", "id_number", "phone")
_DAYS = ("agent_authorization_valid_to", "labour_dispatch_license_valid_to")
_ENTERPRISE_MEMBERS = ("name", "uscc", "legal_representative", "address", "phone")
_FAR_FUTURE = date(9999, 12, 31)
_NAMES_ZH: Mapping[str, str] = {
    "name": "姓名或者名称",
    "id_number": "证件号码",
    "phone": "联系电话",
    "uscc": "统一社会信用代码",
    "legal_representative": "法定代表人",
    "address": "地址",
}


def check_parties(
    draft: AgreementDraft, *, regions: Regions | None = None, today: date | None = None
) -> tuple[FieldError, ...]:
    """Every mistake of shape, in the order of the body.

    `regions` checks the place of performance; `today` refuses birth dates that are still to come.
    """
    return tuple(_errors(draft, regions, today or _FAR_FUTURE))


def _errors(draft: AgreementDraft, regions: Regions | None, today: date) -> Iterator[FieldError]:
    if regions is not None and draft.performance_place not in regions.by_code:
        yield FieldError(
            "performance_place",
            "REGION_UNKNOWN",
            "Not the code of a county-level unit of Hunan",
            "履行地不是湖南省县级行政区划代码，请填写六位代码，例如 430104",
        )
    yield from _roles(draft)
    for index, party in enumerate(draft.parties):
        yield from _party(f"parties[{index}]", party, today)
    yield from _worker_address(draft)
    yield from _classification(draft.classification)
    yield from _dates(draft.values)
    code = draft.values.get("dispatch_user_uscc")
    if isinstance(code, str) and code and not is_credit_code(normalise(code)):
        yield _no_credit_code("values.dispatch_user_uscc")


def _roles(draft: AgreementDraft) -> Iterator[FieldError]:
    present = [p.role for p in draft.parties]
    wanted = roles_named(draft.kind, draft.companion)
    for role in wanted:
        if sum(r is role for r in present) != 1:
            yield FieldError(
                "parties",
                "PARTY_COUNT",
                f"Exactly one party must be the {role}",
                f"当事人中应当有且只有一个 {role}",
            )
    for index, role in enumerate(present):
        if role not in wanted:
            yield FieldError(
                f"parties[{index}].role",
                "ROLE_UNKNOWN",
                f"A {draft.kind} has no {role}",
                f"这类协议没有 {role} 这一方，请改用 {'、'.join(wanted)}",
            )


def _party(path: str, party: PartyDraft, today: date) -> Iterator[FieldError]:
    is_worker = party.role is Role.WORKER
    members = _WORKER_MEMBERS if is_worker else _ENTERPRISE_MEMBERS
    for member in members:
        if not party.get(member).strip():
            yield FieldError(
                f"{path}.{member}",
                "REQUIRED",
                f"{member} is required",
                f"请填写{_NAMES_ZH[member]}",
            )
    for member, text in party.details.items():
        if isinstance(text, str):
            yield from check_text(text, f"{path}.{member}", free_text=False)
    for member in _DAYS:
        if party.get(member) and read_day(party.get(member)) is None:
            yield _no_day(f"{path}.{member}")
    checks = _worker_numbers(path, party, today) if is_worker else _enterprise(path, party)
    yield from checks


def _worker_address(draft: AgreementDraft) -> Iterator[FieldError]:
    if draft.kind is not Kind.LABOUR_CONTRACT or draft.companion is not None:
        return
    for index, party in enumerate(draft.parties):
        if party.role is Role.WORKER and not party.get("address").strip():
            yield FieldError(
                f"parties[{index}].address",
                "REQUIRED",
                "A labour contract names the worker's address (Labour Contract Law art. 17)",
                "请填写劳动者住址：劳动合同法第十七条规定劳动合同应当写明劳动者的住址",
            )


def _worker_numbers(path: str, party: PartyDraft, today: date) -> Iterator[FieldError]:
    id_type = party.get("id_type") or IdType.RESIDENT_ID
    number = normalise(party.get("id_number"))
    if id_type not in set(IdType):
        yield FieldError(
            f"{path}.id_type",
            "ID_TYPE_UNKNOWN",
            f"id_type must be one of {', '.join(IdType)}",
            "证件类型不认识，请从居民身份证等所列类型中选择",
        )
    elif number and not is_identity_number(number, id_type, today=today):
        yield FieldError(
            f"{path}.id_number",
            "ID_NUMBER_INVALID",
            "The number has a wrong length, date or check character",
            "证件号码不对，请对照证件核对位数、出生日期和最后一位",
        )
    phone = normalise(party.get("phone"))
    if phone and not is_mobile(phone):
        yield FieldError(
            f"{path}.phone",
            "PHONE_INVALID",
            "Not a mainland mobile number; the signing code is sent to it",
            "手机号码不对，请填写能收短信的 11 位手机号",
        )


def _enterprise(path: str, party: PartyDraft) -> Iterator[FieldError]:
    code = normalise(party.get("uscc"))
    if code and not is_credit_code(code):
        yield _no_credit_code(f"{path}.uscc")
    phone = normalise(party.get("phone"))
    if phone and not is_phone(phone):
        yield FieldError(
            f"{path}.phone",
            "PHONE_INVALID",
            "Not a phone number that can be called in China",
            "联系电话不对，请填写手机号，或者带区号的固定电话",
        )


def _no_credit_code(path: str) -> FieldError:
    return FieldError(
        path,
        "USCC_INVALID",
        "Not a unified social credit code (18 characters, MOD 31 check)",
        "统一社会信用代码不对，请对照营业执照核对 18 位代码",
    )


def _classification(classification: Mapping[str, Any]) -> Iterator[FieldError]:
    answers = classification.get("answers")
    given = answers if isinstance(answers, Mapping) else {}
    for question in QUESTIONS:
        if given.get(question) not in ANSWERS:
            yield FieldError(
                f"classification.answers.{question}",
                "ANSWER_REQUIRED",
                f"{question} must be yes, no or partly",
                f"用工关系要素自查第 {question[1:]} 题请回答 yes、no 或者 partly",
            )


def _no_day(path: str) -> FieldError:
    return FieldError(
        path,
        "DATE_INVALID",
        "Not a date of the calendar (YYYY-MM-DD)",
        "日期不存在，请按 2026-12-01 这样的格式填写",
    )


def _dates(values: Mapping[str, Any]) -> Iterator[FieldError]:
    days: dict[str, date] = {}
    for key, value in values.items():
        if not key.endswith("_date") or not isinstance(value, str) or not value:
            continue
        day = read_day(value)
        if day is None:
            yield _no_day(f"values.{key}")
        else:
            days[key] = day
    start, end = days.get("start_date"), days.get("end_date")
    if start is not None and end is not None and end < start:
        yield FieldError(
            "values.end_date",
            "ENDS_BEFORE_START",
            "The term ends before it begins",
            "终止日期早于起始日期，请核对",
        )
