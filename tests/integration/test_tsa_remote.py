"""A TSA behind an address: `openssl ts` as a real stranger, and one that fails in every way (C10).

What must hold whatever it does: no signature without a token, the value kept, asked again.
"""

import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from custody_desk import Desk
from signing.domain.verdict import Indication
from signing.errors import Unavailable
from signing.keystore import breaker
from signing.keystore.files import KeyFolder
from signing.keystore.remote_tsa import RemoteTimestamper
from signing.pades.tst import token_info
from tsa_doubles import FailingTsa, OpenSslTsa, served

IMPRINT = bytes(range(32))
MODES = {
    "down": "TSA_AWAY",
    "slow": "TSA_AWAY",
    "wrong nonce": "TSA_NONCE",
    "wrong hash": "TSA_IMPRINT",
    "expired certificate": "TSA_TIME",
    "time +1 d": "TSA_TIME",
    "garbage": "TSA_MALFORMED",
    "endless answer": "TSA_AWAY",
    "endless drip": "TSA_AWAY",
    "broken off": "TSA_AWAY",
    "redirect": "TSA_AWAY",
    "error": "TSA_AWAY",
    "page": "TSA_AWAY",
    "refusal": "TSA_REFUSED",
    "stranger": "TSA_UNTRUSTED",
}
C10 = list(MODES)[:8]


