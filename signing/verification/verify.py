"""One call from bytes to verdict, offline: what the command line and the portal share (walk c).

Steps, numbered in the code:

 1  what it is: a PDF, an evidence package, or neither; size before all else;
 2  the evidence package, if there is one;
 3  our own grammar: the strict judge; a file that claims to be ours and breaks a rule is tampered;
 4  any other PDF: pyHanko in a confined child, at best INDETERMINATE;
 5  the log against the document;
 6  the verdict: the gravest of all that was found decides.

Nothing in here raises for what is in a file: an exception of ours is FORMAT_FAILURE.
"""

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib import metadata

from signing.domain.verdict import DocumentFacts, Outcome, Verdict
from signing.pades import vocabulary
from signing.verification import conclusion, foreign, foreign_verdict
from signing.verification.evidence import LogOpinion, Story, opinion, read_story
from signing.verification.foreign import ForeignReport
from signing.verification.judge import Judgement, judge
from signing.verification.package import Package, looks_like_package, open_package
from signing.verification.reasons import Refused
from signing.verification.trust import TrustAnchors

Known = Callable[[str], Collection[str] | None]
"""Agreement id → SHA-256 of all its stored revisions, None for an agreement that is not known."""

_HEADER_WITHIN = 1024
_OUR_MARKS = re.compile(
    rb"/T ?\(%b\)|%b" % (vocabulary.ARCHIVE_FIELD.encode(), vocabulary.LOCATION_PREFIX.encode())
)
_END_OF_FILE = b"%%EOF"
_MAX_SALVAGES = 4


def verify_document(
    data: bytes,
    *,
    trust: TrustAnchors,
    at: datetime,
    evidence: bytes | None = None,
    known_sha256s: Known | None = None,
    read_foreign: Callable[[bytes], ForeignReport] = foreign.inspect,
) -> Verdict:
    """The verdict on `data`, a PDF or an evidence package, as of `at` (aware UTC). Never raises.

    `evidence` is an evidence.zip for a PDF; `known_sha256s` lets a service say which bytes it has
    stored, and then no package can. Without either, `log` and `identical_to_stored` stay unknown.
    """
    case = _Case(data, trust, at)
    try:
        return _verify(case, evidence, known_sha256s, read_foreign)
    except Exception as e:  # noqa: BLE001  (a hostile file must never give a traceback)
        return conclusion.refused(case.blank, [Refused("SYNTAX", type(e).__name__)])


@dataclass(frozen=True)
class _Case:
    """A file, whom to trust, and as of when."""

    data: bytes
    trust: TrustAnchors
    at: datetime

    @property
    def blank(self) -> Verdict:
        """A verdict that says nothing yet."""
        return Verdict(
            indication=None,
            outcome=Outcome.UNREADABLE,
            generated_at=self.at,
            verifier=verifier(),
            document=DocumentFacts(hashlib.sha256(self.data).hexdigest()),
        )


@dataclass(frozen=True)
class _Witness:
    """What the evidence package says: a story, a problem, or (`is_absent`) there is none."""

    story: Story | None = None
    problem: Refused | None = None
    is_absent: bool = False


def _verify(
    case: _Case,
    evidence: bytes | None,
    known: Known | None,
    read_foreign: Callable[[bytes], ForeignReport],
) -> Verdict:
    # 1. What it is: an evidence package is judged by its own agreement.pdf.
    package: Package | None = None
    if looks_like_package(case.data):
        try:
            package = open_package(case.data)
        except Refused as problem:
            return conclusion.refused(case.blank, [problem])
        case = replace(case, data=package.pdf)
    # 2. The evidence: what was handed over beside the file, else the package around it.
    witness = _heard(evidence, package, case.trust)
    return _verify_pdf(case, witness, known, read_foreign)


def _heard(zipped: bytes | None, package: Package | None, trust: TrustAnchors) -> _Witness:
    try:
        if zipped is not None:
            package = open_package(zipped)
        if package is None:
            return _Witness(is_absent=True)
        return _Witness(story=read_story(package, trust))
    except Refused as problem:
        return _Witness(problem=problem)


def _verify_pdf(
    case: _Case,
    witness: _Witness,
    known: Known | None,
    read_foreign: Callable[[bytes], ForeignReport],
) -> Verdict:
    blank, data = case.blank, case.data
    problems = [] if witness.problem is None else [witness.problem]
    # 1. Size before all else.
    if len(data) > vocabulary.MAX_FILE:
        return conclusion.unreadable(blank, "LIMIT", f"{len(data)} bytes")
    if b"%PDF-" not in data[: _HEADER_WITHIN + len(b"%PDF-") - 1]:
        return conclusion.unreadable(blank, "NOT_A_PDF")
    # 3. Our own grammar.
    found = _judge(case, witness.story)
    if isinstance(found, Refused):
        if found.code == "ENCRYPTED":
            return conclusion.unreadable(blank, "ENCRYPTED")
        if _OUR_MARKS.search(data) is not None:
            return conclusion.refused(blank, [*problems, found], _salvaged(case))
        # 4. Any other PDF.
        return foreign_verdict.conclude(blank, read_foreign(data), problems)
    # 5. The log against the document.
    said = LogOpinion(problems=tuple(problems), notes=("LOG_PROOF_ABSENT",) * witness.is_absent)
    if not problems and not witness.is_absent:
        said = opinion(witness.story, data, found)
    if known is not None:
        said = replace(said, identical=_identical(case, said, known(found.agreement.id)))
    # 6. The verdict.
    return conclusion.judged(blank, found, said)


def _identical(case: _Case, said: LogOpinion, stored: Collection[str] | None) -> bool | None:
    """Whoever has the stored files knows better than a package, which may say what it likes."""
    if stored is not None:
        return case.blank.document.sha256 in stored
    return None if said.identical else said.identical


def _judge(case: _Case, story: Story | None) -> Judgement | Refused:
    """The judgement, or why there is none."""
    seen_at = None if story is None else story.seen_at
    try:
        return judge(case.data, trust=case.trust, at=case.at, seen_at=seen_at)
    except Refused as problem:
        return problem
    except Exception as e:  # noqa: BLE001  (a hostile file must never give a traceback)
        return Refused("SYNTAX", type(e).__name__)


def _salvaged(case: _Case) -> Judgement | None:
    """The newest earlier state of a changed file that is sound, to tell who had signed it."""
    end = len(case.data)
    for _ in range(_MAX_SALVAGES):
        end = case.data.rfind(_END_OF_FILE, 0, end)
        if end < 0:
            return None
        tail = case.data[end + len(_END_OF_FILE) :][:2]
        whole = end + len(_END_OF_FILE) + (len(tail) if tail == b"\r\n" else tail[:1] == b"\n")
        found = _judge(replace(case, data=case.data[:whole]), None)
        if isinstance(found, Judgement):
            return found
    return None


@cache
def verifier() -> str:
    """Name and version of this program."""
    try:
        return f"signing {metadata.version('signing')}"
    except metadata.PackageNotFoundError:
        return "signing"
