"""What a rule says about an agreement: the answer of every check, everywhere the same shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from signing.errors import Rejected


class Severity(StrEnum):
    """`block` stops creation, `warn` is shown and kept, `info` informs."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """One rule that fired.

    `rule` is an id of the rule table (`R-05a`, `L-probation`, `MIN_WAGE_UNKNOWN`), `article` the
    law's own article, `path` a place in the request body (`values.other_terms`), `excerpt` the
    words it fired on ("" where it fired on a number or an absence), `instead_zh` what to write.
    """

    rule: str
    severity: Severity
    article: str
    message_zh: str
    message: str
    path: str
    excerpt: str = ""
    instead_zh: str = ""


class Unlawful(Rejected):
    """A rule of the law blocks it; `findings` holds all findings, blocking or not."""

    default_code = "UNLAWFUL"

    def __init__(self, findings: Sequence[Finding], **facts: Any) -> None:
        super().__init__(
            "The agreement has terms that the law does not allow",
            "协议里有法律不允许的内容，请按提示修改",
            **facts,
        )
        self.findings = tuple(findings)
