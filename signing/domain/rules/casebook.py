"""The rule table as values: what each rule refuses, by which article, in which words.

A *rule* is an id of the law notes (`R-05a`, `L-probation`). A *case* is one thing that a rule
refuses ("deposit", "below the minimum"): it carries article, severity, messages and what to
write instead. Chapters written in Python and frames written in data both name a case; nobody
writes a message elsewhere. `kinds` limits a case; a severity may differ by kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from signing.domain.draft import Kind
from signing.domain.finding import Finding, Severity

ALL_KINDS = frozenset(Kind)


@dataclass(frozen=True)
class Case:
    """One thing that a rule refuses.

    `severity` maps each kind that the case judges; messages may hold `{name}` places for facts.
    """

    id: str
    rule: str
    article: str
    severity: Mapping[Kind, Severity]
    zh: str
    en: str
    instead: str
    refuses: str = ""
    neighbour: str = ""

    def judges(self, kind: Kind) -> bool:
        """Whether the case says anything about agreements of that kind."""
        return kind in self.severity

    def finding(
        self,
        kind: Kind,
        path: str,
        *,
        excerpt: str = "",
        severity: Severity | None = None,
        **facts: object,
    ) -> Finding:
        """The finding of this case at `path`; `severity` overrides the table's."""
        return Finding(
            rule=self.rule,
            severity=severity or self.severity[kind],
            article=self.article,
            message_zh=self.zh.format_map(facts),
            message=self.en.format_map(facts),
            path=path,
            excerpt=excerpt,
            instead_zh=self.instead.format_map(facts),
        )


@dataclass(frozen=True)
class Casebook:
    """All cases by id. A missing id is a mistake in the pack and raises KeyError."""

    by_id: Mapping[str, Case] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, case_id: str) -> Case:
        return self.by_id[case_id]

    @property
    def rules(self) -> tuple[str, ...]:
        """Rule ids in order, each once."""
        return tuple(sorted({c.rule for c in self.by_id.values()}))
