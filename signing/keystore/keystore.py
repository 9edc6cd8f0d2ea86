"""The keystore as the rest of the service sees it: everything that has to do with our own keys.

    ks = open_keystore(keys_dir, passphrase_file, clock, public_url, environment)
    ks.authority    certificates for phones and seals      ks.log_key, ks.sign_log   log checkpoints
    ks.seals        seals' signatures                      ks.secret(label)          derived secrets
    ks.unit, ks.timestamper    RFC 3161                    ks.export_trust(dir)      for verifiers

Rules kept here:
* bytes go in, signatures come out; no private key is returned by anything here;
* in this process lie the TSA's key and the master secret; all others are opened by `helper.py`;
* `secret` gives the same bytes for the same label for ever (HKDF, RFC 5869): labels are not reused.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from signing.audit.note import VerifierKey
from signing.errors import Broken
from signing.keystore import files, founding
from signing.keystore.authority import Authority
from signing.keystore.files import KeyFolder
from signing.keystore.founding import Foundation, Founder
from signing.keystore.pkcs11_keys import TokenKeys, TokenSettings
from signing.keystore.press import Press
from signing.keystore.process import KeyProcess
from signing.keystore.recall import Recall
from signing.keystore.revocation import Revocations
from signing.keystore.seals import Seals
from signing.keystore.timestamping import BuiltInTimestamper, TimestampingUnit
from signing.keystore.transcript import Inventory

_SECRET_BYTES = 32


@dataclass(frozen=True)
class Keystore:
    """See the module. Close it when the process ends (it is a context manager too)."""

    folder: KeyFolder
    founder: Founder
    foundation: Foundation
    authority: Authority
    seals: Seals
    revocations: Revocations
    recall: Recall
    unit: TimestampingUnit
    timestamper: BuiltInTimestamper
    keys: KeyProcess
    token: TokenKeys | None
    clock: Callable[[], datetime]
    _master: bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes that use keys."""
        self.keys.close()
        if self.token is not None:
            self.token.close()

    @property
    def log_key(self) -> VerifierKey:
        """Public half of the log's key, under the log's origin."""
        return self.foundation.log_key

    def sign_log(self, data: bytes, *, generation: int = 0) -> bytes:
        """Ed25519 signature by the log's key, or by the one `generation` places before it."""
        return self.keys.sign(self.foundation.log_key_files[generation], data)

    def secret(self, label: str) -> bytes:
        """32 bytes that belong to `label` alone."""
        derived = HKDF(
            algorithm=hashes.SHA256(),
            length=_SECRET_BYTES,
            salt=None,
            info=b"signing/secret/v1/" + label.encode(),
        )
        return derived.derive(self._master)

    def pki_file(self, name: str) -> bytes | None:
        """What `/pki/{name}` serves; None for what is not there.

        `root|issuing|issuing-2….cer` and `.crl`, `tsa.cer`.
        """
        foundation = self.foundation
        authorities = (foundation.root, *foundation.issuing_authorities)
        for authority in authorities:
            if name == f"{authority.slug}.cer":
                return authority.der
            if name == f"{authority.slug}.crl":
                return self.revocations.crl(authority.slug, self.clock())
        return foundation.tsa_certificate if name == "tsa.cer" else None

    def rotate(self, name: str) -> None:
        """A new generation of `issuing`, `tsa` or `log`, used from the next start on."""
        with self.folder.locked():
            self.founder.follow(name)

    def inventory(self) -> list[str]:
        """One line per key file and anchor: mode and path, and what a certificate says."""
        paths = [*self.folder.private.rglob("*"), *self.folder.trust.rglob("*")]
        told = Inventory.of(self.folder).lines
        lines = []
        for path in sorted(path for path in paths if path.is_file()):
            name = str(path.relative_to(self.folder.root))
            what = told.get(name, name).removeprefix(name)
            lines.append(f"{path.stat().st_mode & 0o777:03o}  {path}{what}")
        return lines

    def export_trust(self, directory: Path) -> None:
        """Copy the anchors (`ca/`, `tsa/`, `log/policy`): the folder of `verify --trust`.

        The lists of today lie beside the roots (`ca/*.crl`): who verifies with them knows of what
        was revoked after a file was archived.
        """
        shutil.copytree(self.folder.trust, directory, dirs_exist_ok=True)
        for authority in (self.foundation.root, *self.foundation.issuing_authorities):
            crl = self.revocations.crl(authority.slug, self.clock())
            files.replace(directory / "ca" / f"{authority.slug}.crl", crl, mode=0o644)


