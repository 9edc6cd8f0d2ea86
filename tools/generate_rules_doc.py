"""Write `docs/rules.md`: every rule, its cases, articles, and the clauses either side of the line.

    python tools/generate_rules_doc.py [--check]

The table is made from the rule packs that the service runs; nobody edits it by hand.
"""

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from signing.domain.draft import Kind  # noqa: E402  found by the line above
from signing.domain.finding import Severity  # noqa: E402
from signing.domain.rules.casebook import Case  # noqa: E402
from signing.domain.rules.pack import RulePack  # noqa: E402
from signing.language import list_packs, load_pack  # noqa: E402

TARGET = ROOT / "docs" / "rules.md"
DAY = date(2026, 11, 25)
LETTERS = {
    Kind.LABOUR_CONTRACT: "L",
    Kind.WRITTEN_AGREEMENT: "W",
    Kind.TRIPARTITE_AGREEMENT: "T",
}
WORDS = {Severity.BLOCK: "block", Severity.WARN: "warn", Severity.INFO: "info"}
HEAD = """# Rules

Made by `python tools/generate_rules_doc.py` from the rule packs; do not edit.

What a check refuses, by which article, and the lawful clause next to it. *By* says what decides:
`fields` are numbers, dates and absences, `words` is the clause reader. Severity per kind: L labour
contract, W written agreement, T tripartite agreement. A case over words may come out less severe
where the reader's trained second opinion doubts it, and that opinion alone warns of sentences
that no case describes; it never blocks.
Quality of the reader on clauses that nothing was written for: `make bench PART=rules`.
"""


def document() -> str:
    """The whole page."""
    current = load_pack(on=DAY)
    lines = [
        HEAD,
        "## Packs",
        "",
        "| pack | title | in force | from | until |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{p.id}` {p.version} | {p.title} | {'yes' if p.in_force else 'no'} "
        f"| {p.valid_from} | {p.valid_to or ''} |"
        for p in list_packs()
    ]
    lines += ["", f"## {current.title}", "", *_table(current, current.cases.by_id.values())]
    for info in list_packs():
        pack = load_pack(info.id, on=DAY)
        own = [c for key, c in pack.cases.by_id.items() if key not in current.cases.by_id]
        if own:
            lines += ["", f"## {pack.title}", "", *_table(pack, own)]
    return "\n".join(lines) + "\n"


def _table(pack: RulePack, cases: Iterable[Case]) -> Iterator[str]:
    worded = {frame.case for frame in pack.frames}
    yield "| rule | case | by | severity | article | refuses | lawful neighbour |"
    yield "|---|---|---|---|---|---|---|"
    for case in sorted(cases, key=lambda c: (c.rule, c.id)):
        by = "words" if case.id in worded else "fields"
        yield (
            f"| {case.rule} | `{case.id}` | {by} | {_severity(case)} | {case.article} "
            f"| {case.refuses} | {case.neighbour} |"
        )


def _severity(case: Case) -> str:
    """`block`, or `block L · warn W T` where kinds differ or are left out."""
    if len(set(case.severity.values())) == 1 and len(case.severity) == len(Kind):
        return WORDS[next(iter(case.severity.values()))]
    by_severity: dict[str, list[str]] = {}
    for kind, severity in case.severity.items():
        by_severity.setdefault(WORDS[severity], []).append(LETTERS[kind])
    return " · ".join(f"{word} {' '.join(kinds)}" for word, kinds in by_severity.items())


def main() -> int:
    """Write the page, or compare with it."""
    made = document()
    if "--check" in sys.argv:
        return 0 if TARGET.read_text("utf-8") == made else 1
    TARGET.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
