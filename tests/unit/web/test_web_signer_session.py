"""The cookie of a link: only its own pages get it, and behind https nobody else can plant it."""

import re
from types import SimpleNamespace

from fakes_web import LINK, client_of, doorway, use_case

READING = SimpleNamespace(party=SimpleNamespace(has_finished=False), has_read=False)


def pass_gate(public_url):
    client = client_of(
        public_url=public_url,
        opening=use_case(look=doorway(has_begun=True)),
        identity=use_case(confirm="a-session"),
        reading_room=use_case(open=READING),
    )
    page = client.get(f"/s/{LINK}/identity").get_data(as_text=True)
    token = re.search(r'name="form_token" value="(\w+)"', page)[1]
    data = {"form_token": token, "name": "张三", "id_number": "H12345678"}
    return client.post(f"/s/{LINK}/identity", data=data)


def test_behind_https_the_cookie_is_secure_in_its_name_too():
    name, *flags = pass_gate("https://sign.example").headers["Set-Cookie"].split("; ")

    assert name == "__Secure-signing_session=a-session"
    assert {"Secure", "HttpOnly", "SameSite=Lax", f"Path=/s/{LINK}"} <= set(flags)


def test_on_a_developers_machine_it_works_without_tls():
    name, *flags = pass_gate("http://127.0.0.1:8000").headers["Set-Cookie"].split("; ")

    assert name == "signing_session=a-session"
    assert "Secure" not in flags


def test_the_gate_leads_straight_to_the_text():
    answer = pass_gate("http://127.0.0.1:8000")

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/s/{LINK}/read"
