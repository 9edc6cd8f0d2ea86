import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdf_bases import make_base
from pki_world import NAMES, World, base_of, request_for, sign_all, sign_step, to_der, to_raw
from signing.errors import Broken, Conflict, Rejected
from signing.keystore import profiles
from signing.pades.finish import assemble, check_value, imprint
from signing.pades.plan import FilePlan
from signing.pades.prepare import Prepared, prepare

ROLES = ("platform", "service_provider", "worker")


@pytest.fixture
def world(noon):
    return World(noon)


@pytest.fixture
def base():
    return base_of(ROLES)


@pytest.fixture
def seal(world, noon):
    return world.signer(NAMES["platform"], at=noon, profile=profiles.SEAL)


@pytest.fixture
def prepared(base, seal, noon):
    return prepare(*base, request_for("platform", seal, at=noon, certify=True))


def test_the_byte_range_leaves_out_the_contents_and_nothing_else(base, prepared):
    whole = base[0] + prepared.increment
    hole = whole[prepared.contents_start - 1 : prepared.contents_end + 1]

    digest = hashlib.sha256(
        whole[: prepared.contents_start - 1] + whole[prepared.contents_end + 1 :]
    ).digest()

    assert hole == b"<" + b"0" * (len(hole) - 2) + b">"
    assert digest == prepared.document_digest
    numbers = b"[0 %d %d %d" % (
        prepared.contents_start - 1,
        prepared.contents_end + 1,
        len(whole) - prepared.contents_end - 1,
    )
    assert whole.count(b"/ByteRange" + numbers) == 1


def test_the_first_signature_certifies_and_the_last_one_carries_the_lock(world, noon):
    _, _, (first, second, last) = sign_all(world, ROLES, at=noon)

    certification = b"/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P 2>>"
    lock = (
        b"/TransformMethod/FieldMDP/Data 1 0 R/TransformParams"
        b"<</Type/TransformParams/V/1.2/Action/Exclude/Fields[(archive)]>>"
    )
    assert certification in first.prepared.increment
    assert b"/Perms<</DocMDP" in first.prepared.increment
    assert b"/Reference" not in second.prepared.increment
    assert lock in last.prepared.increment
    assert b"/Perms" not in second.prepared.increment + last.prepared.increment


def test_a_signature_after_the_first_cannot_certify(world, base, noon):
    step = sign_step(world, *base, "platform", at=noon)
    seal = world.signer(NAMES["service_provider"], at=noon, profile=profiles.SEAL)

    with pytest.raises(Broken):
        prepare(step.pdf, step.plan, request_for("service_provider", seal, at=noon, certify=True))


def test_a_signed_field_cannot_be_signed_again(world, base, noon):
    step = sign_step(world, *base, "platform", at=noon)
    seal = world.signer(NAMES["platform"], at=noon, profile=profiles.SEAL)

    with pytest.raises(Conflict) as refused:
        prepare(step.pdf, step.plan, request_for("platform", seal, at=noon))

    assert refused.value.code == "FIELD_FILLED"


def test_a_field_that_the_base_lacks_cannot_be_added(seal, noon):
    pdf, plan = make_base(("enterprise", "worker"))

    with pytest.raises(Broken) as refused:
        prepare(pdf, plan, request_for("platform", seal, at=noon))

    assert refused.value.code == "NO_SUCH_FIELD"


def test_a_plan_of_another_revision_is_refused(base, seal, noon):
    pdf, plan = base

    with pytest.raises(Broken) as refused:
        prepare(pdf + b"\n", plan, request_for("platform", seal, at=noon))

    assert refused.value.code == "PLAN_MISMATCH"


@pytest.mark.parametrize("fault", ["none", "root inside", "wrong order", "no DER", "too many"])
def test_a_chain_that_is_not_leaf_first_without_root_is_refused(world, base, seal, noon, fault):
    leaf, issuing = seal.chain
    chain = {
        "none": (),
        "root inside": (leaf, issuing, to_der(world.root)),
        "wrong order": (issuing, leaf),
        "no DER": (leaf, b"issuing"),
        "too many": (leaf, *[issuing] * 8),
    }[fault]

    with pytest.raises(Rejected) as refused:
        prepare(*base, replace(request_for("platform", seal, at=noon), certificates=chain))

    assert refused.value.code == "CERTIFICATE_UNUSABLE"


def test_what_waits_in_a_row_comes_back_whole(prepared):
    assert Prepared.from_json(prepared.to_json()) == prepared


