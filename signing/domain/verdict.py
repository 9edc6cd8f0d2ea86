"""The verdict on one document, in the words of EN 319 102-1, and its JSON (interfaces.md §6).

Rules kept here:
* `outcome` follows from the indication: TOTAL-PASSED is always `valid`, TOTAL-FAILED always
  `tampered` (the findings say whether bytes, a signature or the log proof failed), a file that
  is not one that we can open has outcome `unreadable` and no indication at all;
* what is not known is null, never shown as good;
* the first finding is one plain sentence that says how things stand and what to do next; the four
  that people must never mix up (untouched, allowed additions, changed, cannot be judged) differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from signing.domain.draft import Kind


class Indication(StrEnum):
    """Main status, EN 319 102-1 §5.1.3."""

    TOTAL_PASSED = "TOTAL-PASSED"
    TOTAL_FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"


_SEVERITY_ORDER = (Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED)


def worst(indications: Iterable[Indication]) -> Indication:
    """The gravest of some; TOTAL-PASSED if there are none."""
    return min(indications, key=_SEVERITY_ORDER.index, default=Indication.TOTAL_PASSED)


class SubIndication(StrEnum):
    """Reasons, EN 319 102-1 §5.1.3 tables 5 and 6; only those that we give."""

    # with TOTAL-FAILED
    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    # with INDETERMINATE
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    NO_POE = "NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    TRY_LATER = "TRY_LATER"


FAILURES = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.REVOKED,
        SubIndication.EXPIRED,
        SubIndication.NOT_YET_VALID,
    }
)
"""Sub-indications that come with TOTAL-FAILED; all others come with INDETERMINATE."""


class Outcome(StrEnum):
    """One word for the whole document."""

    VALID = "valid"
    VALID_UNKNOWN_ISSUER = "valid_unknown_issuer"
    INCOMPLETE = "incomplete"
    TAMPERED = "tampered"
    NO_SIGNATURE = "no_signature"
    UNREADABLE = "unreadable"


class Covers(StrEnum):
    """How much of the file the signature's byte range takes in."""

    ENTIRE_FILE = "ENTIRE_FILE"
    ENTIRE_REVISION = "ENTIRE_REVISION"
    NONE = "NONE"


class LaterChanges(StrEnum):
    """What was appended after a signature."""

    NONE = "NONE"
    NEXT_SIGNATURES = "NEXT_SIGNATURES"
    ARCHIVE_ONLY = "ARCHIVE_ONLY"
    FORBIDDEN = "FORBIDDEN"


class Weight(StrEnum):
    """How much a finding of the verdict weighs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class VerdictFinding:
    """One thing that was found, in both languages; `code` is stable."""

    code: str
    severity: Weight
    message_zh: str
    message: str

    def to_dict(self) -> dict[str, Any]:
        """The JSON object."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message_zh": self.message_zh,
            "message": self.message,
        }


@dataclass(frozen=True)
class CertificateFacts:
    """Of a signer's certificate: issuer's common name, serial number in hex, validity (UTC)."""

    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime

    def to_dict(self) -> dict[str, Any]:
        """The JSON object."""
        return {
            "issuer": self.issuer,
            "serial": self.serial,
            "not_before": rfc3339(self.not_before),
            "not_after": rfc3339(self.not_after),
        }


