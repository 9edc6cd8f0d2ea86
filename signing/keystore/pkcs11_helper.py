"""The program that speaks to a PKCS#11 token: seal keys are made there and never leave it.

Run as `python -I pkcs11_helper.py MODULE TOKEN PIN_FILE`, never imported by the server: the module
of a vendor, the PIN and the session live in a process of their own. Requests and answers as in
`helper.py`: 4 bytes length (big-endian), then JSON.

    {"do": "make", "label": TEXT}                   → {"spki": HEX}
    {"do": "public", "label": TEXT}                 → {"spki": HEX}
    {"do": "sign", "label": TEXT, "data": HEX}      → {"signature": HEX}    r‖s over SHA-256
    anything that goes wrong                        → {"error": NAME, "text": TEXT}, and the end

Rules kept here:
* one process, one session, one request at a time (PKCS#11 §6.7.6: nothing is shared over a fork);
* after a mistake the process ends: the next one finds the token anew, or finds that it is away;
* a key that the token would give out, or that was not made in it, is destroyed before it signs.
"""

import hashlib
import json
import os
import resource
import stat
import struct
import sys
from typing import Any, BinaryIO

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

LENGTH = struct.Struct(">I")
_P256 = bytes.fromhex("06082a8648ce3d030107")  # OID of the curve, DER
_SPKI_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_POINT_HEAD = bytes.fromhex("044104")  # OCTET STRING of an uncompressed point
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Extractable(Exception):
    """The token made a key that it would give out."""


def serve(module: str, label: str, pin_file: str, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the other side closes the pipe, or something goes wrong."""
    session: Any = None
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        body = requests.read(LENGTH.unpack(head)[0])
        try:
            session = session or _login(module, label, pin_file)
            _send(answers, _answer(session, json.loads(body)))
        except Exception as error:  # noqa: BLE001  (whatever it is, the server must get an answer)
            _send(answers, {"error": type(error).__name__, "text": str(error)})
            return


def _login(module: str, label: str, pin_file: str) -> Any:
    token = pkcs11.lib(module).get_token(token_label=label)
    return token.open(rw=True, user_pin=_read_private(pin_file).strip().decode())


def _answer(session: Any, request: dict[str, str]) -> dict[str, str]:
    label = request["label"]
    if request["do"] == "make":
        return {"spki": _make(session, label).hex()}
    if request["do"] == "public":
        return {"spki": _spki(session.get_key(ObjectClass.PUBLIC_KEY, label=label)).hex()}
    key = session.get_key(ObjectClass.PRIVATE_KEY, label=label)
    digest = hashlib.sha256(bytes.fromhex(request["data"])).digest()
    return {"signature": key.sign(digest, mechanism=Mechanism.ECDSA).hex()}


def _make(session: Any, label: str) -> bytes:
    """A key pair under `label`; SubjectPublicKeyInfo."""
    parameters = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: _P256}, local=True
    )
    public, private = parameters.generate_keypair(
        store=True,
        id=label.encode(),
        label=label,
        public_template={Attribute.VERIFY: True},
        private_template={
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.SIGN: True,
            Attribute.DERIVE: False,
        },
    )
    kept = (Attribute.LOCAL, Attribute.ALWAYS_SENSITIVE, Attribute.NEVER_EXTRACTABLE)
    if not all(private[attribute] for attribute in kept):
        private.destroy()
        public.destroy()
        raise Extractable(label)
    return _spki(public)


def _spki(public: Any) -> bytes:
    point: bytes = public[Attribute.EC_POINT]
    if public[Attribute.EC_PARAMS] != _P256 or not point.startswith(_POINT_HEAD):
        raise ValueError("the key in the token is not P-256")
    return _SPKI_HEAD + point.removeprefix(_POINT_HEAD)


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
    # A crash must not leave a PIN in a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.argv[1], sys.argv[2], sys.argv[3], sys.stdin.buffer, sys.stdout.buffer)
    # Modules of vendors have been seen to hang or crash when they are unloaded.
    os._exit(0)
