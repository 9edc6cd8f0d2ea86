"""Who gets in at a link, and what a page gives away (security.md T15, T17)."""

import gzip
import re

import pytest

pytest_plugins = ("plugins.worker_pages",)

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGES = ("", "/identity", "/read", "/question", "/decline", "/original", "/sign", "/done", "/next")
NOTICES = ("/notice/electronic_form", "/notice/signing_notice", "/notice/privacy_notice")
FILES = ("/document.pdf", "/evidence.zip")
POSTS = (
    *("/begin", "/identity", "/read", "/question", "/decline", "/size"),
    *("/key", "/code", "/signature-request", "/signature"),
)
MARKER = "\"'><script>alert(1)</script>"


def token_of(page):
    return re.search(r'name="form_token" value="(\w+)"', page.get_data(as_text=True))[1]


def heading(page):
    return re.search(r"<h1[^>]*>(.*?)</h1>", page.get_data(as_text=True))[1]


@pytest.fixture
def stranger(site):
    """Somebody who has the link and nothing else."""
    return site.client()


@pytest.fixture
def guest(site, worker):
    """The worker, through the gate."""
    client = site.client()
    client.set_cookie("signing_session", site.let_in(worker), path=worker.path)
    return client


def begin(client, worker):
    page = client.get(worker.path).get_data(as_text=True)
    boxes = dict(re.findall(r'type="checkbox" id="(\w+)" name="\w+" value="(\w+)"', page))
    token = re.search(r'name="form_token" value="(\w+)"', page)[1]
    return client.post(f"{worker.path}/begin", data={"form_token": token, **boxes})


# --- what a link alone shows


@pytest.mark.parametrize("page", [*PAGES, *NOTICES, *FILES])
def test_a_link_alone_shows_nothing_of_the_person_or_the_terms(stranger, worker, page):
    begin(stranger, worker)

    shown = stranger.get(worker.path + page).get_data(as_text=True)

    for secret in (worker.name, worker.id_number, worker.phone, "元。", "第一条"):
        assert secret not in shown


@pytest.mark.parametrize("page", ["/read", "/question", "/decline", "/original", *FILES])
def test_a_link_alone_leads_to_the_gate(stranger, worker, page):
    answer = stranger.get(worker.path + page)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{worker.path}/identity"


def test_a_gate_before_the_first_page_leads_to_the_first_page(stranger, worker):
    answer = stranger.get(f"{worker.path}/identity")

    assert answer.headers["Location"] == worker.path


def test_a_session_opens_no_other_link(site, worker, stranger):
    other = site.new_worker()
    begin(stranger, other)
    stranger.set_cookie("signing_session", site.let_in(worker), path=other.path)

    answer = stranger.get(f"{other.path}/read")

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{other.path}/identity?again=1"


# --- looking changes nothing


def test_looking_at_every_page_changes_nothing(site, worker, guest):
    before = site.events(worker)

    for page in (*PAGES, *NOTICES):
        guest.get(worker.path + page)
        guest.head(worker.path + page)

    assert site.events(worker) == before


# --- forms


@pytest.mark.parametrize("place", POSTS)
def test_a_form_without_a_token_is_refused(worker, guest, place):
    answer = guest.post(worker.path + place, data={})

    assert answer.status_code == 403


@pytest.mark.parametrize("place", POSTS)
def test_a_form_from_elsewhere_is_refused_even_with_a_token(worker, guest, place):
    token = token_of(guest.get(f"{worker.path}/question"))

    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
    ):
        answer = guest.post(
            worker.path + place, data={}, headers={"X-Form-Token": token, **headers}
        )
        assert answer.status_code == 403


def test_a_token_of_before_the_gate_does_not_serve_behind_it(site, worker, stranger, guest):
    old = token_of(stranger.get(f"{worker.path}/identity"))

    answer = guest.post(f"{worker.path}/decline", data={"form_token": old})

    assert answer.status_code == 403
    assert heading(answer) == "这一页开得太久了"
    assert site.agreement(worker).status.value == "pending"


