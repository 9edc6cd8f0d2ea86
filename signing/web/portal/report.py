"""A verdict in plain Chinese: one line, who signed when, each check with what it means.

Rules kept here:
* nothing is decided here: the judge has decided; what it does not know is shown as unknown, never
  as good;
* a file that was changed, one that is not complete, one that nobody vouches for and one that
  cannot be opened never look alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signing.domain.verdict import (
    Covers,
    Indication,
    LaterChanges,
    Outcome,
    SignatureVerdict,
    Verdict,
    Weight,
)
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


HEADLINES: Mapping[Outcome, Headline] = {
    Outcome.VALID: Headline("✓", "有效：签名都对，签完以后没有被改过", "good"),
    Outcome.VALID_UNKNOWN_ISSUER: Headline(
        "⚠", "没有被改过，但签名证书不是我们认识的机构发的", "warn"
    ),
    Outcome.INCOMPLETE: Headline("⚠", "没有签全：少了一方的签名，或者文件被截短了", "warn"),
    Outcome.TAMPERED: Headline("✗", "无效：文件被改过，或者签名对不上", "bad"),
    Outcome.NO_SIGNATURE: Headline("⚠", "没有签名：这份 PDF 里没有电子签名", "warn"),
    Outcome.UNREADABLE: Headline("✗", "打不开：不是 PDF，或者加了密码", "bad"),
}
VALID_WITH_WARNINGS = Headline("⚠", "有效，但有提醒：签名都对，没有被改过", "warn")

_ROLES = {
    "employer": "用人单位",
    "enterprise": "企业",
    "platform": "平台企业",
    "service_provider": "用工合作企业",
    "worker": "劳动者",
}
_KINDS = {
    "labour_contract": "劳动合同",
    "written_agreement": "书面协议",
    "tripartite_agreement": "三方协议",
}
_CUSTODY = {
    "device": "签名人自己的手机",
    "service": "签署服务代为保管的印章",
    "external": "签名人自己的系统",
}
_INDICATIONS = {
    Indication.TOTAL_PASSED: Headline("✓", "有效", "good"),
    Indication.INDETERMINATE: Headline("⚠", "不能断定", "warn"),
    Indication.TOTAL_FAILED: Headline("✗", "无效", "bad"),
}
_COVERS = {
    Covers.ENTIRE_FILE: "整个文件",
    Covers.ENTIRE_REVISION: "签名时的整个文件",
    Covers.NONE: "没有盖住整个文件",
}
_LATER_CHANGES = {
    LaterChanges.NONE: "没有",
    LaterChanges.NEXT_SIGNATURES: "只加了后面几方的签名",
    LaterChanges.ARCHIVE_ONLY: "只加了存档用的时间戳",
    LaterChanges.FORBIDDEN: "有不该有的改动",
}


def headline(verdict: Verdict) -> Headline:
    """The verdict in one line."""
    has_warning = any(finding.severity is Weight.WARNING for finding in verdict.findings)
    if verdict.outcome is Outcome.VALID and has_warning:
        return VALID_WITH_WARNINGS
    return HEADLINES[verdict.outcome]


def checks(verdict: Verdict) -> tuple[Check, ...]:
    """What was looked at, none for a file that could not be opened."""
    if verdict.outcome is Outcome.UNREADABLE:
        return ()
    document, log = verdict.document, verdict.log
    return (
        Check("内容和签名时一样", _is_untouched(verdict), "改一个字，签名就对不上"),
        Check("每一方都签了", document.complete, "文件里给每一方留了签名的位置，看有没有空着的"),
        Check("知道证书是谁发的", _is_issuer_known(verdict), "发证机构在我们的信任名单里"),
        Check("签名时间有时间戳证明", _is_time_proven(verdict), "时间由第三方盖章，不是自己写的"),
        Check("和签署服务存的一样", document.identical_to_stored, "和我们存的那一份逐个字节比对"),
        Check("登记在存证日志里", log.included if log else None, "日志只能加不能改，谁都可以核对"),
    )


def signers(verdict: Verdict) -> tuple[Signer, ...]:
    """Who signed, in the order of the file."""
    return tuple(_signer(signature) for signature in verdict.signatures)


def kind_name(kind: str | None) -> str:
    """`written_agreement` → 书面协议, "" where the kind is not known."""
    return _KINDS.get(kind or "", "")


def _signer(signature: SignatureVerdict) -> Signer:
    is_proven = signature.time_source == "timestamp"
    source = "时间戳证明" if is_proven else "只是签名人自己写的"
    certificate = signature.certificate
    return Signer(
        role=_ROLES.get(signature.role, signature.role),
        name=signature.name,
        result=_INDICATIONS[signature.indication],
        time=f"{beijing_time(signature.signed_at)}（{source}）"
        if signature.signed_at
        else "不知道",
        custody=_CUSTODY.get(signature.custody or "", "不知道（看签署证据）"),
        covers=_COVERS[signature.covers],
        later_changes=_LATER_CHANGES[signature.later_changes],
        issuer=certificate.issuer if certificate else "",
        serial=certificate.serial if certificate else "",
    )


def _is_untouched(verdict: Verdict) -> bool | None:
    if verdict.outcome is Outcome.TAMPERED:
        return False
    return True if verdict.signatures else None


def _is_issuer_known(verdict: Verdict) -> bool | None:
    if verdict.outcome is Outcome.VALID:
        return True
    return False if verdict.outcome is Outcome.VALID_UNKNOWN_ISSUER else None


def _is_time_proven(verdict: Verdict) -> bool | None:
    if not verdict.signatures:
        return None
    return all(signature.time_source == "timestamp" for signature in verdict.signatures)
