"""The 签署证据报告 as PDF: facts in, pages out (law.md §7.2).

Rules kept here:
* it is written for people; what proves something are the files beside it, and it says so;
* nothing is fetched; names and numbers come in already masked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

_SHANGHAI = timezone(timedelta(hours=8))
_SECTIONS = Path(__file__).parent / "templates"
_EVENTS_ZH: Mapping[str, str] = {
    "agreement.created": "生成协议",
    "agreement.viewed": "打开链接",
    "party.invited": "邀请签署",
    "party.identified": "核对身份",
    "party.consented": "同意",
    "document.presented": "看完全文",
    "party.question_asked": "提出疑问",
    "signature.requested": "准备签名",
    "party.signed": "签署",
    "party.declined": "拒签",
    "agreement.completed": "各方签完",
    "agreement.delivered": "送达",
    "agreement.downloaded": "下载",
    "agreement.voided": "作废",
    "agreement.expired": "过期",
    "certificate.issued": "签发证书",
}
_ROLES_ZH: Mapping[str, str] = {
    "employer": "用人单位",
    "enterprise": "平台企业",
    "platform": "平台企业",
    "service_provider": "用工合作企业",
    "worker": "劳动者",
}
_CUSTODY_ZH: Mapping[str, str] = {
    "device": "本人手机（私钥不出手机）",
    "service": "签署服务保管的印章密钥",
    "external": "企业自有密钥",
}
_STATUS_ZH: Mapping[str, str] = {
    "pending": "签署中",
    "completed": "已完成",
    "declined": "已拒签",
    "voided": "已作废",
    "expired": "已过期",
    "waiting": "未轮到",
    "invited": "已邀请",
    "viewed": "已打开",
    "identified": "已核对身份",
    "signed": "已签署",
}
_KINDS_ZH: Mapping[str, str] = {
    "labour_contract": "劳动合同",
    "written_agreement": "书面协议",
    "tripartite_agreement": "三方协议",
}


class _NoFetcher(URLFetcher):  # type: ignore[misc] - WeasyPrint has no types
    """Fetches nothing."""

    def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the base's signature
        raise FatalURLFetchingError(f"a report fetches nothing: {url}")


def report_pdf(facts: Mapping[str, Any]) -> bytes:
    """The report of `services.evidence.report_facts`."""
    environment = Environment(
        loader=FileSystemLoader(_SECTIONS), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["beijing"] = _beijing
    html = environment.get_template("evidence_report.html").render(
        facts=facts,
        events_zh=_EVENTS_ZH,
        roles_zh=_ROLES_ZH,
        custody_zh=_CUSTODY_ZH,
        status_zh=_STATUS_ZH,
        kinds_zh=_KINDS_ZH,
    )
    pdf: bytes = HTML(string=html, url_fetcher=_NoFetcher()).write_pdf()
    return pdf


def _beijing(text: str | None) -> str:
    """RFC 3339 in UTC as Beijing time."""
    if text is None:
        return "—"
    return datetime.fromisoformat(text).astimezone(_SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
