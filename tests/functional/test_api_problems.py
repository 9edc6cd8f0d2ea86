"""Every refusal of the API is a problem document in two languages, and says what to do."""

import json
import re
import socket

import pytest
import requests

from running_service import party_of, worker_of

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NEW = "/agreements"


def check_problem(answer, status: int, code: str) -> dict:
    """RFC 9457, in English and Chinese."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == "about:blank" or problem["type"].startswith("urn:signing:problem:")
    assert problem["title"].isascii() or "…" in problem["title"]
    assert CHINESE.search(problem["title_zh"])
    assert CHINESE.search(problem["detail_zh"])
    return problem


def check_mistakes(answer, *paths: str) -> list[dict]:
    """422 with one error per mistake, at these paths among others."""
    problem = check_problem(answer, 422, "INVALID")
    assert all({"path", "code", "message", "message_zh"} == set(e) for e in problem["errors"])
    assert all(CHINESE.search(e["message_zh"]) for e in problem["errors"])
    assert set(paths) <= {e["path"] for e in problem["errors"]}
    return problem["errors"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "NOT_JSON"),
        (b"{", "NOT_JSON"),
        (b'{"kind": "written_agreement",}', "NOT_JSON"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b'{"kind": "\xff"}', "NOT_UTF8"),
        (b'{"kind": "a", "kind": "b"}', "DUPLICATE_MEMBER"),
        (b'{"values": {"unit_price_fen": NaN}}', "NOT_A_NUMBER"),
        (b'{"values": {"unit_price_fen": 1e999}}', "NOT_A_NUMBER"),
        (b'{"reference": "\\ud800"}', "LONE_SURROGATE"),
        (b"[" * 100_000, "TOO_DEEP"),
        (b'{"values":' * 40 + b"1" + b"}" * 40, "TOO_DEEP"),
    ],
)
def test_what_is_not_json_is_refused_by_name(api, body, code):
    check_problem(api.call("POST", NEW, data=body), 400, code)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_another_content_type_is_refused(api, content_type):
    answer = api.call("POST", NEW, data=b"{}", headers={"Content-Type": content_type})

    check_problem(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("body", [[], "x", None, 3])
def test_a_body_that_is_no_object_is_refused(api, body):
    check_mistakes(api.call("POST", NEW, data=json.dumps(body)), "")


def test_every_mistake_of_shape_is_told_at_once_with_its_path(service, api):
    body = {**service.example("written_agreement"), "kind": "employment", "surprise": 1}
    body["parties"][1]["nick_name"] = "小张"
    del body["parties"][0]["name"]
    body["classification"] = []

    answer = api.post(NEW, body)

    mistakes = check_mistakes(
        answer, "kind", "surprise", "parties[1].nick_name", "parties[0].name", "classification"
    )
    codes = {e["path"]: e["code"] for e in mistakes}
    assert codes["kind"] == "NOT_ALLOWED"
    assert codes["surprise"] == codes["parties[1].nick_name"] == "UNKNOWN_FIELD"
    assert codes["parties[0].name"] == "MISSING"


def test_numbers_with_a_wrong_check_digit_are_told_where_they_stand(service, api):
    body = service.example("written_agreement")
    worker_of(body)["id_number"] = worker_of(body)["id_number"][:-1] + "Q"
    party_of(body, "enterprise")["uscc"] = "91430100MAYYYY0166"

    answer = api.post(NEW, body)

    places = {party["role"]: f"parties[{n}]" for n, party in enumerate(body["parties"])}
    check_mistakes(answer, f"{places['worker']}.id_number", f"{places['enterprise']}.uscc")


def test_values_that_the_text_does_not_know_are_told_where_they_stand(service, api):
    body = service.example("written_agreement")
    body["values"]["start_date"] = "1 December"
    body["values"]["no_such_value"] = 1

    check_mistakes(api.post(NEW, body), "values.start_date", "values.no_such_value")


@pytest.mark.parametrize("expires_at", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_an_agreement_expires_later_than_now_and_within_a_year(service, api, expires_at):
    body = service.example("written_agreement", expires_at=expires_at)

    check_mistakes(api.post(NEW, body), "expires_at")


def test_what_the_law_refuses_is_told_as_findings(service, api):
    body = service.example("labour_contract")
    body["values"]["other_terms"] = "劳动者自愿放弃社会保险，单位不缴纳社会保险。"

    problem = check_problem(api.post(NEW, body), 422, "UNLAWFUL")

    blocks = [f for f in problem["findings"] if f["severity"] == "block"]
    assert blocks
    for finding in blocks:
        assert {"rule", "severity", "article", "message_zh", "message", "path"} <= set(finding)
        assert CHINESE.search(finding["message_zh"])
    assert any(f["path"] == "values.other_terms" for f in blocks)


def test_check_and_create_find_the_same(service, api):
    body = service.example("labour_contract")
    body["values"]["other_terms"] = "劳动者自愿放弃社会保险，单位不缴纳社会保险。"
    count = len(api.get(f"{NEW}?limit=100").json()["items"])

    checked = api.post(f"{NEW}/check", body).json()

    refused = api.post(NEW, body).json()
    assert checked["would_create"] is False
    assert checked["findings"] == refused["findings"]
    assert len(api.get(f"{NEW}?limit=100").json()["items"]) == count


def test_a_check_of_a_lawful_body_tells_what_the_agreement_will_say(service, api):
    body = service.example("written_agreement")

    checked = api.post(f"{NEW}/check", body).json()

    assert checked["would_create"] is True
    assert checked["findings"] == api.create(body)["findings"]


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "API_KEY_MISSING"),
        ("Bearer", "API_KEY_MISSING"),
        ("Basic c2tfeDp4", "API_KEY_MISSING"),
        ("Bearer sk_unknown", "API_KEY_UNKNOWN"),
    ],
)
def test_who_has_no_key_is_told_how_to_send_one(api, authorization, code):
    answer = api.get(NEW, headers={"Authorization": authorization})

    check_problem(answer, 401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_without_the_scope_is_told_which(service):
    reader = service.key_with("reports")

    problem = check_problem(reader.get(NEW), 403, "SCOPE_MISSING")

    assert problem["scope"] == "agreements"


def test_links_are_shown_to_the_scope_links_only(service, api):
    without_links = service.key_with("agreements")
    agreement = api.create(service.example("written_agreement"))
    party_id = worker_of(agreement)["id"]

    seen = without_links.agreement(agreement["id"])

    assert worker_of(agreement)["signing_link"].startswith(f"{api.url}/s/")
    assert {party["signing_link"] for party in seen["parties"]} == {None}
    answer = without_links.post(f"{NEW}/{agreement['id']}/parties/{party_id}/link")
    check_problem(answer, 403, "SCOPE_MISSING")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", NEW, {"GET", "HEAD", "OPTIONS", "POST"}),
        ("PATCH", f"{NEW}/agr_1", {"GET", "HEAD", "OPTIONS"}),
        ("GET", f"{NEW}/agr_1/void", {"OPTIONS", "POST"}),
        ("PUT", "/templates", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/verifications", {"OPTIONS", "POST"}),
    ],
)
def test_another_method_is_refused_with_those_allowed(api, method, path, allowed):
    answer = api.call(method, path)

    check_problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/nothing", f"{NEW}/", f"{NEW}/x/y/z", "/templates/nothing"])
def test_an_address_that_is_not_there_is_a_problem_too(api, path):
    check_problem(api.get(path), 404, "NOT_FOUND")


def test_a_body_of_more_than_a_mebibyte_is_refused(api):
    answer = api.call("POST", NEW, data=b'{"reference": "' + b"x" * 2**20 + b'"}')

    check_problem(answer, 413, "TOO_LARGE")


def test_a_body_of_undeclared_length_is_refused_as_well(api):
    chunks = (b'{"reference": "', *[b"x" * 2**16] * 20, b'"}')

    answer = api.call("POST", NEW, data=iter(chunks))

    check_problem(answer, 413, "TOO_LARGE")


def test_two_lengths_in_one_request_are_refused(api):
    host, port = api.url.removeprefix("http://").split(":")
    head = f"POST /api/v1/agreements HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode())
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 400")


def test_a_file_of_more_than_20_mib_is_not_judged(api):
    files = {"file": ("a.pdf", b"%PDF-" + bytes(20 * 2**20))}

    answer = requests.post(f"{api.url}/api/v1/verifications", files=files, timeout=60)

    check_problem(answer, 413, "TOO_LARGE")


def test_a_verification_without_a_file_is_told_how_to_send_one(api):
    answer = requests.post(f"{api.url}/api/v1/verifications", data={"file": "x"}, timeout=60)

    check_mistakes(answer, "file")


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("status=finished", "status"),
        ("kind=contract", "kind"),
        ("created_after=yesterday", "created_after"),
        ("created_after=2026-12-01T00:00:00", "created_after"),
        ("stauts=pending", "stauts"),
    ],
)
def test_a_list_is_asked_for_in_its_own_words(api, query, path):
    check_mistakes(api.get(f"{NEW}?{query}"), path)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "e30="])
def test_a_cursor_that_we_did_not_give_is_refused(api, cursor):
    check_problem(api.get(f"{NEW}?cursor={cursor}"), 400, "CURSOR")


def test_a_cursor_of_another_platform_is_refused(service, api, other):
    for _ in range(2):
        api.create(service.example("written_agreement"))
    cursor = api.get(f"{NEW}?limit=1").json()["next_cursor"]

    check_problem(other.get(f"{NEW}?limit=1&cursor={cursor}"), 400, "CURSOR")


def test_headers_of_every_answer_forbid_what_a_browser_should_not_do(api):
    for answer in (api.get(NEW), api.get("/nothing"), requests.get(f"{api.url}/verify", timeout=9)):
        headers = answer.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


def test_a_party_of_another_agreement_is_not_found_in_this_one(service, api):
    one = api.create(service.example("written_agreement"))
    another = api.create(service.example("written_agreement"))

    party = f"{NEW}/{one['id']}/parties/{worker_of(another)['id']}"
    for path, body in (
        (f"{party}/link", None),
        (f"{party}/seal", None),
        (f"{party}/signature-request", {"certificates": ["MAA="]}),
        (f"{party}/signature", {"value": "MAA="}),
    ):
        check_problem(api.post(path, body), 404, "NOT_FOUND")
