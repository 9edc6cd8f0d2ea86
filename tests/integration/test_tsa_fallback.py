"""Two TSAs: the second answers where the first fails in any known way (T24, C10)."""

import time
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from custody_desk import Desk
from signing.config import BadSettings, Config
from signing.domain.verdict import Indication
from signing.errors import Unavailable
from signing.keystore.fallback import FallbackTimestamper
from signing.keystore.files import KeyFolder
from signing.keystore.remote_tsa import RemoteTimestamper
from signing.pades.tst import token_info
from tsa_doubles import FailingTsa, OpenSslTsa, served

IMPRINT = bytes(range(32))
FAILURES = {
    "down": "TSA_AWAY",
    "slow": "TSA_AWAY",
    "wrong nonce": "TSA_NONCE",
    "wrong hash": "TSA_IMPRINT",
    "expired certificate": "TSA_TIME",
    "time +1 d": "TSA_TIME",
    "garbage": "TSA_MALFORMED",
    "endless answer": "TSA_AWAY",
}


def now():
    return datetime.now(UTC)


@pytest.fixture
def pair(tmp_path, clock):
    """Two TSAs under one anchor, and the timestamper that asks the first one first."""
    folder = KeyFolder(tmp_path / "keys")
    folder.prepare()
    (folder.trust / "tsa").mkdir(parents=True)
    first, second = FailingTsa(clock), FailingTsa(clock)
    for number, anchor in enumerate(first.anchors):
        path = folder.trust / "tsa" / f"licensed-{number}.pem"
        path.write_bytes(anchor.public_bytes(Encoding.PEM))
    with served(first) as one, served(second) as other:
        tsas = [
            RemoteTimestamper(
                server.url, folder=folder, clock=clock, monotonic=time.monotonic, seconds=0.5
            )
            for server in (one, other)
        ]
        timestamper = FallbackTimestamper(tsas)
        timestamper.first, timestamper.second = one, other
        yield timestamper


def fail(server, mode):
    server.tsa.mode = mode
    if mode == "down":
        server.socket.close()


@pytest.mark.parametrize("mode", FAILURES)
def test_whatever_is_wrong_with_the_first_the_second_stamps(pair, mode, noon):
    fail(pair.first, mode)

    made = pair.timestamp(IMPRINT)

    assert (token_info(made).imprint, token_info(made).gen_time) == (IMPRINT, noon)
    assert pair.second.tsa.asked == 1
    assert len(made) <= pair.token_bytes


def test_as_long_as_the_first_answers_the_second_is_not_asked(pair):
    for _ in range(3):
        pair.timestamp(IMPRINT)

    assert (pair.first.tsa.asked, pair.second.tsa.asked) == (3, 0)


def test_a_first_one_that_is_away_is_spared_and_the_second_answers_at_once(pair):
    fail(pair.first, "slow")
    for _ in range(3):
        pair.timestamp(IMPRINT)

    began = time.monotonic()
    pair.timestamp(IMPRINT)

    assert time.monotonic() - began < 0.4
    assert pair.second.tsa.asked == 4


@pytest.mark.parametrize(("mode", "code"), FAILURES.items())
def test_if_both_fail_the_first_ones_reason_is_told(pair, mode, code):
    fail(pair.first, mode)
    fail(pair.second, "refusal")

    with pytest.raises(Unavailable) as refused:
        pair.timestamp(IMPRINT)

    assert refused.value.code == code


# --- with `openssl ts` on both sides --------------------------------------------------------------


def test_an_agreement_is_stamped_by_the_second_openssl_while_the_first_is_broken(tmp_path):
    folders = [tmp_path / name for name in ("broken", "sound")]
    for folder in folders:
        folder.mkdir()
    broken, sound = map(OpenSslTsa, folders)
    with served(broken) as first, served(sound) as second:
        settings = {"SIGNING_TSA_URL": f"{first.url}, {second.url}"}
        desk = Desk(tmp_path / "home", now, settings=settings)
        for name, tsa in (("first", broken), ("second", sound)):
            (desk.keystore.folder.trust / "tsa" / f"{name}.pem").write_bytes(tsa.anchor)
        (broken.folder / "tsa.key").unlink()
        try:
            agreement_id = desk.completed()
            verdict = desk.verdict(agreement_id)
        finally:
            desk.close()

    assert verdict.indication is Indication.TOTAL_PASSED, verdict.findings
    assert len(verdict.timestamps) == 3
    assert int((sound.folder / "serial").read_text(), 16) > 3
    assert int((broken.folder / "serial").read_text(), 16) == 1


# --- the setting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "urls"),
    [
        ("", ()),
        ("http://a/tsa", ("http://a/tsa",)),
        (" http://a/tsa/ , https://b ", ("http://a/tsa", "https://b")),
    ],
)
def test_none_one_or_two_addresses(given, urls):
    assert Config.from_env({"SIGNING_TSA_URL": given}).tsa_urls == urls


@pytest.mark.parametrize(
    "given", ["http://a,http://b,http://c", "http://a,http://a/", "http://a,b", "http://[::1"]
)
def test_what_is_not_one_or_two_addresses_stops_the_start(given):
    with pytest.raises(BadSettings, match="SIGNING_TSA_URL"):
        Config.from_env({"SIGNING_TSA_URL": given})