class Seconds:
    """Monotonic seconds that a test moves."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def folder(tmp_path):
    folder = KeyFolder(tmp_path / "keys")
    folder.prepare()
    (folder.trust / "tsa").mkdir(parents=True)
    return folder


@pytest.fixture
def tsa(clock):
    return FailingTsa(clock)


def trust(folder, tsa):
    for number, anchor in enumerate(tsa.anchors):
        path = folder.trust / "tsa" / f"licensed-{number}.pem"
        path.write_bytes(anchor.public_bytes(Encoding.PEM))


@pytest.fixture
def ask(folder, tsa, clock, seconds):
    """A timestamper with little patience, and the server that it asks."""
    trust(folder, tsa)
    with served(tsa) as server:
        timestamper = RemoteTimestamper(
            server.url, folder=folder, clock=clock, monotonic=seconds, seconds=0.5
        )
        timestamper.server = server
        yield timestamper


def refusal(timestamper, mode):
    tsa = timestamper.server.tsa
    tsa.mode = mode
    if mode == "down":
        timestamper.server.socket.close()
    with pytest.raises(Unavailable) as refused:
        timestamper.timestamp(IMPRINT)
    return refused.value


@pytest.mark.parametrize(("mode", "code"), MODES.items())
def test_whatever_is_wrong_is_unavailable_and_soon(ask, mode, code):
    began = time.monotonic()

    refused = refusal(ask, mode)

    assert refused.code == code
    assert "签名已保存" in refused.message_zh
    assert time.monotonic() - began < 1.5


def test_an_endless_answer_is_read_to_the_limit_and_no_further(ask):
    refusal(ask, "endless answer")

    assert ask.server.sent < 16 * 1024 * 1024, "what was sent lies in the buffers of two sockets"


def test_a_good_answer_is_the_token_itself(ask, noon):
    made = ask.timestamp(IMPRINT)

    info = token_info(made)
    assert (info.imprint, info.gen_time) == (IMPRINT, noon)
    assert len(made) <= ask.token_bytes <= len(made) + 2_048


def test_room_for_tokens_outlives_a_restart(ask, folder, clock, seconds):
    before = ask.token_bytes
    made = ask.timestamp(IMPRINT)

    again = RemoteTimestamper(ask.server.url, folder=folder, clock=clock, monotonic=seconds)

    assert before == 8_192
    assert again.token_bytes == len(made) + 2_048


def test_three_failures_spare_the_next_thirty_seconds(ask, seconds, tsa):
    for _ in range(breaker.FAILURES):
        refusal(ask, "wrong nonce")
    asked = tsa.asked

    paused = refusal(ask, "good")
    seconds.now += breaker.PAUSE_SECONDS
    made = ask.timestamp(IMPRINT)

    assert (paused.code, asked) == ("TSA_PAUSED", breaker.FAILURES)
    assert token_info(made).imprint == IMPRINT
    assert ask.timestamp(IMPRINT), "closed again after one success"


def test_one_more_failure_after_the_pause_opens_it_again(ask, seconds):
    for _ in range(breaker.FAILURES):
        refusal(ask, "wrong hash")
    seconds.now += breaker.PAUSE_SECONDS
    tried = refusal(ask, "wrong hash")

    paused = refusal(ask, "good")

    assert (tried.code, paused.code) == ("TSA_IMPRINT", "TSA_PAUSED")


# --- with `openssl ts` on the other side ----------------------------------------------------------


@pytest.fixture(scope="module")
def openssl_tsa(tmp_path_factory):
    with served(OpenSslTsa(tmp_path_factory.mktemp("openssl"))) as server:
        yield server


def now():
    return datetime.now(UTC)


def test_a_token_of_openssl_is_taken_only_under_its_anchor(folder, openssl_tsa):
    timestamper = RemoteTimestamper(
        openssl_tsa.url, folder=folder, clock=now, monotonic=time.monotonic
    )

    with pytest.raises(Unavailable) as refused:
        timestamper.timestamp(IMPRINT)
    (folder.trust / "tsa" / "national.pem").write_bytes(openssl_tsa.tsa.anchor)
    made = timestamper.timestamp(IMPRINT)

    assert refused.value.code == "TSA_UNTRUSTED"
    assert abs(token_info(made).gen_time - now()) < timedelta(seconds=10)
    assert len(token_info(made).certificates) == 2


def test_an_agreement_stamped_by_openssl_throughout_is_sound(tmp_path, openssl_tsa):
    desk = Desk(tmp_path, now, settings={"SIGNING_TSA_URL": openssl_tsa.url})
    anchor = desk.keystore.folder.trust / "tsa" / "national.pem"
    anchor.write_bytes(openssl_tsa.tsa.anchor)
    try:
        verdict = desk.verdict(desk.completed())
    finally:
        desk.close()

    assert verdict.indication is Indication.TOTAL_PASSED, verdict.findings
    assert [stamp.tsa for stamp in verdict.timestamps] == ["Time"] * 3


# --- C10: what a failing TSA does to an agreement -------------------------------------------------


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """A desk whose TSA a test makes fail: `desk`, `tsa`, `server`."""

    class Standing:
        now = datetime(2026, 12, 1, 4, tzinfo=UTC)

        def clock(self):
            return self.now

    standing = Standing()
    standing.seconds = Seconds()
    standing.tsa = FailingTsa(standing.clock)
    home = tmp_path_factory.mktemp("standing")
    folder = KeyFolder(home / "keys")
    folder.prepare()
    with served(standing.tsa) as server:
        timestamper = RemoteTimestamper(
            server.url, folder=folder, clock=standing.clock, monotonic=standing.seconds, seconds=0.5
        )
        standing.timestamper, standing.url = timestamper, server.url
        standing.desk = Desk(home, standing.clock, timestamper=timestamper)
        trust(folder, standing.tsa)
        yield standing
        standing.desk.close()


@pytest.mark.parametrize("mode", C10)
def test_no_signature_without_a_token_the_value_kept_and_used(standing, mode):
    desk, tsa = standing.desk, standing.tsa
    standing.seconds.now += breaker.PAUSE_SECONDS
    if mode == "down":
        standing.timestamper._endpoint = replaced(standing, "http://127.0.0.1:9/tsa")
    tsa.mode = mode

    agreement_id = desk.create()
    party = desk.enterprise(agreement_id)
    value = desk.open_intent(party.id).value

    assert party.signed_at is None
    assert desk.waits_with_a_value(party.id)
    assert (
        desk.agreement(agreement_id).revision_sha256 == desk.agreement(agreement_id).document_sha256
    )

    tsa.mode = "good"
    standing.timestamper._endpoint = replaced(standing, standing.url)
    standing.seconds.now += breaker.PAUSE_SECONDS
    standing.now += timedelta(seconds=6)
    desk.run_due()

    party = desk.enterprise(agreement_id)
    assert party.signed_at == standing.now
    assert value.hex().encode() in desk.document(agreement_id)
    assert desk.verdict(agreement_id).signatures[0].indication is Indication.TOTAL_PASSED


def replaced(standing, url):
    """The endpoint at another address."""
    return type(standing.timestamper._endpoint)(url, 0.5, 65_536)
