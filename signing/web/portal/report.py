"""A verdict in plain Chinese: one line, who signed when, each check with what it means.

Rules kept here:
* nothing is decided here: the judge has decided; what it does not know is shown as unknown, never
  as good;
* a file that was changed, one that is not complete, one that nobody vouches for and one that
  cannot be opened never look alike;
* words are those of the command line (`verification.wording`); characters of hostile files that
  turn a line round are shown as U+FFFD.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from signing.domain.verdict import (
    Indication,
    Outcome,
    SignatureVerdict,
    SubIndication,
    Verdict,
    Weight,
)
from signing.verification.wording import ZH
from signing.web.beijing import beijing_time


@dataclass(frozen=True)
class Headline:
    """The verdict in one line; `tone` is good, warn or bad."""

    mark: str
    text: str
    tone: str


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `holds` is None where it cannot be known from this file."""

    name: str
    holds: bool | None
    meaning: str

    @property
    def mark(self) -> str:
        """A mark and its word: a colour or a shape alone says nothing to many."""
        return {True: "✓ 是", False: "✗ 否", None: "？ 不知道"}[self.holds]


@dataclass(frozen=True)
class Signer:
    """A signature, for the list of who signed."""

    role: str
    name: str
    result: Headline
    time: str
    custody: str
    covers: str
    later_changes: str
    issuer: str
    serial: str


_MARKS: Mapping[Outcome, tuple[str, str]] = {
    Outcome.VALID: ("✓", "good"),
    Outcome.VALID_UNKNOWN_ISSUER: ("⚠", "warn"),
    Outcome.INCOMPLETE: ("⚠", "warn"),
    Outcome.TAMPERED: ("✗", "bad"),
    Outcome.NO_SIGNATURE: ("⚠", "warn"),
    Outcome.UNREADABLE: ("✗", "bad"),
}
_SIGNATURE_MARKS = {
    Indication.TOTAL_PASSED: ("✓", "good"),
    Indication.INDETERMINATE: ("⚠", "warn"),
    Indication.TOTAL_FAILED: ("✗", "bad"),
}
_CUSTODY = {
    "device": "签名人自己的手机",
    "service": "签署服务代为保管的印章",
    "external": "签名人自己的系统",
}
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def headline(verdict: Verdict) -> Headline:
    """The verdict in one line."""
    has_warning = any(finding.severity is Weight.WARNING for finding in verdict.findings)
    if verdict.outcome is Outcome.VALID and has_warning:
        return Headline("⚠", "有效，但有提醒", "warn")
    mark, tone = _MARKS[verdict.outcome]
    return Headline(mark, ZH.outcomes[verdict.outcome], tone)


def checks(verdict: Verdict) -> tuple[Check, ...]:
    """What was looked at, none for a file that could not be opened."""
    if verdict.outcome is Outcome.UNREADABLE:
        return ()
    document, log = verdict.document, verdict.log
    return (
        Check("内容和签名时一样", _is_untouched(verdict), "改一个字，签名就对不上"),
        Check("每一方都签了", document.complete, "文件里给每一方留了签名的位置，看有没有空着的"),
        Check("知道证书是谁发的", _is_issuer_known(verdict), "发证机构在我们的信任名单里"),
        Check(
            "签名时间有时间戳证明",
            _is_time_proven(verdict),
            "时间由时间戳服务盖章，不是签名人自己写的",
        ),
        Check("和签署服务存的一样", document.identical_to_stored, "和我们存的那一份逐个字节比对"),
        Check("登记在存证日志里", log.included if log else None, "日志只能加不能改，谁都可以核对"),
    )


def signers(verdict: Verdict) -> tuple[Signer, ...]:
    """Who signed, in the order of the file."""
    return tuple(_signer(signature) for signature in verdict.signatures)


def kind_name(kind: str | None) -> str:
    """`written_agreement` → 书面协议, "" where the kind is not known."""
    return ZH.kinds.get(kind or "", "")


def shown(text: str) -> str:
    """Text of a file's maker, without characters that steer what is read."""
    return _STEERING.sub("\ufffd", text)


def _signer(signature: SignatureVerdict) -> Signer:
    is_proven = signature.time_source == "timestamp"
    source = "时间戳证明" if is_proven else "只是签名人自己写的"
    certificate = signature.certificate
    mark, tone = _SIGNATURE_MARKS[signature.indication]
    return Signer(
        role=ZH.roles.get(signature.role, shown(signature.role)),
        name=shown(signature.name),
        result=Headline(mark, ZH.indications[signature.indication], tone),
        time=f"{beijing_time(signature.signed_at)}（{source}）"
        if signature.signed_at
        else "不知道",
        custody=_CUSTODY.get(signature.custody or "", "不知道（看签署证据）"),
        covers=ZH.covers[signature.covers],
        later_changes=ZH.changes[signature.later_changes],
        issuer=shown(certificate.issuer) if certificate else "",
        serial=certificate.serial if certificate else "",
    )


def _is_untouched(verdict: Verdict) -> bool | None:
    if verdict.outcome is Outcome.TAMPERED:
        return False
    return True if verdict.signatures else None


def _is_issuer_known(verdict: Verdict) -> bool | None:
    reasons = {signature.sub_indication for signature in verdict.signatures}
    if SubIndication.NO_CERTIFICATE_CHAIN_FOUND in reasons:
        return False
    return True if verdict.outcome is Outcome.VALID else None


def _is_time_proven(verdict: Verdict) -> bool | None:
    if not verdict.signatures:
        return None
    return all(signature.time_source == "timestamp" for signature in verdict.signatures)
