"""Seal keys in a PKCS#11 token, on SoftHSM 2: made there, used there, and never seen elsewhere."""

from pathlib import Path

import pytest

from custody_desk import Desk
from hsm import SoftHsm
from signing.config import BadSettings, Config
from signing.domain.agreement import Custody
from signing.domain.verdict import Indication
from signing.errors import Broken, Unavailable
from signing.keystore.keystore import open_keystore
from signing.keystore.pkcs11_keys import TokenSettings
from signing.pades import value

pytestmark = pytest.mark.needs("softhsm")

URL = "http://127.0.0.1:8000"
USCC = "91430100MAYYYY016Y"
NAME = "长沙某某网络科技有限公司"
WHO = {"tenant_id": "t", "uscc": USCC}


@pytest.fixture
def hsm(tmp_path, monkeypatch):
    folder = tmp_path / "hsm"
    folder.mkdir()
    hsm = SoftHsm(folder)
    monkeypatch.setenv("SOFTHSM2_CONF", str(hsm.configuration))  # the module reads nothing else
    return hsm


@pytest.fixture
def open_it(tmp_path, clock, hsm):
    opened = []

    def open_it(*, with_token=True, label=hsm.label):
        settings = TokenSettings(hsm.module, label, hsm.pin_file) if with_token else None
        keystore = open_keystore(tmp_path / "keys", None, clock, URL, "development", token=settings)
        opened.append(keystore)
        return keystore

    yield open_it
    for keystore in opened:
        keystore.close()


@pytest.fixture
def seals(open_it):
    return open_it().seals


def key_files(tmp_path):
    return sorted((tmp_path / "keys" / "private" / "seals").glob("*.key.pem"))


def test_a_seal_made_in_the_token_signs_under_its_certificate(seals):
    chain = seals.certificate(**WHO, name=NAME)

    signature = seals.sign(**WHO, data=b"attributes")

    assert value.verified(chain[0], b"attributes", signature) == signature
    assert seals.certificate(**WHO, name=NAME) == chain


def test_the_key_file_is_an_address_and_holds_no_key(seals, tmp_path):
    seals.certificate(**WHO, name=NAME)

    (key_file,) = key_files(tmp_path)

    assert key_file.read_bytes().startswith(b"pkcs11:token=seals;object=seal-")


def test_whoever_has_token_and_pin_still_gets_no_key(seals, hsm):
    seals.certificate(**WHO, name=NAME)

    attempts = {attempt: answer for _, attempt, answer in hsm.stolen()}

    assert attempts == {
        "read": "AttributeSensitive",
        "wrap": "KeyUnextractable",
        "make extractable": "AttributeReadOnly",
        "make readable": "AttributeReadOnly",
    }


def test_the_same_token_serves_again_after_a_restart(open_it):
    first = open_it()
    chain = first.seals.certificate(**WHO, name=NAME)
    first.close()

    signature = open_it().seals.sign(**WHO, data=b"x")

    assert value.verified(chain[0], b"x", signature)


def test_a_seal_from_before_the_token_keeps_its_file_until_its_successor(open_it, clock, tmp_path):
    old = open_it(with_token=False).seals.certificate(**WHO, name=NAME)
    seals = open_it().seals
    signature = seals.sign(**WHO, data=b"x")
    clock.advance(days=2 * 365 - 29)

    new = seals.certificate(**WHO, name=NAME)

    assert value.verified(old[0], b"x", signature)
    assert value.verified(new[0], b"y", seals.sign(**WHO, data=b"y"))
    heads = [path.read_bytes()[:7] for path in key_files(tmp_path)]
    assert heads == [b"-----BE", b"pkcs11:"]


def test_a_token_that_is_away_leaves_nothing_half_made(seals, hsm, tmp_path):
    hsm.take_away()

    with pytest.raises(Unavailable) as refused:
        seals.certificate(**WHO, name=NAME)
    left = key_files(tmp_path)
    hsm.bring_back()
    chain = seals.certificate(**WHO, name=NAME)

    assert refused.value.code == "TOKEN_AWAY"
    assert left == []
    assert value.verified(chain[0], b"x", seals.sign(**WHO, data=b"x"))


def test_a_token_lost_between_two_signatures_is_found_again(seals, hsm):
    chain = seals.certificate(**WHO, name=NAME)
    hsm.take_away()

    with pytest.raises(Unavailable) as refused:
        seals.sign(**WHO, data=b"x")
    hsm.bring_back()
    signature = seals.sign(**WHO, data=b"x")

    assert refused.value.code == "TOKEN_AWAY"
    assert value.verified(chain[0], b"x", signature)


