"""The strict judge of files of our own grammar: plain Python and `cryptography`, no PDF library.

The rules, as they are numbered in the code here and in the modules that carry them out:

 1  Frame: `%PDF-` first, `%%EOF` last, classic tables back along `/Prev`.            grammar
 2  Every byte of a revision belongs to an object of its own table.                   grammar
 3  One signature per increment, in a field of the base that was empty.               changes
 4  Catalog: `/Perms` when certifying, `/DSS` when archiving; nothing else replaced.  changes
 5  The byte range covers its whole revision but for its own `/Contents`.    signature_object
 6  CMS: one signer, our attributes, the bound certificate, algorithms of the table.      cms
 7  One token per signature, over its value; times never fall; archive last.           tokens
 8  Chain to `ca/` at the token's time, CRLs where the certificate names one.          chains
 9  Certified or locked; these parties, in this order, over this text.                parties
10  Limits before all else: size, revisions, objects, certificates.         each of the above

Time (EN 319 102-1 §5.6.2): a signature is judged at its token's genTime, with the CRLs of the
document security store and of the trust folder. A token is believed as long as its TSA's
certificate lasts, or until the next sound document timestamp, or until witnesses of the log saw
the document. So the answer for an archived file is the same on any later day. As of a time before
a signature there is none to judge: INDETERMINATE (TIME_BEFORE_SIGNING).

A certificate that names a CRL needs one that still spoke at the token's time. While the archive
step is not in, none may be there yet: for one day after the signature that is a warning
(REVOCATION_PENDING), afterwards INDETERMINATE (REVOCATION_MISSING): unknown is not good.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from signing.domain.verdict import Indication, worst
from signing.verification import (
    attachments,
    certificates,
    changes,
    form,
    grammar,
    parties,
    signature_object,
    streams,
)
from signing.verification.attachments import Agreement
from signing.verification.certificates import Certificate, RevocationList
from signing.verification.changes import History, SignedRevision
from signing.verification.grammar import PdfObject
from signing.verification.reasons import Refused
from signing.verification.signature import Court, Judged
from signing.verification.trust import TrustAnchors

_MAX_STORE = 4 * 1024 * 1024
"""Certificates, or CRLs, of one document security store, unpacked."""


@dataclass(frozen=True)
class Judgement:
    """Everything that the bytes alone say.

    `judged` are all steps in the order of the file, `missing` the roles whose field is empty,
    `ends` where each revision ends, the base first.
    """

    agreement: Agreement
    pages: int
    judged: tuple[Judged, ...]
    missing: tuple[str, ...]
    ends: tuple[int, ...]

    @property
    def parties(self) -> tuple[Judged, ...]:
        """The parties' signatures, in their order."""
        return tuple(judged for judged in self.judged if not judged.step.is_timestamp)

    @property
    def is_archived(self) -> bool:
        """Whether a document timestamp is in."""
        return len(self.parties) < len(self.judged)

    @property
    def indication(self) -> Indication:
        """Of all signatures and document timestamps together."""
        return worst(judged.indication for judged in self.judged)


Seen = Callable[[str], datetime | None]
"""SHA-256 of a revision → when witnesses of the log had seen it, None if that cannot be shown."""


def judge(
    data: bytes, *, trust: TrustAnchors, at: datetime, seen_at: Seen | None = None
) -> Judgement:
    """Judge a file of our own grammar as of `at` (aware UTC).

    `seen_at` is asked about the revision that holds all parties' signatures. Raises Refused if the
    file breaks a rule that concerns it as a whole; what concerns one signature stands in the
    judgement.
    """
    # 10, 1, 2. The file's frame, every byte of it.
    pdf = grammar.read_file(data)
    base = form.read_base(pdf)
    # 3, 4. What each increment did.
    history = changes.explain(pdf, base)
    # 5. What each signature covers.
    steps = history.signed
    covered = list(
        signature_object.signed_bytes(pdf, [(step.revision, step.signature) for step in steps])
    )
    # 9. Of the file as a whole.
    agreement = attachments.read_agreement(pdf, base)
    parties.check_file(base, history, agreement)
    # 6, 7, 8, 9. Of each signature, newest first: a later timestamp vouches for earlier tokens.
    court = Court(
        trust=trust,
        agreement=agreement,
        stored=tuple(_stored_certificates(history)),
        crls=(*trust.crls, *_stored_crls(history)),
        at=at,
        seen_at=None if seen_at is None else _seen_at(data, steps, seen_at),
    )
    judged: list[Judged] = []
    limit = at
    for step, signed in zip(reversed(steps), reversed(covered), strict=True):
        judged.append(court.judge(step, signed, limit=limit))
        token = judged[-1].token
        if step.is_timestamp and token and judged[-1].indication is Indication.TOTAL_PASSED:
            limit = min(limit, token.gen_time)
    judged.reverse()
    _check_times(judged)
    return Judgement(
        agreement=agreement,
        pages=base.pages,
        judged=tuple(judged),
        missing=tuple(empty.name for empty in history.empty if empty.is_party),
        ends=tuple(revision.end for revision in pdf.revisions),
    )


def _seen_at(data: bytes, steps: Sequence[SignedRevision], seen_at: Seen) -> datetime | None:
    """When the revision of the last party's signature had been seen."""
    ends = [step.revision.end for step in steps if not step.is_timestamp]
    return seen_at(hashlib.sha256(data[: ends[-1]]).hexdigest()) if ends else None


def _check_times(judged: list[Judged]) -> None:
    """7. Times of successive tokens never fall."""
    stamped = [(one, one.token.gen_time) for one in judged if one.token is not None]
    for (_, before), (later, after) in pairwise(stamped):
        if after < before:
            later.problems.append(Refused("TIMES_FALL"))


def _stored_certificates(history: History) -> Iterator[Certificate]:
    """Certificates of the document security store; what is none is refused."""
    for data in _unpacked(history.store.certificates):
        try:
            yield certificates.load(data)
        except Refused as e:
            raise Refused("DSS", "a stored certificate cannot be read") from e


def _stored_crls(history: History) -> Iterator[RevocationList]:
    """CRLs of the document security store; what is none is refused."""
    for data in _unpacked(history.store.crls):
        crl = certificates.load_crl(data)
        if crl is None:
            raise Refused("DSS", "a stored CRL cannot be read")
        yield crl


def _unpacked(items: Iterable[PdfObject]) -> Iterator[bytes]:
    """10. What the streams hold, bounded in all: a few bytes never become gigabytes."""
    left = _MAX_STORE
    for item in items:
        data = streams.content(item, limit=min(left, certificates.MAX_CRL), code="DSS")
        left -= len(data)
        yield data
