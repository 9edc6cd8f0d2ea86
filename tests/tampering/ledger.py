"""A log of its own and evidence packages over it, for the agreement of the workshop.

Entries, proofs and notes are made by `signing.audit`; the zip is made here.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import workshop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from workshop import START

from signing.audit.checkpoint import Checkpoint, sign_checkpoint
from signing.audit.cosignature import WitnessSigner
from signing.audit.entry import Entry, commit, make_opening
from signing.audit.merkle import inclusion_proof, leaf_hash, root_hash
from signing.audit.note import NoteSigner
from signing.audit.proof import LogProof, format_proof

ORIGIN = "log.tampering.example/2026"
MIMETYPE = b"application/vnd.etsi.asic-e+zip"


def key(seed: int, name: str = ORIGIN) -> NoteSigner:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return NoteSigner(name, private.public_key().public_bytes_raw(), private.sign)


def witness(seed: int) -> WitnessSigner:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return WitnessSigner(f"witness{seed}", private.public_key().public_bytes_raw(), private.sign)


def policy(*, witnesses: Sequence[int] = (), quorum: str = "none", seed: int = 1) -> bytes:
    lines = [f"log {key(seed).verifier.key.vkey}"]
    lines += [f"witness w{w} {witness(w).verifier.key.vkey}" for w in witnesses]
    return ("\n".join([*lines, f"quorum {quorum}"]) + "\n").encode()


def story(states: Sequence[workshop.Signed]) -> list[tuple[str, dict[str, Any]]]:
    """The events of the standard agreement, as the service tells them."""
    digests = [hashlib.sha256(state[0]).hexdigest() for state in states]
    created = {"agreement_id": workshop.AGREEMENT_ID, "document_sha256": digests[0]}
    events = [("agreement.created", created)]
    for position, role in enumerate(workshop.ROLES, start=1):
        payload = {
            "agreement_id": workshop.AGREEMENT_ID,
            "party_id": f"pty_{position}",
            "role": role,
            "document_sha256": digests[position],
            "certificate_sha256": certificate_sha256(states[position][0]),
            "custody": "device" if role == "worker" else "service",
        }
        events.append(("party.signed", payload))
    done = {"agreement_id": workshop.AGREEMENT_ID, "document_sha256": digests[3]}
    return [*events, ("agreement.completed", done)]


def certificate_sha256(pdf: bytes) -> str:
    """SHA-256 of the newest signer's certificate, as its signing-certificate-v2 attribute says."""
    digits = pdf[pdf.rindex(b"/Contents<") :].decode("latin-1")
    attribute = "060b2a864886f70d010910022f"  # the OID; the hash follows in an OCTET STRING
    return digits[digits.index("0420", digits.index(attribute)) + 4 :][:64]


@dataclass
class Ledger:
    """Everything of a package that can be bent before it is zipped."""

    pdf: bytes
    events: list[tuple[str, dict[str, Any]]]
    document_sha256: str
    archive_sha256: str | None = None
    log_key: int = 1
    witnesses: Sequence[int] = ()
    erased: Sequence[int] = ()
    spoil: Callable[[dict[str, bytes]], None] = lambda _: None
    manifest: Callable[[dict[str, Any]], None] = lambda _: None
    names: Callable[[dict[str, bytes]], Mapping[str, bytes]] = lambda files: files
    tsa: workshop.Tsa | None = None
    before: int = 7
    stamp: bool = True
    extra: dict[str, bytes] = field(default_factory=dict)

    def leaves(self) -> tuple[list[bytes], list[bytes]]:
        leaves, openings, previous = [], [], ""
        for number, (kind, payload) in enumerate(self.events, start=1):
            salt = hashlib.sha256(f"{number}".encode()).digest()
            opening = make_opening(payload, salt)
            at = START + timedelta(minutes=number)
            entry = Entry("0" * 32, commit(opening), number, previous, kind, at)
            leaves.append(entry.leaf())
            openings.append(opening)
            previous = entry.leaf_hash().hex()
        return leaves, openings

    def files(self) -> dict[str, bytes]:
        leaves, openings = self.leaves()
        others = [f"other {i}".encode() for i in range(self.before)]
        hashes = [leaf_hash(leaf) for leaf in (*others, *leaves, b"later")]
        checkpoint = Checkpoint(ORIGIN, len(hashes), root_hash(hashes))
        note = sign_checkpoint(checkpoint, [key(self.log_key)])
        at = START + timedelta(minutes=45)
        lines = tuple(witness(w).cosign(note.text, at=at) for w in self.witnesses)
        text = replace(note, signatures=note.signatures + lines).to_bytes()
        files = {"agreement.pdf": self.pdf}
        for number, leaf in enumerate(leaves, start=1):
            index = self.before + number - 1
            proof = LogProof(index, tuple(inclusion_proof(index, hashes)), text)
            files[f"events/{number:04d}.json"] = leaf
            if number not in self.erased:
                files[f"events/{number:04d}.opening"] = openings[number - 1]
            files[f"events/{number:04d}.tlog-proof"] = format_proof(proof)
        files["checkpoint"] = text
        if self.stamp:
            tsa = self.tsa or workshop.standard().tsa
            files["checkpoint.tsr"] = tsa.token(hashlib.sha256(text).digest(), at)
        files |= {"report.pdf": b"%PDF-1.7\n", "README.txt": b"how to\n"} | self.extra
        return files

    def package(self) -> bytes:
        files = self.files()
        self.spoil(files)
        manifest = {
            "format": 1,
            "agreement": {"id": workshop.AGREEMENT_ID, "number": "HT-2026-0001"},
            "document_sha256": self.document_sha256,
            "archive_sha256": self.archive_sha256,
            "files": [
                {"path": p, "sha256": hashlib.sha256(c).hexdigest(), "size": len(c)}
                for p, c in files.items()
            ],
            "events": [
                {"n": n, "type": kind, "index": self.before + n - 1}
                for n, (kind, _) in enumerate(self.events, start=1)
            ],
        }
        self.manifest(manifest)
        whole = {"manifest.json": json.dumps(manifest).encode(), **files}
        return zipped(self.names(whole))


def zipped(files: Mapping[str, bytes], *, first: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr("mimetype", MIMETYPE, zipfile.ZIP_STORED)
        for path, content in files.items():
            archive.writestr(path, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@cache
def _standard() -> tuple[bytes, list, str, str]:
    states = workshop.standard_states()
    digests = [hashlib.sha256(state[0]).hexdigest() for state in states]
    return states[4][0], story(states), digests[3], digests[4]


def ledger(**changes: object) -> Ledger:
    """The standard agreement's ledger, with changes."""
    pdf, events, document, archived = _standard()
    fresh = [(kind, dict(payload)) for kind, payload in events]
    return Ledger(
        **(
            {"pdf": pdf, "events": fresh, "document_sha256": document, "archive_sha256": archived}
            | changes
        )
    )


SEEN_AT: datetime = START + timedelta(minutes=45)
