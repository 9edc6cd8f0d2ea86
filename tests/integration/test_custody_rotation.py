"""Keys follow one another: what the old ones did stays good, what the new ones do is good too."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from sqlalchemy import select

from custody_desk import Desk
from signing.app import open_checking
from signing.audit.policy import parse_policy
from signing.cli.main import main
from signing.domain.events import HOUSE_TAG
from signing.domain.verdict import Indication
from signing.keystore.keystore import open_keystore
from signing.storage.log_rows import EventRow, LeafRow
from signing.verification.trust import load_trust
from signing.verification.verify import verify_document

URL = "http://127.0.0.1:8000"
USCC = "91430100MAYYYY016Y"
NAME = "长沙某某网络科技有限公司"


@pytest.fixture
def open_it(tmp_path, clock):
    opened = []

    def open_it():
        keystore = open_keystore(tmp_path / "keys", None, clock, URL, "development")
        opened.append(keystore)
        return keystore

    yield open_it
    for keystore in opened:
        keystore.close()


class Era:
    """What was made under one set of keys: a file, its evidence, the trust folder of those days."""

    def __init__(self, desk, folder):
        agreement_id = desk.completed()
        desk.services.housekeeping.publish_log()
        self.pdf = desk.document(agreement_id)
        self.evidence = desk.services.evidence.package(desk.agreement(agreement_id)).content
        self.trust = folder
        desk.keystore.export_trust(folder)


@pytest.fixture(scope="module")
def eras(tmp_path_factory):
    """Before, after one rotation of everything, and after a second one."""
    home = tmp_path_factory.mktemp("eras")
    now = [datetime(2026, 12, 1, 4, tzinfo=UTC)]
    eras = []
    for number in range(3):
        desk = Desk(home / "home", lambda: now[0])
        eras.append(Era(desk, home / f"trust-{number}"))
        for name in ("issuing", "tsa", "log"):
            desk.keystore.rotate(name)
        desk.close()
        now[0] += timedelta(days=30)
    return eras


def judged(eras, made, trusted, *, with_evidence=True):
    return verify_document(
        eras[made].pdf,
        trust=load_trust(eras[trusted].trust),
        at=eras_at(made, trusted),
        evidence=eras[made].evidence if with_evidence else None,
    )


def eras_at(*numbers):
    return datetime(2026, 12, 1, 5, tzinfo=UTC) + timedelta(days=30) * max(numbers)


@pytest.mark.parametrize("made", [0, 1, 2])
@pytest.mark.parametrize("trusted", [0, 1, 2])
def test_files_of_every_era_are_sound_under_the_anchors_of_every_era(eras, made, trusted):
    verdict = judged(eras, made, trusted, with_evidence=False)

    assert verdict.indication is Indication.TOTAL_PASSED, verdict.findings


@pytest.mark.parametrize("made", [0, 1, 2])
def test_evidence_of_every_era_is_proved_under_the_newest_policy(eras, made):
    verdict = judged(eras, made, 2)

    assert verdict.indication is Indication.TOTAL_PASSED, verdict.findings
    assert verdict.log.included


def test_a_verifier_with_the_old_policy_follows_through_the_overlap_and_no_further(eras):
    during, after = judged(eras, 1, 0), judged(eras, 2, 0)

    assert during.log.included
    assert after.indication is Indication.TOTAL_FAILED
    assert any(finding.code.startswith(("LOG", "EVIDENCE")) for finding in after.findings)


def test_each_era_has_issuers_of_its_own(eras):
    issuers = [judged(eras, made, 2).signatures[1].certificate.issuer for made in range(3)]
    clocks = [judged(eras, made, 2).timestamps[0].tsa for made in range(3)]

    assert len(set(issuers)) == 3
    assert len(set(clocks)) == 3
    assert issuers[2].endswith(" 3")


def test_the_trust_folder_holds_the_log_keys_of_all_eras(eras):
    policy = parse_policy((eras[2].trust / "log" / "policy").read_bytes())

    assert len({log.key.public_key for log in policy.logs}) == 3


def test_an_older_ca_goes_on_telling_of_its_revocations(open_it, clock):
    keystore = open_it()
    old = keystore.seals.ensure_seal("t", USCC, NAME)
    keystore.rotate("issuing")
    keystore = open_it()
    new = keystore.seals.follow("t", USCC, NAME)

    keystore.recall.revoke(f"{old.serial:x}", reason="superseded")
    keystore.recall.revoke(f"{new.serial:x}", reason="keyCompromise")

    for seal, name in ((old, "issuing.crl"), (new, "issuing-2.crl")):
        crl = x509.load_der_x509_crl(keystore.pki_file(name))
        leaf, issuer = map(x509.load_der_x509_certificate, seal.chain)
        point = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
        assert point.full_name[0].value == f"{URL}/pki/{name}"
        assert crl.is_signature_valid(issuer.public_key())
        assert [entry.serial_number for entry in crl] == [seal.serial]
    certificates, crls = keystore.authority.validation_data()
    assert (len(certificates), len(crls)) == (4, 3)


def test_the_old_tsas_key_is_destroyed_and_its_certificate_kept(open_it, tmp_path):
    open_it().rotate("tsa")
    private = tmp_path / "keys" / "private"

    left = sorted(path.name for path in private.glob("tsa*"))

    assert "tsa.key.pem" not in left
    assert {"tsa.pem", "tsa-2.pem", "tsa-2.key.pem"} <= set(left)
    assert open_it().timestamper.timestamp(bytes(32))


def test_who_runs_goes_on_with_the_old_keys_until_the_next_start(open_it):
    running, operator = open_it(), open_it()

    for name in ("issuing", "tsa", "log"):
        operator.rotate(name)

    assert running.timestamper.timestamp(bytes(32))
    assert running.seals.ensure_seal("t", USCC, NAME)
    assert running.log_key.is_signature(running.sign_log(b"x"), b"x")
    assert open_it().log_key != running.log_key


@pytest.mark.parametrize("name", ["issuing", "tsa", "log"])
def test_a_rotation_broken_off_changes_nothing_and_is_completed_by_the_next(
    open_it, tmp_path, name
):
    private = tmp_path / "keys" / "private"
    open_it()
    old_key = (private / f"{name}.key.pem").read_bytes()
    open_it().rotate(name)
    made = {path: path.read_bytes() for path in private.glob(f"{name}-2*")}
    (private / "generations.json").unlink()  # as if the power went before the last step but one
    _restore(private / f"{name}.key.pem", old_key)

    still = open_it()
    stamped = still.timestamper.timestamp(bytes(32))
    still.rotate(name)

    assert stamped
    assert json.loads((private / "generations.json").read_text()) == {name: 2}
    assert {path: path.read_bytes() for path in private.glob(f"{name}-2*")} == made
    assert open_it().timestamper.timestamp(bytes(32))


def _restore(path, content):
    path.write_bytes(content)
    path.chmod(0o600)


# --- the log tells of it --------------------------------------------------------------------------


def house_events(desk):
    """Names of the house's events that are in the log, with what they say."""
    desk.services.housekeeping.publish_log()
    with desk.application.database.session(writing=False) as session:
        query = (
            select(EventRow, LeafRow.index)
            .join(LeafRow, LeafRow.event_id == EventRow.id)
            .where(EventRow.tag == HOUSE_TAG)
            .order_by(EventRow.n)
        )
        rows = session.execute(query).all()
    with desk.application.database.transaction() as tx:
        told = tx.house.told()
    return [event.name for event, _ in rows], told


