"""Six programs of other people accept every good file that the service makes.

Each kind of agreement, each custody of the enterprise's key, and each state: sealed, signed by all
(B-T), archived (B-LTA), renewed near the end of the archive timestamp's certificate.
"""

import re
from dataclasses import replace

import pytest

import peers
from good_files import KINDS, Maker
from hsm import SoftHsm

pytest_plugins = ("plugins.worker_pages",)

TOKEN = pytest.param("PKCS#11 token", marks=pytest.mark.needs("softhsm"))
ONE_BY_ONE = [peers.pyhanko, peers.openssl, peers.pdfsig, peers.qpdf, peers.mutool]
SEE_BYTES = [peers.pyhanko, peers.openssl, peers.pdfsig, peers.mutool]


@pytest.fixture(scope="module", params=["encrypted file", TOKEN, "external"])
def good_files(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("good-files")
    if request.param != "PKCS#11 token":
        return list(Maker(home, request.param).files())
    hsm = SoftHsm(tmp_path_factory.mktemp("hsm"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", str(hsm.configuration))
        return list(Maker(home, request.param, hsm.settings).files())


def test_there_is_a_file_of_each_kind_in_each_state(good_files):
    states = {tuple(file.name.split(", ")[::2]) for file in good_files}

    assert states == {
        (kind, state)
        for kind in KINDS
        for state in ("sealed", "signed by all", "archived", "renewed")
    }


@pytest.mark.parametrize("peer", ONE_BY_ONE, ids=lambda peer: peer.__name__)
def test_a_program_of_others_has_nothing_against_any_of_them(good_files, peer):
    assert {file.name: said for file in good_files if (said := peer(file))} == {}


def test_pkijs_verifies_every_container_token_and_document_timestamp(good_files, node_tools):
    answer = peers.pkijs(good_files, node_tools)

    assert answer["refusals"] == []
    assert answer["asked"] == sum(2 * file.parties + file.timestamps for file in good_files)


@pytest.mark.parametrize("peer", SEE_BYTES, ids=lambda peer: peer.__name__)
def test_the_same_program_does_notice_a_flipped_bit(good_files, peer):
    assert peer(flipped(good_files[-1]))


def test_pkijs_does_notice_a_flipped_bit(good_files, node_tools):
    file = flipped(good_files[-1])

    answer = peers.pkijs([file], node_tools)

    signed_or_stamped_whole = file.parties + file.timestamps
    assert len(answer["refusals"]) == signed_or_stamped_whole


def flipped(file):
    """Another height for a page, which every signature covers."""
    pdf = bytearray(file.pdf)
    pdf[re.search(rb"/MediaBox ?\[0 0 ", pdf).end()] ^= 1
    return replace(file, pdf=bytes(pdf))
