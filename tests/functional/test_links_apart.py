"""Links, cookies and forms over HTTP: what belongs to one worker is worth nothing at another's."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import Cookie
from urllib.request import HTTPCookieProcessor

import pytest
import requests
from cryptography.hazmat.primitives import serialization

from running_service import worker_of
from signing.cli.phone import SoftwarePhone
from signing.errors import Broken

ANYTHING = base64.b64encode(b"\x30" * 64).decode()


def cookie_of(phone: SoftwarePhone) -> Cookie:
    """The session that the phone was given at the gate."""
    jars = [h.cookiejar for h in phone._browser.handlers if isinstance(h, HTTPCookieProcessor)]
    return next(cookie for cookie in jars[0] if cookie.name == "signing_session")


def send(link: str, path: str, *, cookie="", token="", form=None, body=None) -> requests.Response:
    """A request as anybody could make it, with that cookie and that form token."""
    return requests.post(
        link + path,
        data=form,
        json=body,
        headers={"X-Form-Token": token, "Sec-Fetch-Site": "same-origin"},
        cookies={"signing_session": cookie} if cookie else {},
        timeout=60,
        allow_redirects=False,
    )


def as_phone(phone: SoftwarePhone) -> dict[str, str]:
    """Cookie and form token, as that phone's page would send them."""
    return {"cookie": cookie_of(phone).value or "", "token": phone._form_token}


@pytest.fixture
def new_phone(service, api):
    """A worker's phone at a link of its own, past the gate."""

    def make() -> SoftwarePhone:
        body = service.example("written_agreement")
        phone = service.phone_of(api.create(body), body)
        phone.begin()
        phone.identify()
        return phone

    return make


@pytest.fixture(scope="module")
def two_phones(service) -> tuple[SoftwarePhone, SoftwarePhone]:
    """Mine and theirs, past the gate: for attempts that must change nothing."""
    phones = []
    for _ in range(2):
        body = service.example("written_agreement")
        phones.append(service.phone_of(service.api.create(body), body))
        phones[-1].begin()
        phones[-1].identify()
    return phones[0], phones[1]


def test_the_session_is_a_cookie_of_this_link_alone(two_phones):
    phone, _ = two_phones

    cookie = cookie_of(phone)

    assert cookie.path == phone.link[phone.link.index("/s/") :]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"
    assert len(cookie.value or "") >= 43


@pytest.mark.parametrize("path", ["/read", "/document.pdf", "/sign", "/question", "/evidence.zip"])
def test_anothers_session_opens_no_page(two_phones, path):
    mine, theirs = two_phones

    page = requests.get(
        mine.link + path,
        cookies={"signing_session": as_phone(theirs)["cookie"]},
        timeout=60,
        allow_redirects=False,
    )

    assert page.status_code == 303
    assert page.headers["Location"].partition("?")[0].endswith("/identity")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/key", {"spki": ANYTHING}),
        ("/code", {}),
        ("/signature", {"intent_id": "int_1", "value": ANYTHING}),
    ],
)
def test_anothers_session_moves_nothing_even_with_a_form_token_made_for_it(two_phones, path, body):
    mine, theirs = two_phones
    their_cookie = as_phone(theirs)["cookie"]
    page = requests.get(
        f"{mine.link}/identity", cookies={"signing_session": their_cookie}, timeout=60
    )
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)[1]

    answer = send(mine.link, path, cookie=their_cookie, token=token, body=body)

    assert (answer.status_code, answer.json()["code"]) == (401, "SESSION_OVER")