@dataclass(frozen=True)
class SignatureVerdict:
    """One party's signature.

    `name` is masked for persons. `time_source` is `timestamp`, or `claimed` where no token proves
    the time. `custody` is known from the evidence only.
    """

    role: str
    name: str
    indication: Indication
    sub_indication: SubIndication | None
    signed_at: datetime | None
    time_source: str | None
    covers: Covers
    later_changes: LaterChanges
    custody: str | None = None
    certificate: CertificateFacts | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object."""
        return {
            "role": self.role,
            "name": self.name,
            "indication": self.indication.value,
            "sub_indication": self.sub_indication.value if self.sub_indication else None,
            "signed_at": rfc3339(self.signed_at),
            "time_source": self.time_source,
            "covers": self.covers.value,
            "later_changes": self.later_changes.value,
            "custody": self.custody,
            "certificate": self.certificate.to_dict() if self.certificate else None,
        }


@dataclass(frozen=True)
class TimestampVerdict:
    """One RFC 3161 token, inside a signature or over the document."""

    gen_time: datetime | None
    tsa: str
    indication: Indication

    def to_dict(self) -> dict[str, Any]:
        """The JSON object."""
        return {
            "gen_time": rfc3339(self.gen_time),
            "tsa": self.tsa,
            "indication": self.indication.value,
        }


@dataclass(frozen=True)
class DocumentFacts:
    """Of the file. None: not known."""

    sha256: str
    pages: int | None = None
    kind: str | None = None
    number: str | None = None
    complete: bool | None = None
    identical_to_stored: bool | None = None
    test_certificates: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object."""
        return {
            "sha256": self.sha256,
            "pages": self.pages,
            "kind": self.kind,
            "number": self.number,
            "complete": self.complete,
            "identical_to_stored": self.identical_to_stored,
            "test_certificates": self.test_certificates,
        }


@dataclass(frozen=True)
class LogFacts:
    """Where the document stands in the log.

    `index` is the entry of the last event that names this document, `first_seen_by` the earliest
    outside time (RFC 3161 or witness) at which the log is proven to have held it.
    """

    included: bool
    index: int | None
    tree_size: int | None
    witnesses: int
    first_seen_by: datetime | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object."""
        return {
            "included": self.included,
            "index": self.index,
            "tree_size": self.tree_size,
            "witnesses": self.witnesses,
            "first_seen_by": rfc3339(self.first_seen_by),
        }


@dataclass(frozen=True)
class Verdict:
    """Everything that the judge says about one file; `indication` is None if `unreadable`."""

    indication: Indication | None
    outcome: Outcome
    generated_at: datetime
    verifier: str
    document: DocumentFacts
    signatures: tuple[SignatureVerdict, ...] = ()
    timestamps: tuple[TimestampVerdict, ...] = ()
    log: LogFacts | None = None
    dispute: Mapping[str, str] | None = None
    findings: tuple[VerdictFinding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of interfaces.md §6."""
        return {
            "indication": self.indication.value if self.indication else None,
            "outcome": self.outcome.value,
            "generated_at": rfc3339(self.generated_at),
            "verifier": self.verifier,
            "document": self.document.to_dict(),
            "signatures": [signature.to_dict() for signature in self.signatures],
            "timestamps": [timestamp.to_dict() for timestamp in self.timestamps],
            "log": self.log.to_dict() if self.log else None,
            "dispute": dict(self.dispute) if self.dispute else None,
            "findings": [finding.to_dict() for finding in self.findings],
        }

    @property
    def exit_code(self) -> int:
        """0 TOTAL-PASSED, 1 TOTAL-FAILED, 2 unreadable, 3 INDETERMINATE (interfaces.md §2)."""
        if self.indication is None:
            return 2
        return {
            Indication.TOTAL_PASSED: 0,
            Indication.TOTAL_FAILED: 1,
            Indication.INDETERMINATE: 3,
        }[self.indication]


def rfc3339(at: datetime | None) -> str | None:
    """A time in UTC to the second, RFC 3339."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def dispute_route(kind: str | None, *, worker_relation_with: str = "") -> dict[str, str] | None:
    """Where a dispute about such an agreement goes first: 湘人社规〔2021〕24号（二十三）.

    `worker_relation_with` is the tripartite agreement's value of that name (`labour_relation`
    or `managed`). None for a kind that is not ours. A claim that a labour relation exists goes to
    arbitration whatever the kind; the sentence says so.
    """
    confirm = "要求确认劳动关系的，先申请劳动人事争议仲裁。"
    labour = kind == Kind.LABOUR_CONTRACT or worker_relation_with == "labour_relation"
    if kind is None or kind not in set(Kind):
        return None
    if labour:
        basis = (
            "湘人社规〔2021〕24号（二十三）：劳动关系争议，先申请劳动人事争议仲裁，再到人民法院。"
        )
        return {"route": "arbitration", "basis": basis}
    basis = "湘人社规〔2021〕24号（二十三）：不完全符合确立劳动关系情形，可以向人民法院起诉。"
    return {"route": "court", "basis": basis + confirm}
