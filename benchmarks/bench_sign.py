"""What a signature costs, beside pyHanko, endesive and @signpdf called as their documents show.

pyHanko signs the same field of the same file with the same P-256 key, certificates and in-process
TSA. The other two know RSA alone: `sign.b_t_rsa` is ours with such a key, in the same rounds; what
else is unequal, to their advantage, stands in `sign_peers`. Rounds of ours and theirs alternate, so
that a busy machine slows all. Values are medians.
"""

import gc
import io
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import add_validation_info
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from sign_peers import RsaSigner, called_valid, endesive_signs, signpdf_signs

from signing.keystore import profiles
from signing.keystore.keystore import open_keystore
from signing.keystore.timestamping import BuiltInTimestamper, TimestampingUnit
from signing.pades.appearance import ink_appearance, seal_appearance
from signing.pades.archive import archive_imprint, assemble_archive, prepare_archive
from signing.pades.finish import assemble, check_value, imprint
from signing.pades.plan import FilePlan
from signing.pades.prepare import prepare
from signing.verification.judge import judge
from signing.verification.trust import trust_from

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from node_tools import NodeTools  # type: ignore[import-not-found]  # found by the line above
from pki_world import (  # type: ignore[import-not-found]  # the tests' PKI
    World,
    archive_file,
    base_of,
    request_for,
    sign_step,
    to_der,
)

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime.now(UTC).replace(microsecond=0)
ROLES = ("platform", "service_provider", "worker")
TURNS, CALLS = 15, 4
PADDING = 240_000
Row = dict[str, Any]
File = tuple[bytes, FilePlan]


class InProcessTsa(TimeStamper):
    """Our unit behind pyHanko's interface: the peer pays nothing for a slower TSA."""

    def __init__(self, unit: TimestampingUnit) -> None:
        super().__init__(include_nonce=True)  # type: ignore[no-untyped-call]
        self._unit = unit

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._unit.respond(req.dump()))


class Bench:
    """A world, a base of an agreement's size, and the same signer for both sides."""

    def __init__(self) -> None:
        self.world = World(NOW - timedelta(minutes=5))
        self.base = base_of(ROLES, padding=PADDING)
        self.seal = self.world.signer("长沙某某网络科技有限公司", at=NOW, profile=profiles.SEAL)
        self.unit = TimestampingUnit(
            certificate=to_der(self.world.tsa),
            key=self.world.tsa_key,
            clock=lambda: NOW,
            last_file=None,
        )
        root = to_der(self.world.root)
        self.timestamper = BuiltInTimestamper(self.unit, anchors=(root,), clock=lambda: NOW)
        self.trust = trust_from(ca=(root,), tsa=(root,), crls=self.world.crls(at=NOW))
        self.crls = self.world.crls(at=NOW)
        self.peer = self._peer()
        self.peer_tsa = InProcessTsa(self.unit)

    def _peer(self) -> signers.SimpleSigner:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register(asn1_x509.Certificate.load(self.seal.chain[1]))
        key = self.seal.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return signers.SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(self.seal.chain[0]),
            signing_key=asn1_keys.PrivateKeyInfo.load(key),
            cert_registry=store,
        )

    def sign(self, seal: Any = None) -> File:
        """Prepare, sign, timestamp (checked as a stranger's), assemble: what a seal costs."""
        (pdf, plan), seal = self.base, seal or self.seal
        look = seal_appearance(
            plan, "platform", name="长沙某某网络科技有限公司", signing_time=NOW, is_test=True
        )
        request = request_for("platform", seal, at=NOW, certify=True, appearance=look)
        prepared = prepare(pdf, plan, request)
        value = check_value(prepared, seal.sign(prepared.signed_attributes))
        return assemble(pdf, prepared, value, self.timestamper.timestamp(imprint(value)))

    def sign_and_judge(self) -> None:
        pdf, _ = self.sign()
        judge(pdf, trust=self.trust, at=NOW)

    def peer_signs(self) -> bytes:
        metadata = signers.PdfSignatureMetadata(
            field_name="platform",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            reason="同意并盖章",
        )
        out: io.BytesIO = signers.sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(self.base[0])),
            metadata,
            signer=self.peer,
            timestamper=self.peer_tsa,
            existing_fields_only=True,
        )
        return out.getvalue()

    def archive(self, signed: File) -> File:
        pdf, plan = signed
        prepared = prepare_archive(pdf, plan, self.world.certificates, self.crls)
        token = self.timestamper.timestamp(archive_imprint(prepared))
        return assemble_archive(pdf, prepared, token)

    def peer_archives(self, signed: File) -> None:
        """As its documentation shows: validation info of the signature, then a timestamp."""
        context = self._peer_context()
        (signature,) = PdfFileReader(io.BytesIO(signed[0])).embedded_regular_signatures
        out = add_validation_info(signature, context)
        PdfTimeStamper(self.peer_tsa, field_name="archive").timestamp_pdf(
            IncrementalPdfFileWriter(out), "sha256", validation_context=context
        )

    def _peer_context(self) -> ValidationContext:
        issuing, _, root = map(asn1_x509.Certificate.load, self.world.certificates)
        return ValidationContext(
            trust_roots=[root],
            other_certs=[issuing],
            crls=list(self.crls),
            allow_fetching=False,
            revocation_mode="soft-fail",
        )

    def signed_by_all(self) -> list[bytes]:
        """Each revision of a tripartite agreement, with seals and ink, archived."""
        strokes = [[(x * 2.0, 40.0 + x % 20) for x in range(90)] for _ in range(3)]
        revisions, (pdf, plan) = [self.base[0]], self.base
        for index, role in enumerate(ROLES):
            if role == "worker":
                look = ink_appearance(
                    plan, role, strokes=strokes, pad=(320, 160), signing_time=NOW, is_test=True
                )
            else:
                look = seal_appearance(
                    plan, role, name="湖南某某人力资源服务有限公司", signing_time=NOW, is_test=True
                )
            step = sign_step(
                self.world, pdf, plan, role, at=NOW, certify=index == 0, appearance=look
            )
            pdf, plan = step.pdf, step.plan
            revisions.append(pdf)
        return [*revisions, archive_file(self.world, pdf, plan, at=NOW)[0]]


