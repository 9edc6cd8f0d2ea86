"""What the log says about a document: entries, their proofs, and the story that they tell.

Steps, numbered in the code (architecture.md §2c):

 1  entries form one agreement's chain: number by number, each naming the one before;
 2  each entry is included under a checkpoint that the verifier's own policy trusts;
 3  openings belong to their entries (an erased one is simply absent, D13);
 4  outside times: the RFC 3161 token over the checkpoint, and witnesses;
 5  the events name this document: each signature in the file has its event, with this revision,
    this role and this certificate.

A proof that is there and bad fails the document; proofs that cannot be checked are a warning.
The log holds a document only if an open event names the revision with all its signatures: an
event about an earlier one, or an erased one, says nothing of what was signed later.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from signing.audit.entry import Entry, open_entry, parse_entry
from signing.audit.policy import parse_policy
from signing.audit.proof import VerifiedEntry, parse_proof, verify_proof
from signing.domain.events import EventType
from signing.domain.verdict import LogFacts
from signing.errors import SigningError
from signing.verification import chains, der, tokens
from signing.verification.judge import Judgement
from signing.verification.package import Package
from signing.verification.reasons import Refused
from signing.verification.trust import TrustAnchors

_STATUS_PARTS = 2
_ENDED = (
    EventType.AGREEMENT_VOIDED.value,
    EventType.AGREEMENT_EXPIRED.value,
    EventType.PARTY_DECLINED.value,
)
_REPORTED = EventType.CERTIFICATE_REVOKED.value


@dataclass(frozen=True)
class LoggedEntry:
    """An entry with what its proof showed and, unless erased, its payload."""

    entry: Entry
    proven: VerifiedEntry
    payload: Mapping[str, Any] | None

    @property
    def document_sha256(self) -> str | None:
        """The revision that the event names."""
        found = self.payload.get("document_sha256") if self.payload else None
        return found if isinstance(found, str) else None

    @property
    def is_signature(self) -> bool:
        """Whether it tells of a party's signature."""
        return self.entry.name == EventType.PARTY_SIGNED.value


@dataclass(frozen=True)
class Story:
    """What the package proves, before it is held against a document.

    `stamped_at` is the genTime of the token over the checkpoint, None without a trusted one.
    """

    entries: tuple[LoggedEntry, ...]
    stamped_at: datetime | None
    stored: frozenset[str]

    def seen_at(self, digest: str) -> datetime | None:
        """When every witness at hand had seen the revision `digest`; None if no event names it.

        Every one: a single witness that lies must not backdate what the quorum saw later.
        """
        about = [e for e in self.entries if e.document_sha256 == digest and e.proven.witnesses]
        return min((max(w.at for w in e.proven.witnesses) for e in about), default=None)


@dataclass(frozen=True)
class LogOpinion:
    """The log against one document. `problems` fail it, `notes` are codes that do not."""

    facts: LogFacts | None = None
    problems: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    custody: Mapping[str, str] = field(default_factory=dict)
    identical: bool | None = None


def read_story(package: Package, trust: TrustAnchors) -> Story | None:
    """Steps 1 to 4; None if the trust folder has no log policy. Raises Refused."""
    if trust.log_policy is None:
        return None
    try:
        policy = parse_policy(trust.log_policy)
        entries: list[LoggedEntry] = []
        for number in range(1, _count_events(package) + 1):
            stem = f"events/{number:04d}"
            leaf = package.files[f"{stem}.json"]
            # 1. The chain.
            entry = parse_entry(leaf)
            _check_link(entry, entries[-1].entry if entries else None, number)
            # 2. The proof.
            proof = parse_proof(package.files[f"{stem}.tlog-proof"])
            if proof.checkpoint != package.files["checkpoint"]:
                # Or an older checkpoint, with its older token, would backdate the entry.
                raise Refused("LOG_PROOF_BAD", f"{stem} leads to another checkpoint")
            proven = verify_proof(proof, leaf, policy)
            # 3. The opening.
            opening = package.files.get(f"{stem}.opening")
            payload = None if opening is None else open_entry(leaf, opening)
            entries.append(LoggedEntry(entry, proven, payload))
    except (SigningError, KeyError) as e:
        raise Refused("LOG_PROOF_BAD", getattr(e, "code", "") or f"{e} is missing") from e
    # 4. Outside times.
    return Story(tuple(entries), _stamped_at(package, trust), package.named_digests)