def test_the_rotation_of_the_logs_key_is_an_event_in_the_log(tmp_path, clock, run, monkeypatch):
    desk = Desk(tmp_path / "home", clock)
    for name, setting in desk.environ.items():
        monkeypatch.setenv(name, setting)
    before = desk.keystore.log_key.vkey

    code, out, _ = run("keys", "rotate", "log")
    names, told = house_events(desk)
    desk.close()
    again = Desk(tmp_path / "home", clock)
    after = again.keystore.log_key.vkey
    names_later, _ = house_events(again)
    again.keystore.export_trust(tmp_path / "trust")
    again.close()

    policy = (tmp_path / "trust" / "log" / "policy").read_text("utf-8")
    assert (code, "log.key_rotated" in out) == (0, True)
    assert names == names_later == ["log.key_rotated"]
    assert told.log_keys == {after}
    assert before != after
    assert {f"log {before}", f"log {after}"} <= set(policy.splitlines())


def test_a_rotation_before_anything_is_stored_is_logged_at_the_first_start(tmp_path, clock, run):
    _, out, _ = run("keys", "rotate", "log")
    desk = Desk(tmp_path, clock)
    names, told = house_events(desk)
    desk.close()

    assert "at the next start" in out
    assert names == ["log.key_rotated"]
    assert told.log_keys == {desk.keystore.log_key.vkey}


def test_a_rotation_that_no_event_tells_of_is_a_violation(tmp_path, clock):
    desk = Desk(tmp_path, clock)
    desk.keystore.rotate("log")
    desk.close()

    with open_checking(desk.config, clock=clock) as checking:
        found = {violation.code for violation in checking.violations()}
    Desk(tmp_path, clock).close()
    with open_checking(desk.config, clock=clock) as checking:
        later = {violation.code for violation in checking.violations()}

    assert (found, later) == ({"LOG_KEY_UNLOGGED"}, set())


def test_two_rotations_without_a_checkpoint_between_them_are_no_forgery(tmp_path, clock):
    desk = Desk(tmp_path, clock)
    desk.create()
    desk.services.housekeeping.publish_log()
    desk.keystore.rotate("log")
    desk.keystore.rotate("log")
    desk.close()

    desk = Desk(tmp_path, clock)
    names, _ = house_events(desk)
    desk.close()

    assert names == ["log.key_rotated", "log.key_rotated"]


