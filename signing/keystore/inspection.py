"""What can be seen of `keys/` without opening a key and without making one.

Rules kept here: whoever could read a private file may have; so every one of them is named, not the
first only, and nothing is opened before (`KeyFolder.prepare` refuses the first it meets).
"""

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cryptography import x509

from signing.keystore import profiles
from signing.keystore.files import KeyFolder
from signing.keystore.revocation import read_journal

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFolderInspection:
    """One folder of keys, and the passphrase file if that lies elsewhere."""

    def __init__(self, keys_dir: Path, passphrase_file: Path | None) -> None:
        self._folder = KeyFolder(keys_dir)
        self._passphrase = passphrase_file or keys_dir / "passphrase"

    @property
    def is_founded(self) -> bool:
        """Whether the keys were made: the master secret comes last."""
        return (self._folder.private / "master.key.pem").is_file()

    def unsafe_files(self) -> Iterator[str]:
        """Files and folders that others could read, or that belong to somebody else."""
        private = self._folder.private
        for path in (self._passphrase, private, *sorted(private.rglob("*"))):
            if path.exists() and _is_unsafe(path):
                yield str(path)

    def signer_serials(self) -> frozenset[str]:
        """Serials that the CA's key was about to sign for phones, hex, from its own journal."""
        journal = self._folder.private / "issued.ndjson"
        lines = journal.read_text("utf-8").splitlines() if journal.exists() else []
        entries = [json.loads(line) for line in lines]
        signers = (entry for entry in entries if entry["purpose"] == profiles.SIGNER.name)
        return frozenset(entry["serial"] for entry in signers)

    def revoked(self) -> Mapping[str, str]:
        """What was taken back or reported, from the journal: serial (hex) → the CA's slug."""
        lines = read_journal(self._folder.private / "revoked.ndjson")
        return {line["serial"]: line["issuer"] for line in lines}

    def listed(self) -> Mapping[str, frozenset[str]]:
        """What each CA's published list tells of: slug → serials, hex."""
        lists = {path.stem: path for path in sorted(self._folder.private.glob("*.crl"))}
        return {slug: _serials_of(path.read_bytes()) for slug, path in lists.items()}

    def log_keys(self) -> Sequence[str]:
        """The log's keys (vkeys) as the trust folder names them, newest first."""
        policy = (self._folder.trust / "log" / "policy").read_text("utf-8")
        return [line.split()[1] for line in policy.splitlines() if line.startswith("log ")]


def _serials_of(crl: bytes) -> frozenset[str]:
    return frozenset(f"{entry.serial_number:x}" for entry in x509.load_der_x509_crl(crl))


def _is_unsafe(path: Path) -> bool:
    status = path.stat()
    return bool(status.st_mode & _OTHERS) or status.st_uid != os.geteuid()
