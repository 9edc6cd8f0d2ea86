import os
import shutil

import pytest
import workshop

from signing.errors import Malformed, NotFound
from signing.verification.trust import load_trust, trust_from


@pytest.fixture
def folder(trust_folder, tmp_path):
    """A trust folder of one's own, to be bent."""
    copy = tmp_path / "trust"
    shutil.copytree(trust_folder, copy)
    return copy


def test_a_folder_gives_anchors_lists_and_the_policy(folder):
    shop = workshop.standard()
    (folder / "ca" / "issuing.crl").write_bytes(shop.issuing.crl())

    trust = load_trust(folder)

    assert [anchor.der for anchor in trust.ca] == [shop.root.der]
    assert [anchor.der for anchor in trust.tsa] == [shop.root.der]
    assert len(trust.crls) == 1
    assert trust.log_policy.startswith(b"log ")


def test_the_log_policy_may_be_absent(folder):
    shutil.rmtree(folder / "log")

    assert load_trust(folder).log_policy is None


def test_a_missing_folder_says_how_to_make_one(tmp_path):
    with pytest.raises(NotFound) as refusal:
        load_trust(tmp_path / "none")

    assert refusal.value.code == "TRUST_MISSING"
    assert "export-trust" in refusal.value.message_zh


@pytest.mark.parametrize("name", ["ca", "tsa"])
def test_a_folder_without_anchors_is_refused(folder, name):
    shutil.rmtree(folder / name)

    with pytest.raises(NotFound) as refusal:
        load_trust(folder)

    assert refusal.value.code == "TRUST_EMPTY"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("ca/broken.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("ca/empty.pem", b""),
        ("tsa/text.pem", b"hello"),
        ("ca/broken.crl", b"hello"),
        ("ca/pem.crl", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
        ("ca/large.pem", b"x" * 1_100_000),
        ("log/policy", b"lug x\nquorum none\n"),
        ("log/policy", b""),
    ],
)
def test_a_file_that_cannot_be_read_is_named(folder, path, content):
    (folder / path).write_bytes(content)

    with pytest.raises(Malformed) as refusal:
        load_trust(folder)

    assert refusal.value.code == "TRUST_MALFORMED"
    assert path.rpartition("/")[2] in refusal.value.message_zh


def test_anchors_at_hand_are_read_or_refused():
    root = workshop.standard().root.der

    assert trust_from(ca=(root,)).ca[0].der == root
    with pytest.raises(Malformed):
        trust_from(ca=(b"0",))
    with pytest.raises(Malformed):
        trust_from(crls=(b"0",))


@pytest.mark.parametrize("path", ["ca/pipe.pem", "log/policy"])
def test_a_pipe_in_the_folder_is_not_waited_for(folder, path):
    (folder / path).unlink(missing_ok=True)
    os.mkfifo(folder / path)

    with pytest.raises(Malformed):
        load_trust(folder)
