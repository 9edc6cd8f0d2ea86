"""From the child's report on a file of others to a verdict: at best INDETERMINATE (pdf.md §6).

Rules kept here:
* the library's «bottom line» is never used: digest, value, coverage and changes are looked at for
  every signature, and some signature must cover the whole file, or all but validation data;
* what cannot be checked (algorithms such as SM2, unknown kinds) is left open, never called changed;
* whoever signed, nobody vouches for the signer here: `valid_unknown_issuer`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from signing.domain.verdict import (
    Covers,
    Indication,
    LaterChanges,
    Outcome,
    SignatureVerdict,
    Verdict,
    worst,
)
from signing.verification import conclusion
from signing.verification.findings import finding
from signing.verification.foreign import ForeignReport, ForeignSignature, Reading
from signing.verification.reasons import REASONS, Refused


def conclude(blank: Verdict, report: ForeignReport, problems: Sequence[Refused]) -> Verdict:
    """The verdict on a file of others: at best INDETERMINATE."""
    if report.reading is Reading.ENCRYPTED:
        return conclusion.unreadable(blank, "ENCRYPTED")
    if report.reading is Reading.UNAVAILABLE:
        return conclusion.unreadable(blank, "FOREIGN_UNAVAILABLE")
    if report.reading is Reading.LIMIT:
        return conclusion.unreadable(blank, "LIMIT", report.detail)
    if report.reading is Reading.BROKEN:
        return conclusion.refused(blank, [*problems, Refused("FOREIGN_BROKEN", report.detail)])
    document = replace(blank.document, pages=report.pages)
    rows = tuple(_foreign_rows(report))
    found = [*problems, *_foreign_problems(report)]
    indication = worst([Indication.INDETERMINATE, *(REASONS[p.code].indication for p in found)])
    outcome, headline = Outcome.VALID_UNKNOWN_ISSUER, "ISSUER_UNKNOWN"
    if indication is Indication.TOTAL_FAILED:
        outcome, headline = Outcome.TAMPERED, "CHANGED"
    elif not rows:
        outcome, headline = Outcome.NO_SIGNATURE, "NO_SIGNATURE"
    elif any(one.unknown for one in report.signatures):
        headline = "CANNOT_JUDGE"
    elif not found:
        found.append(Refused("FOREIGN_FORMAT"))
    return replace(
        blank,
        indication=indication,
        outcome=outcome,
        document=document,
        signatures=rows,
        findings=(
            finding(headline),
            *(finding(problem.code, problem.detail) for problem in found),
            finding("CHECKED_BY_PYHANKO"),
        ),
    )


def _foreign_problems(report: ForeignReport) -> Iterator[Refused]:
    """The table of pdf.md §6: the library's words, our conclusions."""
    for one in report.signatures:
        code = _foreign_code(one)
        if code is not None:
            yield Refused(code, one.field)
    is_covered = report.archived or any(one.covers_file for one in report.signatures)
    if report.signatures and not is_covered:
        yield Refused("FOREIGN_CHANGED", "nothing covers the whole file")


def _foreign_code(one: ForeignSignature) -> str | None:
    """What is wrong with one signature, None if nothing is."""
    if one.unknown:
        return "FOREIGN_UNSUPPORTED"
    if not one.intact:
        return "HASH_FAILURE"
    if not one.valid:
        return "SIG_CRYPTO_FAILURE"
    if one.changed or not one.covers_revision:
        return "FOREIGN_CHANGED"
    return "WEAK_ALGORITHM" if one.weak else None


def _foreign_rows(report: ForeignReport) -> Iterator[SignatureVerdict]:
    """The signatures, and what came after each."""
    after = LaterChanges.ARCHIVE_ONLY if report.archived else LaterChanges.NONE
    for position, one in enumerate(report.signatures, start=1):
        is_last = position == len(report.signatures)
        later = after if is_last else LaterChanges.NEXT_SIGNATURES
        yield _foreign_row(one, LaterChanges.FORBIDDEN if one.changed else later)


def _foreign_row(one: ForeignSignature, later: LaterChanges) -> SignatureVerdict:
    reason = REASONS[_foreign_code(one) or "FOREIGN_FORMAT"]
    covers = Covers.ENTIRE_REVISION if one.covers_revision else Covers.NONE
    return SignatureVerdict(
        role=one.field,
        name=one.signer,
        indication=reason.indication,
        sub_indication=reason.sub_indication,
        signed_at=None,
        time_source=None,
        covers=Covers.ENTIRE_FILE if one.covers_file else covers,
        later_changes=later,
    )
