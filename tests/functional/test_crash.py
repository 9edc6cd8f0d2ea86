"""The server is killed between intent and result (`kill -9`), started again, and asked again: one
signature, and everything stored as it must be (D10)."""

import threading
from contextlib import suppress
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from running_service import Home, Server, worker_of
from signing.cli.phone import SoftwarePhone
from signing.errors import Broken


class HoldableTsa:
    """The built-in TSA of a home behind an address of its own; `hold` lets questions wait."""

    def __init__(self) -> None:
        self.respond = lambda _: b""
        self.asked, self._open = threading.Event(), threading.Event()
        self._open.set()
        tsa = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                tsa.asked.set()
                tsa._open.wait(30)
                with suppress(OSError):  # who asked may be dead
                    self._answer(tsa.respond(query))

            def _answer(self, reply: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def hold(self) -> None:
        self.asked.clear()
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def close(self) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def tsa():
    tsa = HoldableTsa()
    yield tsa
    tsa.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, make_database, tmp_path, tsa) -> Home:
    """A service whose TSA is in our hands."""
    home = Home(tmp_path, make_database(request.param), {"SIGNING_TSA_URL": tsa.url})
    with home.opened() as application:
        tsa.respond = application.keystore.unit.respond
    return home


class WatchedPhone:
    """A phone that remembers what it handed in, and may hand it in again."""

    def __init__(self, phone: SoftwarePhone) -> None:
        self.phone, self.value = phone, {}
        self._post = phone._post
        phone._post = self._watched

    def _watched(self, path: str, body: dict):
        if path == "/signature":
            self.value = body
        return self._post(path, body)

    def hand_in_again(self) -> dict:
        return self._post("/signature", self.value)


def killed_while_signing(home: Home, tsa: HoldableTsa) -> tuple[str, WatchedPhone]:
    """A server that dies while the TSA is asked; the agreement's id and the worker's phone."""
    server = Server(home)
    body = home.example("written_agreement")
    agreement = home.api.create(body)
    watched = WatchedPhone(home.phone_of(agreement, body))
    watched.phone.begin()
    watched.phone.identify()
    text_sha256 = watched.phone.read()

    def sign() -> None:
        with suppress(OSError, HTTPException, Broken):  # the line goes dead
            watched.phone.sign(text_sha256)

    tsa.hold()
    signing = threading.Thread(target=sign)
    signing.start()
    assert tsa.asked.wait(30)
    server.kill()
    signing.join()
    tsa.release()
    return agreement["id"], watched


def count(home: Home, agreement_id: str, event: str) -> int:
    events = home.api.get(f"/agreements/{agreement_id}/events").json()["items"]
    return [e["type"] for e in events].count(event)


def test_a_killed_server_that_is_asked_again_has_signed_once(home, tsa):
    agreement_id, watched = killed_while_signing(home, tsa)

    server = Server(home)
    try:
        assert worker_of(home.api.agreement(agreement_id))["status"] in ("identified", "signed")
        first, second = watched.hand_in_again(), watched.hand_in_again()
        done = home.api.wait_for(agreement_id, archive_sha256=...)

        assert first == second == {"done": True}
        assert done["status"] == "completed"
        assert count(home, agreement_id, "party.signed") == 2
        assert count(home, agreement_id, "agreement.completed") == 1
        assert count(home, agreement_id, "signature.requested") == 2
    finally:
        server.stop()
    checked = home.check()
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_killed_server_finishes_by_itself_what_nobody_asks_for_again(home, tsa):
    agreement_id, _ = killed_while_signing(home, tsa)

    server = Server(home)
    try:
        home.api.wait_for(agreement_id, status="completed")

        assert count(home, agreement_id, "party.signed") == 2
    finally:
        server.stop()
