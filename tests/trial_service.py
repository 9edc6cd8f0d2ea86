"""The whole service in this process, with a clock that is moved and a TSA that can be away.

All adapters are the real ones: database, log, documents, renderer, keys. Power can be cut at any
boundary of a transaction, as a crash of the machine would (`PowerCut`).
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signing.app import create_application, make_shelf, open_checking
from signing.config import Config
from signing.domain.agreement import Agreement
from signing.domain.draft import Role
from signing.domain.search import AgreementFilter
from signing.errors import Unavailable
from signing.services.access import Visitor
from signing.services.ceremony.opening import CONSENTS
from signing.services.ceremony.signature_request import Handwriting, Wish

VISITOR = Visitor(address="203.0.113.7", user_agent="a phone")
INK = Handwriting(
    strokes=[[(20.0 + 9 * n, 60.0 + n) for n in range(20)]], width=230.0, height=190.0
)


class MovableClock:
    """Starts now and moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """By what `timedelta` takes."""
        self.now += timedelta(**duration)


class PowerCut(BaseException):
    """Nothing runs any more: no handler, no clean-up."""


class Power:
    """Cuts the power right after the n-th transaction from now; dead until `restore`."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.commits = 0

    def cut_after(self, commits: int) -> None:
        self.left = commits

    def restore(self) -> None:
        self.left = None

    def check(self) -> None:
        if self.left == 0:
            raise PowerCut

    def spend(self) -> None:
        self.commits += 1
        if self.left is not None:
            self.left -= 1
            self.check()


class MovableTsa:
    """The built-in TSA; while `away` it does not answer. `before` runs at each request."""

    def __init__(self) -> None:
        self.real: Any = None
        self.away = False
        self.before: Callable[[], None] = lambda: None

    @property
    def token_bytes(self) -> int:
        return self.real.token_bytes

    def timestamp(self, imprint: bytes) -> bytes:
        self.before()
        if self.away:
            raise Unavailable("The TSA does not answer", code="TSA_UNAVAILABLE")
        return self.real.timestamp(imprint)

    def lasts_until(self, token: bytes) -> datetime:
        return self.real.lasts_until(token)


class TrialService:
    """Wired by `create_application`, over one home and one database."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.clock = clock = MovableClock()
        self.folder = folder
        environ = {
            "SIGNING_HOME": str(folder),
            "SIGNING_DATABASE_URL": database_url,
            "SIGNING_RENDER_WORKERS": "1",
        }
        self.config = Config.from_env(environ)
        self.tsa, self.power = MovableTsa(), Power()
        self.application = create_application(self.config, clock=clock, timestamper=self.tsa)
        self.tsa.real = self.application.keystore.timestamper
        self.services = self.application.services
        self.tenant = self.services.tenancy.create("平台")
        self._transaction = self.application.database.transaction
        self.application.database.transaction = self._powered  # every use case shares this object
        self._client = self.application.flask.test_client()

    @contextmanager
    def _powered(self) -> Iterator[Any]:
        self.power.check()
        with self._transaction() as tx:
            yield tx
        self.power.spend()

    def close(self) -> None:
        self.application.close()

    def example(self, kind: str = "written_agreement", **changes: Any) -> dict[str, Any]:
        return {**make_shelf(self.config).example(kind, 1), **changes}

    def post(self, path: str, body: Any = None, **headers: str):
        """POST to the API."""
        given = {"Authorization": f"Bearer {self.tenant.api_key}", **headers}
        return self._client.post(f"/api/v1{path}", json=body, headers=given)

    def issue(self, body: dict[str, Any] | None = None) -> Agreement:
        """An agreement, sealed as it was asked for."""
        answer = self.post("/agreements", body or self.example())
        assert answer.status_code == 201, answer.text
        return self.agreement(answer.json["id"])

    def agreement(self, agreement_id: str) -> Agreement:
        with self._transaction() as tx:
            return tx.agreements.load(agreement_id)

    def agreements(self) -> list[str]:
        """Ids of all agreements."""
        with self._transaction() as tx:
            found, _ = tx.agreements.list(
                self.tenant.tenant_id, AgreementFilter(), limit=100, cursor=None
            )
        return [agreement.id for agreement in found]

    def events(self, agreement_id: str) -> list[str]:
        with self._transaction() as tx:
            return [event.type for event in tx.agreements.events(agreement_id)]

    def messages(self, phone: str) -> list[str]:
        """SMS to that phone, oldest first."""
        outbox = self.folder / "instance" / "outbox" / "sms.ndjson"
        lines = outbox.read_text("utf-8").splitlines() if outbox.exists() else []
        return [m["text"] for m in map(json.loads, lines) if m["to"] == phone]

    def run_jobs(self) -> int:
        """What is due now."""
        return self.services.housekeeping.run_due()

    def worker(self, agreement: Agreement) -> "InProcessWorker":
        return InProcessWorker(self, agreement)