def test_a_form_of_our_own_page_is_taken(site, worker, guest):
    token = token_of(guest.get(f"{worker.path}/decline"))

    answer = guest.post(
        f"{worker.path}/decline",
        data={"form_token": token, "reason": "太远"},
        headers={"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    )

    assert answer.status_code == 303
    assert site.agreement(worker).closed_reason == "太远"


def test_the_size_switch_leads_back_to_our_pages_only(worker, guest):
    token = token_of(guest.get(f"{worker.path}/question"))

    def change(back):
        data = {"form_token": token, "big": "1", "back": back}
        return guest.post(f"{worker.path}/size", data=data).headers["Location"]

    assert change(f"{worker.path}/read") == f"{worker.path}/read"
    assert change("https://elsewhere.example/") == worker.path
    assert change("//elsewhere.example/") == worker.path
    assert change(f"{worker.path}.elsewhere.example") == worker.path


def test_large_print_stays_on(worker, guest):
    token = token_of(guest.get(f"{worker.path}/question"))

    guest.post(f"{worker.path}/size", data={"form_token": token, "big": "1", "back": worker.path})

    assert 'class="notranslate big"' in guest.get(f"{worker.path}/read").get_data(as_text=True)


@pytest.mark.parametrize("consent", ["electronic_form", "signing_notice", "privacy_notice"])
def test_a_consent_to_another_text_does_not_count(site, worker, stranger, consent):
    page = stranger.get(worker.path).get_data(as_text=True)
    boxes = dict(re.findall(r'type="checkbox" id="(\w+)" name="\w+" value="(\w+)"', page))
    token = re.search(r'name="form_token" value="(\w+)"', page)[1]

    answer = stranger.post(
        f"{worker.path}/begin", data={"form_token": token, **boxes, consent: "0" * 64}
    )

    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count("还没勾：") == 2
    assert "party.consented" not in site.events(worker)


# --- the gate


def test_five_wrong_answers_lock_the_gate(site, worker, stranger):
    begin(stranger, worker)
    token = token_of(stranger.get(f"{worker.path}/identity"))
    wrong = {"form_token": token, "name": "李四", "id_number": worker.id_number}
    right = {"form_token": token, "name": worker.name, "id_number": worker.id_number}

    answers = [stranger.post(f"{worker.path}/identity", data=wrong) for _ in range(5)]
    after = stranger.post(f"{worker.path}/identity", data=right)

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 423]
    assert after.status_code == 423
    assert heading(after) == "先锁住了"
    assert "party.identified" not in site.events(worker)


def test_an_empty_number_costs_no_try_and_a_mistyped_one_does(worker, stranger):
    begin(stranger, worker)
    token = token_of(stranger.get(f"{worker.path}/identity"))
    said = []

    for number in ("", worker.id_number[:-1], worker.id_number[:-1] + "X"):
        data = {"form_token": token, "name": worker.name, "id_number": number}
        answer = stranger.post(f"{worker.path}/identity", data=data)
        assert answer.status_code == 422
        said.append(answer.get_data(as_text=True))

    assert "请填身份证号码" in said[0]
    assert "身份证号码不对，请看着身份证再填一次，还可以试 4 次" in said[1]
    assert "身份证号码不对，请看着身份证再填一次，还可以试 3 次" in said[2]


def test_five_mistyped_numbers_lock_the_gate(worker, stranger):
    begin(stranger, worker)
    token = token_of(stranger.get(f"{worker.path}/identity"))
    data = {"form_token": token, "name": worker.name, "id_number": worker.id_number[:-1]}

    answers = [stranger.post(f"{worker.path}/identity", data=data) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 423]


def test_the_session_is_a_cookie_of_this_link_that_no_script_reads(worker, stranger):
    begin(stranger, worker)
    token = token_of(stranger.get(f"{worker.path}/identity"))
    data = {"form_token": token, "name": worker.name, "id_number": worker.id_number}

    answer = stranger.post(f"{worker.path}/identity", data=data)

    cookie = answer.headers["Set-Cookie"]
    assert answer.status_code == 303
    assert {"HttpOnly", "SameSite=Lax", f"Path={worker.path}"} <= set(cookie.split("; "))
    assert worker.id_number not in cookie


# --- every answer


@pytest.mark.parametrize("page", ["", "/read", "/sign", "/notice/privacy_notice", "/document.pdf"])
def test_every_answer_bears_the_strict_headers(worker, guest, page):
    headers = guest.get(worker.path + page).headers

    assert headers["Content-Security-Policy"] == CSP
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"] or "private" in headers["Cache-Control"]


@pytest.mark.parametrize("page", [*PAGES, *NOTICES])
def test_no_page_has_a_script_a_style_or_a_handler_in_itself(worker, guest, page):
    text = guest.get(worker.path + page).get_data(as_text=True)

    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)


