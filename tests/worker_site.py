"""A real service on this machine for the tests of the pages, and browsers that walk them.

Everything is real but the SMS (the outbox) and the web server (Werkzeug's, in this process, so
that a test can look into the database). Jobs run when a test says so.
"""

import json
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from signing.app import create_application
from signing.config import Config
from signing.services.access import Visitor
from signing.web.signer.notices import load_notices
from signing.web.signer.session import SESSION_COOKIE

ROOT = Path(__file__).parent.parent


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, *_):
        """Nothing."""


@dataclass(frozen=True)
class Worker:
    """A worker with an agreement to sign."""

    name: str
    id_number: str
    phone: str
    link: str
    agreement_id: str
    party_id: str

    def cookie(self, session):
        """That session for a browser."""
        return {"name": SESSION_COOKIE, "value": session, "url": self.link, "httpOnly": True}

    @property
    def path(self):
        """The link's path, for a test client."""
        return self.link[self.link.index("/s/") :]


class WorkerSite:
    """The service, with a platform that has agreements made."""

    def __init__(self, home):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {
            "SIGNING_HOME": str(home),
            "SIGNING_PUBLIC_URL": self.url,
            "SIGNING_VERIFY_RATE": "off",
            "SIGNING_SMS_RATE": "off",
        }
        config = Config.from_env(settings)
        self.application = create_application(config)
        self.services = self.application.services
        self.tenant = self.services.tenancy.create("测试平台")
        self.outbox_path = config.instance_dir / "outbox" / "sms.ndjson"
        self._server = self._serve()

    def _serve(self):
        server = make_server(
            "127.0.0.1", self.port, self.application.flask, threaded=True, request_handler=_Quiet
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self.application.close()

    def client(self):
        """A browser without a screen, for what needs none."""
        return self.application.flask.test_client()

    def new_worker(self, kind="written_agreement"):
        """An agreement of that kind, sealed by its enterprises, waiting for its worker."""
        folder = ROOT / "templates" / "contracts" / kind / "2026.1" / "examples"
        body = json.loads(min(folder.glob("*.json")).read_text("utf-8"))
        made = self.client().post(
            "/api/v1/agreements",
            json=body,
            headers={"Authorization": f"Bearer {self.tenant.api_key}"},
        )
        assert made.status_code == 201, made.get_data(as_text=True)
        asked = next(party for party in body["parties"] if party["role"] == "worker")
        party = next(party for party in made.json["parties"] if party["role"] == "worker")
        return Worker(
            name=asked["name"],
            id_number=asked["id_number"],
            phone=asked["phone"],
            link=party["signing_link"],
            agreement_id=made.json["id"],
            party_id=party["id"],
        )

    def void(self, worker):
        """The platform takes it back."""
        answer = self.client().post(
            f"/api/v1/agreements/{worker.agreement_id}/void",
            json={"reason": "填错了"},
            headers={"Authorization": f"Bearer {self.tenant.api_key}"},
        )
        assert answer.status_code == 200

    def let_in(self, worker):
        """W1 and W2 without a browser; the cookie that the gate gives out."""
        token = worker.path.removeprefix("/s/")
        visitor = Visitor(address="127.0.0.1", user_agent="test")
        texts = load_notices(retention_years=5)
        self.services.opening.begin(
            token, consents={text.name: text.sha256 for text in texts}, visitor=visitor
        )
        return self.services.identity.confirm(
            token, name=worker.name, id_number=worker.id_number, visitor=visitor
        )

    def let_in_again(self, worker):
        """W2 for who comes back after signing; the cookie that the gate gives out."""
        return self.services.identity.confirm(
            worker.path.removeprefix("/s/"),
            name=worker.name,
            id_number=worker.id_number,
            visitor=Visitor(address="127.0.0.1", user_agent="test"),
        )

    def agreement(self, worker):
        """As it is stored now."""
        with self.application.database.transaction() as tx:
            return tx.agreements.load(worker.agreement_id)

    def events(self, worker):
        """Types of all its events that this worker caused, in order."""
        with self.application.database.transaction() as tx:
            events = tx.agreements.events(worker.agreement_id)
        return [str(event.type) for event in events if event.party_id == worker.party_id]

    def document(self, worker):
        """The newest revision."""
        return self.application.documents.get(self.agreement(worker).revision_sha256)
