import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.audit.note import VerifierKey
from signing.errors import Broken, Rejected, Unavailable
from signing.keystore.keystore import open_keystore
from signing.pades.vocabulary import RESERVE_TOKEN

URL = "http://127.0.0.1:8000"
USCC = "91430100MAYYYY016Y"
NAME = "长沙某某网络科技有限公司"


@pytest.fixture
def open_it(tmp_path, clock):
    opened = []

    def open_it(folder="keys", *, passphrase_file=None, environment="development", url=URL):
        keystore = open_keystore(tmp_path / folder, passphrase_file, clock, url, environment)
        opened.append(keystore)
        return keystore

    yield open_it
    for keystore in opened:
        keystore.close()


@pytest.fixture
def keystore(open_it):
    return open_it()


def state_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_the_first_start_makes_everything_and_the_second_changes_nothing(open_it, tmp_path):
    open_it().close()
    first = state_of(tmp_path / "keys")

    open_it()

    assert state_of(tmp_path / "keys") == first
    assert {"trust/ca/root.pem", "trust/tsa/root.pem", "trust/log/policy"} <= set(first)


def test_only_the_service_can_read_what_is_private(keystore, tmp_path):
    keystore.seals.certificate(tenant_id="t", uscc=USCC, name=NAME)
    keystore.authority.validation_data()

    for path in (tmp_path / "keys" / "private").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE((tmp_path / "keys" / "passphrase").stat().st_mode) == 0o600


