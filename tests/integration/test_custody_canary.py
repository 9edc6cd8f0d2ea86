"""T23: a seal's scalar that the test knows is found nowhere after the service has sealed with it.

Not in the database, the documents, the logs or any other file, and not in the memory of any
process of the service, its helper included: the child that opened the key is gone.
"""

import base64
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from running_service import Home, Server, party_of
from signing.keystore.seals import _stem

CANARY = 0x00C0FFEE5EA1CA4A12D5EEDBADCAB1E5C0DE0FF1CEFACADE0DDBA11DECADE501
"""A scalar of P-256 that no generator has made."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A service that has sealed three agreements with the canary, one second ago."""
    home = Home(tmp_path_factory.mktemp("canary"))
    body = home.example("written_agreement")
    with home.opened() as application, application.database.transaction() as tx:
        tenant = tx.tenants.find_key(home.api.key).tenant_id
    _plant(home.folder / "keys", tenant, party_of(body, "enterprise")["uscc"])
    server = Server(home)
    try:
        made = [home.api.create(body) for _ in range(3)]
        home.chains = [home.api.get(f"/agreements/{one['id']}/document").content for one in made]
        home.sealed = [party_of(one, "enterprise")["status"] for one in made]
        time.sleep(1)
        home.memories = {pid: memory_of(pid) for pid in family_of(server.process.pid)}
        yield home
    finally:
        server.stop()


def _plant(keys: Path, tenant: str, uscc: str) -> None:
    """The canary as that seal's key file, before its first use."""
    key = ec.derive_private_key(CANARY, ec.SECP256R1())
    passphrase = (keys / "passphrase").read_bytes().strip()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    path = keys / "private" / "seals" / f"{_stem(tenant, uscc)}-1.key.pem"
    path.write_bytes(pem)
    path.chmod(0o600)


def family_of(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(child) for file in children for child in file.read_text().split()]
    return [pid, *(relative for child in found for relative in family_of(child))]


def memory_of(pid: int) -> bytes:
    """Everything readable in a process, as root on the machine would take it."""
    chunks = []
    process = Path(f"/proc/{pid}")
    with (process / "maps").open() as maps, (process / "mem").open("rb", 0) as memory:
        for line in maps:
            span, flags = line.split()[:2]
            start, end = (int(part, 16) for part in span.split("-"))
            if "r" not in flags or "vvar" in line or "vsyscall" in line:
                continue
            memory.seek(start)
            try:
                chunks.append(memory.read(end - start))
            except OSError:
                continue
    return b"".join(chunks)


def forms_of(scalar: int) -> list[bytes]:
    """How a scalar may lie about: raw in both orders, hex, decimal, base64 at each alignment."""
    raw = scalar.to_bytes(32)
    hexes = [raw.hex().encode(), raw.hex().upper().encode(), raw[::-1].hex().encode()]
    shifted = [base64.b64encode(bytes(shift) + raw)[4:-4] for shift in range(3)]
    return [raw, raw[::-1], *hexes, str(scalar).encode(), *shifted]


def finds(scalar: int, haystack: bytes) -> bool:
    return any(form in haystack for form in forms_of(scalar))


def scalar_in(home: Home, name: str) -> int:
    keys = home.folder / "keys"
    passphrase = (keys / "passphrase").read_bytes().strip()
    key = load_pem_private_key((keys / "private" / name).read_bytes(), passphrase)
    return key.private_numbers().private_value


def test_it_is_the_canary_that_sealed(home):
    point = ec.derive_private_key(CANARY, ec.SECP256R1()).public_key().public_numbers()

    assert home.sealed == ["signed"] * 3
    assert all(point.x.to_bytes(32).hex().encode() in document for document in home.chains)


def test_no_file_of_the_service_holds_it(home):
    files = [path for path in home.folder.rglob("*") if path.is_file()]

    found = [path.name for path in files if finds(CANARY, path.read_bytes())]

    kinds = {path.name for path in files} | {path.parent.parent.parent.name for path in files}
    assert found == []
    assert {"signing.db", "server.log", "documents"} <= kinds, "these at least were looked at"


def test_no_process_of_the_service_holds_it(home):
    holding = [pid for pid, memory in home.memories.items() if finds(CANARY, memory)]

    assert holding == []
    assert len(home.memories) >= 3, "master, worker and key helper at least"


def test_the_search_finds_the_one_key_that_does_lie_in_memory(home):
    tsa = scalar_in(home, "tsa.key.pem")

    assert any(finds(tsa, memory) for memory in home.memories.values())
    assert not any(
        finds(scalar_in(home, name), memory)
        for name in ("root.key.pem", "issuing.key.pem")
        for memory in home.memories.values()
    )


@pytest.mark.parametrize("form", range(9))
def test_the_search_knows_a_key_in_every_form(form):
    planted = b"x" * 5 + forms_of(CANARY)[form] + b"x" * 5

    assert finds(CANARY, planted)
    assert not finds(CANARY ^ 1 << 128, planted)