def opinion(story: Story | None, data: bytes, judgement: Judgement) -> LogOpinion:
    """Step 5: the story against the document `data`."""
    if story is None:
        return LogOpinion(notes=("LOG_POLICY_ABSENT",))
    digest = hashlib.sha256(data).hexdigest()
    revisions = [hashlib.sha256(data[:end]).hexdigest() for end in judgement.ends]
    about = [e for e in story.entries if e.document_sha256 in revisions]
    known = {e.document_sha256 for e in story.entries if e.document_sha256}
    erased = [e for e in story.entries if e.payload is None]
    notes = ["EVIDENCE_ERASED"] * bool(erased)
    notes += ["LOG_ENDED"] * any(e.entry.name in _ENDED for e in story.entries)
    notes += ["KEY_REPORTED"] * any(e.entry.name == _REPORTED for e in story.entries)
    if not about and (known or not erased):
        return LogOpinion(problems=(Refused("LOG_OTHER_DOCUMENT"),), notes=tuple(notes))
    problems = tuple(_contradictions(story, data, judgement, has_erased=bool(erased)))
    whole = [e for e in about if e.document_sha256 in revisions[len(judgement.parties) :]]
    if not whole and not problems:
        identical = True if digest in known else None
        notes.append("LOG_PENDING")
        return LogOpinion(notes=tuple(notes), custody=_custody(about), identical=identical)
    stored = known | story.stored
    return LogOpinion(
        facts=_facts(story, whole[-1]) if whole else None,
        problems=problems,
        notes=(*notes, *(() if problems else ("LOG_PROOF_SOUND",))),
        custody=_custody(about),
        identical=digest in stored,
    )


def _count_events(package: Package) -> int:
    """Events are numbered 1, 2, 3 …; Refused if one is missing or has no manifest row."""
    paths = [path for path in package.files if path.endswith(".json") and "/" in path]
    rows = package.manifest.get("events")
    if not paths or not isinstance(rows, list) or len(rows) != len(paths):
        raise Refused("LOG_PROOF_BAD", "events and manifest differ in number")
    return len(paths)


def _check_link(entry: Entry, previous: Entry | None, number: int) -> None:
    expected = previous.leaf_hash().hex() if previous else ""
    same_tag = previous is None or previous.tag == entry.tag
    if entry.number != number or entry.previous != expected or not same_tag:
        raise Refused("LOG_PROOF_BAD", f"event {number} does not continue the chain")


def _stamped_at(package: Package, trust: TrustAnchors) -> datetime | None:
    """When a trusted TSA stamped the checkpoint, None if none did. Raises Refused."""
    stamp = package.files.get("checkpoint.tsr")
    if stamp is None:
        return None
    try:
        token = tokens.check(_token_of(stamp), stamped=package.files.get("checkpoint", b""))
        path = chains.find_path(token.certificate, token.pool, trust.tsa, token.gen_time)
    except Refused as e:
        raise Refused("LOG_PROOF_BAD", f"checkpoint.tsr: {e}") from e
    return token.gen_time if path.is_anchored else None


def _token_of(stamp: bytes) -> bytes:
    """The token: itself, or inside a granted TimeStampResp (RFC 3161 §2.4.2)."""
    parts = der.read_whole(stamp).children()
    if len(parts) == _STATUS_PARTS and parts[0].tag == der.SEQUENCE:
        return parts[1].raw
    return stamp


def _contradictions(
    story: Story, data: bytes, judgement: Judgement, *, has_erased: bool
) -> list[Refused]:
    """Signatures that no event tells of, and events that tell of others."""
    told = {e.document_sha256: e.payload or {} for e in story.entries if e.is_signature}
    problems = []
    for judged in judgement.parties:
        role = judged.step.field.name
        digest = hashlib.sha256(data[: judged.step.revision.end]).hexdigest()
        event = told.get(digest)
        if event is None:
            if not has_erased:
                problems.append(Refused("LOG_CONTRADICTS", f"no event for {role}"))
            continue
        certificate = judged.certificate.sha256.hex() if judged.certificate else ""
        if event.get("role") != role or event.get("certificate_sha256", certificate) != certificate:
            problems.append(Refused("LOG_CONTRADICTS", f"the event tells otherwise of {role}"))
    return problems


def _custody(about: Sequence[LoggedEntry]) -> dict[str, str]:
    """Who held each role's key, as the events say."""
    payloads = [e.payload for e in about if e.is_signature and e.payload]
    return {str(p["role"]): str(p["custody"]) for p in payloads if "role" in p and "custody" in p}


def _facts(story: Story, entry: LoggedEntry) -> LogFacts:
    witnesses = entry.proven.witnesses
    times = [*(witness.at for witness in witnesses), story.stamped_at]
    return LogFacts(
        included=True,
        index=entry.proven.index,
        tree_size=entry.proven.size,
        witnesses=len({witness.witness for witness in witnesses}),
        first_seen_by=min((at for at in times if at is not None), default=None),
    )
