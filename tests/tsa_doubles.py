"""TSAs for tests: `openssl ts` behind a small web server, and one that fails in every known way."""

import itertools
import subprocess
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pki_world import World, make_key, to_der
from signing.keystore.timestamping import TimestampingUnit
from signing.pades import token

REPLY = "application/timestamp-reply"

_CONFIG = """
[tsa]
default_tsa = licensed
[licensed]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/issuing.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[unit]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class OpenSslTsa:
    """A TSA of the kind that is licensed today: RSA, three certificates, `openssl ts`."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self._issue("root", "/C=CN/O=National/CN=Root", signed_by=None)
        self._issue("issuing", "/C=CN/O=National/CN=Issuing", signed_by="root")
        self._issue("tsa", "/C=CN/O=National/CN=Time", signed_by="issuing", section="unit")
        self._lock = threading.Lock()

    @property
    def anchor(self):
        """The root, PEM."""
        return (self.folder / "root.pem").read_bytes()

    def _issue(self, name, subject, *, signed_by, section=None):
        config, key = self.folder / "tsa.cnf", self.folder / f"{name}.key"
        self._openssl("genrsa", "-out", key, "2048")
        request = ["req", "-new", "-config", config, "-key", key, "-subj", subject, "-sha256"]
        extensions = ["-extfile", config, "-extensions", section or name]
        self._openssl(*request, "-out", self.folder / f"{name}.csr")
        issuer = ["-key", key] if signed_by is None else [
            "-CA", self.folder / f"{signed_by}.pem", "-CAkey", self.folder / f"{signed_by}.key",
            "-CAcreateserial",
        ]  # fmt: skip
        if signed_by is None:
            issuer = ["-signkey", key]
        self._openssl(
            "x509", "-req", "-in", self.folder / f"{name}.csr", *issuer, "-days", "30",
            "-sha256", *extensions, "-out", self.folder / f"{name}.pem",
        )  # fmt: skip

    def respond(self, query):
        """TimeStampResp by `openssl ts -reply`."""
        with self._lock:
            (self.folder / "query").write_bytes(query)
            self._openssl(
                "ts", "-reply", "-config", self.folder / "tsa.cnf",
                "-queryfile", self.folder / "query", "-out", self.folder / "reply",
            )  # fmt: skip
            return (self.folder / "reply").read_bytes()

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class FailingTsa:
    """Good, or bad in one way: set `mode`. Its good clock is the test's."""

    def __init__(self, clock):
        self.clock = clock
        self.world = World(clock(), name="licensed TSA")
        self.old_world = World(clock() - timedelta(days=11 * 365), name="licensed TSA")
        self.stranger = World(clock(), name="stranger")
        self.mode = "good"
        self.asked = 0

    @property
    def anchors(self):
        """Its roots, PEM: old certificates lead to an anchor too, they have only ended."""
        return [world.root for world in (self.world, self.old_world)]

    def respond(self, query):
        """The bytes of the answer."""
        self.asked += 1
        nonce, imprint = _read(query)
        requests = {
            "wrong nonce": token.request(imprint, nonce=nonce ^ 1),
            "wrong hash": token.request(bytes(32), nonce=nonce),
        }
        worlds = {"expired certificate": self.old_world, "stranger": self.stranger}
        late = timedelta(days=1) if self.mode == "time +1 d" else timedelta(0)
        world = worlds.get(self.mode, self.world)
        unit = TimestampingUnit(
            certificate=to_der(world.tsa),
            key=make_key(f"{world.name}/tsa"),
            clock=lambda: self.clock() + late,
            last_file=None,
        )
        answers = {"garbage": b"\x30\x82garbage" * 40, "refusal": unit.respond(b"\x30\x00")}
        return answers.get(self.mode) or unit.respond(requests.get(self.mode, query))


def _read(query):
    """Nonce and imprint of a request of ours, by asn1crypto."""
    from asn1crypto import tsp  # noqa: PLC0415  (an independent parser, for tests alone)

    read = tsp.TimeStampReq.load(query)
    return read["nonce"].native, read["message_imprint"]["hashed_message"].native


class _Handler(BaseHTTPRequestHandler):
    """Answers as the TSA's mode wants."""

    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        tsa, mode = self.server.tsa, getattr(self.server.tsa, "mode", "good")
        assert self.headers["Content-Type"] == "application/timestamp-query"
        if mode == "slow":
            self.server.stopping.wait(30)
        status = {"redirect": 302, "error": 500}.get(mode, 200)
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if mode == "page" else REPLY)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        body = tsa.respond(query)
        if mode == "broken off":
            self.send_header("Content-Length", str(len(body) + 1))
        self.end_headers()
        if mode in ("endless answer", "endless drip"):
            self._go_on_for_ever(slowly=mode == "endless drip")
        else:
            self.wfile.write(body)

    def _go_on_for_ever(self, *, slowly):
        piece = b"\x30" if slowly else b"\x30" * 65_536
        try:
            for _ in itertools.count():
                self.wfile.write(piece)
                self.server.sent += len(piece)
                if slowly:
                    time.sleep(0.05)
        except OSError:
            return  # the other side has had enough

    def log_message(self, *_):
        """Nothing."""


@contextmanager
def served(tsa):
    """The TSA's address, while it is served; `server.sent` counts what an endless one has sent."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.tsa, server.sent, server.stopping = tsa, 0, threading.Event()
    server.handle_error = lambda *_: None  # clients that leave early are the point
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}/tsa"
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
