"""SoftHSM 2 for tests: a token of its own in a folder, and a look into it as a thief would."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

PIN = "471193"
SO_PIN = "00000000"
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)


class SoftHsm:
    """One token. `SOFTHSM2_CONF` must name `configuration` in whoever uses it."""

    def __init__(self, folder, label="seals"):
        self.label = label
        self.module = Path(next(path for path in MODULES if Path(path).exists()))
        self.tokens = folder / "tokens"
        self.tokens.mkdir()
        self.configuration = folder / "softhsm2.conf"
        self.configuration.write_text(
            f"directories.tokendir = {self.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        self.pin_file = folder / "pin"
        self.write_pin(PIN)
        self.run("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", SO_PIN)

    @property
    def settings(self):
        """For the environment of the service."""
        return {
            "SIGNING_PKCS11_MODULE": str(self.module),
            "SIGNING_PKCS11_TOKEN": self.label,
            "SIGNING_PKCS11_PIN_FILE": str(self.pin_file),
        }

    def write_pin(self, pin):
        self.pin_file.write_text(pin + "\n")
        self.pin_file.chmod(0o600)

    def take_away(self):
        """As if the cable were pulled."""
        self.tokens.rename(self.tokens.with_name("elsewhere"))

    def bring_back(self):
        self.tokens.with_name("elsewhere").rename(self.tokens)

    def run(self, *arguments):
        """`softhsm2-util`."""
        subprocess.run(
            ["softhsm2-util", *arguments], env=self.environment, check=True, capture_output=True
        )

    @property
    def environment(self):
        return {**os.environ, "SOFTHSM2_CONF": str(self.configuration)}

    def stolen(self):
        """What somebody gets who has the module, the token and the PIN: label, attempt, answer."""
        script = textwrap.dedent(_THIEF)
        command = [sys.executable, "-c", script, str(self.module), self.label, PIN]
        answer = subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True
        )
        return [tuple(line) for line in json.loads(answer.stdout)]


_THIEF = """
    import json, sys
    import pkcs11
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

    def answer(attempt):
        try:
            return attempt() and "got it"
        except pkcs11.PKCS11Error as error:
            return type(error).__name__

    token = pkcs11.lib(sys.argv[1]).get_token(token_label=sys.argv[2])
    lines = []
    with token.open(rw=True, user_pin=sys.argv[3]) as session:
        wrapping = session.generate_key(KeyType.AES, 256, store=False, template={
            Attribute.WRAP: True, Attribute.ENCRYPT: True})
        keys = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
        for key in keys:
            attempts = {
                "read": lambda: key[Attribute.VALUE],
                "wrap": lambda: wrapping.wrap_key(key, mechanism=Mechanism.AES_KEY_WRAP_PAD),
                "make extractable": lambda: key.__setitem__(Attribute.EXTRACTABLE, True) or True,
                "make readable": lambda: key.__setitem__(Attribute.SENSITIVE, False) or True,
            }
            lines += [(key.label, name, answer(attempt)) for name, attempt in attempts.items()]
    print(json.dumps(lines))
"""
