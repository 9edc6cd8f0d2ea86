"""The real service under gunicorn, with two platforms, for tests that speak to it over HTTP.

Everything is real but the SMS, which is the development outbox. A test may also look into its
database, from the outside as an operator would.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from signing.app import Application, create_application, make_shelf
from signing.cli.phone import SoftwarePhone
from signing.cli.serve import free_port
from signing.config import Config

SCOPES = frozenset({"agreements", "links", "seals", "reports", "webhooks"})
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Api:
    """One platform's way to call the service: every answer comes back as it is."""

    url: str
    key: str

    def get(self, path: str, **keywords: Any) -> requests.Response:
        return self.call("GET", path, **keywords)

    def post(self, path: str, body: Any = None, **keywords: Any) -> requests.Response:
        if body is not None:
            keywords["data"] = json.dumps(body, ensure_ascii=False).encode()
        return self.call("POST", path, **keywords)

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **keywords):
        given = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        return requests.request(
            method,
            f"{self.url}/api/v1{path}",
            headers={**given, **(headers or {})},
            timeout=PATIENCE_SECONDS,
            **keywords,
        )

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /agreements that must succeed."""
        answer = self.post("/agreements", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def agreement(self, agreement_id: str) -> dict[str, Any]:
        answer = self.get(f"/agreements/{agreement_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_for(self, agreement_id: str, **wanted: Any) -> dict[str, Any]:
        """Until the members have these values (`...`: anything but null); then the agreement."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self.agreement(agreement_id)
            if all(
                found[k] == v if v is not ... else found[k] is not None for k, v in wanted.items()
            ):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{agreement_id} never had {wanted}: {found}")


class Home:
    """Where a service keeps its things; made with two platforms, `api` and `other`."""

    def __init__(self, folder: Path, database_url: str = "", settings: Mapping[str, str] = {}):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            "SIGNING_HOME": str(folder),
            "SIGNING_PUBLIC_URL": self.url,
            "SIGNING_DATABASE_URL": database_url or "sqlite:///instance/signing.db",
            "SIGNING_VERIFY_RATE": "off",
            "SIGNING_SMS_RATE": "off",
            "SIGNING_RENDER_WORKERS": "1",
            **settings,
        }
        self.server_log = folder / "server.log"
        with self.opened() as application:
            self.api = Api(self.url, application.services.tenancy.create("平台甲").api_key)
            self.other = Api(self.url, application.services.tenancy.create("平台乙").api_key)
            application.keystore.export_trust(folder / "trust")

    @property
    def config(self) -> Config:
        return Config.from_env(self.environ)

    @contextmanager
    def opened(self) -> Iterator[Application]:
        """The same service in this process, without its server and its keeper."""
        application = create_application(self.config)
        try:
            yield application
        finally:
            application.close()

    def key_with(self, *scopes: str) -> Api:
        """Another key of `api`'s platform, with these scopes only."""
        with self.opened() as application, application.database.transaction() as tx:
            tenant = tx.tenants.find_key(self.api.key)
            secret = f"sk_test-{'-'.join(scopes)}"
            tx.tenants.add_key(
                key_id=f"key_{'-'.join(scopes)}",
                tenant_id=tenant.tenant_id,
                secret=secret,
                scopes=frozenset(scopes),
                at=application.services.housekeeping._clock(),
            )
        return Api(self.url, secret)

    def example(self, kind: str, variant: int = 1, **changes: Any) -> dict[str, Any]:
        """The body of an agreement, as the texts' own examples have it."""
        return {**make_shelf(self.config).example(kind, variant), **changes}

    def messages(self, phone: str) -> list[str]:
        """SMS to that phone, oldest first."""
        outbox = self.folder / "instance" / "outbox" / "sms.ndjson"
        lines = outbox.read_text("utf-8").splitlines() if outbox.exists() else []
        return [m["text"] for m in map(json.loads, lines) if m["to"] == phone]

    def codes(self, phone: str) -> list[str]:
        """SMS with a code, oldest first: an invitation may come in between."""
        return [text for text in self.messages(phone) if "验证码" in text]

    def phone_of(self, agreement: Mapping[str, Any], body: Mapping[str, Any]) -> SoftwarePhone:
        """The worker's phone, at the agreement's link."""
        worker = worker_of(body)
        return SoftwarePhone(
            link=worker_of(agreement)["signing_link"],
            name=worker["name"],
            id_number=worker["id_number"],
            read_sms=lambda: self.codes(worker["phone"])[-1],
        )

    def check(self) -> subprocess.CompletedProcess[str]:
        """`signing check`."""
        return self.run("check")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `signing` command in this home."""
        program = Path(sys.executable).with_name("signing")
        return subprocess.run(
            [program, *arguments],
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )


class Server:
    """`signing serve` as a child process."""

    def __init__(self, home: Home, command: list[str] | None = None) -> None:
        self.home = home
        serve = [sys.executable, "-m", "signing.cli.main", "serve", "--port", str(home.port)]
        with home.server_log.open("ab") as output:
            self.process = subprocess.Popen(
                command or serve,
                env={**os.environ, **home.environ},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if requests.get(f"{self.home.url}/readyz", timeout=5).status_code == 200:
                    return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError(self.home.server_log.read_text("utf-8", "replace")[-2000:])

    def kill(self) -> None:
        """Like a power cut: gunicorn, its worker and their helpers, all at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """As an operator stops it."""
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def serving(home: Home) -> Iterator[Home]:
    """The home with its server running."""
    server = Server(home)
    try:
        yield home
    finally:
        server.stop()


def party_of(agreement: Mapping[str, Any], role: str) -> dict[str, Any]:
    """The party of that role, of a body or an answer."""
    return next(party for party in agreement["parties"] if party["role"] == role)


def worker_of(agreement: Mapping[str, Any]) -> dict[str, Any]:
    return party_of(agreement, "worker")


def sign_as_worker(phone: SoftwarePhone) -> None:
    """Walk (b) from the first page to the last."""
    phone.begin()
    phone.identify()
    phone.sign(phone.read())
