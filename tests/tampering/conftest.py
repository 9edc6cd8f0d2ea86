"""A trust folder and files on a disk, as an arbitrator has them."""

import pytest
import workshop
from cryptography.hazmat.primitives.serialization import Encoding
from ledger import ledger, policy


@pytest.fixture(scope="session")
def trust_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trust")
    pem = workshop.standard().root.certificate.public_bytes(Encoding.PEM)
    for name in ("ca", "tsa"):
        (folder / name).mkdir()
        (folder / name / "root.pem").write_bytes(pem)
    (folder / "log").mkdir()
    (folder / "log" / "policy").write_bytes(policy())
    return folder


@pytest.fixture(scope="session")
def on_disk(tmp_path_factory):
    """good, incomplete, bad, unsigned.pdf, encrypted-like text, and evidence.zip in one folder."""
    folder = tmp_path_factory.mktemp("files")
    states = workshop.standard_states()
    (folder / "good.pdf").write_bytes(states[4][0])
    (folder / "incomplete.pdf").write_bytes(states[1][0])
    (folder / "bad.pdf").write_bytes(states[4][0] + b"!")
    (folder / "unsigned.pdf").write_bytes(states[0][0])
    (folder / "text.pdf").write_bytes(b"no PDF at all")
    (folder / "evidence.zip").write_bytes(ledger().package())
    return folder
