"""OpenSSL and pdfsig asked about one file; nothing here knows the service's code.

OpenSSL gets what `byte_ranges` cuts out: each party's container by `cms -verify -cades`, the token
in it and each document timestamp by `ts -verify`, with the roots of whoever judges. A party's
certificate is asked about at its token's time, a token at the time of the next document timestamp,
the last of them on the day of judging. pdfsig is asked about signatures alone (`-nocert`): it would
hold certificates of fifteen minutes against today's clock.

An answer is "accepts", or what is refused, in a word or two.
"""

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import cms, pem, tsp

from byte_ranges import NotASignature, SignedPart, signed_parts

ACCEPTS = "accepts"
SECONDS = 60
WORKERS = 4
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError)  # asn1crypto, bent DER
TOKEN = "signature_time_stamp_token"
_BLOCK = re.compile(r"^Signature #\d+:\n((?:  .*\n?)+)", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One file, the roots trusted for it (DER), the day of judging; and data stamped beside it."""

    pdf: bytes
    signers: tuple[bytes, ...]
    timestampers: tuple[bytes, ...]
    at: datetime
    stamped: tuple[tuple[bytes, bytes], ...] = ()


def run(*command: str) -> subprocess.CompletedProcess[bytes]:
    """A program without input, in English, that finds no roots but those it is given."""
    nowhere = {"SSL_CERT_DIR": "/nonexistent", "SSL_CERT_FILE": "/nonexistent", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **nowhere},
    )


def opinions(cases: Sequence[Case]) -> list[tuple[str, str]]:
    """(OpenSSL's, pdfsig's) answer for each case, asked side by side."""
    openssl = OpenSsl()
    with ThreadPoolExecutor(WORKERS) as pool:
        first = pool.map(openssl.opinion, cases)
        second = pool.map(pdfsig_opinion, [case.pdf for case in cases])
        return list(zip(first, second, strict=True))


class OpenSsl:
    """Remembers what it was asked: most files of the suite carry the same signatures."""

    def __init__(self) -> None:
        self._answers: dict[tuple[object, ...], str] = {}

    def opinion(self, case: Case) -> str:
        """The first refusal in the order of the signatures, or "accepts"."""
        try:
            parts = signed_parts(case.pdf)
            answers = self._of_parts(parts, case) if parts else ["no signature"]
        except NotASignature:
            return "byte range"
        except UNREADABLE:
            return "container"
        for data, token in case.stamped:
            answers.append(self._token(data, token, case.at, case))
        return next((answer for answer in answers if answer != ACCEPTS), ACCEPTS)

    def _of_parts(self, parts: Sequence[SignedPart], case: Case) -> list[str]:
        answers: list[str] = []
        until = case.at
        for part in reversed(parts):
            if part.is_timestamp:
                answers.insert(0, self._token(part.covered, part.container, until, case))
                until = time_of(part.container)
            else:
                answers.insert(0, self._party(part, until, case))
        return answers

    def _party(self, part: SignedPart, until: datetime, case: Case) -> str:
        value, token = token_in(part.container)
        answer = self._container(part, time_of(token) if token else until, case)
        if answer == ACCEPTS and token:
            return self._token(value, token, until, case)
        return answer

    def _container(self, part: SignedPart, at: datetime, case: Case) -> str:
        command = ("cms", "-verify", "-cades", "-binary", "-inform", "DER", "-out", "/dev/null")
        files = {"-content": part.covered, "-in": part.container, "-CAfile": _pem(case.signers)}
        said = self._ask(command, files, at)
        if said == "":
            return ACCEPTS
        return "certificate" if "certificate verify error" in said else "signature"

    def _token(self, data: bytes, token: bytes, at: datetime, case: Case) -> str:
        files = {"-data": data, "-in": token, "-CAfile": _pem(case.timestampers)}
        said = self._ask(("ts", "-verify", "-token_in"), files, at)
        return "timestamp" if said else ACCEPTS

    def _ask(self, command: Sequence[str], files: Mapping[str, bytes], at: datetime) -> str:
        """What OpenSSL complains of, "" if of nothing; `files` by the options that name them."""
        digests = tuple(hashlib.sha256(content).digest() for content in files.values())
        question = (command, digests, at)
        if question not in self._answers:
            with tempfile.TemporaryDirectory() as folder:
                given = [part for item in files.items() for part in _written(Path(folder), *item)]
                done = run("openssl", *command, *given, "-attime", str(int(at.timestamp())))
            complaint = done.stderr.decode("utf-8", "replace") or "refused"
            self._answers[question] = complaint if done.returncode else ""
        return self._answers[question]


def _written(folder: Path, option: str, content: bytes) -> tuple[str, str]:
    path = folder / option.strip("-")
    path.write_bytes(content)
    return option, str(path)


def _pem(roots: Sequence[bytes]) -> bytes:
    return b"".join(pem.armor("CERTIFICATE", root) for root in roots)


def token_in(container: bytes) -> tuple[bytes, bytes | None]:
    """The first signer's value, and the token over it if there is one."""
    (signer, *_) = cms.ContentInfo.load(container)["content"]["signer_infos"]
    tokens = [a["values"][0].dump() for a in signer["unsigned_attrs"] if a["type"].native == TOKEN]
    return signer["signature"].native, tokens[0] if tokens else None


def time_of(token: bytes) -> datetime:
    content = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"]
    time: datetime = tsp.TSTInfo.load(content.contents)["gen_time"].native
    return time


def pdfsig_opinion(pdf: bytes) -> str:
    """Accepts: each signature that it can check is valid, and one of them covers the whole file."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        try:
            said = run("pdfsig", "-nocert", file.name).stdout.decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            return "no answer"
    signed = [block for block in _BLOCK.findall(said) if "is not signed" not in block]
    # It does not know document timestamps: "has not yet been verified" is no opinion.
    checked = [block for block in signed if "has not yet been verified" not in block]
    if not checked:
        return "no signature"
    if any("Signature Validation: Signature is Valid." not in block for block in checked):
        return "signature"
    return ACCEPTS if any("- Total document signed" in block for block in signed) else "coverage"
