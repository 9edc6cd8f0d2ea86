"""What a verdict costs, beside pyHanko called plainly and `pdfsig` as a process; and the mutants.

All judge the same file: a tripartite agreement as the renderer lays it out, three signatures,
archived (B-LTA), of the attack suite's own PKI. Rounds alternate; values are medians. pyHanko has
one validation context per signature, with the same anchors, certificates and CRLs.
"""

import io
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from signing.app import make_renderer, make_shelf
from signing.config import Config
from signing.domain.verdict import Outcome
from signing.verification import attachments, certificates, form, grammar
from signing.verification.foreign import ForeignReport, Reading
from signing.verification.foreign import inspect as inspect_foreign
from signing.verification.trust import TrustAnchors, trust_from
from signing.verification.verify import verify_document

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "tampering")]
import workshop  # type: ignore[import-not-found]  # noqa: E402  (the attack suite's PKI)
from mutants import mutants, uncovered  # type: ignore[import-not-found]  # noqa: E402

AT = workshop.START + timedelta(days=2)
TURNS = 15
CALLS = 5
MUTANTS = 20_000
Row = dict[str, Any]


def run() -> list[Row]:
    """All figures of the part `verify`."""
    logging.disable()
    shop = workshop.Workshop.new()
    pdf = _agreement(shop)
    trust = trust_from(ca=(shop.root.der,), tsa=(shop.root.der,))
    verdict = verify_document(pdf, trust=trust, at=AT)
    if verdict.outcome is not Outcome.VALID:
        raise AssertionError([finding.code for finding in verdict.findings])
    return [*_speed(pdf, trust, shop), *_foreign(pdf), *_mutants(pdf, trust)]