def alternating(*tasks: Callable[[], object]) -> list[float]:
    """Median milliseconds of each task: a few calls of each in turn, after the garbage is out.

    Without the collection a task would pay for what the one before it left behind.
    """
    times: list[list[float]] = [[] for _ in tasks]
    for turn in range(TURNS + 1):
        for task, taken in zip(tasks, times, strict=True):
            gc.collect()
            for _ in range(CALLS):
                started = time.perf_counter()
                task()
                if turn > 0:  # the first turn warms up
                    taken.append((time.perf_counter() - started) * 1_000)
    return [statistics.median(taken) for taken in times]


def run() -> list[Row]:
    """Rows of `sign.`, see interfaces.md §8."""
    logging.getLogger("pyhanko").setLevel(logging.ERROR)  # soft-fail is meant
    bench = Bench()
    parts = (_signing(bench), _by_rsa(bench), _archiving(bench), _growth(bench), _keystore())
    return [row for rows in parts for row in rows]


def _signing(bench: Bench) -> list[Row]:
    ours, judged, token, theirs = alternating(
        bench.sign,
        bench.sign_and_judge,
        lambda: bench.timestamper.timestamp(bytes(32)),
        bench.peer_signs,
    )
    peer = "pyHanko sign_pdf, B-T"
    return [
        _ratio("sign.b_t", ours, theirs, peer, "<= 0.05"),
        _ratio("sign.b_t_and_judge", judged, theirs, peer, "<= 0.15"),
        {"name": "sign.peer_b_t", "value": theirs, "unit": "ms", "against": peer},
        {"name": "sign.token_checked", "value": token, "unit": "ms"},
    ]


def _by_rsa(bench: Bench) -> list[Row]:
    """Beside the two that know RSA alone; the last of them has no timestamp to make."""
    seal = RsaSigner("长沙某某网络科技有限公司", NOW)
    endesive = endesive_signs(bench.base[0], seal, bench.unit.respond, NOW)
    with signpdf_signs(bench.base[0], seal, NodeTools(ROOT).node) as signpdf:
        called_valid(bench.sign(seal)[0], is_stamped=True)
        called_valid(endesive(), is_stamped=True)
        called_valid(signpdf(), is_stamped=False)
        ours, theirs, no_token = alternating(lambda: bench.sign(seal), endesive, signpdf)
    named = ("endesive, B-T, RSA", "@signpdf, no timestamp, RSA")
    return [
        _ratio("sign.b_t_rsa", ours, theirs, named[0]),
        {"name": "sign.peer_endesive", "value": theirs, "unit": "ms", "against": named[0]},
        _ratio("sign.b_t_rsa_signpdf", ours, no_token, named[1]),
        {"name": "sign.peer_signpdf", "value": no_token, "unit": "ms", "against": named[1]},
    ]


def _archiving(bench: Bench) -> list[Row]:
    signed = bench.sign()
    ours, theirs = alternating(lambda: bench.archive(signed), lambda: bench.peer_archives(signed))
    return [
        _ratio(
            "sign.archive", ours, theirs, "pyHanko add_validation_info, timestamp_pdf", "<= 0.10"
        ),
        {"name": "sign.peer_archive", "value": theirs, "unit": "ms", "against": "pyHanko"},
    ]


def _growth(bench: Bench) -> list[Row]:
    sizes = [len(pdf) for pdf in bench.signed_by_all()]
    each = [after - before for before, after in pairwise(sizes)]
    theirs = len(bench.peer_signs()) - len(bench.base[0])
    largest = max(each[:-1])
    return [
        {"name": "sign.growth_signature", "value": largest, "unit": "B", "target": "<= 9216"},
        {"name": "sign.growth_all", "value": sum(each), "unit": "B", "target": "<= 32768"},
        {"name": "sign.growth_peer", "value": theirs, "unit": "B", "against": "pyHanko, B-T"},
    ]


def _keystore() -> list[Row]:
    """The keys that the service keeps: opened by a child for each signature."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        keystore = open_keystore(
            Path(folder) / "keys",
            None,
            lambda: datetime.now(UTC),
            "http://127.0.0.1:8000",
            "development",
        )
        first_start = (time.perf_counter() - started) * 1_000
        with keystore:
            seal = {"tenant_id": "t", "uscc": "91430100MAYYYY016Y"}
            keystore.seals.certificate(name="TEST", **seal)
            (signing,) = alternating(lambda: keystore.seals.sign(data=bytes(135), **seal))
    return [
        {"name": "sign.first_start", "value": first_start, "unit": "ms"},
        {"name": "sign.seal_key", "value": signing, "unit": "ms"},
    ]


def _ratio(name: str, ours: float, theirs: float, against: str, target: str = "") -> Row:
    row = {"name": name, "value": ours, "unit": "ms", "against": against, "ratio": ours / theirs}
    return row | ({"target": target} if target else {})