def test_anothers_signature_request_is_not_mine_to_answer(new_phone):
    mine, theirs = new_phone(), new_phone()
    text_sha256 = theirs.read()
    intents = []
    theirs._post, post = _listening(theirs, intents), theirs._post
    with pytest.raises(Broken, match="stopped"):
        theirs.sign(text_sha256)
    theirs._post = post
    mine.read()
    mine._get("/sign")

    answer = send(
        mine.link,
        "/signature",
        **as_phone(mine),
        body={"intent_id": intents[0], "value": ANYTHING},
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_YOUR_SIGNATURE")


def _listening(phone: SoftwarePhone, intents: list[str]):
    """The phone's exchange, broken off before the value is handed in."""
    post = phone._post

    def listen(path, body):
        if path == "/signature":
            intents.append(body["intent_id"])
            raise Broken("stopped")
        return post(path, body)

    return listen


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/begin", {"electronic_form": "x"}),
        ("/identity", {"name": "x", "id_number": "x"}),
        ("/read", {"card": "pay"}),
        ("/decline", {"reason": "x"}),
        ("/question", {"question": "x"}),
        ("/size", {"big": "1"}),
    ],
)
def test_a_form_that_no_page_of_this_link_sent_changes_nothing(two_phones, path, form):
    mine, theirs = two_phones
    cookie = as_phone(mine)["cookie"]

    for token in ("", "0" * 64, as_phone(theirs)["token"]):
        assert send(mine.link, path, cookie=cookie, token=token, form=form).status_code == 403


def test_a_form_sent_from_another_site_is_refused(two_phones):
    phone, _ = two_phones

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = requests.post(
            f"{phone.link}/decline",
            data={"form_token": phone._form_token},
            cookies={"signing_session": as_phone(phone)["cookie"]},
            headers=headers,
            timeout=60,
        )
        assert answer.status_code == 403


def test_before_the_gate_nobody_is_named_and_nothing_is_told(service, api):
    body = service.example("written_agreement")
    link = worker_of(api.create(body))["signing_link"]
    worker = worker_of(body)

    page = requests.get(link, timeout=60)

    assert page.status_code == 200
    for key in ("name", "id_number", "phone", "address"):
        assert worker[key] not in page.text
    assert re.search(r"\d{6}(19|20)\d{9}[\dX]", page.text) is None
    assert "元" not in re.sub(r"<[^>]+>", "", page.text)


def test_looking_at_a_link_is_no_event_since_scanners_look_too(service, api):
    agreement = api.create(service.example("written_agreement"))
    link = worker_of(agreement)["signing_link"]
    before = api.get(f"/agreements/{agreement['id']}/events").json()

    for _ in range(3):
        requests.get(link, timeout=60)
        requests.head(link, timeout=60)

    assert api.get(f"/agreements/{agreement['id']}/events").json()["items"] == before["items"]


@pytest.mark.parametrize("token", ["x", "A" * 43, "../../etc/passwd", "%00", "A" * 500])
def test_what_is_no_link_says_so_and_nothing_else(service, token):
    page = requests.get(f"{service.url}/s/{token}", timeout=60)

    assert page.status_code == 404


def test_of_forty_wrong_answers_at_once_five_are_judged(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)
    phone = service.phone_of(agreement, body)
    phone.begin()
    phone._get("/identity")
    form = {"name": "李四", "id_number": worker_of(body)["id_number"]}

    def guess(_: int) -> int:
        return send(phone.link, "/identity", token=phone._form_token, form=form).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(guess, range(40)))

    assert sorted(set(statuses)) == [422, 423]
    assert statuses.count(422) == 4
    with pytest.raises(Broken, match="423"):
        phone.identify()


def test_of_forty_wrong_codes_at_once_three_are_judged(new_phone):
    phone = new_phone()
    phone.read()
    phone._get("/sign")
    public = base64.b64encode(_public_key(phone)).decode()
    phone._post("/key", {"spki": public})
    phone._post("/code", {})
    wish = {
        "proof": ANYTHING,
        "code": "000000" if "000000" not in phone.read_sms() else "111111",
        "strokes": [[(n, n) for n in range(20)]],
        "pad": {"width": 100, "height": 100},
        "typed": "",
        "willing": True,
    }

    def guess(_: int) -> str:
        return send(phone.link, "/signature-request", **as_phone(phone), body=wish).json()["code"]

    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(guess, range(40)))

    assert (codes.count("CODE_WRONG"), codes.count("CODE_DEAD")) == (3, 37)


def _public_key(phone: SoftwarePhone) -> bytes:
    return phone._key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
