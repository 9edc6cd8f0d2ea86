"""The program that opens private keys: one child for one signature, then gone.

Run as `python -I helper.py PASSPHRASE_FILE`, never imported by the server. It imports nothing of
this project, holds no key itself, and forks for each request; the child decrypts the key, uses it
once and leaves without cleaning up, so that a private key never lives in the server's memory (D4).

Requests and answers on standard input and output: 4 bytes length (big-endian), then JSON.

    {"do": "sign", "file": PATH, "data": HEX}   → {"signature": HEX}    ECDSA/SHA-256 DER, Ed25519
    {"do": "make", "kind": "p256"|"ed25519"}    → {"pem": TEXT, "spki": HEX}   encrypted PKCS#8
    {"do": "public", "file": PATH}              → {"spki": HEX}
    anything that goes wrong                    → {"error": TEXT}
"""

import json
import os
import resource
import stat
import struct
import sys
from typing import Any, BinaryIO

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

LENGTH = struct.Struct(">I")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def warm_up() -> None:
    """Make, open and use keys of no consequence: what OpenSSL sets up once, children inherit."""
    for kind in ("p256", "ed25519"):
        key: Any = load_pem_private_key(_made(kind, b"warm")["pem"].encode(), b"warm")
        key.sign(b"", ec.ECDSA(hashes.SHA256())) if kind == "p256" else key.sign(b"")


def serve(passphrase_file: str, requests: BinaryIO, answers: BinaryIO) -> None:
    """Fork for each request until the other side closes the pipe."""
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        body = requests.read(LENGTH.unpack(head)[0])
        child = os.fork()
        if child == 0:
            _answer_and_leave(passphrase_file, body, answers)
        _, status = os.waitpid(child, 0)
        if status != 0:
            _send(answers, {"error": "the child that held the key ended before it answered"})


def _answer_and_leave(passphrase_file: str, body: bytes, answers: BinaryIO) -> None:
    """In the child: one answer, then exit without running anything else."""
    try:
        answer = _answer(passphrase_file, json.loads(body))
    except Exception as error:  # noqa: BLE001  (whatever it is, the server must get an answer)
        answer = {"error": f"{type(error).__name__}: {error}"}
    _send(answers, answer)
    os._exit(0)


def _answer(passphrase_file: str, request: dict[str, str]) -> dict[str, str]:
    passphrase = _read_private(passphrase_file).strip()
    if request["do"] == "make":
        return _made(request["kind"], passphrase)
    key: Any = load_pem_private_key(_read_private(request["file"]), passphrase)
    if request["do"] == "public":
        return {"spki": _spki(key)}
    data = bytes.fromhex(request["data"])
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {"signature": key.sign(data, ec.ECDSA(hashes.SHA256())).hex()}
    return {"signature": key.sign(data).hex()}


def _made(kind: str, passphrase: bytes) -> dict[str, str]:
    """A new key, encrypted before it leaves this process."""
    key: Any = (
        ec.generate_private_key(ec.SECP256R1())
        if kind == "p256"
        else ed25519.Ed25519PrivateKey.generate()
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    return {"pem": pem.decode("ascii"), "spki": _spki(key)}


def _spki(key: Any) -> str:
    encoded: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded.hex()


def _read_private(path: str) -> bytes:
    """The bytes of a file that nobody else may read."""
    with open(path, "rb") as file:  # noqa: PTH123  (one import less in a process that stays small)
        if os.fstat(file.fileno()).st_mode & _OTHERS:
            raise PermissionError(f"{path} may be read by others")
        return file.read()


def _send(answers: BinaryIO, answer: dict[str, str]) -> None:
    body = json.dumps(answer).encode()
    answers.write(LENGTH.pack(len(body)) + body)
    answers.flush()


if __name__ == "__main__":
    # A crash must not leave a key in a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warm_up()
    serve(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