@dataclass
class Prepared:
    """What the worker's phone was given to sign, and its value over it."""

    intent_id: str
    value: bytes


class InProcessWorker:
    """A worker who calls the use cases as the pages do, with a real key."""

    def __init__(self, service: TrialService, agreement: Agreement) -> None:
        self._service, self._services = service, service.services
        self.agreement_id, self._details = agreement.id, agreement.draft.worker.details
        self.party_id = next(p.id for p in agreement.parties if p.role is Role.WORKER)
        link = self._services.agreements.link_of(agreement, self.party_id)
        self.link = str(link).rpartition("/")[2]
        self.session = ""
        self._key = ec.generate_private_key(ec.SECP256R1())

    def come_to_sign(self) -> None:
        """W1 to W7."""
        self._services.opening.begin(
            self.link, consents=dict.fromkeys(CONSENTS, "0" * 64), visitor=VISITOR
        )
        self.identify()
        self.read()
        spki = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._info = self._services.key_offer.offer(self.link, session=self.session, spki=spki)

    def identify(self) -> None:
        self.session = self._services.identity.confirm(
            self.link,
            name=self._details["name"],
            id_number=self._details["id_number"],
            visitor=VISITOR,
        )

    def read(self) -> None:
        reading = self._services.reading_room.open(self.link, session=self.session)
        self._services.reading_room.finish(
            self.link,
            session=self.session,
            text_sha256=reading.text_sha256,
            ticked=[card["id"] for card in reading.page.cards],
            dwell_ms={},
            visitor=VISITOR,
        )

    def ask_for_code(self) -> str:
        self._services.code.send(self.link, session=self.session)
        text = self._service.messages(self._details["phone"])[-1]
        return re.search(r"验证码：(\d{6})", text)[1]

    def prepare(self) -> Prepared:
        """The bytes to sign, signed."""
        return self.prepare_with(self.ask_for_code())

    def prepare_with(self, code: str) -> Prepared:
        to_sign = self._services.signature_requesting.request(
            self.link,
            session=self.session,
            wish=Wish(self._sign(self._info), code, INK, is_willing=True),
            visitor=VISITOR,
        )
        return Prepared(to_sign.intent_id, self._sign(to_sign.signed_attributes))

    def hand_in(self, prepared: Prepared) -> Agreement:
        """The value, as often as one likes."""
        return self._services.signature_taking.complete(
            self.link,
            session=self.session,
            intent_id=prepared.intent_id,
            value=prepared.value,
        )

    def _sign(self, data: bytes) -> bytes:
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


def violations(service: TrialService) -> list[tuple[str, str, str]]:
    """What `signing check` finds at the service's own time.

    Files of nobody are left out: a crash between a file and its transaction leaves one, and only a
    person can say that it is not what a restored backup lost.
    """
    with open_checking(service.config, clock=service.clock) as checking:
        found = [(v.code, v.where, v.message) for v in checking.violations()]
    return [violation for violation in found if violation[0] != "DOCUMENT_UNKNOWN"]
