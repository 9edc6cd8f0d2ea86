import hashlib

import pytest

from pki_world import World, archive_file, sign_all
from signing.errors import Conflict
from signing.pades.archive import (
    PreparedArchive,
    archive_imprint,
    assemble_archive,
    prepare_archive,
)

ROLES = ("employer", "worker")


@pytest.fixture
def world(noon):
    return World(noon)


@pytest.fixture
def signed(world, noon):
    pdf, plan, _ = sign_all(world, ROLES, at=noon)
    return pdf, plan


@pytest.fixture
def prepared(world, signed, noon):
    return prepare_archive(*signed, world.certificates, world.crls(at=noon))


def test_certificates_and_lists_are_kept_byte_for_byte(world, prepared):
    lists = world.crls(at=world.start)

    assert all(certificate in prepared.increment for certificate in world.certificates)
    assert prepared.increment.count(b"/Length ") == len(world.certificates) + len(lists)


def test_the_same_certificate_twice_is_kept_once(world, signed, noon, prepared):
    doubled = prepare_archive(*signed, world.certificates * 2, world.crls(at=noon))

    assert doubled.increment.count(b"stream\n") == prepared.increment.count(b"stream\n")


def test_the_token_stamps_the_digest_of_the_file_itself(signed, prepared):
    whole = signed[0] + prepared.increment
    covered = whole[: prepared.contents_start - 1] + whole[prepared.contents_end + 1 :]

    assert archive_imprint(prepared) == hashlib.sha256(covered).digest()


def test_the_catalog_changes_by_the_store_alone(signed, prepared):
    before, after = signed[1].root_dictionary, prepared.plan_after.root_dictionary

    assert after.startswith(before.removesuffix(b">>"))
    assert after.removeprefix(before.removesuffix(b">>")).startswith(b"/DSS")


def test_the_archived_file_is_a_pure_function_of_the_row(world, signed, prepared, noon):
    token = world.token(archive_imprint(prepared), at=noon)

    once = assemble_archive(signed[0], prepared, token)
    again = assemble_archive(signed[0], PreparedArchive.from_json(prepared.to_json()), token)

    assert once == again
    assert once[0].startswith(signed[0])
    assert once[1].sha256 == hashlib.sha256(once[0]).hexdigest()


def test_an_archived_file_is_not_archived_again(world, signed, noon):
    archived = archive_file(world, *signed, at=noon)

    with pytest.raises(Conflict):
        prepare_archive(*archived, world.certificates, ())
