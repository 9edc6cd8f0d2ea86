"""evidence.zip: what an arbitrator needs to repeat every check without us (interfaces.md §7, §9).

Rules kept here:
* whatever waits is sequenced and published first, so every event that is told has its proof;
* leaf bytes, openings and proofs stand in the file as the log holds them; an erased opening is
  simply absent, and its proof stays valid (D13);
* the zip's own dates come from the agreement: the same state gives the same bytes.
"""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from signing.audit.canonical import canonical_json
from signing.audit.entry import open_entry
from signing.audit.proof import LogProof, format_proof
from signing.domain.agreement import Agreement
from signing.domain.events import LoggedEvent
from signing.domain.masking import mask_id_number, mask_name, mask_phone
from signing.domain.published import PublishedCheckpoint
from signing.errors import Broken
from signing.pades.token import granted
from signing.services.access import admit_known
from signing.services.ports import Clock
from signing.services.ports.log import Log
from signing.services.ports.neighbours import Links, Renderer
from signing.services.ports.storage import Database, Documents

_UNPRINTED = frozenset(
    {"agreement_id", "cards", "intent_id", "party_id", "renderer_id", "template_sha256", "ticks"}
)
"""Members of a payload that the report leaves to the opening."""
MIMETYPE = b"application/vnd.etsi.asic-e+zip"
FORMAT = 1


@dataclass(frozen=True)
class EvidencePackage:
    """The zip and the agreement it tells of."""

    agreement: Agreement
    content: bytes


class EvidenceDesk:
    """Make evidence packages."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        log: Log,
        renderer: Renderer,
        links: Links,
        clock: Clock,
        readme: Callable[[Agreement], str],
    ) -> None:
        self._database = database
        self._documents = documents
        self._log = log
        self._renderer = renderer
        self._links = links
        self._clock = clock
        self._readme = readme

    def for_tenant(self, agreement_id: str, *, tenant_id: str) -> EvidencePackage:
        """Raises NotFound."""
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
        return self.package(agreement)

    def for_party(self, link_token: str, *, session: str) -> EvidencePackage:
        """The worker's own evidence, free. Raises as `access.admit_known`."""
        with self._database.transaction() as tx:
            guest = admit_known(tx, self._links, link_token, session=session, at=self._clock())
        return self.package(guest.agreement)

    def package(self, agreement: Agreement) -> EvidencePackage:
        """The zip of that agreement as it is now."""
        checkpoint = self._log.publish()
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement.id)
            logged = tx.agreements.events(agreement.id)
        # What happened since the checkpoint has no proof yet: it comes with the next package.
        events = [e for e in logged if e.index is not None and e.index < checkpoint.size]
        files = {
            "agreement.pdf": self._documents.get(agreement.revision_sha256),
            **dict(self._event_files(events, checkpoint)),
            "checkpoint": checkpoint.note,
            "checkpoint.tsr": granted(checkpoint.timestamp_token),
            "report.pdf": self._renderer.evidence_report(
                report_facts(agreement, events, checkpoint, at=self._clock())
            ),
            "README.txt": self._readme(agreement).encode(),
        }
        manifest = _manifest(agreement, events, files)
        content = _zip({"manifest.json": canonical_json(manifest), **files}, agreement.created_at)
        return EvidencePackage(agreement, content)

    def _event_files(
        self, events: Sequence[LoggedEvent], checkpoint: PublishedCheckpoint
    ) -> Iterator[tuple[str, bytes]]:
        for event in events:
            if event.index is None:
                raise Broken("An event without a place in the log has no proof")
            path = self._log.proof(event.index, size=checkpoint.size)
            proof = LogProof(event.index, tuple(path), checkpoint.note)
            yield f"events/{event.n:04d}.json", event.leaf
            if event.opening is not None:
                yield f"events/{event.n:04d}.opening", event.opening
            yield f"events/{event.n:04d}.tlog-proof", format_proof(proof)


