"""The 签署证据报告: facts of the log set in type (law.md §7.2). A summary, never the proof itself.

Rules kept here:
* every value comes in `facts`; times are printed in +08:00 with their zone;
* text from payloads is escaped and, where no font has a character, its U+ number stands for it:
  a report must come out whatever was written into an event.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from signing.rendering.composition import SHANGHAI

_FOLDER = files("signing.rendering") / "reports"
_KINDS = {
    "labour_contract": "劳动合同",
    "written_agreement": "书面协议",
    "tripartite_agreement": "三方书面协议",
}
_ROLES = {
    "employer": "用人单位",
    "enterprise": "企业",
    "platform": "平台企业",
    "service_provider": "平台用工合作企业",
    "worker": "劳动者",
}
_STATUSES = {
    "pending": "签署中",
    "completed": "已完成",
    "declined": "已拒签",
    "voided": "已作废",
    "expired": "已过期",
    "failed": "生成失败",
}
_CUSTODIES = {
    "device": "签署人本人的设备",
    "service": "签署服务（印章密钥）",
    "external": "签署人自有的密钥设备",
}
_EVENTS = {
    "agreement.created": "协议创建",
    "agreement.viewed": "打开协议",
    "party.invited": "邀请签署",
    "party.identified": "身份核验通过",
    "party.consented": "同意",
    "document.presented": "全文展示完毕",
    "party.question_asked": "提出疑问",
    "signature.requested": "请求签名",
    "party.signed": "签署",
    "party.declined": "拒签",
    "agreement.completed": "协议完成",
    "agreement.delivered": "送达",
    "agreement.downloaded": "下载",
    "agreement.voided": "作废",
    "agreement.expired": "过期",
    "certificate.issued": "签发证书",
    "certificate.revoked": "报告密钥失控，吊销证书",
    "evidence.erased": "删除个人信息",
    "log.key_rotated": "更换日志密钥",
    "batch.completed": "批次完成",
}


def style() -> str:
    """The print style of the report."""
    return (_FOLDER / "evidence.css").read_text("utf-8")


def compose_report(facts: Mapping[str, Any], coverage: frozenset[int]) -> str:
    """The report as HTML; `facts` are those of the service's evidence desk."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable(coverage),
    )
    environment.filters.update(local=_local, tojson_plain=_json)
    source = (_FOLDER / "evidence.html").read_text("utf-8")
    return environment.from_string(source).render(
        **facts,
        kinds=_KINDS,
        roles=_ROLES,
        statuses=_STATUSES,
        custodies=_CUSTODIES,
        event_names=_EVENTS,
    )


def _printable(coverage: frozenset[int]) -> Callable[[Any], Any]:
    """Replace what no face draws by its number."""

    def finalize(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if all(ord(character) in coverage or character in "\n " for character in value):
            return value
        return type(value)(
            "".join(c if ord(c) in coverage or c in "\n " else f"[U+{ord(c):04X}]" for c in value)
        )

    return finalize


def _local(time: str | None) -> str:
    """RFC 3339 to local time with its zone."""
    if not time:
        return "—"
    return datetime.fromisoformat(time).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S +08:00")


def _json(payload: Any) -> str:
    return json.dumps(payload, ensure_ascii=False, indent=1, sort_keys=True)