def open_keystore(
    keys_dir: Path,
    passphrase_file: Path | None,
    clock: Callable[[], datetime],
    public_url: str,
    environment: str,
    *,
    log_origin: str = "",
    token: TokenSettings | None = None,
) -> Keystore:
    """Open `keys/`, making what is missing; the first start takes about half a second.

    `environment` is `development` or `production`. `log_origin` is the name of the log ("" takes
    the host of `public_url`). `token` says where new seal keys are made, None in files. Raises
    Broken: KEYS_UNSAFE, KEYS_INCOMPLETE, KEYS_FROM_DEVELOPMENT, KEY_UNUSABLE (wrong passphrase).
    """
    folder = KeyFolder(Path(keys_dir).absolute())
    folder.prepare()
    passphrase = founding.passphrase_file(folder, passphrase_file, environment=environment)
    keys = KeyProcess(passphrase.absolute())
    press = Press(keys, folder.private / "issued.ndjson")
    origin = log_origin or urlsplit(public_url).netloc + "/log"
    try:
        with folder.locked():
            founding.check_environment(folder, environment)
            founder = Founder(folder, keys, press, clock, public_url, origin)
            foundation = founder.found()
        return _assembled(
            founder,
            foundation,
            press,
            clock=clock,
            passphrase=passphrase,
            environment=environment,
            token=None if token is None else TokenKeys(token, folder, others=keys),
        )
    except BaseException:
        keys.close()
        raise


def _assembled(
    founder: Founder,
    foundation: Foundation,
    press: Press,
    *,
    clock: Callable[[], datetime],
    passphrase: Path,
    environment: str,
    token: TokenKeys | None,
) -> Keystore:
    """Everything over a foundation that is there."""
    folder = founder.folder
    authorities = (foundation.root, *foundation.issuing_authorities)
    revocations = Revocations(folder, authorities, press)
    authority = Authority(foundation, press, revocations, clock=clock)
    unit = TimestampingUnit(
        certificate=foundation.tsa_certificate,
        key=_load(founder.tsa_key_file, passphrase),
        clock=clock,
        last_file=folder.private / "tsa.last",
    )
    seals = Seals(
        folder,
        token or press.keys,
        authority,
        clock=clock,
        is_revoked=revocations.is_revoked,
        make_on_first_use=environment == founding.DEVELOPMENT,
    )
    return Keystore(
        folder=folder,
        founder=founder,
        foundation=foundation,
        authority=authority,
        seals=seals,
        revocations=revocations,
        recall=Recall(folder, foundation, revocations, clock=clock),
        unit=unit,
        timestamper=BuiltInTimestamper(unit, anchors=(foundation.root.der,), clock=clock),
        keys=press.keys,
        token=token,
        clock=clock,
        # 32 random bytes, in the form that all keys have here.
        _master=_load(folder.private / "master.key.pem", passphrase).private_bytes_raw(),
    )


def _load(path: Path, passphrase: Path) -> Any:
    """Open a key in this process: the TSA's and the master secret only."""
    files.check_private(path)
    try:
        return load_pem_private_key(path.read_bytes(), passphrase.read_bytes().strip())
    except (ValueError, TypeError) as error:
        raise Broken(
            f"{path} cannot be opened: is the passphrase the one that it was made with?",
            "密钥打不开：请检查口令文件是不是原来的那一个",
            code="KEY_UNUSABLE",
        ) from error
