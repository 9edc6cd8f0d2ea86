from datetime import timedelta

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from pki_world import World, make_key, to_der
from signing.errors import Malformed, Unavailable
from signing.keystore import profiles
from signing.keystore.timestamping import TimestampingUnit
from signing.pades import cms, der, token, vocabulary

IMPRINT = bytes(range(32))
NONCE = 2**63 + 5


@pytest.fixture
def world(noon):
    return World(noon)


@pytest.fixture
def check(world, noon):
    def check(made, **changed):
        expected = {
            "imprint": IMPRINT,
            "nonce": NONCE,
            "now": noon,
            "anchors": [to_der(world.root)],
        } | changed
        return token.check_token(made, **expected)

    return check


def test_a_request_asks_for_the_certificate_and_names_hash_and_nonce():
    asked = tsp.TimeStampReq.load(token.request(IMPRINT, nonce=NONCE, policy="1.2.3"), strict=True)

    assert asked["version"].native == "v1"
    assert asked["message_imprint"]["hash_algorithm"]["algorithm"].native == "sha256"
    assert asked["message_imprint"]["hashed_message"].native == IMPRINT
    assert asked["nonce"].native == NONCE
    assert asked["req_policy"].native == "1.2.3"
    assert asked["cert_req"].native is True


def test_a_sound_token_says_when_by_whom_and_over_what(world, check, noon):
    made = world.token(IMPRINT, at=noon, nonce=NONCE)

    info = check(made)

    assert info.gen_time == noon
    assert info.imprint == IMPRINT
    assert info.policy == vocabulary.OID_POLICY_TSA_TEST
    assert info.certificate == to_der(world.tsa)


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("TSA_IMPRINT", {"imprint": bytes(32)}),
        ("TSA_NONCE", {"nonce": NONCE + 1}),
        ("TSA_NONCE", {"nonce": None}),
        ("TSA_UNTRUSTED", {"anchors": []}),
    ],
)
def test_a_token_that_does_not_answer_our_question_is_not_stored(world, check, noon, code, changed):
    made = world.token(IMPRINT, at=noon, nonce=NONCE)

    with pytest.raises(Unavailable) as refused:
        check(made, **changed)

    assert refused.value.code == code


@pytest.mark.parametrize("seconds", [-3600, -61, 61, 86_400])
def test_a_clock_more_than_a_minute_away_is_not_believed(world, check, noon, seconds):
    made = world.token(IMPRINT, at=noon + timedelta(seconds=seconds), nonce=NONCE)

    with pytest.raises(Unavailable) as refused:
        check(made)

    assert refused.value.code == "TSA_TIME"


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_a_clock_within_a_minute_is_believed(world, check, noon, seconds):
    made = world.token(IMPRINT, at=noon + timedelta(seconds=seconds), nonce=NONCE)

    assert check(made).imprint == IMPRINT


def test_a_token_after_the_end_of_its_certificate_is_not_stored(world, check):
    late = world.tsa.not_valid_after_utc + timedelta(seconds=1)
    made = world.token(IMPRINT, at=late, nonce=NONCE)

    with pytest.raises(Unavailable) as refused:
        check(made, now=late)

    assert refused.value.code == "TSA_TIME"


def test_a_tsa_of_another_root_with_the_same_names_is_untrusted(check, noon):
    made = World(noon, name="stranger").token(IMPRINT, at=noon, nonce=NONCE)

    with pytest.raises(Unavailable) as refused:
        check(made)

    assert refused.value.code == "TSA_UNTRUSTED"


@pytest.mark.parametrize("fault", ["not critical", "one more purpose", "none"])
def test_a_certificate_that_may_do_more_than_stamp_time_is_refused(world, check, noon, fault):
    purposes = [x509.ExtendedKeyUsageOID.TIME_STAMPING]
    if fault == "one more purpose":
        purposes.append(x509.ExtendedKeyUsageOID.EMAIL_PROTECTION)
    builder = (
        x509.CertificateBuilder()
        .subject_name(profiles.subject_name("TEST time"))
        .issuer_name(world.root.subject)
        .public_key(make_key("tsa").public_key())
        .serial_number(77)
        .not_valid_before(noon - timedelta(days=1))
        .not_valid_after(noon + timedelta(days=1))
    )
    if fault != "none":
        usage = x509.ExtendedKeyUsage(purposes)
        builder = builder.add_extension(usage, critical=fault != "not critical")
    certificate = builder.sign(world.root_key, hashes.SHA256())
    unit = TimestampingUnit(
        certificate=to_der(certificate), key=make_key("tsa"), clock=lambda: noon, last_file=None
    )
    made = token.read_response(unit.respond(token.request(IMPRINT, nonce=NONCE)))

    with pytest.raises(Unavailable) as refused:
        check(made)

    assert refused.value.code == "TSA_CERTIFICATE"


def test_a_token_without_its_certificate_is_refused(world, check, noon):
    unit = TimestampingUnit(
        certificate=to_der(world.tsa), key=world.tsa_key, clock=lambda: noon, last_file=None
    )
    asked = token.request(IMPRINT, nonce=NONCE)
    without = der.sequence(*(e.raw for e in der.children(der.read_one(asked))[:-1]))
    made = token.read_response(unit.respond(without))

    with pytest.raises(Unavailable) as refused:
        check(made)

    assert refused.value.code == "TSA_CERTIFICATE"


@settings(max_examples=300)
@given(data=st.data())
def test_no_flipped_bit_gets_through(data, noon_world):
    made = bytearray(noon_world["token"])
    position = data.draw(st.integers(0, len(made) * 8 - 1))
    made[position // 8] ^= 1 << position % 8

    with pytest.raises(Unavailable):
        token.check_token(
            bytes(made),
            imprint=IMPRINT,
            nonce=NONCE,
            now=noon_world["noon"],
            anchors=[noon_world["root"]],
        )


@pytest.fixture(scope="module")
def noon_world():
    from datetime import UTC, datetime  # noqa: PLC0415  (a module fixture cannot take `noon`)

    noon = datetime(2026, 12, 1, 4, tzinfo=UTC)
    world = World(noon)
    return {
        "noon": noon,
        "root": to_der(world.root),
        "token": world.token(IMPRINT, at=noon, nonce=NONCE),
    }


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_malformed_never_a_crash(data):
    with pytest.raises(Malformed):
        token.token_info(data)
    with pytest.raises(Unavailable):
        token.read_response(data)


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5])
def test_any_status_but_granted_is_a_refusal(world, noon, status):
    made = world.token(IMPRINT, at=noon, nonce=NONCE)
    response = der.sequence(der.sequence(der.integer(status)), made)

    with pytest.raises(Unavailable) as refused:
        token.read_response(response)

    assert refused.value.code == "TSA_REFUSED"
    assert refused.value.facts["status"] == status


def test_an_endless_answer_is_not_parsed():
    with pytest.raises(Unavailable) as refused:
        token.read_response(bytes(vocabulary.MAX_TSA_RESPONSE + 1))

    assert refused.value.code == "TSA_MALFORMED"


def test_two_signers_or_a_doubled_attribute_make_no_token(world, noon):
    facts = cms.certificate_facts(to_der(world.tsa))
    made = world.token(IMPRINT, at=noon, nonce=NONCE)
    info = token.token_info(made)
    signer_info = made[made.rindex(info.signer_identifier) - 3 - 4 :]

    doubled = made.replace(signer_info, signer_info + signer_info)

    assert facts.identifier == info.signer_identifier
    with pytest.raises(Malformed):
        token.token_info(doubled)
