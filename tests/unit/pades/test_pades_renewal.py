import pytest

from pki_world import World, archive_file, renew_file, sign_all
from signing.errors import Broken, Conflict
from signing.pades import reader
from signing.pades.renewal import prepare_renewal

ROLES = ("employer", "worker")


@pytest.fixture
def world(noon):
    return World(noon)


@pytest.fixture
def archived(world, noon):
    pdf, plan, _ = sign_all(world, ROLES, at=noon)
    return archive_file(world, pdf, plan, at=noon)


def test_each_renewal_brings_a_field_of_its_own(world, archived, noon):
    once = renew_file(world, *archived, at=noon.replace(year=2035))
    twice = renew_file(world, *once, at=noon.replace(year=2044))

    assert set(twice[1].fields) == {*ROLES, "archive", "renewal-2", "renewal-3"}
    assert twice[0].startswith(once[0])
    assert once[0].startswith(archived[0])


def test_the_store_keeps_what_it_had_and_gains_what_is_new(world, archived, noon):
    before = archived[0].count(b"\nstream\n")
    pdf, plan = renew_file(world, *archived, at=noon.replace(year=2035))

    store = plan.root_dictionary.partition(b"/DSS ")[2].split()[0]
    body = reader.object_body(pdf, plan.startxref, int(store))

    assert pdf.count(b"\nstream\n") == before + 2  # two lists of that day, no certificate again
    assert body.count(b" 0 R") == 3 + 2 + 2


def test_a_file_without_an_archive_timestamp_has_nothing_to_renew(world, noon):
    pdf, plan, _ = sign_all(world, ROLES, at=noon)

    with pytest.raises(Conflict) as refused:
        prepare_renewal(pdf, plan, world.certificates, ())

    assert refused.value.code == "NOT_ARCHIVED"


@pytest.mark.parametrize("number", [0, 10_000])
def test_an_object_that_no_table_knows_is_our_own_fault(archived, number):
    pdf, plan = archived

    with pytest.raises(Broken):
        reader.object_body(pdf, plan.startxref, number)


def test_the_newest_object_of_a_number_is_read(archived):
    pdf, plan = archived

    assert reader.object_body(pdf, plan.startxref, plan.root_number) == plan.root_dictionary
    for field in plan.fields.values():
        assert reader.object_body(pdf, plan.startxref, field.number) == field.dictionary