def _manifest(
    agreement: Agreement, events: Sequence[LoggedEvent], files: Mapping[str, bytes]
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "agreement": {
            "id": agreement.id,
            "number": agreement.number,
            "kind": agreement.draft.kind.value,
        },
        "document_sha256": agreement.document_sha256,
        "archive_sha256": agreement.archive_sha256,
        "template_sha256": agreement.template_sha256,
        "rule_pack_version": agreement.rule_pack_version,
        "renderer_id": agreement.renderer_id,
        "files": [
            {"path": path, "sha256": sha256(content).hexdigest(), "size": len(content)}
            for path, content in files.items()
        ],
        "events": [{"n": e.n, "type": e.type, "index": e.index} for e in events],
    }


def _zip(files: Mapping[str, bytes], at: datetime) -> bytes:
    """ASiC-E order: `mimetype` first and stored, so that the first bytes tell the type."""
    stamp = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(_entry("mimetype", stamp, zipfile.ZIP_STORED), MIMETYPE)
        for path, content in files.items():
            archive.writestr(_entry(path, stamp, zipfile.ZIP_DEFLATED), content)
    return buffer.getvalue()


def _entry(
    path: str, stamp: tuple[int, int, int, int, int, int], compression: int
) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, stamp)
    info.compress_type = compression
    info.external_attr = 0o644 << 16
    return info


def report_facts(
    agreement: Agreement,
    events: Sequence[LoggedEvent],
    checkpoint: PublishedCheckpoint,
    *,
    at: datetime,
) -> dict[str, Any]:
    """What the 签署证据报告 prints (law.md §7.2), as JSON: people masked, times RFC 3339 in UTC."""
    return {
        "generated_at": _rfc3339(at),
        "agreement": {
            "id": agreement.id,
            "number": agreement.number,
            "kind": agreement.draft.kind.value,
            "status": agreement.status.value,
            "created_at": _rfc3339(agreement.created_at),
            "completed_at": _rfc3339(agreement.completed_at),
            "template_version": agreement.template_version,
            "template_sha256": agreement.template_sha256,
            "rule_pack_version": agreement.rule_pack_version,
            "renderer_id": agreement.renderer_id,
            "text_sha256": agreement.text_sha256,
            "document_sha256": agreement.document_sha256,
            "archive_sha256": agreement.archive_sha256,
            "test_certificates": agreement.test_certificates,
        },
        "parties": [_party_facts(agreement, party.id) for party in agreement.in_signing_order],
        "events": [_event_facts(event) for event in events],
        "checkpoint": checkpoint.note.decode(),
        "tree_size": checkpoint.size,
    }


def _party_facts(agreement: Agreement, party_id: str) -> dict[str, Any]:
    party, details = agreement.party(party_id), agreement.details_of(party_id)
    is_person = "id_number" in details
    number = mask_id_number(str(details["id_number"])) if is_person else details.get("uscc")
    return {
        "id": party.id,
        "role": party.role.value,
        "name": mask_name(party.name) if is_person else party.name,
        "number": number,
        "phone": mask_phone(str(details.get("phone", ""))),
        "custody": party.custody.value,
        "status": party.status.value,
        "signed_at": _rfc3339(party.signed_at),
        "signed_sha256": party.signed_sha256,
    }


def _event_facts(event: LoggedEvent) -> dict[str, Any]:
    """An event for reading; what is long or repeated stays in the opening, where it is proven."""
    payload = open_entry(event.leaf, event.opening) if event.opening else None
    if payload is not None:
        payload = {key: value for key, value in payload.items() if key not in _UNPRINTED}
    return {
        "n": event.n,
        "type": event.type,
        "at": _rfc3339(event.at),
        "party_id": event.party_id,
        "index": event.index,
        "leaf_sha256": sha256(b"\x00" + event.leaf).hexdigest(),
        "payload": payload,
    }


def _rfc3339(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")
