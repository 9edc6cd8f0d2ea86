"""Seal keys in a PKCS#11 token (`SIGNING_PKCS11_MODULE`, `_TOKEN`, `_PIN_FILE`): custody `service`.

Rules kept here:
* a seal's key file holds no key but its address, `pkcs11:token=…;object=…` (RFC 7512); a seal that
  was made before the token was set up keeps its file key until it is followed by another;
* the token is Unavailable, not Broken, while it is away or locked: what waits is sealed later;
* a PIN that the token refused is not offered again until its file changes, by no process: tokens
  lock themselves after a few wrong ones;
* a session may be lost at any time: signing is asked for once more, in a new process.
"""

import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from signing.errors import Broken, Unavailable
from signing.keystore import files
from signing.keystore.files import KeyFolder
from signing.keystore.process import HelperProcess, KeyProcess, MadeKey
from signing.pades import value

_SCHEME = b"pkcs11:"
_HELPER = Path(__file__).with_name("pkcs11_helper.py")
_REFUSED_PIN = ("PinIncorrect", "PinInvalid", "PinLenRange", "PinExpired", "PinLocked")
_NO_KEY = "NoSuchKey"
_UNFIT = ("Extractable", "PermissionError", "MultipleObjectsReturned")


@dataclass(frozen=True)
class TokenSettings:
    """The vendor's module (a shared library), the token's label, the file with the user PIN."""

    module: Path
    label: str
    pin_file: Path


class TokenKeys:
    """Keys in the token, and in files those that came before it (`others`).

    Raises Broken (KEYS_UNSAFE) if others may read the PIN.
    """

    def __init__(self, settings: TokenSettings, folder: KeyFolder, *, others: KeyProcess) -> None:
        files.check_private(settings.pin_file)
        self._settings = settings
        self._others = others
        self._folder = folder
        # The module needs its own surroundings, our settings are none of its business.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNING_")}
        command = [sys.executable, "-I", str(_HELPER), str(settings.module), settings.label]
        self._process = HelperProcess([*command, str(settings.pin_file)], environment)

    def close(self) -> None:
        """End the process that speaks to the token."""
        self._process.close()

    def make(self, kind: str) -> MadeKey:
        """A new P-256 key in the token, and its address for the key file.

        Raises Unavailable: `TOKEN_AWAY`, `TOKEN_PIN_REFUSED`; Broken if the token would give it
        out.
        """
        if kind != "p256":
            raise Broken(f"No {kind} keys are made in the token")
        label = f"seal-{secrets.token_hex(16)}"
        answer = self._asked({"do": "make", "label": label}, tries=1)
        token = quote(self._settings.label, safe="")
        address = f"pkcs11:token={token};object={label};type=private\n"
        return MadeKey(address.encode("ascii"), bytes.fromhex(answer["spki"]))

    def public(self, key_file: Path) -> bytes:
        """SubjectPublicKeyInfo (DER)."""
        label = self._label(key_file)
        if label is None:
            return self._others.public(key_file)
        return bytes.fromhex(self._asked({"do": "public", "label": label})["spki"])

    def sign(self, key_file: Path, data: bytes) -> bytes:
        """ECDSA P-256/SHA-256 signature in DER."""
        label = self._label(key_file)
        if label is None:
            return self._others.sign(key_file, data)
        answer = self._asked({"do": "sign", "label": label, "data": data.hex()})
        return value.ecdsa_der(bytes.fromhex(answer["signature"]))

    def _label(self, key_file: Path) -> str | None:
        """The object that a key file names; None for a key in the file itself."""
        content = key_file.read_bytes()
        if not content.startswith(_SCHEME):
            return None
        pairs = (part.split("=", 1) for part in content[len(_SCHEME) :].decode().strip().split(";"))
        address = {name: unquote(text) for name, text in pairs}
        if address["token"] != self._settings.label:
            raise Broken(
                f"{key_file.name} lies in the token {address['token']!r}, not in this one",
                "这枚印章的密钥在另一个密码设备里，请检查 SIGNING_PKCS11_TOKEN",
                code="KEY_UNUSABLE",
            )
        return address["object"]

    def _asked(self, request: dict[str, str], *, tries: int = 2) -> dict[str, str]:
        self._check_pin()
        answer = self._process.ask(request)
        error = answer.get("error")
        if error is None:
            return answer
        self._process.close()
        if error in _REFUSED_PIN:
            with self._folder.locked():
                files.replace(self._refused, self._pin_state())
            raise _pin_refused(error)
        if error in _UNFIT or (error == _NO_KEY and tries == 1):
            why = f"{error} {answer['text']}".strip()
            raise Broken(f"The token cannot be used: {why}", code="KEY_UNUSABLE")
        if tries > 1:
            return self._asked(request, tries=tries - 1)
        raise Unavailable(
            f"The token does not answer: {error}",
            "密码设备暂时没有响应，盖章稍后自动继续",
            code="TOKEN_AWAY",
        )

    @property
    def _refused(self) -> Path:
        return self._folder.private / "pin.refused"

    def _check_pin(self) -> None:
        if self._refused.exists() and self._refused.read_bytes() == self._pin_state():
            raise _pin_refused("this PIN was refused before")

    def _pin_state(self) -> bytes:
        """What changes when somebody writes another PIN into the file."""
        status = self._settings.pin_file.stat()
        return f"{status.st_ino} {status.st_mtime_ns} {status.st_size}".encode()


def _pin_refused(why: str) -> Unavailable:
    return Unavailable(
        f"The token refuses the PIN ({why}): correct its file; it is not tried again before",
        "密码设备不接受 PIN：请改正 SIGNING_PKCS11_PIN_FILE 里的 PIN；改之前不会再试，以免锁死",
        code="TOKEN_PIN_REFUSED",
    )
