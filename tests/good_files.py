"""Good files as the service makes them: each kind, each custody, from the first seal to a renewal.

A service in this process under a clock that goes through the years. The enterprise's key lies in an
encrypted file, in a PKCS#11 token, or with the enterprise; the worker's on a phone in software.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from custody_desk import Desk
from enterprise_ca import Enterprise
from running_service import party_of
from signing.app import make_shelf

KINDS = ("labour_contract", "written_agreement", "tripartite_agreement")
BEFORE_THE_END = timedelta(days=int(9.8 * 365))  # of the ten years of a TSA's certificate
DER = Encoding.DER


@dataclass(frozen=True)
class GoodFile:
    """One revision that everybody must accept; who must be trusted for that, in DER.

    `at` is the day on which it is judged.
    """

    name: str
    pdf: bytes
    at: datetime
    roots: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    parties: int
    timestamps: int


class Clock:
    """Stands still until it is moved. Begins today, as an enterprise's own certificate does."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now


class Maker:
    """One service, and an agreement of each kind; `custody` is that of its enterprises."""

    def __init__(self, home, custody: str, settings=None) -> None:
        self._home, self._custody, self._settings = home, custody, settings
        self._clock = Clock()
        self._desk = self._open()
        self._enterprises: list[Enterprise] = []
        self._made: dict[str, str] = {}
        self._crls = self._own_crls()

    def files(self) -> Iterator[GoodFile]:
        """Of each kind: sealed, signed by all (B-T), archived (B-LTA), renewed."""
        try:
            for kind in KINDS:
                self._made[kind] = self._create(kind)
                yield self._file(kind, "sealed", missing=1)
                self._desk.worker_signs(self._made[kind])
                yield self._file(kind, "signed by all")
            self._desk.run_due()
            yield from (self._file(kind, "archived", timestamps=1) for kind in KINDS)
            self._come_near_the_end()
            self._desk.run_due()
            yield from (self._file(kind, "renewed", timestamps=2) for kind in KINDS)
        finally:
            self._desk.close()

    def _open(self) -> Desk:
        return Desk(self._home, self._clock, settings=self._settings)

    def _create(self, kind: str) -> str:
        shelf = make_shelf(self._desk.config)
        bodies = (shelf.example(kind, number) for number in range(1, 21))
        check = "/agreements/check"
        body = next(b for b in bodies if self._desk.post(check, b).json["would_create"])
        if self._custody == "external":
            for party in body["parties"][:-1]:
                party["seal"] = "manual"
        made = self._desk.post("/agreements", body)
        assert made.status_code == 201, made.get_data(as_text=True)
        if self._custody == "external":
            for party in body["parties"][:-1]:
                self._seal_outside(made.json["id"], party_of(made.json, party["role"]))
        return made.json["id"]

    def _seal_outside(self, agreement_id: str, party) -> None:
        """The two steps of the API, with a key that the service never sees."""
        enterprise = Enterprise(party["name"])
        path = f"/agreements/{agreement_id}/parties/{party['id']}"
        given = {"certificates": enterprise.certificates()}
        asked = self._desk.post(f"{path}/signature-request", given)
        signed = {"value": enterprise.sign(asked.json["to_be_signed"])}
        assert self._desk.post(f"{path}/signature", signed).status_code == 200
        self._enterprises.append(enterprise)

    def _come_near_the_end(self) -> None:
        """To where the archive timestamps must be renewed, by a TSA that has a new certificate."""
        self._clock.now += BEFORE_THE_END
        self._desk.keystore.rotate("tsa")
        self._desk.close()
        self._desk = self._open()  # a new key is taken into use at the next start
        self._clock.now += timedelta(hours=1)

    def _file(self, kind: str, state: str, *, missing: int = 0, timestamps: int = 0) -> GoodFile:
        agreement_id = self._made[kind]
        parties = self._desk.agreement(agreement_id).parties
        return GoodFile(
            name=f"{kind}, {self._custody}, {state}",
            pdf=self._desk.document(agreement_id),
            at=self._clock.now + timedelta(minutes=1),
            roots=(*self._own_roots(), *(e.root.public_bytes(DER) for e in self._enterprises)),
            crls=(
                *self._crls,
                *self._own_crls(),
                *(e.revocations().public_bytes(DER) for e in self._enterprises),
            ),
            parties=len(parties) - missing,
            timestamps=timestamps,
        )

    def _own_crls(self) -> tuple[bytes, ...]:
        """As they are served at this moment."""
        return tuple(map(self._desk.keystore.pki_file, ("root.crl", "issuing.crl")))

    def _own_roots(self) -> Iterator[bytes]:
        trust = self._home / "trust"
        self._desk.keystore.export_trust(trust)
        for path in sorted((trust / "ca").glob("*.pem")):
            for certificate in x509.load_pem_x509_certificates(path.read_bytes()):
                yield certificate.public_bytes(DER)