def test_a_session_that_died_is_opened_again_unnoticed(open_it):
    keystore = open_it()
    chain = keystore.seals.certificate(**WHO, name=NAME)
    keystore.token._process._process.kill()
    keystore.token._process._process.wait()

    signature = keystore.seals.sign(**WHO, data=b"x")

    assert value.verified(chain[0], b"x", signature)


def test_a_refused_pin_is_offered_once_by_whatever_process_until_it_changes(open_it, hsm, tmp_path):
    chain = open_it().seals.certificate(**WHO, name=NAME)
    hsm.write_pin("000000")

    codes = []
    for keystore in (open_it(), open_it()):
        for _ in range(3):
            with pytest.raises(Unavailable) as refused:
                keystore.seals.sign(**WHO, data=b"x")
            codes.append((refused.value.code, keystore.token._process._process))
    refusals = (tmp_path / "keys" / "private" / "pin.refused").read_bytes()
    hsm.write_pin("471193")
    signature = keystore.seals.sign(**WHO, data=b"x")

    assert codes == [("TOKEN_PIN_REFUSED", None)] * 6
    assert refusals
    assert "PIN" in refused.value.message_zh
    assert value.verified(chain[0], b"x", signature)


def test_a_pin_that_others_may_read_stops_the_start(open_it, hsm):
    hsm.pin_file.chmod(0o640)

    with pytest.raises(Broken) as refused:
        open_it()

    assert refused.value.code == "KEYS_UNSAFE"


def test_a_key_that_the_token_no_longer_has_is_broken_not_away(seals, hsm):
    seals.certificate(**WHO, name=NAME)
    hsm.run("--delete-token", "--token", hsm.label)
    hsm.run("--init-token", "--free", "--label", hsm.label, "--pin", "471193", "--so-pin", "0000")

    with pytest.raises(Broken) as refused:
        seals.sign(**WHO, data=b"x")

    assert refused.value.code == "KEY_UNUSABLE"


def test_a_key_of_another_token_is_named_not_looked_for(open_it):
    open_it().seals.certificate(**WHO, name=NAME)

    with pytest.raises(Broken) as refused:
        open_it(label="other").seals.sign(**WHO, data=b"x")

    assert "'seals'" in refused.value.message


def test_our_settings_stay_out_of_the_process_of_a_vendors_module(open_it, monkeypatch):
    monkeypatch.setenv("SIGNING_DATABASE_URL", "postgresql://user:secret@host/database")
    keystore = open_it()
    keystore.seals.certificate(**WHO, name=NAME)

    process = keystore.token._process._process
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()

    assert b"SOFTHSM2_CONF=" in environment
    assert b"SIGNING_" not in environment


def test_settings_of_a_token_come_all_or_none(hsm):
    settings = {**hsm.settings, "SIGNING_PKCS11_TOKEN": "", "SIGNING_PKCS11_MODULE": "/no/such.so"}

    with pytest.raises(BadSettings) as refused:
        Config.from_env(settings)

    named = [line.split(":")[0] for line in refused.value.problems]
    assert named == ["SIGNING_PKCS11_MODULE", "SIGNING_PKCS11_TOKEN"]


# --- C17: what a token that is away does to an agreement ------------------------------------------


def test_an_agreement_waits_for_the_token_and_is_sealed_when_it_is_back(hsm, clock, tmp_path):
    desk = Desk(tmp_path / "home", clock, settings=hsm.settings)
    hsm.take_away()
    agreement_id = desk.create()
    party = desk.enterprise(agreement_id)

    asked = desk.post(f"/agreements/{agreement_id}/parties/{party.id}/seal")
    clock.advance(seconds=20)
    desk.run_due()
    waiting = desk.agreement(agreement_id)
    hsm.bring_back()
    clock.advance(minutes=10)
    desk.run_due()
    desk.sign(agreement_id)
    verdict, sealed = desk.verdict(agreement_id), desk.enterprise(agreement_id)
    desk.close()

    assert asked.status_code == 503
    assert waiting.status.value == "pending"
    assert waiting.revision_sha256 == waiting.document_sha256
    assert waiting.in_signing_order[0].signed_at is None
    assert sealed.custody is Custody.SERVICE
    assert verdict.indication is Indication.TOTAL_PASSED