def test_the_same_row_value_and_token_give_the_same_bytes(world, base, seal, prepared, noon):
    value = check_value(prepared, seal.sign(prepared.signed_attributes))
    token = world.token(imprint(value), at=noon)

    once = assemble(base[0], prepared, value, token)
    again = assemble(base[0], Prepared.from_json(prepared.to_json()), value, token)

    assert once == again


def test_the_plan_of_the_finished_file_describes_it(world, base, noon):
    step = sign_step(world, *base, "platform", at=noon, certify=True)

    assert step.plan.length == len(step.pdf)
    assert step.plan.sha256 == hashlib.sha256(step.pdf).hexdigest()
    assert step.pdf.endswith(b"startxref\n%d\n%%%%EOF\n" % step.plan.startxref)
    assert step.pdf[step.plan.startxref :].startswith(b"xref\n")
    assert FilePlan.from_json(step.plan.to_json()) == step.plan


def test_earlier_bytes_are_never_touched(world, base, noon):
    pdf, _, steps = sign_all(world, ROLES, at=noon)

    assert pdf.startswith(base[0])
    for step in steps:
        assert pdf.startswith(step.pdf)


@pytest.mark.parametrize("form", ["raw", "der"])
def test_a_value_is_taken_in_both_forms(seal, prepared, form):
    signed = seal.sign(prepared.signed_attributes)

    checked = check_value(prepared, to_raw(signed) if form == "raw" else signed)

    assert checked == signed


def test_a_value_over_the_document_digest_alone_is_refused(seal, prepared):
    with pytest.raises(Rejected) as refused:
        check_value(prepared, seal.sign(prepared.document_digest))

    assert refused.value.code == "SIGNATURE_INVALID"


def test_a_token_larger_than_was_said_is_refused_not_cut(world, base, seal, prepared, noon):
    value = check_value(prepared, seal.sign(prepared.signed_attributes))
    token = world.token(imprint(value), at=noon)
    large = token + bytes(1_500 - len(token))

    with pytest.raises(Broken) as refused:
        assemble(base[0], prepared, value, large)

    assert refused.value.code == "RESERVE_TOO_SMALL"
    assert refused.value.facts["needed"] > refused.value.facts["reserved"]


def test_a_token_of_the_size_that_was_said_always_fits(world, base, seal, noon):
    request = replace(request_for("platform", seal, at=noon), token_bytes=5_000)
    prepared = prepare(*base, request)
    value = check_value(prepared, seal.sign(prepared.signed_attributes))

    pdf, _ = assemble(base[0], prepared, value, bytes(5_000))

    assert len(pdf) == len(base[0]) + len(prepared.increment)


def test_another_base_is_never_filled(world, base, seal, prepared, noon):
    value = check_value(prepared, seal.sign(prepared.signed_attributes))
    token = world.token(imprint(value), at=noon)
    changed = base[0].replace(b"Agreement HT-2026-0001", b"Agreement HT-2026-0002")

    with pytest.raises(Broken) as refused:
        assemble(changed, prepared, value, token)

    assert refused.value.code == "PLAN_MISMATCH"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    reason=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30),
    name=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30),
)
def test_no_text_breaks_out_of_its_string(base, seal, noon, reason, name):
    request = replace(request_for("platform", seal, at=noon), reason=reason, name=name)

    prepared = prepare(*base, request)

    # The judge's grammar: the signature is the last object, and its dictionary ends where it says.
    objects = prepared.increment[: prepared.increment.rindex(b"xref\n", 0, -40)]
    assert prepared.increment.count(b" 0 obj\n") == 2
    assert objects.endswith(b">>\nendobj\n")


def test_growth_stays_within_nine_kilobytes_a_signature(world, noon):
    _, _, steps = sign_all(world, ROLES, at=noon)

    assert max(len(step.prepared.increment) for step in steps) < 8_000


def test_a_base_without_a_line_feed_at_its_end_gets_one(world, seal, noon):
    pdf, plan = base_of(ROLES)
    pdf = pdf.removesuffix(b"\n")
    plan = replace(plan, length=len(pdf), sha256=hashlib.sha256(pdf).hexdigest())

    prepared = prepare(pdf, plan, request_for("platform", seal, at=noon + timedelta(minutes=1)))

    assert prepared.increment.startswith(b"\n")
    assert prepared.increment[1:].split(b" ", 1)[0].isdigit()
