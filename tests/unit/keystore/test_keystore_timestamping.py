from datetime import timedelta

import pytest
from asn1crypto import cms, core, tsp
from hypothesis import given, settings
from hypothesis import strategies as st

from pki_world import World, make_key, to_der
from signing.errors import Unavailable
from signing.keystore.timestamping import BuiltInTimestamper, TimestampingUnit
from signing.pades import der, token
from signing.pades.vocabulary import RESERVE_TOKEN

IMPRINT = bytes(range(32))


@pytest.fixture
def world(noon):
    return World(noon)


@pytest.fixture
def unit(world, clock):
    return TimestampingUnit(
        certificate=to_der(world.tsa), key=world.tsa_key, clock=clock, last_file=None
    )


def status_of(response: bytes) -> tsp.PKIStatusInfo:
    """The status; asn1crypto would ask for a token even in a refusal."""
    first, *_ = der.children(der.read_one(response))
    return tsp.PKIStatusInfo.load(first.raw, strict=True)


def refusal_of(response: bytes) -> set[str]:
    assert status_of(response)["status"].native == "rejection"
    assert len(der.children(der.read_one(response))) == 1
    return status_of(response)["fail_info"].native


def request(**changed) -> bytes:
    """A TimeStampReq by another hand than ours."""
    fields = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": IMPRINT,
        },
        "nonce": 5,
        "cert_req": True,
    } | changed
    return tsp.TimeStampReq({k: v for k, v in fields.items() if v is not None}).dump()


def test_an_independent_parser_finds_what_rfc_3161_asks_for(unit, world, noon):
    response = tsp.TimeStampResp.load(unit.respond(request()), strict=True)
    data = response["time_stamp_token"]["content"]
    info = data["encap_content_info"]["content"].parsed

    assert response["status"]["status"].native == "granted"
    assert data["version"].native == "v3"
    assert info["version"].native == "v1"
    assert info["message_imprint"]["hashed_message"].native == IMPRINT
    assert info["nonce"].native == 5
    assert info["gen_time"].native == noon
    assert info["accuracy"]["seconds"].native == 1
    assert info["ordering"].native is False
    assert info["serial_number"].native.bit_length() == 127
    assert [c.chosen.dump() for c in data["certificates"]] == [to_der(world.tsa)]
    assert len(unit.respond(request())) <= 4_096


def test_serial_numbers_differ_and_the_certificate_is_left_out_unless_asked_for(unit):
    first, second = (
        tsp.TimeStampResp.load(unit.respond(request(cert_req=None, nonce=None))) for _ in range(2)
    )

    datas = [r["time_stamp_token"]["content"] for r in (first, second)]
    serials = {d["encap_content_info"]["content"].parsed["serial_number"].native for d in datas}

    assert len(serials) == 2
    assert all(d["certificates"].native is None for d in datas)
    assert datas[0]["encap_content_info"]["content"].parsed["nonce"].native is None


@pytest.mark.parametrize(
    ("failure", "asked"),
    [
        ("bad_data_format", b""),
        ("bad_data_format", b"\x30\x80\x00\x00"),
        ("bad_data_format", b"GET / HTTP/1.1"),
        ("bad_request", bytes(5_000)),
        ("bad_request", request(version=2)),
        (
            "bad_alg",
            request(
                message_imprint={
                    "hash_algorithm": {"algorithm": "sha1"},
                    "hashed_message": bytes(20),
                }
            ),
        ),
        (
            "bad_data_format",
            request(
                message_imprint={
                    "hash_algorithm": {"algorithm": "sha256"},
                    "hashed_message": bytes(20),
                }
            ),
        ),
        ("unaccepted_policy", request(req_policy="1.2.3.4")),
        (
            "unaccepted_extensions",
            request(
                extensions=[
                    {
                        "extn_id": "1.2.3",
                        "critical": False,
                        "extn_value": core.OctetString(b"\x05\x00"),
                    }
                ]
            ),
        ),
    ],
)
def test_what_cannot_be_stamped_is_refused_with_its_reason(unit, failure, asked):
    assert refusal_of(unit.respond(asked)) == {failure}


def test_time_that_steps_back_is_not_given_out(unit, clock):
    unit.respond(request())
    clock.advance(seconds=-2)

    assert refusal_of(unit.respond(request())) == {"time_not_available"}

    clock.advance(seconds=3)
    assert status_of(unit.respond(request()))["status"].native == "granted"


@settings(max_examples=200)
@given(data=st.data())
def test_whatever_comes_the_answer_is_a_response(data):
    asked = bytearray(request())
    for _ in range(data.draw(st.integers(0, 4))):
        asked[data.draw(st.integers(0, len(asked) - 1))] = data.draw(st.integers(0, 255))

    response = _unit().respond(bytes(asked))

    assert status_of(response)["status"].native in ("granted", "rejection")


def _unit():
    from datetime import UTC, datetime  # noqa: PLC0415  (hypothesis and function fixtures do not mix)

    noon = datetime(2026, 12, 1, 4, tzinfo=UTC)
    world = World(noon)
    return TimestampingUnit(
        certificate=to_der(world.tsa), key=world.tsa_key, clock=lambda: noon, last_file=None
    )


def test_the_service_checks_its_own_tsa_as_a_strangers(unit, world, clock):
    trusted = BuiltInTimestamper(unit, anchors=[to_der(world.root)], clock=clock)
    stranger = World(world.start, name="stranger")
    distrusted = BuiltInTimestamper(unit, anchors=[to_der(stranger.root)], clock=clock)

    made = trusted.timestamp(IMPRINT)

    assert token.token_info(made).imprint == IMPRINT
    with pytest.raises(Unavailable):
        distrusted.timestamp(IMPRINT)


def test_no_token_is_larger_than_was_said(unit, world, clock):
    timestamper = BuiltInTimestamper(unit, anchors=[to_der(world.root)], clock=clock)

    sizes = {len(timestamper.timestamp(IMPRINT)) for _ in range(200)}

    assert max(sizes) <= timestamper.token_bytes <= RESERVE_TOKEN


def test_a_unit_over_another_key_than_its_certificate_makes_no_token_that_passes(world, clock):
    wrong = TimestampingUnit(
        certificate=to_der(world.tsa), key=make_key("other"), clock=clock, last_file=None
    )
    timestamper = BuiltInTimestamper(wrong, anchors=[to_der(world.root)], clock=clock)

    with pytest.raises(Unavailable) as refused:
        timestamper.timestamp(IMPRINT)

    assert refused.value.code == "TSA_SIGNATURE"


def test_a_year_later_the_unit_still_stamps(unit, clock):
    clock.advance(days=365)

    response = unit.respond(request())

    info = token.token_info(token.read_response(response))
    assert info.gen_time == clock()
    assert clock() + timedelta(days=1) > info.gen_time
    assert cms.ContentInfo.load(der.children(der.read_one(response))[1].raw)["content_type"].native
