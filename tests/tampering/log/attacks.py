"""Evidence packages: the log's proofs, changed, exchanged, forged, or beyond all limits."""

import hashlib
import io
import struct
import warnings
import zipfile
from datetime import timedelta

import workshop
from attack import Attack, standard_trust
from ledger import MIMETYPE, SEEN_AT, key, ledger, policy, zipped
from workshop import START

from signing.audit.checkpoint import Checkpoint, sign_checkpoint


def _trust(**options):
    return lambda: standard_trust(log_policy=policy(**options))


def _package(**changes):
    return lambda: ledger(**changes).package()


def _spoiled(change):
    """Files changed before the manifest is written: it lists the changed ones."""
    return _package(spoil=change)


def _swapped(path: str, change):
    """A file changed behind the manifest's back."""

    def names(files):
        return {**files, path: change(files[path])}

    return _package(names=names)


def _flip(content: bytes) -> bytes:
    return content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]


def _edit(path, change):
    def spoil(files):
        files[path] = change(files[path])

    return _spoiled(spoil)


def _drop(*paths):
    def spoil(files):
        for path in paths:
            del files[path]

    return _spoiled(spoil)


def _events(change):
    """The story itself told otherwise; the log really holds it so."""

    def make():
        one = ledger()
        change(one.events)
        return one.package()

    return make


def _other_pdf():
    """The package of another agreement around this PDF."""
    other = workshop.Workshop.new(root_name="Stranger CA").sign_all()[0]
    return ledger(pdf=other).package()


def _renumbered(files):
    files["events/0002.json"], files["events/0003.json"] = (
        files["events/0003.json"],
        files["events/0002.json"],
    )


def _older_checkpoint(files):
    """Checkpoint and stamp of an earlier day beside proofs of today."""
    note = sign_checkpoint(Checkpoint("log.tampering.example/2026", 1, b"\1" * 32), [key(1)])
    files["checkpoint"] = note.to_bytes()
    digest = hashlib.sha256(files["checkpoint"]).digest()
    files["checkpoint.tsr"] = workshop.standard().tsa.token(digest, START)


def _stamp_of_other(files):
    files["checkpoint.tsr"] = workshop.standard().tsa.token(b"\1" * 32, START)


