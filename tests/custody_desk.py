"""The service in this process under a clock that a test moves, for tests of keys and timestamps.

Everything is real: database, documents, keys, renderer, judge, and a web server for the worker's
phone in software. Jobs run when a test says so.
"""

import json
import socket
import threading
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server

from signing.app import create_application, make_shelf
from signing.cli.phone import SoftwarePhone
from signing.config import Config
from signing.domain.signature import IntentStatus


class _Quiet(WSGIRequestHandler):
    def log(self, *_):
        """Nothing."""


class Desk:
    """A platform's desk: agreements made, sealed, signed; and a look into what is stored."""

    def __init__(self, home, clock, *, settings=None, timestamper=None):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.environ = {
            "SIGNING_HOME": str(home),
            "SIGNING_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "SIGNING_VERIFY_RATE": "off",
            "SIGNING_SMS_RATE": "off",
            "SIGNING_RENDER_WORKERS": "1",
            **(settings or {}),
        }
        self.config = Config.from_env(self.environ)
        self.clock = clock
        self.application = create_application(self.config, clock=clock, timestamper=timestamper)
        self.services = self.application.services
        self.keystore = self.application.keystore
        self.tenant = self.services.tenancy.create("测试平台")

    def close(self):
        self.application.close()

    # --- what a platform does

    def body(self, **changes):
        """The first example of a written agreement that the law of the day has nothing against."""
        shelf = make_shelf(self.config)
        bodies = (shelf.example("written_agreement", number) for number in range(1, 21))
        body = next(b for b in bodies if self.post("/agreements/check", b).json["would_create"])
        return {**body, **changes}

    def create(self, **changes):
        """An agreement; its id. The enterprise seals at once if the TSA is there."""
        made = self.post("/agreements", self.body(**changes))
        assert made.status_code == 201, made.get_data(as_text=True)
        return made.json["id"]

    def post(self, path, body=None):
        return self.application.flask.test_client().post(
            f"/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.tenant.api_key}"},
        )

    def sign(self, agreement_id):
        """The worker signs; then all jobs that are due."""
        self.worker_signs(agreement_id)
        self.run_due()

    def worker_signs(self, agreement_id):
        """From the first page to the last; the archive step is still to come."""
        agreement = self.agreement(agreement_id)
        worker = next(party for party in agreement.parties if party.role.value == "worker")
        details = agreement.details_of(worker.id)
        with self.served():
            phone = SoftwarePhone(
                link=self.services.agreements.link_of(agreement, worker.id),
                name=worker.name,
                id_number=details["id_number"],
                read_sms=self._newest_sms,
            )
            phone.begin()
            phone.identify()
            phone.sign(phone.read())

    def completed(self):
        """An agreement with all its signatures and its archive timestamp; its id."""
        agreement_id = self.create()
        self.sign(agreement_id)
        assert self.agreement(agreement_id).archive_sha256 is not None
        return agreement_id

    def run_due(self):
        return self.services.housekeeping.run_due()

    @contextmanager
    def served(self):
        server = make_server(
            "127.0.0.1", self.port, self.application.flask, threaded=True, request_handler=_Quiet
        )
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _newest_sms(self):
        outbox = self.config.instance_dir / "outbox" / "sms.ndjson"
        return json.loads(outbox.read_text("utf-8").splitlines()[-1])["text"]

    # --- what is stored

    def agreement(self, agreement_id):
        with self.application.database.transaction() as tx:
            return tx.agreements.load(agreement_id)

    def enterprise(self, agreement_id):
        """The party that seals first."""
        return self.agreement(agreement_id).in_signing_order[0]

    def open_intent(self, party_id):
        """The signature on its way, or None."""
        with self.application.database.transaction() as tx:
            return tx.intents.find_open(party_id)

    def waits_with_a_value(self, party_id):
        intent = self.open_intent(party_id)
        return intent is not None and (intent.status, intent.token) == (IntentStatus.VALUED, None)

    def document(self, agreement_id):
        """The newest revision."""
        return self.application.documents.get(self.agreement(agreement_id).revision_sha256)

    def verdict(self, agreement_id):
        return self.services.verifying.verify_upload(self.document(agreement_id))
