import hashlib
import json
import os
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from pki_world import make_key, to_raw
from signing.errors import Broken, Rejected
from signing.keystore.keystore import open_keystore
from signing.pades import value

USCC = "91430100MAYYYY016Y"
NAME = "长沙某某网络科技有限公司"
AGREEMENT = "agr_0123456789abcdef0123456789abcdef"
DOCUMENT = "ab" * 32


@pytest.fixture
def keystore(tmp_path, clock):
    with open_keystore(
        tmp_path / "keys", None, clock, "http://127.0.0.1:8000", "development"
    ) as keystore:
        yield keystore


@pytest.fixture
def issue(keystore, clock):
    """What the phone and the service do together."""

    def issue(*, name="张三", key=None, proof_by=None, serial=None):
        key = make_key("phone") if key is None else key
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        info = keystore.authority.request_info(spki, name=name)
        proof = (proof_by or key).sign(info, ec.ECDSA(hashes.SHA256()))
        return keystore.authority.issue_signer(
            serial=keystore.authority.new_serial() if serial is None else serial,
            request_info=info,
            proof=to_raw(proof),
            name=name,
            agreement_id=AGREEMENT,
            document_sha256=DOCUMENT,
            at=clock(),
        )

    return issue


def loaded(chain):
    return [x509.load_der_x509_certificate(certificate) for certificate in chain]


def journal(keystore):
    path = keystore.folder.private / "issued.ndjson"
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_phone_gets_fifteen_minutes_from_a_chain_that_ends_at_the_anchor(issue, keystore, clock):
    issued = issue()

    leaf, issuing = loaded(issued.chain)
    leaf.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(keystore.foundation.root.certificate)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(minutes=15)
    assert leaf.not_valid_before_utc == clock() - timedelta(seconds=60)
    assert issued.not_after == leaf.not_valid_after_utc
    assert leaf.serial_number == issued.serial


def test_the_serial_is_the_one_that_was_written_down_before(issue, keystore):
    serial = keystore.authority.new_serial()

    issued = issue(serial=serial)

    line = journal(keystore)[-1]
    leaf = loaded(issued.chain)[0]
    assert leaf.serial_number == serial
    assert int(line["serial"], 16) == serial
    assert line["purpose"] == "signer"
    assert line["tbs_sha256"] == hashlib.sha256(leaf.tbs_certificate_bytes).hexdigest()


def test_the_journal_knows_every_certificate_and_no_name(issue, keystore):
    issue()
    keystore.seals.certificate(tenant_id="t", uscc=USCC, name=NAME)

    lines = journal(keystore)

    assert [line["purpose"] for line in lines] == ["root", "issuing", "tsa", "signer", "seal"]
    assert len({line["serial"] for line in lines}) == 5
    assert "张三" not in json.dumps(lines, ensure_ascii=False)


def test_a_certificate_that_fails_its_lint_never_meets_the_real_key(issue, keystore):
    lines = len(journal(keystore))

    with pytest.raises(Broken) as refused:
        issue(serial=1)

    assert refused.value.code == "CERTIFICATE_LINT"
    assert len(journal(keystore)) == lines


def test_a_proof_by_another_key_gets_nothing(issue, keystore):
    lines = len(journal(keystore))

    with pytest.raises(Rejected) as refused:
        issue(proof_by=make_key("thief"))

    assert refused.value.code == "PROOF_OF_POSSESSION"
    assert len(journal(keystore)) == lines


def test_a_seal_is_made_once_and_signs_under_its_certificate(keystore):
    chain = keystore.seals.certificate(tenant_id="t", uscc=USCC, name=NAME)
    signature = keystore.seals.sign(tenant_id="t", uscc=USCC, data=b"attributes")

    leaf, _ = loaded(chain)
    organisation = leaf.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_IDENTIFIER)
    assert value.verified(chain[0], b"attributes", signature) == signature
    assert organisation[0].value == "NTRCN-" + USCC
    assert keystore.seals.certificate(tenant_id="t", uscc=USCC, name=NAME) == chain
    assert keystore.seals.not_after(chain) == leaf.not_valid_after_utc


def test_two_tenants_never_share_a_seal(keystore):
    one = keystore.seals.certificate(tenant_id="t1", uscc=USCC, name=NAME)
    other = keystore.seals.certificate(tenant_id="t2", uscc=USCC, name=NAME)

    keys = [certificate.public_key() for certificate in (loaded(one)[0], loaded(other)[0])]
    assert keys[0] != keys[1]
    with pytest.raises(Rejected) as refused:
        keystore.seals.sign(tenant_id="t3", uscc=USCC, data=b"attributes")
    assert refused.value.code == "SEAL_UNKNOWN"


def test_no_tenant_can_name_himself_into_anothers_seal(keystore):
    pairs = [("a", "bc"), ("ab", "c"), ("a/../b", "c"), ("a-1", "bc")]

    ids = {keystore.seals.ensure_seal(tenant, uscc, NAME).key_id for tenant, uscc in pairs}

    assert len(ids) == len(pairs)
    assert all(name.startswith("seal-") and "/" not in name for name in ids)


def test_a_seal_whose_certificate_was_lost_in_a_crash_keeps_its_key(keystore):
    seal = keystore.seals.ensure_seal("t", USCC, NAME)
    (keystore.folder.seals / f"{seal.key_id}.pem").unlink()

    again = keystore.seals.ensure_seal("t", USCC, NAME)

    assert again.key_id == seal.key_id
    assert loaded(again.chain)[0].public_key() == loaded(seal.chain)[0].public_key()


