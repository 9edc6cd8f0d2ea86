"""The server's side of a process that holds keys: asks for signatures, never sees a private key.

Rules kept here:
* one helper for each server process, started at the first use and again after it died;
* a process forked from this one (gunicorn's workers) starts a helper of its own;
* one request at a time; a helper that does not answer within ten seconds is ended.
"""

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from signing.errors import Broken, Unavailable
from signing.keystore import helper

_PATIENCE_SECONDS = 10


class MadeKey(NamedTuple):
    """A new key: encrypted PKCS#8 PEM, and its SubjectPublicKeyInfo in DER."""

    pem: bytes
    spki: bytes


class HelperProcess:
    """A program that answers one request at a time; `environment` is all that it gets of ours."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    def close(self) -> None:
        """End the helper; the next request starts another one."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if self._owner == os.getpid():
            process.kill()
            process.wait()

    def ask(self, request: dict[str, str]) -> dict[str, str]:
        """The answer, whatever it says. Raises Unavailable if nobody answers."""
        if self._owner != os.getpid():
            # Forked: the pipe belongs to our parent, and its lock may be held for ever.
            self._lock = threading.Lock()
            self.close()
            self._owner = os.getpid()
        with self._lock:
            try:
                return self._exchange(json.dumps(request).encode())
            except OSError as error:
                self.close()
                raise Unavailable(
                    "The process that holds the keys does not answer",
                    "签名服务暂时没有响应，请稍后再试",
                    code="KEYS_UNAVAILABLE",
                ) from error

    def _exchange(self, body: bytes) -> dict[str, str]:
        """Write one request, read its answer; OSError if the helper is gone or silent."""
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise BrokenPipeError("no pipe")
        process.stdin.write(helper.LENGTH.pack(len(body)) + body)
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], _PATIENCE_SECONDS)
        if not ready:
            raise TimeoutError("no answer")
        head = process.stdout.read(helper.LENGTH.size)
        if len(head) != helper.LENGTH.size:
            raise BrokenPipeError("no answer")
        answer: dict[str, str] = json.loads(process.stdout.read(helper.LENGTH.unpack(head)[0]))
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
            )
        return self._process


class KeyProcess(HelperProcess):
    """Signs with keys that lie in encrypted files, through `helper.py`."""

    def __init__(self, passphrase_file: Path) -> None:
        command = [sys.executable, "-I", helper.__file__, str(passphrase_file)]
        super().__init__(command, {"LC_ALL": "C.UTF-8"})

    def sign(self, key_file: Path, data: bytes) -> bytes:
        """Signature over `data`: ECDSA P-256/SHA-256 in DER, or Ed25519.

        Raises Broken (KEY_UNUSABLE) if the key cannot be opened, Unavailable if nobody answers.
        """
        answer = self._done({"do": "sign", "file": str(key_file), "data": data.hex()})
        return bytes.fromhex(answer["signature"])

    def make(self, kind: str) -> MadeKey:
        """A new key of kind `p256` or `ed25519`; nothing is written."""
        answer = self._done({"do": "make", "kind": kind})
        return MadeKey(answer["pem"].encode("ascii"), bytes.fromhex(answer["spki"]))

    def public(self, key_file: Path) -> bytes:
        """SubjectPublicKeyInfo (DER) of the key in that file."""
        return bytes.fromhex(self._done({"do": "public", "file": str(key_file)})["spki"])

    def _done(self, request: dict[str, str]) -> dict[str, str]:
        answer = self.ask(request)
        if "error" in answer:
            raise Broken(f"A key cannot be used: {answer['error']}", code="KEY_UNUSABLE")
        return answer
