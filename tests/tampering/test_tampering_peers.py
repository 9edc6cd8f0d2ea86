"""The sound files of the suite before those programs that the second opinion does not ask."""

import catalogue
import pytest
import workshop

import peers
from byte_ranges import signed_parts
from good_files import GoodFile
from other_judges import time_of

pytest_plugins = ("plugins.worker_pages",)

SOUND = [
    attack for attack in catalogue.attacks() if attack.folder == "sound" and not attack.is_negative
]


@pytest.fixture(scope="module")
def sound_files():
    return [_sound_file(attack) for attack in SOUND]


def _sound_file(attack):
    """With the lists of the day of signing, and those of each stamp and of the day of judging."""
    shop, pdf = workshop.standard(), attack.make()
    parts = signed_parts(pdf)
    stamps = [time_of(part.container) for part in parts if part.is_timestamp]
    days = (workshop.START, *stamps, attack.at)
    crls = tuple(authority.crl(day) for day in days for authority in (shop.issuing, shop.root))
    roots = (shop.root.der,)
    return GoodFile(attack.name, pdf, attack.at, roots, crls, len(parts) - len(stamps), len(stamps))


@pytest.mark.parametrize("peer", [peers.pyhanko, peers.qpdf, peers.mutool])
def test_a_program_of_others_has_nothing_against_any_of_them(sound_files, peer):
    assert {file.name: said for file in sound_files if (said := peer(file))} == {}


def test_pkijs_verifies_every_container_token_and_document_timestamp(sound_files, node_tools):
    answer = peers.pkijs(sound_files, node_tools)

    assert answer["refusals"] == []
    assert answer["asked"] == sum(2 * file.parties + file.timestamps for file in sound_files)
