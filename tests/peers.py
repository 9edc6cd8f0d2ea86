"""Other people's programs asked about a good file: each gives a list of what it complains of.

They judge like `other_judges`, whose OpenSSL and pdfsig are asked here too: a party's signature as
of its token's time, a token as of the next document timestamp, the last as of the day of judging.
"""

import base64
import io
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import (
    SignatureCoverageLevel,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko_certvalidator import ValidationContext

import other_judges
from byte_ranges import signed_parts
from good_files import GoodFile
from other_judges import ACCEPTS, time_of, token_in

Moment = datetime


def containers(file: GoodFile) -> Iterator[tuple[str, bytes, bytes, Moment]]:
    """What it is, container, data under it, moment: parties, their tokens, document timestamps."""
    until = file.at
    for number, part in reversed(list(enumerate(signed_parts(file.pdf), start=1))):
        if part.is_timestamp:
            yield f"document timestamp {number}", part.container, part.covered, until
            until = time_of(part.container)
        else:
            value, token = token_in(part.container)
            yield f"token {number}", token, value, until
            yield f"party {number}", part.container, part.covered, time_of(token)


def openssl(file: GoodFile) -> list[str]:
    case = other_judges.Case(file.pdf, file.roots, file.roots, file.at)
    answer = other_judges.OpenSsl().opinion(case)
    return [] if answer == ACCEPTS else [answer]


def pdfsig(file: GoodFile) -> list[str]:
    answer = other_judges.pdfsig_opinion(file.pdf)
    return [] if answer == ACCEPTS else [answer]


def qpdf(file: GoodFile) -> list[str]:
    """`--check`: structure, streams, cross-references."""
    done = _run(file, "qpdf", "--check")
    return (
        [] if done.returncode == 0 and "WARNING" not in done.stdout + done.stderr else [done.stdout]
    )


def mutool(file: GoodFile) -> list[str]:
    """`sign -v`: one line for each signature that it can check; it knows no document timestamps.

    It is given no roots: what it says of certificates is of no account.
    """
    done = _run(file, "mutool", "sign", "-v")
    sound = ("The signature is valid but there have been edits", "The document is unchanged")
    found = sum(done.stdout.count(words) for words in sound)
    faults = [line for line in done.stderr.splitlines() if "error" in line or "warning" in line]
    faults += ["a digest does not fit"] * ("Digest error" in done.stdout)
    return faults if found == file.parties else [*faults, f"{found} signatures of {file.parties}"]


def _run(file: GoodFile, *command: str) -> subprocess.CompletedProcess[str]:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as pdf:
        pdf.write(file.pdf)
        pdf.flush()
        return subprocess.run(
            [*command, pdf.name], capture_output=True, text=True, timeout=60, check=False
        )


def pkijs(files: Sequence[GoodFile], node_tools) -> dict[str, object]:
    """{"asked": …, "refusals": […]} over all containers of all files, in one process."""
    jobs = [
        {
            "name": f"{file.name}, {what}",
            "container": _text(container),
            "data": _text(data),
            "roots": [_text(root) for root in file.roots],
            "at": moment.isoformat(),
        }
        for file in files
        for what, container, data, moment in containers(file)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.json"
        path.write_text(json.dumps(jobs), "utf-8")
        return json.loads(node_tools.run("tests/js/peer_pkijs.js", path))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pyhanko(file: GoodFile) -> list[str]:
    """Its plain engine, each signature as of its token's time."""
    reader = PdfFileReader(io.BytesIO(file.pdf))
    until, faults = file.at, []
    for stamp in reversed(reader.embedded_timestamp_signatures):
        status = validate_pdf_timestamp(stamp, _context(file, until))
        if not (status.valid and status.trusted and status.docmdp_ok is not False):
            faults.append(status.summary())
        until = status.timestamp
    for signature in reader.embedded_regular_signatures:
        moment = time_of(token_in(signature.pkcs7_content)[1])
        status = validate_pdf_signature(
            signature, _context(file, moment), ts_validation_context=_context(file, until)
        )
        if not (_is_sound(status) and status.timestamp_validity.trusted):
            faults.append(status.summary())
    coverage = [found.evaluate_signature_coverage() for found in reader.embedded_signatures]
    if SignatureCoverageLevel.ENTIRE_FILE not in coverage:
        faults.append("no signature covers the whole file")
    return faults


def _is_sound(status) -> bool:
    return (
        status.bottom_line
        and status.docmdp_ok
        and status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
        and status.modification_level <= ModificationLevel.FORM_FILLING
    )


def _context(file: GoodFile, moment: Moment) -> ValidationContext:
    return ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in file.roots],
        crls=[asn1_crl.CertificateList.load(crl) for crl in file.crls],
        moment=moment,
        best_signature_time=moment,
        allow_fetching=False,
    )