def _agreement(shop: Any) -> bytes:
    """A rendered tripartite agreement, signed by all and archived."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["SIGNING_HOME"] = home
        config = Config.from_env()
        example = make_shelf(config).example("tripartite_agreement", 1)
        issued = {
            "id": workshop.AGREEMENT_ID,
            "number": "HT-2026-0001",
            "created_at": "2026-11-25T07:00:00Z",
            "party_ids": ["pty_1", "pty_2", "pty_3"],
            "verify_url": "http://127.0.0.1:8000/verify",
        }
        body = {
            **example,
            "template_version": "2026.1",
            "issued": issued,
            "test_certificates": True,
        }
        renderer = make_renderer(config)
        try:
            rendered = renderer.render(body)
        finally:
            renderer.close()
    base = grammar.read_file(rendered.pdf)
    agreement = attachments.read_agreement(base, form.read_base(base))
    shop = replace(shop, location=f"text-sha256:{agreement.text_sha256}")
    file = (rendered.pdf, rendered.plan)
    for position, role in enumerate(agreement.order):
        at = workshop.START + timedelta(minutes=10 * position)
        name = agreement.names[role]
        signer = _signer(shop, role.value, name, before=file[0], at=at)
        file = shop.sign(file, role.value, at=at, signer=signer, certify=position == 0)
    archived: bytes = shop.archive(file)[0]
    return archived


def _signer(shop: Any, role: str, name: str, *, before: bytes, at: Any) -> Any:
    if role == "worker":
        return shop.worker(before, at=at, common_name=name)
    key = ec.generate_private_key(ec.SECP256R1())
    return workshop.Signer(key, (shop.issuing.issue(name, key.public_key()), shop.issuing.der))


def _speed(pdf: bytes, trust: TrustAnchors, shop: Any) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agreement.pdf"
        path.write_bytes(pdf)
        sides: dict[str, Callable[[], object]] = {
            "warm": lambda: verify_document(pdf, trust=trust, at=AT),
            "cold": lambda: _cold(pdf, trust),
            "pyhanko": lambda: _pyhanko(pdf, shop),
            "pdfsig": lambda: _pdfsig(path),
        }
        found = _alternate(sides)
    warm, cold = found["warm"], found["cold"]
    return [
        _row("verify.judge", warm, "pyHanko, plain", warm / found["pyhanko"], "<= 0.06"),
        _row("verify.judge_cold", cold, "pyHanko, plain", cold / found["pyhanko"], "<= 0.10"),
        _row("verify.judge_process", warm, "pdfsig, a process", warm / found["pdfsig"], "< 1"),
        _row("verify.pyhanko", found["pyhanko"]),
        _row("verify.pdfsig", found["pdfsig"]),
    ]


def _cold(pdf: bytes, trust: TrustAnchors) -> None:
    """As for the first file of a process: nothing that was verified before is remembered."""
    for remembered in (
        certificates.load,
        certificates.load_crl,
        certificates.is_issued_by,
        certificates.is_crl_of,
        attachments._digest_of_text,  # noqa: SLF001  (there is no other way to forget)
    ):
        remembered.cache_clear()
    verify_document(pdf, trust=trust, at=AT)


def _pyhanko(pdf: bytes, shop: Any) -> None:
    reader = PdfFileReader(io.BytesIO(pdf))
    others = [asn1_x509.Certificate.load(shop.issuing.der)]
    lists = [asn1_crl.CertificateList.load(ca.crl()) for ca in (shop.issuing, shop.root)]
    for embedded in reader.embedded_signatures:
        context = ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(shop.root.der)],
            other_certs=others,
            crls=lists,
            moment=workshop.START + timedelta(minutes=22),
            allow_fetching=False,
        )
        is_timestamp = embedded.sig_object_type == "/DocTimeStamp"
        validate = validate_pdf_timestamp if is_timestamp else validate_pdf_signature
        validate(embedded, context)


def _pdfsig(path: Path) -> None:
    subprocess.run(["pdfsig", "-no-ocsp", str(path)], capture_output=True, check=False)


def _alternate(sides: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median milliseconds of each side, all sides in turn."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(TURNS):
        for name, call in sides.items():
            for _ in range(CALLS if name in ("warm", "cold") else 1):
                started = time.perf_counter()
                call()
                times[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def _foreign(pdf: bytes) -> list[Row]:
    """A file of others: the confined child, start included."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        inspect_foreign(pdf)
        times.append((time.perf_counter() - started) * 1000)
    return [_row("verify.foreign_child", statistics.median(times), target="<= 10000")]


def _mutants(pdf: bytes, trust: TrustAnchors) -> list[Row]:
    """20,000 mutants: how many pass with a covered byte changed, and the slowest answer."""
    start, stop = uncovered(pdf)
    slowest, wrong, outcomes = 0.0, 0, Counter[str]()
    for _, mutant in mutants(pdf, MUTANTS, seed=20_261_125):
        started = time.perf_counter()
        verdict = verify_document(
            mutant,
            trust=trust,
            at=AT,
            read_foreign=lambda _: ForeignReport(Reading.BROKEN),
        )
        slowest = max(slowest, time.perf_counter() - started)
        outcomes[verdict.outcome.value] += 1
        same_ends = (
            mutant[: start + 1] == pdf[: start + 1] and mutant[stop - 1 :] == pdf[stop - 1 :]
        )
        if verdict.outcome is Outcome.VALID and not (same_ends and len(mutant) == len(pdf)):
            wrong += 1
    return [
        {"name": "verify.mutants", "value": MUTANTS, "unit": "files"},
        {"name": "verify.mutants_wrongly_valid", "value": wrong, "unit": "files", "target": "== 0"},
        {"name": "verify.mutants_valid_in_the_gap", "value": outcomes["valid"], "unit": "files"},
        _row("verify.mutants_slowest", slowest * 1000, target="<= 2000"),
    ]


def _row(
    name: str, value: float, against: str = "", ratio: float | None = None, target: str = ""
) -> Row:
    row: Row = {"name": name, "value": round(value, 2), "unit": "ms"}
    if ratio is not None:
        row |= {"against": against, "ratio": round(ratio, 4)}
    if target:
        row["target"] = target
    return row
