"""A verdict as text for people and as JSON for programs.

Rules kept here:
* nothing is decided here; the first line is the outcome, the second what it means and what to do;
* times are Beijing time in Chinese, UTC in English;
* characters that steer a terminal or turn a line round come from hostile files: they are shown as
  U+FFFD in text and as escapes in JSON.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone

from signing.domain.verdict import SignatureVerdict, Verdict, VerdictFinding
from signing.verification.wording import EN, ZH, Words

_BEIJING = timezone(timedelta(hours=8))
_STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def to_json(verdicts: Sequence[Verdict], *, as_array: bool = False) -> str:
    """The JSON object of one verdict, or the array of several; safe to print on a terminal.

    `as_array` where several were asked for, though some could not be read.
    """
    items = [verdict.to_dict() for verdict in verdicts]
    is_one = len(items) == 1 and not as_array
    text = json.dumps(items[0] if is_one else items, ensure_ascii=False, indent=2)
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def to_text(verdict: Verdict, *, file_name: str, language: str = "zh") -> str:
    """The report in `zh` or `en`, lines without a newline at the end."""
    lines = _lines(verdict, file_name, language, ZH if language == "zh" else EN)
    return "\n".join(_STEERING.sub("\ufffd", line) for line in lines)


def _lines(verdict: Verdict, file_name: str, language: str, words: Words) -> Iterator[str]:
    status = verdict.indication.value if verdict.indication else "-"
    yield f"{words.label('result')}{words.outcomes[verdict.outcome]} ({status})"
    yield f"  {_message(verdict.findings[0], language)}"
    yield f"{words.label('file')}{file_name}"
    yield f"  SHA-256 {verdict.document.sha256}"
    yield from _document_lines(verdict, words)
    for number, signature in enumerate(verdict.signatures, start=1):
        yield from _signature_lines(number, signature, language, words)
    for stamp in verdict.timestamps:
        status = words.indications[stamp.indication]
        yield f"{words.label('timestamp')}{_time(stamp.gen_time, language)}  {stamp.tsa}  {status}"
    yield from _log_lines(verdict, language, words)
    if verdict.dispute and language == "zh":
        yield f"{words.label('dispute')}{verdict.dispute['basis']}"
    if verdict.findings[1:]:
        yield words.label("notes").rstrip()
    for finding in verdict.findings[1:]:
        yield f"  [{finding.code}] {_message(finding, language)}"
    yield f"{verdict.verifier}  {_time(verdict.generated_at, language)}"


def _document_lines(verdict: Verdict, words: Words) -> Iterator[str]:
    document = verdict.document
    if document.number:
        kind = words.kinds.get(document.kind or "", document.kind or "")
        yield f"{words.label('agreement')}{kind} {document.number}"
    if verdict.signatures:
        yield f"  {words.label('complete')}{_yes_no(document.complete, words)}"
        yield f"  {words.label('identical')}{_yes_no(document.identical_to_stored, words)}"


def _signature_lines(
    number: int, signature: SignatureVerdict, language: str, words: Words
) -> Iterator[str]:
    role = words.roles.get(signature.role, signature.role)
    status = words.indications[signature.indication]
    reason = f" {signature.sub_indication.value}" if signature.sub_indication else ""
    heading = f"{words.labels['signature']} {number}{words.separator}"
    yield f"{heading}{role} {signature.name}  {status}{reason}"
    time = _time(signature.signed_at, language) if signature.signed_at else words.labels["unproven"]
    changes = words.changes[signature.later_changes]
    yield f"  {words.label('time')}{time}  {words.covers[signature.covers]}  {changes}"
    if signature.certificate:
        certificate = signature.certificate
        issued = f"{certificate.issuer} {words.labels['issued']}"
        if language == "en":
            issued = f"{words.labels['issued']} {certificate.issuer}"
        serial = f"{words.labels['serial']} {certificate.serial}"
        yield f"  {words.label('certificate')}{issued}  {serial}"


def _log_lines(verdict: Verdict, language: str, words: Words) -> Iterator[str]:
    log = verdict.log
    if log is None:
        return
    if not log.included:
        yield f"{words.label('log')}{words.labels['not_included']}"
        return
    seen = _time(log.first_seen_by, language) if log.first_seen_by else words.unknown
    entry = words.labels["entry"].format(
        index=log.index, size=log.tree_size, witnesses=log.witnesses, seen=seen
    )
    yield f"{words.label('log')}{entry}"


def _message(finding: VerdictFinding, language: str) -> str:
    return finding.message_zh if language == "zh" else finding.message


def _yes_no(value: bool | None, words: Words) -> str:
    if value is None:
        return words.unknown
    return words.labels["yes" if value else "no"]


def _time(at: datetime | None, language: str) -> str:
    if at is None:
        return "-"
    if language == "zh":
        return at.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S（北京时间）")
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