def test_the_exported_folder_holds_the_lists_of_today_and_is_taken_whole(tmp_path, clock):
    desk = Desk(tmp_path / "home", clock)
    agreement_id = desk.completed()
    desk.keystore.export_trust(tmp_path / "before")
    clock.advance(minutes=1)
    uscc = desk.agreement(agreement_id).details_of(desk.enterprise(agreement_id).id)["uscc"]
    seal = desk.keystore.seals.find_seal(desk.agreement(agreement_id).tenant_id, uscc)
    desk.services.compromise.report(f"{seal.serial:x}", reason="keyCompromise")
    desk.keystore.export_trust(tmp_path / "after")
    pdf = desk.document(agreement_id)
    desk.close()

    names = {path.name for path in (tmp_path / "after" / "ca").iterdir()}
    verdicts = {
        name: verify_document(pdf, trust=load_trust(tmp_path / name), at=clock() + later)
        for name, later in (("before", timedelta(0)), ("after", timedelta(days=1)))
    }
    codes = {name: {f.code for f in verdict.findings} for name, verdict in verdicts.items()}
    assert names == {"root.pem", "root.crl", "issuing.crl"}
    assert {v.indication for v in verdicts.values()} == {Indication.TOTAL_PASSED}
    assert ("REVOKED_LATER" in codes["before"], "REVOKED_LATER" in codes["after"]) == (False, True)
    assert codes["before"] == codes["after"] - {"REVOKED_LATER"}


# --- ceremonies -----------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SIGNING_HOME", str(tmp_path))
    monkeypatch.setenv("SIGNING_PUBLIC_URL", URL)

    def run(*arguments):
        code = main(list(arguments))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_a_ceremony_leaves_a_record_that_ends_with_its_own_digest(run, tmp_path):
    record = tmp_path / "ceremony.txt"

    code, out, _ = run("keys", "init", "--transcript", str(record), "--present", "张三 operator",
                       "--present", "李四 witness")  # fmt: skip

    lines = record.read_text("utf-8").splitlines(keepends=True)
    digest = sha256("".join(lines[:-1]).encode()).hexdigest()
    assert code == 0
    assert lines[-1] == f"sha256 {digest}\n"
    assert f"{record}: sha256 {digest}" in out
    assert "在场 · present 张三 operator\n" in lines
    root = x509.load_pem_x509_certificate((tmp_path / "keys/trust/ca/root.pem").read_bytes())
    made = [line for line in lines if line.startswith("新制 · made")]
    assert any(f"serial {root.serial_number:x} " in line for line in made)
    assert len([line for line in made if line.rstrip().endswith("private key")]) == 5


def test_a_record_holds_no_secret(run, tmp_path):
    record = tmp_path / "ceremony.txt"

    run("keys", "init", "--transcript", str(record))

    text = record.read_text("utf-8")
    assert (tmp_path / "keys" / "passphrase").read_text().strip() not in text
    assert "BEGIN" not in text


def test_a_record_is_never_written_over_and_nothing_is_done_then(run, tmp_path):
    record = tmp_path / "ceremony.txt"
    record.write_text("an older one")

    code, _, err = run("keys", "rotate", "tsa", "--transcript", str(record))

    assert (code, record.read_text()) == (2, "an older one")
    assert "TRANSCRIPT_EXISTS" in err
    assert not (tmp_path / "keys" / "private" / "tsa-2.pem").exists()


def test_the_record_of_a_rotation_names_what_came_and_what_was_destroyed(run, tmp_path):
    run("keys", "init")
    record = tmp_path / "rotation.txt"

    code, out, _ = run("keys", "rotate", "tsa", "--transcript", str(record))

    text = record.read_text("utf-8")
    assert code == 0
    assert "restart" in out
    assert "销毁 · gone    private/tsa.key.pem\n" in text
    assert "新制 · made    private/tsa-2.pem  certificate serial" in text
    assert "原有 · kept    private/root.pem" in text


def test_a_seal_is_registered_with_its_mandate_and_rotated(run, tmp_path):
    mandate = tmp_path / "mandate.pdf"
    mandate.write_bytes(b"%PDF-1.7 mandate")
    seal = ("--tenant", "tnt_x", "--uscc", USCC)

    added = run("seal", "add", USCC, "--tenant", "tnt_x", "--name", NAME,
                "--authorisation", str(mandate))  # fmt: skip
    rotated = run("keys", "rotate", "seal", *seal)
    unknown = run("keys", "rotate", "seal", "--tenant", "tnt_y", "--uscc", USCC)

    assert sha256(mandate.read_bytes()).hexdigest() in added[1]
    assert rotated[0] == 0
    assert rotated[1] != added[1]
    assert len(list((tmp_path / "keys" / "private" / "seals").glob("*.key.pem"))) == 2
    assert (unknown[0], "SEAL_UNKNOWN" in unknown[2]) == (2, True)


def test_the_list_shows_serial_numbers_to_revoke_by(run):
    _, listed, _ = run("keys", "init")
    line = next(line for line in listed.splitlines() if "private/tsa.pem" in line)
    serial = line.partition("serial ")[2].split()[0]

    code, out, _ = run("keys", "revoke", serial, "--reason", "keyCompromise")

    assert (code, serial in out) == (0, True)