def _bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", MIMETYPE, zipfile.ZIP_STORED)
        archive.writestr("manifest.json", b"{}")
        archive.writestr("README.txt", b"\0" * 50_000_000, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _twice():
    out = io.BytesIO(ledger().package())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr("agreement.pdf", b"%PDF-1.7 another")
    return out.getvalue()


def _many():
    return zipped({"manifest.json": b"{}"} | {f"events/{n:04d}.json": b"" for n in range(5_000)})


def _zip_bytes(change):
    """The package's bytes changed outside its files."""
    return lambda: change(ledger().package())


def _hidden_entry() -> bytes:
    """A local entry as a streaming reader finds it, without its place in a directory."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("agreement.pdf", b"%PDF-1.7 another")
    return whole.getvalue()[: archive.start_dir]


def _before_the_directory(package: bytes) -> bytes:
    """The hidden entry between the last one and the directory, every offset right."""
    hidden, end = _hidden_entry(), len(package) - 22
    (start,) = struct.unpack_from("<I", package, end + 16)
    moved = struct.pack("<I", start + len(hidden))
    return package[:start] + hidden + package[start : end + 16] + moved + package[end + 20 :]


def _directory_bomb() -> bytes:
    """Four hundred thousand names in the directory, of no file at all."""
    row = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, *[0] * 7, 1, *[0] * 6) + b"a"
    rows, lead = row * 400_000, b"PK\3\4" + bytes(26)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 5, 5, len(rows), len(lead), 0)
    return lead + rows + end


def _of_another(opened=()):
    """Witnessed evidence of another agreement, of which all that could tell so is left out."""
    erased = [n for n in (1, 2, 3, 4, 5) if n not in opened]
    one = ledger(witnesses=(7, 8), erased=erased)
    for number, (_, payload) in enumerate(one.events, start=1):
        if number in erased:
            payload["document_sha256"] = "0" * 64
    return one.package


def _pdf(number=4):
    return lambda: workshop.standard_states()[number][0]


GOOD = {"trust": _trust()}
WITNESSED = {"trust": _trust(witnesses=(7, 8), quorum="w7")}
IN_YEAR_11 = WITNESSED | {"at": START + timedelta(days=365 * 11)}
ATTACKS = [
    Attack(
        "erased_of_another_in_year_11",
        "witnesses saw another agreement, whose openings are left out",
        _pdf(),
        "TSA_OUT_OF_BOUNDS",
        outcome="valid_unknown_issuer",
        evidence=_of_another(),
        **IN_YEAR_11,
    ),
    Attack(
        "base_alone_told_in_year_11",
        "witnesses saw the unsigned file; who signed it when is left out",
        _pdf(),
        "TSA_OUT_OF_BOUNDS",
        outcome="valid_unknown_issuer",
        evidence=_of_another(opened=(1,)),
        **IN_YEAR_11,
    ),
    Attack(
        "sound_base_alone_told",
        "the signatures' openings are left out: the log says nothing of them",
        _pdf(),
        "LOG_PENDING",
        outcome="valid",
        evidence=_of_another(opened=(1, 2)),
        **WITNESSED,
    ),
    Attack(
        "sound",
        "PDF and its evidence",
        _pdf(),
        "LOG_PROOF_SOUND",
        outcome="valid",
        evidence=_package(),
        **GOOD,
    ),
    Attack(
        "sound_package",
        "the package by itself",
        _package(),
        "LOG_PROOF_SOUND",
        outcome="valid",
        **GOOD,
    ),
    Attack(
        "sound_erased",
        "openings erased by law",
        _pdf(),
        "EVIDENCE_ERASED",
        outcome="valid",
        evidence=_package(erased=(1, 2)),
        **GOOD,
    ),
    Attack(
        "sound_all_erased",
        "all openings erased",
        _pdf(),
        "LOG_PENDING",
        outcome="valid",
        evidence=_package(erased=(1, 2, 3, 4, 5)),
        **GOOD,
    ),
    Attack(
        "sound_witnessed",
        "two witnesses, quorum met",
        _pdf(),
        "LOG_PROOF_SOUND",
        outcome="valid",
        evidence=_package(witnesses=(7, 8)),
        trust=_trust(witnesses=(7, 8), quorum="w7"),
    ),
    Attack(
        "sound_witnessed_in_year_11",
        "never renewed, but witnesses saw it while the TSA's certificate lasted",
        _pdf(),
        "LOG_PROOF_SOUND",
        outcome="valid",
        evidence=_package(witnesses=(7, 8)),
        trust=_trust(witnesses=(7, 8), quorum="w7"),
        at=START + timedelta(days=365 * 11),
        proven_at=SEEN_AT,
    ),
    Attack(
        "unwitnessed_in_year_11",
        "the log alone proves no time",
        _pdf(),
        "TSA_OUT_OF_BOUNDS",
        outcome="valid_unknown_issuer",
        evidence=_package(),
        at=START + timedelta(days=365 * 11),
        **GOOD,
    ),
    Attack(
        "sound_without_policy",
        "the verifier has no log policy",
        _pdf(),
        "LOG_POLICY_ABSENT",
        outcome="valid",
        evidence=_package(),
    ),
    Attack(
        "sound_earlier_revision",
        "evidence of a later state, the file cut back",
        _pdf(2),
        "INCOMPLETE",
        outcome="incomplete",
        evidence=_package(),
        **GOOD,
    ),
    Attack(
        "quorum_not_met",
        "the policy wants a witness that did not sign",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_package(),
        trust=_trust(witnesses=(7,), quorum="w7"),
    ),
    Attack(
        "unknown_log",
        "signed by another log's key",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_package(log_key=2),
        **GOOD,
    ),
    Attack(
        "leaf_changed",
        "one bit of an entry, the manifest fits",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_edit("events/0002.json", lambda c: c.replace(b'"v":1', b'"v":2')),
        **GOOD,
    ),
    Attack(
        "leaf_of_another_event",
        "two entries exchanged",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_spoiled(_renumbered),
        **GOOD,
    ),
    Attack(
        "opening_changed",
        "one bit of an opening",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_edit("events/0004.opening", _flip),
        **GOOD,
    ),
    Attack(
        "proof_changed",
        "one bit of a path",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_edit("events/0003.tlog-proof", lambda c: c.replace(b"index 9", b"index 8")),
        **GOOD,
    ),
    Attack(
        "proof_missing",
        "an event without its proof",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_drop("events/0005.tlog-proof"),
        **GOOD,
    ),
    Attack(
        "event_missing",
        "an event left out",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_drop("events/0003.json", "events/0003.opening", "events/0003.tlog-proof"),
        **GOOD,
    ),
    Attack(
        "checkpoint_of_yesterday",
        "an older checkpoint with its older stamp, to backdate",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_spoiled(_older_checkpoint),
        **GOOD,
    ),
    Attack(
        "stamp_of_other_bytes",
        "the stamp is of something else",
        _pdf(),
        "LOG_PROOF_BAD",
        evidence=_spoiled(_stamp_of_other),
        **GOOD,
    ),
    Attack(
        "other_document",
        "sound evidence of another document",
        _pdf(),
        "LOG_OTHER_DOCUMENT",
        evidence=_events(lambda events: [p.update(document_sha256="0" * 64) for _, p in events]),
        **GOOD,
    ),
    Attack(
        "signature_untold",
        "the log tells of no worker's signature",
        _pdf(),
        "LOG_CONTRADICTS",
        evidence=_events(lambda events: events.pop(3)),
        **GOOD,
    ),
    Attack(
        "other_certificate_told",
        "the log tells of another certificate",
        _pdf(),
        "LOG_CONTRADICTS",
        evidence=_events(lambda events: events[3][1].update(certificate_sha256="0" * 64)),
        **GOOD,
    ),
    Attack(
        "other_role_told",
        "the log tells of another role",
        _pdf(),
        "LOG_CONTRADICTS",
        evidence=_events(lambda events: events[3][1].update(role="platform")),
        **GOOD,
    ),
    Attack(
        "voided_told",
        "the log tells that the agreement was voided",
        _pdf(2),
        "LOG_ENDED",
        outcome="incomplete",
        evidence=_events(
            lambda events: events.__setitem__(
                slice(3, 5), [("agreement.voided", {"agreement_id": workshop.AGREEMENT_ID})]
            )
        ),
        **GOOD,
    ),
    Attack(
        "pdf_exchanged",
        "another PDF in the package, the manifest fits",
        _other_pdf,
        "LOG_CONTRADICTS",
        **GOOD,
    ),
    Attack(
        "pdf_flipped",
        "one bit of the package's PDF",
        _swapped("agreement.pdf", _flip),
        "EVIDENCE_CHANGED",
        **GOOD,
    ),
    Attack(
        "report_changed",
        "the report changed behind the manifest",
        _pdf(),
        "EVIDENCE_CHANGED",
        evidence=_swapped("report.pdf", lambda c: c + b"x"),
        **GOOD,
    ),
    Attack(
        "file_added",
        "a file that the manifest does not list",
        _pdf(),
        "EVIDENCE_CHANGED",
        evidence=_package(names=lambda files: {**files, "events/0009.json": b"{}"}),
        **GOOD,
    ),
    Attack(
        "file_with_path",
        "a name that climbs out",
        _pdf(),
        "EVIDENCE_BROKEN",
        evidence=_package(names=lambda files: {**files, "../evil": b""}),
        **GOOD,
    ),
    Attack(
        "manifest_missing",
        "no manifest",
        _pdf(),
        "EVIDENCE_BROKEN",
        evidence=lambda: zipped({"agreement.pdf": b"%PDF-"}),
        **GOOD,
    ),
    Attack(
        "mimetype_missing",
        "mimetype does not come first",
        _pdf(),
        "EVIDENCE_BROKEN",
        evidence=lambda: zipped({"manifest.json": b"{}", "agreement.pdf": b""}, first=False),
        **GOOD,
    ),
    Attack(
        "no_zip",
        "the evidence is no zip",
        _pdf(),
        "EVIDENCE_BROKEN",
        evidence=lambda: b"hello",
        **GOOD,
    ),
    Attack(
        "zip_bomb", "fifty megabytes of zeros", _pdf(), "EVIDENCE_BROKEN", evidence=_bomb, **GOOD
    ),
    Attack(
        "too_many_entries",
        "five thousand entries",
        _pdf(),
        "EVIDENCE_BROKEN",
        evidence=_many,
        **GOOD,
    ),
    Attack(
        "directory_bomb",
        "four hundred thousand names in the zip's directory",
        _pdf(),
        "EVIDENCE_BROKEN",
        evidence=_directory_bomb,
        **GOOD,
    ),
    Attack(
        "package_with_a_tail",
        "bytes behind the zip",
        _zip_bytes(lambda package: package + b"tail"),
        "PACKAGE_FAILS",
        **GOOD,
    ),
    Attack(
        "package_with_a_comment",
        "a comment of the zip, which is covered by nothing",
        _zip_bytes(lambda package: package[:-2] + b"\5\0hello"),
        "EVIDENCE_BROKEN",
        **GOOD,
    ),
    Attack(
        "package_behind_another",
        "another agreement.pdf in front, which only some programs find",
        _zip_bytes(lambda package: _hidden_entry() + package),
        "EVIDENCE_BROKEN",
        **GOOD,
    ),
    Attack(
        "package_around_another",
        "another agreement.pdf before the directory, which only some programs find",
        _zip_bytes(_before_the_directory),
        "EVIDENCE_BROKEN",
        **GOOD,
    ),
    Attack(
        "entry_twice", "agreement.pdf twice", _pdf(), "EVIDENCE_BROKEN", evidence=_twice, **GOOD
    ),
    Attack(
        "package_cut_short",
        "the package's last bytes are gone",
        lambda: ledger().package()[:-30],
        "EVIDENCE_BROKEN",
        **GOOD,
    ),
]
