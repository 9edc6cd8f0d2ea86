"""An external CA in a process of its own: `python ca_double.py FOLDER`, for tests.

It prints its port, writes its root to FOLDER/root.pem, and does as FOLDER/mode says: `good`, or
wrong in one way. It knows nothing of the project.
"""

import datetime as dt
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY = x509.ObjectIdentifier("1.2.156.112559.1.1.1")
SHORT_TERM = x509.ObjectIdentifier("0.4.0.194121.2.1")
TOKEN = "Bearer s3cret"


def key():
    return ec.generate_private_key(ec.SECP256R1())


def named(text):
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.COMMON_NAME, text),
    ])  # fmt: skip


USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def usage(*names):
    return x509.KeyUsage(**{name: name in names for name in USAGES})


def build(subject, public, issuer, *, span, begin=None):
    begin = begin or dt.datetime.now(dt.UTC) - dt.timedelta(seconds=30)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(secrets.randbits(120) | 1 << 120)
        .not_valid_before(begin)
        .not_valid_after(begin + span)
    )


class Authority:
    def __init__(self, name, url):
        begin, year = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1), dt.timedelta(days=365)
        self.root_key, self.issuing_key = key(), key()
        root, issuing = named(f"{name} Root"), named(f"{name} Issuing")
        signs = (usage("key_cert_sign", "crl_sign"), True)
        ca = (x509.BasicConstraints(ca=True, path_length=None), True)
        self.root = self._signed(
            build(root, self.root_key.public_key(), root, span=10 * year, begin=begin), signs, ca
        )
        point = x509.DistributionPoint(
            [x509.UniformResourceIdentifier(f"{url}/root.crl")], None, None, None
        )
        self.issuing = self._signed(
            build(issuing, self.issuing_key.public_key(), root, span=5 * year, begin=begin),
            signs, ca, (x509.CRLDistributionPoints([point]), False),
        )  # fmt: skip

    def _signed(self, builder, *extensions):
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.root_key, hashes.SHA256())

    def crl(self, *, days=30):
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.subject)
            .last_update(now - dt.timedelta(days=31))
            .next_update(now + dt.timedelta(days=days))
        )
        return builder.sign(self.root_key, hashes.SHA256()).public_bytes(Encoding.DER)

    def leaf(self, request, mode):
        minutes = 30 if mode == "too long" else 10
        subject = named("李四") if mode == "another name" else request.subject
        public = key().public_key() if mode == "another key" else request.public_key()
        builder = build(subject, public, self.issuing.subject, span=dt.timedelta(minutes=minutes))
        policy = x509.ObjectIdentifier("1.2.3") if mode == "another policy" else POLICY
        committing = () if mode == "no commitment" else ("content_commitment",)
        extensions = [
            (usage("digital_signature", *committing), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
            (x509.CertificatePolicies([x509.PolicyInformation(policy, None)]), False),
            (x509.UnrecognizedExtension(SHORT_TERM, b"\x05\x00"), False),
        ]
        for extension, critical in extensions[: 3 if mode == "not short-term" else 4]:
            builder = builder.add_extension(extension, critical=critical)
        made = builder.sign(self.issuing_key, hashes.SHA256())
        return b"".join(each.public_bytes(Encoding.PEM) for each in (made, self.issuing))


class Handler(BaseHTTPRequestHandler):
    @property
    def mode(self):
        return (self.server.folder / "mode").read_text()

    def do_POST(self):
        body, mode = self.rfile.read(int(self.headers["Content-Length"])), self.mode
        if mode == "slow":
            time.sleep(3)
        request = x509.load_der_x509_csr(body)
        is_known = self.headers["Authorization"] == TOKEN and self.headers["Request-Id"]
        if not is_known or not request.is_signature_valid or mode == "error":
            self.answer(403, "text/plain", b"no")
            return
        stranger = mode == "stranger"
        authority = self.server.stranger if stranger else self.server.authority
        content = b"no PEM" if mode == "garbage" else authority.leaf(request, mode)
        self.answer(200, "application/pem-certificate-chain", content)

    def do_GET(self):
        authority = self.server.stranger if self.mode == "foreign list" else self.server.authority
        content = authority.crl(days=-1 if self.mode == "old list" else 30)
        self.answer(200, "application/pkix-crl", content)

    def answer(self, status, content_type, content):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Nothing."""


def main(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    server.folder = folder
    server.authority, server.stranger = Authority("Licensed", url), Authority("Licensed", url)
    (folder / "root.pem").write_bytes(server.authority.root.public_bytes(Encoding.PEM))
    (folder / "mode").write_text("good")
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
