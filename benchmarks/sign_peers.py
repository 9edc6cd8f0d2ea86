"""The peers of `bench_sign` that sign by RSA only: endesive (Python) and @signpdf (JavaScript).

Work is made as equal as they allow, and where it is not, the peer has less to do:

* one RSA key of 2,048 bits with an RSA chain signs for all, ours included: endesive writes the
  algorithm of RSA whatever the key is, and @signpdf reads no PKCS#12 that holds anything else;
* endesive signs B-T into the same field, certified, with a reserve that is given (`aligned`), so
  that it signs and asks for a token once. Its HTTP to the TSA is replaced by a call;
* @signpdf knows no timestamp, no signing-certificate attribute, no certification and no field that
  is there already: its file is short of B-B. It adds a field of its own by its plain placeholder;
  the PKCS#12 is encrypted in one round. Node runs all the time, a line through a pipe is one file;
* neither draws anything; we draw a seal, and check the token as a stranger's;
* no second signature is asked of them: endesive's breaks the first.

endesive needs pypdf 5 (it fails with 7), and its verifier a library that refuses an OpenSSL whose
patch number has two digits: that verifier is not loaded. Before anything is measured, pdfsig calls
the file of each valid, and it is looked whether there is a token in it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

sys.modules.setdefault("certvalidator", ModuleType("certvalidator"))  # see above
from endesive import signer as endesive_signer  # type: ignore[import-untyped]  # noqa: E402
from endesive.pdf import cms as endesive_pdf  # type: ignore[import-untyped]  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
RESERVE = 16_384  # hexadecimal digits
TOKEN_ATTRIBUTE = b"060b2a864886f70d010910020e"  # id-aa-timeStampToken, as /Contents spells it
TSA_URL = "http://in-process.example/tsa"


class RsaSigner:
    """A key of 2,048 bits with its chain (DER, leaf first, no root), as `bench_sign` wants it."""

    def __init__(self, name: str, now: datetime) -> None:
        self._ca_key = rsa.generate_private_key(65537, 2048)
        self.key = rsa.generate_private_key(65537, 2048)
        self._now = now
        self.root = self._issue("TEST RSA CA", self._ca_key, is_ca=True)
        self.leaf = self._issue(name, self.key, is_ca=False)
        self.chain = (self.leaf.public_bytes(Encoding.DER),)

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def pkcs12(self) -> bytes:
        """For node-forge: one round of the oldest algorithms; the password is `x`."""
        cheap = (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(1)
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())  # noqa: S303  (what the peer reads)
            .build(b"x")
        )
        return pkcs12.serialize_key_and_certificates(b"seal", self.key, self.leaf, None, cheap)

    def _issue(self, name: str, key: rsa.RSAPrivateKey, *, is_ca: bool) -> x509.Certificate:
        usage = dict.fromkeys(_USAGES, False)
        wanted = ("key_cert_sign", "crl_sign") if is_ca else _USAGES[:2]
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named("TEST RSA CA"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=1))
            .not_valid_after(self._now + timedelta(days=700))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage | dict.fromkeys(wanted, True)), critical=True)
        )
        if not is_ca:
            purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(purposes, critical=False)
        return builder.sign(self._ca_key, hashes.SHA256())


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def endesive_signs(
    pdf: bytes, signer: RsaSigner, tsa: Callable[[bytes], bytes], now: datetime
) -> Callable[[], bytes]:
    """One B-T signature in the field `platform`; `tsa` answers a request in DER."""
    headers = {"Content-Type": "application/timestamp-reply"}

    def post(_url: str, *, data: bytes, **_options: Any) -> SimpleNamespace:
        return SimpleNamespace(status_code=200, headers=headers, content=tsa(data))

    endesive_signer.requests = SimpleNamespace(post=post, RequestException=OSError)
    wanted = {
        "aligned": RESERVE,
        "sigflags": 3,
        "signform": True,
        "sigfield": "platform",
        "sigandcertify": True,
        "signature_manual": [],  # nothing is drawn
        "signingdate": now.strftime("D:%Y%m%d%H%M%S+00'00'"),
        "reason": "同意并盖章",
    }

    def sign() -> bytes:
        added: bytes = endesive_pdf.sign(
            pdf, dict(wanted), signer.key, signer.leaf, [], "sha256", None, TSA_URL
        )
        return pdf + added

    return sign


@contextmanager
def signpdf_signs(pdf: bytes, signer: RsaSigner, node: Path) -> Iterator[Callable[[], bytes]]:
    """One CMS signature by @signpdf, in a Node that goes on running."""
    with tempfile.TemporaryDirectory() as home:
        paths = [Path(home) / name for name in ("base.pdf", "seal.p12", "signed.pdf")]
        paths[0].write_bytes(pdf)
        paths[1].write_bytes(signer.pkcs12())
        command = [str(node), str(ROOT / "benchmarks" / "sign_peer.js"), *map(str, paths)]
        child = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with child:
            assert child.stdin is not None
            assert child.stdout is not None
            to_child, from_child = child.stdin, child.stdout

            def sign(order: str = "sign") -> bytes:
                to_child.write(order + "\n")
                to_child.flush()
                answer = json.loads(from_child.readline())
                if "problem" in answer:
                    raise RuntimeError(answer["problem"])
                return paths[2].read_bytes() if order == "keep" else b""

            first = sign("keep")
            yield lambda: sign() or first


def called_valid(pdf: bytes, *, is_stamped: bool) -> None:
    """Raise unless pdfsig finds one signature, valid over the whole file, with or without token."""
    assert (TOKEN_ATTRIBUTE in pdf.lower()) == is_stamped
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        done = subprocess.run(["pdfsig", "-nocert", file.name], capture_output=True, check=False)
    said = done.stdout.decode("utf-8", "replace")
    if said.count("Signature is Valid.") != 1 or "- Total document signed" not in said:
        raise AssertionError(said)
