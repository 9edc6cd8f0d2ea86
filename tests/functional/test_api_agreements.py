"""A platform looks after its agreements: lists, files, fresh links, taking back, running out."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import requests

from running_service import Home, serving, sign_as_worker, worker_of
from signing.errors import Broken

NEW = "/agreements"
KINDS = ["labour_contract", "written_agreement", "tripartite_agreement"]


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def pages(api, query: str) -> list[list[str]]:
    """References on each page of the list, following the cursors."""
    found, cursor = [], ""
    while True:
        page = api.get(f"{NEW}?{query}{cursor}").json()
        found.append([item["reference"] for item in page["items"]])
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def page_of(link: str, path: str = "") -> requests.Response:
    return requests.get(f"{link}{path}", timeout=30, headers={"Accept": "text/html"})


@pytest.fixture(scope="module")
def batch(service):
    """Five agreements under a word of their own: written_agreement but for the third."""
    word = f"batch-{secrets.token_hex(4)}"
    kinds = [KINDS[0] if n == 2 else KINDS[1] for n in range(5)]
    made = [
        service.api.create(service.example(kind, reference=f"{word}-{n}"))
        for n, kind in enumerate(kinds)
    ]
    return word, made


def test_an_agreement_is_answered_with_everything_the_interface_promises(service, api):
    body = service.example("written_agreement")

    answer = api.post(NEW, body)

    agreement = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/agreements/{agreement['id']}"
    assert set(agreement) >= {
        *("id", "number", "kind", "template_version", "template_sha256", "rule_pack_version"),
        *("reference", "status", "parent", "parties", "findings", "document_sha256"),
        *("created_at", "completed_at", "expires_at", "test_certificates"),
    }
    assert agreement["id"].startswith("agr_")
    assert (agreement["status"], agreement["test_certificates"]) == ("pending", True)
    assert [p["status"] for p in agreement["parties"]] == ["signed", "invited"]
    for party, asked in zip(agreement["parties"], body["parties"], strict=True):
        assert party["id"].startswith("pty_")
        assert (party["role"], party["name"]) == (asked["role"], asked["name"])
    assert agreement == api.agreement(agreement["id"])


def test_a_list_is_newest_first_and_its_pages_hold_each_agreement_once(api, batch):
    word, made = batch

    found = pages(api, f"q={word}&limit=2")

    assert found == [
        [f"{word}-4", f"{word}-3"],
        [f"{word}-2", f"{word}-1"],
        [f"{word}-0"],
    ]
    assert len(made) == 5


def test_a_list_is_narrowed_by_each_filter(api, batch):
    word, made = batch
    place = made[0]["performance_place"]
    queries = {
        f"q={word}&kind=labour_contract": 1,
        f"q={word}&kind=written_agreement": 4,
        f"q={word}&status=pending": 5,
        f"q={word}&status=voided": 0,
        f"q={word}&region={place}&kind=written_agreement": 4,
        f"q={word}&region=110000": 0,
        f"q={word}&created_after={in_seconds(60)}": 0,
        f"q={word}&created_after={in_seconds(-3600)}": 5,
        f"reference={word}-3": 1,
        f"reference={word}": 0,
        f"q={made[1]['number']}": 1,
    }

    found = {query: sum(map(len, pages(api, query))) for query in queries}

    assert found == queries


def test_a_person_is_found_by_whole_name_or_number_and_never_by_a_part(service, api):
    body = service.example("written_agreement")
    worker = worker_of(body)
    agreement_id = api.create(body)["id"]

    def is_found(words: str) -> bool:
        items = api.get(f"{NEW}?limit=100&q={words}").json()["items"]
        return agreement_id in [item["id"] for item in items]

    assert all(is_found(worker[key]) for key in ("name", "id_number", "phone"))
    assert not any(is_found(worker[key][:-1]) for key in ("name", "id_number", "phone"))


def test_another_platform_lists_none_of_them(other, batch):
    word, _ = batch

    assert pages(other, f"q={word}") == [[]]


def test_a_file_has_its_digest_as_etag_and_is_not_sent_twice(service, api):
    agreement = api.create(service.example("written_agreement"))
    path = f"{NEW}/{agreement['id']}/document"

    first = api.get(path)
    again = api.get(path, headers={"If-None-Match": first.headers["ETag"]})
    stale = api.get(path, headers={"If-None-Match": f'"{"0" * 64}"'})

    digest = sha256(first.content).hexdigest()
    assert first.headers["ETag"] == f'"{digest}"'
    assert digest == agreement["document_sha256"]
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert (stale.status_code, stale.content) == (200, first.content)


def test_a_revision_stays_the_same_bytes_until_the_next_signature(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)
    path = f"{NEW}/{agreement['id']}/document"
    first, second = api.get(path).content, api.get(path).content

    sign_as_worker(service.phone_of(agreement, body))

    done = api.wait_for(agreement["id"], archive_sha256=...)
    archived = api.get(path).content
    assert first == second
    assert archived.startswith(first)
    assert sha256(archived).hexdigest() == done["archive_sha256"] != done["document_sha256"]


def test_the_preview_is_the_text_that_the_worker_reads(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)

    answer = api.get(f"{NEW}/{agreement['id']}/preview")

    assert answer.headers["Content-Type"].startswith("text/html")
    assert '<main id="contract"' in answer.text
    assert worker_of(body)["name"] in answer.text
    assert agreement["number"] in answer.text


def test_events_are_numbered_from_one_and_get_their_place_in_the_log(service, api):
    agreement = api.create(service.example("tripartite_agreement"))

    api.get(f"{NEW}/{agreement['id']}/evidence")

    events = api.get(f"{NEW}/{agreement['id']}/events").json()["items"]
    assert [e["n"] for e in events] == list(range(1, len(events) + 1))
    assert [e["index"] for e in events] == sorted(e["index"] for e in events)
    assert [e["type"] for e in events] == [
        "agreement.created",
        *("party.invited", "signature.requested", "party.signed") * 2,
        "party.invited",
    ]
    assert [e["at"] for e in events] == sorted(e["at"] for e in events)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_described_well_enough_to_fill_it_in(api, kind):
    listed = {item["kind"]: item for item in api.get("/templates").json()["items"]}

    text = api.get(f"/templates/{kind}").json()

    assert listed[kind] == text
    assert text["latest"] in text["versions"]
    assert text["values_schema"]["type"] == "object"
    assert text["parties"][-1] == "worker"
    assert text["key_clauses"]
    assert len(text["examples"]) >= 2


def test_an_agreement_that_is_taken_back_can_no_longer_be_signed(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)
    link = worker_of(agreement)["signing_link"]
    path = f"{NEW}/{agreement['id']}/void"

    voided = api.post(path, {"reason": "写错了工资"})

    assert (voided.status_code, voided.json()["status"]) == (200, "voided")
    assert page_of(link).status_code == 410
    assert "这份合同取消了" in page_of(link).text
    again = api.post(path, {"reason": "再来一次"})
    assert (again.status_code, again.json()["code"]) == (409, "AGREEMENT_VOIDED")
    renewed = api.post(f"{NEW}/{agreement['id']}/parties/{worker_of(agreement)['id']}/link")
    assert (renewed.status_code, renewed.json()["code"]) == (409, "AGREEMENT_VOIDED")
    events = api.get(f"{NEW}/{agreement['id']}/events").json()["items"]
    assert [e["type"] for e in events][-1] == "agreement.voided"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_taking_back_needs_a_reason(service, api, reason):
    agreement = api.create(service.example("written_agreement"))

    answer = api.post(f"{NEW}/{agreement['id']}/void", {"reason": reason})

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "reason")
    assert api.agreement(agreement["id"])["status"] == "pending"


def test_what_is_signed_by_all_can_not_be_taken_back(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)
    sign_as_worker(service.phone_of(agreement, body))

    answer = api.post(f"{NEW}/{agreement['id']}/void", {"reason": "想反悔"})

    assert (answer.status_code, answer.json()["code"]) == (409, "AGREEMENT_COMPLETED")
    assert api.agreement(agreement["id"])["status"] == "completed"


def test_a_fresh_link_opens_and_the_old_one_says_that_it_was_replaced(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)
    party = worker_of(agreement)

    answer = api.post(f"{NEW}/{agreement['id']}/parties/{party['id']}/link")

    assert answer.status_code == 200
    fresh = answer.json()["signing_link"]
    assert fresh != party["signing_link"]
    old_page = page_of(party["signing_link"])
    assert (old_page.status_code, "这个链接换过了" in old_page.text) == (410, True)
    assert page_of(fresh).status_code == 200
    assert worker_of(api.agreement(agreement["id"]))["signing_link"] == fresh
    sign_as_worker(service.phone_of(api.agreement(agreement["id"]), body))
    assert api.agreement(agreement["id"])["status"] == "completed"


def test_a_session_begun_under_the_old_link_does_not_outlive_it(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)
    phone = service.phone_of(agreement, body)
    phone.begin()
    phone.identify()

    api.post(f"{NEW}/{agreement['id']}/parties/{worker_of(agreement)['id']}/link")

    with pytest.raises(Broken, match="410"):
        phone.read()


def test_every_change_is_an_event_and_looking_is_none(service, api):
    agreement = api.create(service.example("written_agreement"))
    one, worker = f"{NEW}/{agreement['id']}", worker_of(agreement)["id"]

    def told() -> int:
        return len(api.get(f"{one}/events").json()["items"])

    before = told()
    for look in ("", "/document", "/preview", "/evidence", "/events"):
        assert api.get(f"{one}{look}").status_code == 200
    assert told() == before
    assert api.post(f"{one}/parties/{worker}/link").status_code == 200
    assert told() == before + 1
    assert api.post(f"{one}/void", {"reason": "写错了"}).status_code == 200
    assert told() == before + 2
    assert api.post(f"{one}/void", {"reason": "写错了"}).status_code == 409
    assert told() == before + 2


def test_an_enterprise_signs_by_no_link(service, api):
    agreement = api.create(service.example("written_agreement"))
    enterprise = next(p for p in agreement["parties"] if p["role"] == "enterprise")

    answer = api.post(f"{NEW}/{agreement['id']}/parties/{enterprise['id']}/link")

    assert enterprise["signing_link"] is None
    assert (answer.status_code, answer.json()["code"]) == (409, "NO_LINK")


def test_a_worker_who_declines_ends_it_for_all(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)
    phone = service.phone_of(agreement, body)
    phone.begin()
    phone.identify()

    phone._submit("/decline", {"reason": "工资和说好的不一样"})

    ended = api.agreement(agreement["id"])
    assert ended["status"] == "declined"
    assert worker_of(ended)["status"] == "declined"
    assert "您选了不签" in page_of(phone.link).text
    void = api.post(f"{NEW}/{agreement['id']}/void", {"reason": "x"})
    assert (void.status_code, void.json()["code"]) == (409, "AGREEMENT_DECLINED")


def test_an_agreement_runs_out_at_its_time(service, api):
    body = service.example("written_agreement", expires_at=in_seconds(3))
    agreement = api.create(body)
    link = worker_of(agreement)["signing_link"]

    api.wait_for(agreement["id"], status="expired")

    late = datetime.now(UTC) - datetime.fromisoformat(agreement["expires_at"])
    assert late < timedelta(seconds=30), "it is looked for every second, not every minute"
    page = page_of(link)
    assert (page.status_code, "这个链接过期了" in page.text) == (410, True)
    void = api.post(f"{NEW}/{agreement['id']}/void", {"reason": "x"})
    assert (void.status_code, void.json()["code"]) == (409, "AGREEMENT_EXPIRED")


def test_the_same_key_gives_the_first_answer_again_byte_for_byte(service, api):
    body = service.example("written_agreement")
    headers = {"Idempotency-Key": secrets.token_hex(16)}

    first = api.post(NEW, body, headers=headers)
    sign_as_worker(service.phone_of(first.json(), body))
    again = api.post(NEW, body, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_same_key_with_another_body_is_refused(service, api):
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    api.post(NEW, service.example("written_agreement"), headers=headers)

    answer = api.post(NEW, service.example("written_agreement", reference="2"), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_a_key_is_one_platforms_own(service, api, other):
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    body = service.example("written_agreement")

    ours, theirs = api.post(NEW, body, headers=headers), other.post(NEW, body, headers=headers)

    assert (ours.status_code, theirs.status_code) == (201, 201)
    assert ours.json()["id"] != theirs.json()["id"]


def test_a_request_that_failed_frees_its_key(service, api):
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    wrong = service.example("written_agreement", performance_place="999999")

    refused = api.post(NEW, wrong, headers=headers)
    corrected = api.post(NEW, service.example("written_agreement"), headers=headers)

    assert refused.status_code == 422
    assert corrected.status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "字"])
def test_a_key_is_short_and_printable(service, api, key):
    answer = api.post(
        NEW,
        service.example("written_agreement"),
        headers={"Idempotency-Key": key.encode()},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_INVALID")


def test_the_same_key_twenty_times_at_once_gives_one_agreement(service, api):
    reference = f"once-{secrets.token_hex(8)}"
    body = service.example("written_agreement", reference=reference)
    headers = {"Idempotency-Key": secrets.token_hex(16)}

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: api.post(NEW, body, headers=headers), range(20)))

    last = api.post(NEW, body, headers=headers)
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"IDEMPOTENCY_IN_FLIGHT"}
    assert all("Retry-After" in a.headers for a in answers if a.status_code == 409)
    assert {a.content for a in answers if a.status_code == 201} == {last.content}
    assert pages(api, f"q={reference}") == [[reference]]
    events = api.get(f"{NEW}/{last.json()['id']}/events").json()["items"]
    assert [e["type"] for e in events].count("party.signed") == 1


def test_the_same_key_for_a_fresh_link_gives_the_same_link(service, api):
    agreement = api.create(service.example("written_agreement"))
    path = f"{NEW}/{agreement['id']}/parties/{worker_of(agreement)['id']}/link"
    headers = {"Idempotency-Key": secrets.token_hex(16)}

    first, again = api.post(path, headers=headers), api.post(path, headers=headers)

    assert again.content == first.content
    assert page_of(first.json()["signing_link"]).status_code == 200


def test_a_key_survives_a_restart(tmp_path):
    home = Home(tmp_path)
    body = home.example("written_agreement")
    headers = {"Idempotency-Key": "k"}
    with serving(home):
        first = home.api.post(NEW, body, headers=headers)

    with serving(home):
        again = home.api.post(NEW, body, headers=headers)

    assert (first.status_code, again.content) == (201, first.content)
