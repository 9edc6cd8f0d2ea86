"""From what was found to a verdict: the gravest finding decides, the first one says it plainly.

Rules kept here:
* TOTAL-FAILED beats INDETERMINATE beats TOTAL-PASSED, over signatures, timestamps and log alike;
* a party's empty field makes the document incomplete, INDETERMINATE; an empty `archive` does not;
* what was found about a file that is not sound is told, but never as a sound signature.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from signing.domain.draft import Role
from signing.domain.masking import mask_name
from signing.domain.verdict import (
    CertificateFacts,
    Covers,
    Indication,
    LaterChanges,
    LogFacts,
    Outcome,
    SignatureVerdict,
    SubIndication,
    TimestampVerdict,
    Verdict,
    VerdictFinding,
    dispute_route,
    worst,
)
from signing.verification.evidence import LogOpinion
from signing.verification.findings import finding
from signing.verification.judge import Judgement
from signing.verification.reasons import REASONS, Refused
from signing.verification.signature import Judged

ROLE_NAMES = {
    Role.EMPLOYER: "用人单位",
    Role.ENTERPRISE: "企业",
    Role.PLATFORM: "平台企业",
    Role.SERVICE_PROVIDER: "用工合作企业",
    Role.WORKER: "劳动者",
}
NOT_INCLUDED = LogFacts(included=False, index=None, tree_size=None, witnesses=0, first_seen_by=None)
_UNDECIDED = {"TIME_BEFORE_SIGNING": "NOT_YET_SIGNED", "UNKNOWN_ISSUER": "ISSUER_UNKNOWN"}
"""Problems that leave it open, and the headlines that say so."""
_CONTENT_CODES = frozenset(("HASH_FAILURE", "TEXT_LOCK"))


def unreadable(blank: Verdict, code: str, detail: str = "") -> Verdict:
    """Not a file that we can open: no indication at all."""
    findings = (finding("UNREADABLE"), finding(code, detail))
    return replace(blank, indication=None, outcome=Outcome.UNREADABLE, findings=findings)


def refused(
    blank: Verdict, problems: Sequence[Refused], earlier: Judgement | None = None
) -> Verdict:
    """TOTAL-FAILED for the file as a whole; `earlier` is what stood before the change."""
    is_package = all(p.code.startswith(("EVIDENCE", "LOG")) for p in problems)
    findings = [finding("PACKAGE_FAILS" if is_package else "CHANGED")]
    findings += [finding(problem.code, problem.detail) for problem in problems]
    document, signatures = blank.document, blank.signatures
    if earlier is not None and earlier.parties:
        findings.append(finding("LAST_SOUND_REVISION", f"{earlier.ends[-1]} bytes"))
        agreement = earlier.agreement
        document = replace(document, kind=agreement.kind.value, number=agreement.number)
        signatures = tuple(
            replace(
                row,
                indication=Indication.TOTAL_FAILED,
                sub_indication=SubIndication.FORMAT_FAILURE,
                covers=Covers.ENTIRE_REVISION,
                later_changes=LaterChanges.FORBIDDEN,
            )
            for row in _signatures(earlier, {})
        )
    return replace(
        blank,
        indication=Indication.TOTAL_FAILED,
        outcome=Outcome.TAMPERED,
        document=document,
        signatures=signatures,
        findings=tuple(findings),
    )


def judged(blank: Verdict, judgement: Judgement, opinion: LogOpinion) -> Verdict:
    """The verdict on a file of our own grammar."""
    indication = worst(_indications(judgement, opinion))
    agreement = judgement.agreement
    document = replace(
        blank.document,
        pages=judgement.pages,
        kind=agreement.kind.value,
        number=agreement.number,
        complete=not judgement.missing,
        identical_to_stored=opinion.identical,
        test_certificates=_is_test(judgement),
    )
    return replace(
        blank,
        indication=indication,
        outcome=_outcome(indication, judgement),
        document=document,
        signatures=tuple(_signatures(judgement, opinion.custody)),
        timestamps=tuple(_timestamps(judgement)),
        log=NOT_INCLUDED if opinion.problems else opinion.facts,
        dispute=dispute_route(
            agreement.kind.value, worker_relation_with=agreement.worker_relation_with
        ),
        findings=(
            finding(_headline(indication, judgement, opinion)),
            *_problem_findings(judgement, opinion),
            *(finding(code) for code in _notes(judgement, opinion)),
        ),
    )


def _indications(judgement: Judgement, opinion: LogOpinion) -> Iterator[Indication]:
    yield judgement.indication
    yield from (REASONS[problem.code].indication for problem in opinion.problems)
    if judgement.missing or not judgement.parties:
        yield Indication.INDETERMINATE


def _outcome(indication: Indication, judgement: Judgement) -> Outcome:
    if indication is Indication.TOTAL_FAILED:
        return Outcome.TAMPERED
    if not judgement.parties:
        return Outcome.NO_SIGNATURE
    if judgement.missing:
        return Outcome.INCOMPLETE
    if indication is Indication.INDETERMINATE:
        return Outcome.VALID_UNKNOWN_ISSUER
    return Outcome.VALID


def _headline(indication: Indication, judgement: Judgement, opinion: LogOpinion) -> str:
    """Code of the sentence that says how things stand."""
    codes = {problem.code for judged in judgement.judged for problem in judged.all_problems}
    if judgement.indication is Indication.TOTAL_FAILED:
        return "CHANGED" if codes & _CONTENT_CODES else "SIGNATURE_FAILS"
    if opinion.problems:
        return "EVIDENCE_FAILS"
    if not judgement.parties:
        return "NO_SIGNATURE"
    if judgement.missing:
        return "INCOMPLETE"
    if indication is Indication.INDETERMINATE:
        telling = (headline for code, headline in _UNDECIDED.items() if code in codes)
        return next(telling, "CANNOT_JUDGE")
    return "ADDITIONS_ALLOWED" if judgement.judged[-1].step.is_timestamp else "UNTOUCHED"


def _problem_findings(judgement: Judgement, opinion: LogOpinion) -> Iterator[VerdictFinding]:
    """Each problem once per signature, gravest first within it."""
    for one in judgement.judged:
        who = _who(one.step.field.name)
        yield from (finding(p.code, p.detail, who=who) for p in one.all_problems)
    yield from (finding(problem.code, problem.detail) for problem in opinion.problems)


def _notes(judgement: Judgement, opinion: LogOpinion) -> Iterable[str]:
    """Codes that decide nothing, each once."""
    notes = [note for judged in judgement.judged for note in judged.notes]
    notes += opinion.notes
    if _is_test(judgement):
        notes.append("TEST_CERTIFICATES")
    if judgement.parties and not judgement.missing and not judgement.is_archived:
        notes.append("NOT_ARCHIVED")
    if opinion.identical is False:
        notes.append("NOT_IDENTICAL")
    return dict.fromkeys(notes)


def _is_test(judgement: Judgement) -> bool | None:
    """Whether a party signed with a test certificate; None if nobody signed readably."""
    known = [one.certificate for one in judgement.parties if one.certificate is not None]
    return any(certificate.is_test for certificate in known) if known else None


def _who(name: str) -> str:
    return ROLE_NAMES[Role(name)] if name in set(Role) else "归档时间戳"


def _signatures(judgement: Judgement, custody: Mapping[str, str]) -> Iterator[SignatureVerdict]:
    for position, one in enumerate(judgement.judged):
        if not one.step.is_timestamp:
            yield _signature(one, judgement.judged[position + 1 :], custody)


def _signature(
    one: Judged, later: Sequence[Judged], custody: Mapping[str, str]
) -> SignatureVerdict:
    role = one.step.field.name
    certificate = one.certificate
    name = certificate.common_name() if certificate else ""
    changes = LaterChanges.ARCHIVE_ONLY if later else LaterChanges.NONE
    if any(not other.step.is_timestamp for other in later):
        changes = LaterChanges.NEXT_SIGNATURES
    return SignatureVerdict(
        role=role,
        name=mask_name(name) if role == Role.WORKER else name,
        indication=one.indication,
        sub_indication=one.sub_indication,
        signed_at=one.token.gen_time if one.token else None,
        time_source="timestamp" if one.token else None,
        covers=Covers.ENTIRE_REVISION if later else Covers.ENTIRE_FILE,
        later_changes=changes,
        custody=custody.get(role),
        certificate=None
        if certificate is None
        else CertificateFacts(
            issuer=certificate.common_name(of_issuer=True),
            serial=f"{certificate.serial:x}",
            not_before=certificate.not_before,
            not_after=certificate.not_after,
        ),
    )


def _timestamps(judgement: Judgement) -> Iterator[TimestampVerdict]:
    for one in judgement.judged:
        if one.token is not None:
            name = one.token.certificate.common_name()
            yield TimestampVerdict(one.token.gen_time, name, one.token_indication)
