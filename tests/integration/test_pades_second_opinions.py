"""What other people's programs say of our files: pyHanko, poppler, OpenSSL, qpdf, mutool."""

import io
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from asn1crypto import cms
from asn1crypto import tsp as _tsp  # noqa: F401  (registers the attribute of the token)
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import (
    SignatureCoverageLevel,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko_certvalidator import ValidationContext

from pki_world import NAMES, World, archive_file, base_of, renew_file, sign_step, to_der
from plugins.leaving_out import leave_out_if_asked
from signing.domain.verdict import Indication
from signing.keystore.timestamping import TimestampingUnit
from signing.pades.appearance import ink_appearance, seal_appearance
from signing.verification.judge import judge
from signing.verification.trust import trust_from

ORDERS = {
    "tripartite": ("platform", "service_provider", "worker"),
    "labour contract": ("employer", "worker"),
    "worker first": ("worker", "enterprise"),
}
STROKES = [[(x * 2.0, 40 + (x % 20)) for x in range(80)], [(40.0, y * 1.0) for y in range(80)]]


@pytest.fixture(scope="module")
def now():
    """When the file is made: other programs judge at the present, by certificates of minutes."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def world(now):
    return World(now - timedelta(minutes=5))


@pytest.fixture(scope="module", params=[*ORDERS, "not certified"])
def made(request, world, now):
    """Base, each party's signature, archive: the bytes of every revision, and the last plan."""
    roles = ORDERS.get(request.param, ORDERS["tripartite"])
    pdf, plan = base_of(roles)
    revisions = [pdf]
    for index, role in enumerate(roles):
        draw = _ink if role == "worker" else _seal
        step = sign_step(
            world,
            pdf,
            plan,
            role,
            at=now,
            certify=index == 0 and request.param != "not certified",
            appearance=draw(plan, role, now),
        )
        pdf, plan = step.pdf, step.plan
        revisions.append(pdf)
    pdf, plan = archive_file(world, pdf, plan, at=now)
    return [*revisions, pdf], plan


@pytest.fixture
def journey(made):
    return made[0]


def _seal(plan, role, now):
    return seal_appearance(plan, role, name=NAMES[role], signing_time=now, is_test=True)


def _ink(plan, role, now):
    return ink_appearance(
        plan, role, strokes=STROKES, pad=(320, 160), signing_time=now, is_test=True
    )


def run(*command, input_data=None):
    return subprocess.run(command, input=input_data, capture_output=True, check=False)


def program(name: str) -> str:
    if shutil.which(name) is None:
        leave_out_if_asked(name)
    return name


@pytest.fixture
def context(world, now):
    issuing, _, root = map(asn1_x509.Certificate.load, world.certificates)
    return ValidationContext(
        trust_roots=[root],
        other_certs=[issuing],
        crls=list(world.crls(at=now)),
        allow_fetching=False,
    )


def test_pyhanko_believes_every_signature_of_every_revision(journey, context):
    for pdf in journey[1:]:
        for signature in PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures:
            status = validate_pdf_signature(signature, context, ts_validation_context=context)

            assert status.bottom_line, status.summary()
            assert status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
            assert status.modification_level <= ModificationLevel.FORM_FILLING
            assert status.timestamp_validity.valid
            assert status.timestamp_validity.trusted
            assert status.docmdp_ok


def test_pyhanko_believes_the_document_timestamp_over_the_entire_file(journey, context):
    (timestamp,) = PdfFileReader(io.BytesIO(journey[-1])).embedded_timestamp_signatures

    status = validate_pdf_timestamp(timestamp, context)

    assert status.valid
    assert status.trusted
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE


def test_pyhanko_sees_the_certification_and_the_lock(journey):
    signatures = PdfFileReader(io.BytesIO(journey[-1])).embedded_regular_signatures
    first, last = signatures[0], signatures[-1]

    certified = "/Perms" in PdfFileReader(io.BytesIO(journey[-1])).root
    assert (first.docmdp_level is not None) == certified
    assert last.fieldmdp is not None
    assert last.fieldmdp.is_locked("worker")
    assert not last.fieldmdp.is_locked("archive")


def test_pyhanko_finds_the_validation_data_complete(journey, world):
    dss = PdfFileReader(io.BytesIO(journey[-1])).root["/DSS"]

    certificates = [stream.get_object().data for stream in dss["/Certs"]]
    lists = [x509.load_der_x509_crl(stream.get_object().data) for stream in dss["/CRLs"]]

    assert certificates == list(world.certificates)
    assert {crl.issuer for crl in lists} == {world.root.subject, world.issuing.subject}


def test_our_own_judge_agrees_on_every_revision(journey, world, now):
    root = to_der(world.root)
    trust = trust_from(ca=(root,), tsa=(root,), crls=world.crls(at=now))

    for count, pdf in enumerate(journey[1:], start=1):
        judgement = judge(pdf, trust=trust, at=now + timedelta(hours=1))

        assert all(j.indication is Indication.TOTAL_PASSED for j in judgement.judged)
        assert len(judgement.judged) == count
        assert len(judgement.missing) == max(0, len(journey) - 2 - count)


def test_poppler_calls_every_partys_signature_valid(journey, tmp_path):
    file = tmp_path / "signed.pdf"
    file.write_bytes(journey[-1])

    said = run(program("pdfsig"), "-nocert", str(file)).stdout.decode()

    parties = len(journey) - 2
    assert said.count("Signature Validation: Signature is Valid.") == parties
    assert said.count("Signature Type: ETSI.CAdES.detached") == parties
    assert said.count("has not yet been verified") == 1  # it does not know document timestamps


def test_qpdf_and_mutool_find_no_fault_in_any_revision(journey, tmp_path):
    for index, pdf in enumerate(journey):
        file = tmp_path / f"{index}.pdf"
        file.write_bytes(pdf)

        checked = run(program("qpdf"), "--check", str(file))
        shown = run(program("mutool"), "info", str(file))

        assert checked.returncode == 0, checked.stdout
        assert b"WARNING" not in checked.stdout + checked.stderr
        assert b"error" not in shown.stderr
        assert b"warning" not in shown.stderr


def signed_parts(pdf: bytes):
    """(covered bytes, container) of each signature, read by nothing but a regular expression."""
    pattern = rb"/ByteRange\[0 (\d+) (\d+) (\d+) *\]/Contents<([0-9a-f]+)>"
    for match in re.finditer(pattern, pdf):
        a, c, d = (int(number) for number in match.groups()[:3])
        container = bytes.fromhex(match.group(4).decode())
        size = int.from_bytes(container[2:4]) + 4
        assert container[size:] == bytes(len(container) - size)
        yield pdf[:a] + pdf[c : c + d], container[:size]


@pytest.fixture
def anchors(world, tmp_path) -> tuple[Path, Path]:
    root, issuing = tmp_path / "root.pem", tmp_path / "issuing.pem"
    root.write_bytes(world.root.public_bytes(Encoding.PEM))
    issuing.write_bytes(world.issuing.public_bytes(Encoding.PEM))
    return root, issuing


def test_openssl_verifies_each_partys_cades_signature(journey, anchors, tmp_path):
    parts = list(signed_parts(journey[-1]))[:-1]
    for covered, container in parts:
        (tmp_path / "covered").write_bytes(covered)

        verified = run(
            program("openssl"), "cms", "-verify", "-cades", "-binary", "-inform", "DER",
            "-content", str(tmp_path / "covered"), "-CAfile", str(anchors[0]),
            input_data=container,
        )  # fmt: skip

        assert verified.returncode == 0, verified.stderr
        assert verified.stdout == covered
    assert len(parts) == len(journey) - 2


def test_openssl_verifies_every_token_and_the_document_timestamp(journey, anchors, tmp_path):
    *parties, (covered, document_token) = signed_parts(journey[-1])
    tokens = [(covered, document_token)]
    for _, container in parties:
        tokens.append(_token_of(container))

    for data, token in tokens:
        (tmp_path / "data").write_bytes(data)
        (tmp_path / "token").write_bytes(token)

        verified = run(
            program("openssl"), "ts", "-verify", "-data", str(tmp_path / "data"),
            "-in", str(tmp_path / "token"), "-token_in", "-CAfile", str(anchors[0]),
        )  # fmt: skip

        assert verified.returncode == 0, verified.stderr


def _token_of(container: bytes) -> tuple[bytes, bytes]:
    """The signature value and the token over it, by an independent parser."""
    signer = cms.ContentInfo.load(container)["content"]["signer_infos"][0]
    (attribute,) = signer["unsigned_attrs"]
    return signer["signature"].native, attribute["values"][0].dump()


@pytest.fixture
def unit(world, now):
    return TimestampingUnit(
        certificate=world.certificates[1], key=world.tsa_key, clock=lambda: now, last_file=None
    )


def test_openssl_reads_our_refusals_too(unit, tmp_path):
    (tmp_path / "refusal").write_bytes(unit.respond(b"no request"))

    said = run(program("openssl"), "ts", "-reply", "-in", str(tmp_path / "refusal"), "-text").stdout

    assert b"Status: Rejected." in said
    assert b"Failure info: the data submitted has the wrong format" in said


def test_openssl_gets_a_token_for_a_request_of_its_own(unit, anchors, tmp_path):
    (tmp_path / "data").write_bytes(b"any data")
    query = run(
        program("openssl"), "ts", "-query", "-data", str(tmp_path / "data"), "-sha256", "-cert"
    )
    (tmp_path / "query").write_bytes(query.stdout)
    (tmp_path / "reply").write_bytes(unit.respond(query.stdout))

    verified = run(
        "openssl", "ts", "-verify", "-queryfile", str(tmp_path / "query"),
        "-in", str(tmp_path / "reply"), "-CAfile", str(anchors[0]),
    )  # fmt: skip

    assert verified.returncode == 0, verified.stderr


def test_a_renewal_leaves_everything_as_sound_as_it_was(made, world, now, context, tmp_path):
    (*_, archived), plan = made
    pdf, _ = renew_file(world, archived, plan, at=now)
    file = tmp_path / "renewed.pdf"
    file.write_bytes(pdf)
    root = to_der(world.root)
    trust = trust_from(ca=(root,), tsa=(root,))

    reader = PdfFileReader(io.BytesIO(pdf))
    statuses = [validate_pdf_signature(s, context) for s in reader.embedded_regular_signatures]
    stamps = [validate_pdf_timestamp(s, context) for s in reader.embedded_timestamp_signatures]
    judgement = judge(pdf, trust=trust, at=now + timedelta(hours=1))

    assert all(status.bottom_line for status in statuses)
    assert all(stamp.valid and stamp.trusted for stamp in stamps)
    assert len(stamps) == 2
    assert all(j.indication is Indication.TOTAL_PASSED for j in judgement.judged)
    assert run(program("qpdf"), "--check", str(file)).returncode == 0


def test_the_same_programs_do_notice_one_flipped_bit_of_the_page(journey, context, tmp_path):
    pdf = bytearray(journey[-1])
    pdf[pdf.index(b"BT /F1 12 Tf") + 9] ^= 1
    file = tmp_path / "flipped.pdf"
    file.write_bytes(pdf)

    said = run(program("pdfsig"), "-nocert", str(file)).stdout.decode()
    statuses = [
        validate_pdf_signature(signature, context)
        for signature in PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
    ]

    assert "Signature is Valid" not in said
    assert not any(status.intact for status in statuses)


def test_three_signatures_and_the_archive_grow_the_file_by_less_than_32_kilobytes(journey):
    sizes = [len(pdf) for pdf in journey]
    growth = [after - before for before, after in pairwise(sizes)]

    assert sizes[-1] - sizes[0] <= 32 * 1024
    assert max(growth) <= 9 * 1024