def test_what_a_worker_types_is_shown_as_text(worker, guest):
    token = token_of(guest.get(f"{worker.path}/question"))

    named = guest.post(f"{worker.path}/identity", data={"form_token": token, "name": MARKER})
    asked = guest.post(
        f"{worker.path}/question", data={"form_token": token, "question": MARKER * 100}
    )

    for page in (named, asked):
        assert page.status_code == 422
        assert "<script>alert" not in page.get_data(as_text=True)
        assert "&lt;script&gt;alert" in page.get_data(as_text=True)


def test_pages_come_packed_and_tell_nothing_of_the_query(worker, guest):
    page = guest.get(f"{worker.path}/read?probe=4711", headers={"Accept-Encoding": "gzip"})

    assert page.headers["Content-Encoding"] == "gzip"
    text = gzip.decompress(page.data)
    assert len(page.data) < len(text) / 2
    assert b"4711" not in text


def test_a_page_with_what_somebody_typed_is_not_packed(worker, guest):
    token = token_of(guest.get(f"{worker.path}/question"))

    page = guest.post(
        f"{worker.path}/identity",
        data={"form_token": token, "name": "李四"},
        headers={"Accept-Encoding": "gzip"},
    )

    assert "Content-Encoding" not in page.headers


# --- the exchange of the signing script


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("/key", {}),
        ("/key", {"spki": "not base64!"}),
        ("/key", {"spki": "", "more": 1}),
        ("/signature", {"intent_id": "int_x", "value": "A" * 4000}),
        ("/signature-request", {"proof": ""}),
        ("/key", []),
    ],
)
def test_a_body_that_no_script_of_ours_sends_is_malformed(worker, guest, place, body):
    token = token_of(guest.get(f"{worker.path}/question"))

    answer = guest.post(
        worker.path + place,
        json=body,
        headers={"X-Form-Token": token, "Accept": "application/json"},
    )

    assert answer.status_code == 400
    assert answer.json["code"] == "MALFORMED"


def test_a_drawing_as_large_as_a_book_is_refused_unread(worker, guest):
    token = token_of(guest.get(f"{worker.path}/question"))

    answer = guest.post(
        f"{worker.path}/signature-request",
        data=b"[" * 300_000,
        headers={"X-Form-Token": token, "Accept": "application/json"},
    )

    assert answer.status_code == 413


def test_nobody_signs_before_reading(worker, guest):
    token = token_of(guest.get(f"{worker.path}/question"))

    page = guest.get(f"{worker.path}/sign")
    answer = guest.post(
        f"{worker.path}/code",
        json={},
        headers={"X-Form-Token": token, "Accept": "application/json"},
    )

    assert page.headers["Location"] == f"{worker.path}/read"
    assert (answer.status_code, answer.json["code"]) == (409, "NOT_READ")


# --- assets


def test_assets_are_packed_and_kept_for_ever(site, worker, stranger):
    page = stranger.get(worker.path).get_data(as_text=True)
    style = re.search(r'href="(/assets/app\.\w+\.css)"', page)[1]

    packed = stranger.get(style, headers={"Accept-Encoding": "gzip, br"})
    plain = stranger.get(style)

    assert packed.headers["Content-Encoding"] == "br"
    assert "immutable" in packed.headers["Cache-Control"]
    assert len(packed.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers


def test_nothing_but_assets_is_served_from_their_folder(stranger):
    for name in ("manifest.json", "..%2fsrc%2fsign.js", "sign.js"):
        assert stranger.get(f"/assets/{name}").status_code == 404