def test_a_seal_about_to_end_is_followed_by_one_with_a_new_key(keystore, clock):
    seal = keystore.seals.ensure_seal("t", USCC, NAME)
    clock.advance(days=2 * 365 - 29)

    follower = keystore.seals.ensure_seal("t", USCC, NAME)
    signature = keystore.seals.sign(tenant_id="t", uscc=USCC, data=b"x")

    assert follower.not_after > seal.not_after
    assert loaded(follower.chain)[0].public_key() != loaded(seal.chain)[0].public_key()
    assert value.verified(follower.chain[0], b"x", signature)


def test_a_revoked_seal_is_on_the_list_that_its_certificate_names(keystore, clock):
    seal = keystore.seals.ensure_seal("t", USCC, NAME)
    before = x509.load_der_x509_crl(keystore.pki_file("issuing.crl"))

    keystore.revocations.revoke(seal.serial, at=clock(), reason="keyCompromise")
    keystore.revocations.revoke(seal.serial, at=clock.advance(days=1), reason="keyCompromise")

    after = x509.load_der_x509_crl(keystore.pki_file("issuing.crl"))
    entry = after.get_revoked_certificate_by_serial_number(seal.serial)
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert before.get_revoked_certificate_by_serial_number(seal.serial) is None
    assert reason is x509.ReasonFlags.key_compromise
    assert entry.revocation_date_utc == clock() - timedelta(days=1)
    assert after.is_signature_valid(keystore.foundation.issuing.issuer.public_key)
    assert len(list(after)) == 1


def test_list_numbers_rise_whatever_the_clock_does(keystore, clock):
    numbers = []
    for step in (0, 0, 900, -3600, 900):
        clock.advance(seconds=step)
        keystore.revocations.revoke(len(numbers) + 1, at=clock())
        crl = x509.load_der_x509_crl(keystore.pki_file("issuing.crl"))
        numbers.append(crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)

    assert numbers == sorted(set(numbers))


def test_an_archive_gets_lists_hardly_older_than_its_signatures(keystore, clock):
    keystore.authority.validation_data()
    clock.advance(minutes=11)

    certificates, crls = keystore.authority.validation_data()

    issuing_crl = x509.load_der_x509_crl(crls[1])
    assert issuing_crl.last_update_utc == clock()
    assert issuing_crl.next_update_utc == clock() + timedelta(days=30)
    assert len(certificates) == 3
    assert sum(map(len, (*certificates, *crls))) < 2_600


def test_openssl_finds_chain_and_purposes_in_order(issue, keystore, clock, tmp_path):
    chains = {
        "signer": issue().chain,
        "seal": keystore.seals.certificate(tenant_id="t", uscc=USCC, name=NAME),
    }
    root = tmp_path / "keys" / "trust" / "ca" / "root.pem"
    for name, chain in chains.items():
        leaf, issuing = loaded(chain)
        (tmp_path / "issuing.pem").write_bytes(issuing.public_bytes(Encoding.PEM))
        (tmp_path / f"{name}.pem").write_bytes(leaf.public_bytes(Encoding.PEM))

        result = subprocess.run(
            ["openssl", "verify", "-x509_strict", "-purpose", "smimesign",
             "-attime", str(int(clock().timestamp())), "-CAfile", root,
             "-untrusted", tmp_path / "issuing.pem", tmp_path / f"{name}.pem"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert result.returncode == 0, result.stderr


def test_a_seals_scalar_is_found_nowhere_in_the_servers_memory(tmp_path):
    """T23: make a seal, sign with it, then read the whole memory of the process that did."""
    server = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_SERVER), str(tmp_path / "keys")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout.readline() == "signed\n"
        memory = _memory_of(server.pid)
    finally:
        server.communicate("\n", timeout=30)

    private = tmp_path / "keys" / "private"
    (seal_file,) = (private / "seals").glob("*.key.pem")
    canary, control = _scalar(tmp_path, seal_file), _scalar(tmp_path, private / "tsa.key.pem")

    assert _found(control, memory), "the search must find the key that does lie in memory"
    assert not _found(canary, memory)
    assert not _found(_scalar(tmp_path, private / "issuing.key.pem"), memory)
    assert not _found(_scalar(tmp_path, private / "root.key.pem"), memory)


_SERVER = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from signing.keystore.keystore import open_keystore
    clock = lambda: datetime.now(UTC)
    keystore = open_keystore(Path(sys.argv[1]), None, clock, "http://x", "development")
    keystore.seals.certificate(tenant_id="t", uscc="91430100MAYYYY016Y", name="TEST")
    for _ in range(3):
        keystore.seals.sign(tenant_id="t", uscc="91430100MAYYYY016Y", data=b"attributes")
    keystore.timestamper.timestamp(bytes(32))
    print("signed", flush=True)
    sys.stdin.readline()
    keystore.close()
"""


def _memory_of(pid: int) -> bytes:
    """Everything readable in a process, as an attacker on the machine would take it."""
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


def _scalar(tmp_path, file) -> int:
    passphrase = (tmp_path / "keys" / "passphrase").read_bytes().strip()
    key = load_pem_private_key(file.read_bytes(), passphrase)
    return key.private_numbers().private_value


def _found(scalar: int, memory: bytes) -> bool:
    """OpenSSL keeps numbers in words, least significant first; files have them the other way."""
    forms = (scalar.to_bytes(32), scalar.to_bytes(32, "little"))
    return any(form in memory or form.hex().encode() in memory for form in forms)


def test_the_key_process_leaves_with_its_server(tmp_path):
    script = textwrap.dedent(_SERVER).replace(
        "keystore.close()", "print(keystore.keys._process.pid)"
    )
    server = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(tmp_path / "keys")],
        input="\n",
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    helper = int(server.stdout.split()[-1])

    assert _is_gone(helper)


def _is_gone(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