def test_no_key_lies_unencrypted_on_the_disk(keystore, tmp_path):
    keystore.seals.certificate(tenant_id="t", uscc=USCC, name=NAME)

    keys = list((tmp_path / "keys").rglob("*.key.pem"))

    assert len(keys) == 6
    assert all(key.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY") for key in keys)


@pytest.mark.parametrize("name", ["private", "private/root.key.pem", "passphrase"])
def test_lax_modes_stop_the_start(open_it, tmp_path, name):
    open_it().close()
    path = tmp_path / "keys" / name
    path.chmod(0o750 if path.is_dir() else 0o640)

    with pytest.raises(Broken) as refused:
        open_it()

    assert refused.value.code == "KEYS_UNSAFE"
    assert str(path) in refused.value.message


def test_a_start_broken_off_anywhere_is_completed_by_the_next(open_it, tmp_path):
    open_it("whole").close()
    whole = tmp_path / "whole"
    made = sorted(
        (path for path in whole.rglob("*") if path.is_file() and path.name != "lock"),
        key=lambda path: path.stat().st_mtime_ns,
    )

    for count in range(len(made)):
        folder = tmp_path / f"cut-{count}"
        for path in made[:count]:
            target = folder / path.relative_to(whole)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
            target.chmod(0o600)
        (folder / "private" / "seals").mkdir(parents=True, exist_ok=True)
        for private in (folder / "private", folder / "private" / "seals"):
            private.chmod(0o700)
        (folder / "private" / "half-written.pem.new").write_bytes(b"-----BEGIN")

        keystore = open_it(folder.name)

        assert keystore.timestamper.timestamp(bytes(32))
        assert not (folder / "private" / "half-written.pem.new").exists()
        kept = [p.relative_to(whole) for p in made[:count] if p.name != "issued.ndjson"]
        assert all((folder / p).read_bytes() == (whole / p).read_bytes() for p in kept)
        keystore.close()


def test_a_certificate_without_its_key_is_never_guessed_over(open_it, tmp_path):
    open_it().close()
    (tmp_path / "keys" / "private" / "issuing.key.pem").unlink()

    with pytest.raises(Broken) as refused:
        open_it()

    assert refused.value.code == "KEYS_INCOMPLETE"
    assert "备份" in refused.value.message_zh


def test_keys_of_two_sets_are_not_mixed(open_it, tmp_path):
    open_it().close()
    open_it("other").close()
    for name in ("tsa.key.pem", "tsa.pub"):
        stranger = tmp_path / "other" / "private" / name
        (tmp_path / "keys" / "private" / name).write_bytes(stranger.read_bytes())

    with pytest.raises(Broken) as refused:
        open_it()

    assert refused.value.code == "KEYS_INCOMPLETE"


def test_the_longest_public_address_still_leaves_room_for_tokens(open_it):
    longest = "https://" + "a" * 72

    keystore = open_it(url=longest)

    assert keystore.timestamper.token_bytes <= RESERVE_TOKEN
    with pytest.raises(Broken) as refused:
        open_it("other", url=longest + "a")
    assert refused.value.code == "PUBLIC_URL_TOO_LONG"


def test_another_passphrase_opens_nothing(open_it, tmp_path):
    open_it().close()
    (tmp_path / "keys" / "passphrase").write_text("x" * 64)

    with pytest.raises(Broken) as refused:
        open_it()

    assert refused.value.code == "KEY_UNUSABLE"


class TestProduction:
    @pytest.fixture
    def passphrase_file(self, tmp_path):
        path = tmp_path / "outside"
        path.write_text("correct horse battery staple\n")
        path.chmod(0o600)
        return path

    def test_it_takes_its_passphrase_from_outside(self, open_it, passphrase_file, tmp_path):
        keystore = open_it(passphrase_file=passphrase_file, environment="production")

        assert keystore.timestamper.timestamp(bytes(32))
        assert not (tmp_path / "keys" / "passphrase").exists()

    def test_it_refuses_a_passphrase_that_lies_with_the_keys(self, open_it):
        with pytest.raises(Broken) as refused:
            open_it(environment="production")

        assert refused.value.code == "KEYS_UNSAFE"

    def test_it_refuses_a_short_one(self, open_it, passphrase_file):
        passphrase_file.write_text("secret")

        with pytest.raises(Broken) as refused:
            open_it(passphrase_file=passphrase_file, environment="production")

        assert refused.value.code == "KEYS_UNSAFE"

    def test_it_refuses_keys_that_development_made(self, open_it, passphrase_file):
        open_it(passphrase_file=passphrase_file).close()

        with pytest.raises(Broken) as refused:
            open_it(passphrase_file=passphrase_file, environment="production")

        assert refused.value.code == "KEYS_FROM_DEVELOPMENT"

    def test_a_seal_that_nobody_registered_is_unknown(self, open_it, passphrase_file):
        keystore = open_it(passphrase_file=passphrase_file, environment="production")

        with pytest.raises(Rejected) as refused:
            keystore.seals.certificate(tenant_id="t", uscc=USCC, name=NAME)
        keystore.seals.ensure_seal("t", USCC, NAME)

        assert refused.value.code == "SEAL_UNKNOWN"
        assert keystore.seals.certificate(tenant_id="t", uscc=USCC, name=NAME)


def test_the_anchors_are_exported_as_a_verifier_takes_them(keystore, tmp_path):
    keystore.export_trust(tmp_path / "trust")

    root = x509.load_pem_x509_certificate((tmp_path / "trust/ca/root.pem").read_bytes())
    policy = (tmp_path / "trust/log/policy").read_text()

    assert root.public_bytes(Encoding.DER) == keystore.pki_file("root.cer")
    assert policy == f"log {keystore.log_key.vkey}\nquorum none\n"


def test_the_log_key_signs_what_its_public_half_confirms(keystore):
    signature = keystore.sign_log(b"a checkpoint\n")

    assert VerifierKey.from_vkey(keystore.log_key.vkey).is_signature(signature, b"a checkpoint\n")


def test_secrets_are_lasting_and_apart(open_it):
    first = open_it()
    links, cookies = first.secret("links"), first.secret("cookies")
    other = open_it("other")

    assert open_it().secret("links") == links
    assert len({links, cookies, other.secret("links")}) == 3
    assert len(links) == 32


def test_pki_files_are_those_that_certificates_point_to(keystore):
    seal = keystore.seals.certificate(tenant_id="t", uscc=USCC, name=NAME)
    certificate = x509.load_der_x509_certificate(seal[0])
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    url = points[0].full_name[0].value

    crl = x509.load_der_x509_crl(keystore.pki_file(url.removeprefix(URL + "/pki/")))

    assert crl.issuer == certificate.issuer
    assert keystore.pki_file("../private/root.key.pem") is None


_START = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from signing.keystore.keystore import open_keystore
    clock = lambda: datetime.now(UTC)
    with open_keystore(Path(sys.argv[1]), None, clock, "http://x", "development") as keystore:
        print(keystore.log_key.vkey, keystore.secret("x").hex())
"""


def test_two_processes_that_start_together_make_one_set_of_keys(tmp_path):
    script = textwrap.dedent(_START)
    command = [sys.executable, "-c", script, str(tmp_path / "keys")]

    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    outputs = [start.communicate(timeout=60)[0] for start in starts]

    assert all(start.returncode == 0 for start in starts)
    assert len(set(outputs)) == 1
    assert outputs[0].strip()


def test_a_worker_forked_from_the_server_has_a_key_process_of_its_own(keystore):
    keystore.sign_log(b"before")
    read_end, write_end = os.pipe()

    child = os.fork()
    if child == 0:
        try:
            os.write(write_end, keystore.sign_log(b"in the child"))
            keystore.close()
        finally:
            os._exit(0)
    os.close(write_end)
    signature = os.read(read_end, 64)
    os.close(read_end)
    os.waitpid(child, 0)

    assert keystore.log_key.is_signature(signature, b"in the child")
    assert keystore.log_key.is_signature(keystore.sign_log(b"after"), b"after")


def test_a_key_process_that_died_is_started_again(keystore):
    keystore.sign_log(b"before")
    keystore.keys._process.kill()
    keystore.keys._process.wait()

    assert keystore.log_key.is_signature(keystore.sign_log(b"after"), b"after")


def test_a_clock_set_back_between_two_starts_is_noticed(open_it, clock):
    open_it().timestamper.timestamp(bytes(32))
    clock.advance(minutes=-5)

    with pytest.raises(Unavailable) as refused:
        open_it().timestamper.timestamp(bytes(32))

    assert refused.value.code == "TSA_REFUSED"
