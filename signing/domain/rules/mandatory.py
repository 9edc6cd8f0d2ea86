"""Terms without which an agreement is incomplete: L-mandatory (劳动合同法 17, 81).

What the template prints by itself is not asked for here; only blanks that the platform fills.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from signing.domain.draft import Kind
from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

_TERMS: Mapping[Kind, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        Kind.LABOUR_CONTRACT: (("start_date", "合同期限"), ("position", "工作内容")),
        Kind.WRITTEN_AGREEMENT: (("start_date", "协议期限"),),
        Kind.TRIPARTITE_AGREEMENT: (("start_date", "协议期限"),),
    }
)


def check(facts: Facts, pack: RulePack, _today: date) -> Iterator[Finding]:
    """L-mandatory for each blank that must be filled and is not."""
    for key, name in _TERMS[facts.kind]:
        if not facts.text(key):
            yield pack.cases["mandatory.missing"].finding(facts.kind, f"values.{key}", term=name)
    fixed = (facts.text("term_type") or "fixed") == "fixed"
    if facts.is_labour_contract and fixed and not facts.text("end_date"):
        yield pack.cases["mandatory.missing"].finding(
            facts.kind, "values.end_date", term="合同期限的终止日期"
        )
