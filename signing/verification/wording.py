"""The words of a report, in Chinese and in English; both have the same keys."""

from collections.abc import Mapping
from dataclasses import dataclass

from signing.domain.verdict import Covers, Indication, LaterChanges, Outcome


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    outcomes: Mapping[Outcome, str]
    indications: Mapping[Indication, str]
    covers: Mapping[Covers, str]
    changes: Mapping[LaterChanges, str]
    kinds: Mapping[str, str]
    roles: Mapping[str, str]
    labels: Mapping[str, str]
    unknown: str
    separator: str

    def label(self, key: str) -> str:
        """A label with its colon."""
        return self.labels[key] + self.separator


ZH = Words(
    outcomes={
        Outcome.VALID: "有效",
        Outcome.VALID_UNKNOWN_ISSUER: "不能断定：没有发现改动，但不能确认",
        Outcome.INCOMPLETE: "不能断定：没有签全",
        Outcome.TAMPERED: "无效",
        Outcome.NO_SIGNATURE: "不能断定：没有签名",
        Outcome.UNREADABLE: "打不开",
    },
    indications={
        Indication.TOTAL_PASSED: "成立",
        Indication.TOTAL_FAILED: "不成立",
        Indication.INDETERMINATE: "不能断定",
    },
    covers={
        Covers.ENTIRE_FILE: "盖住整个文件",
        Covers.ENTIRE_REVISION: "盖住签名时的整个文件",
        Covers.NONE: "没有盖住整个文件",
    },
    changes={
        LaterChanges.NONE: "之后没有改动",
        LaterChanges.NEXT_SIGNATURES: "之后只加了后面各方的签名和归档资料",
        LaterChanges.ARCHIVE_ONLY: "之后只加了归档资料",
        LaterChanges.FORBIDDEN: "之后有不允许的改动",
    },
    kinds={
        "labour_contract": "劳动合同",
        "written_agreement": "书面协议",
        "tripartite_agreement": "三方协议",
    },
    roles={
        "employer": "用人单位",
        "enterprise": "企业",
        "platform": "平台企业",
        "service_provider": "用工合作企业",
        "worker": "劳动者",
    },
    labels={
        "result": "结论",
        "file": "文件",
        "agreement": "协议",
        "pages": "页数",
        "complete": "各方都签了",
        "identical": "和存档逐字节相同",
        "signature": "签名",
        "time": "签署时间",
        "certificate": "证书",
        "timestamp": "时间戳",
        "log": "存证",
        "dispute": "争议",
        "notes": "说明",
        "yes": "是",
        "no": "否",
        "unproven": "没有可信时间",
        "issued": "签发",
        "serial": "编号",
        "entry": "日志第 {index} 条（共 {size} 条），见证方 {witnesses} 家，最早见于 {seen}",
        "not_included": "没有这份文件的有效记录",
    },
    unknown="不知道",
    separator="：",
)
EN = Words(
    outcomes={outcome: outcome.value.replace("_", " ") for outcome in Outcome},
    indications={indication: indication.value for indication in Indication},
    covers={covers: covers.value for covers in Covers},
    changes={changes: f"later changes {changes.value}" for changes in LaterChanges},
    kinds={},
    roles={},
    labels={
        "result": "Result",
        "file": "File",
        "agreement": "Agreement",
        "pages": "Pages",
        "complete": "Signed by all",
        "identical": "Identical to stored",
        "signature": "Signature",
        "time": "Signed at",
        "certificate": "Certificate",
        "timestamp": "Timestamp",
        "log": "Log",
        "dispute": "Dispute",
        "notes": "Findings",
        "yes": "yes",
        "no": "no",
        "unproven": "no trusted time",
        "issued": "issued by",
        "serial": "serial",
        "entry": "entry {index} of {size}, {witnesses} witnesses, first seen by {seen}",
        "not_included": "holds no sound record of this document",
    },
    unknown="unknown",
    separator=": ",
)
