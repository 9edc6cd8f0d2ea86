"""How well the rules tell lawful from unlawful clauses, and how fast.

No rule was written for what lies in `held_out` and nothing was trained on it. Most of it was put
aside before the rules were written, its file `fresh` after they were; `others` are its files
`others`, `examiner` and `last`, by hands that never saw a rule: the honest figures. The
development part is shown beside them: there the figures only say that the rules know what they
were written for; `crossvalidated` leaves an eighth of its files out of training at a time. A
clause stands alone in `other_terms`; findings of block and warn count. The peer is the plain word
list of the law notes.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from signing.domain.draft import AgreementDraft, Kind, PartyDraft, Role
from signing.domain.finding import Finding, Severity
from signing.domain.rules import clauses, engine
from signing.domain.rules.facts import Facts
from signing.domain.rules.reading import ClauseReader
from signing.language import load_pack
from signing.language.judgement import load_judgement
from signing.language.reader import Reader, make_segmenter

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]
import train_judgement  # type: ignore[import-not-found]  # noqa: E402  found by the line above
from clause_corpus import (  # type: ignore[import-not-found]  # noqa: E402  as above
    DISGUISES,
    Pair,
    lawful_clauses,
    pairs,
)

TODAY = date(2026, 11, 25)
PACK = load_pack(on=TODAY)
READER = Reader(make_segmenter(), load_judgement())
WORD_LIST = (
    "押金", "保证金", "风险金", "担保金", "入职费", "服装费", "装备费", "扣押", "代为保管",
    "独家", "不得在其他平台", "二选一", "排他", "自愿放弃", "社保折现", "不主张劳动关系",
    "放弃仲裁", "放弃诉讼", "放弃起诉", "概不负责", "一切后果自负", "伤亡自理", "风险自担",
    "最终解释权", "违约金", "离职罚款", "不予结算", "限男性", "限女性", "最严", "最短时间",
    "极限时效", "末位淘汰", "系统自动封号", "有权随时修改", "有权随时调整", "注册为个体工商户",
    "仅为承揽关系", "仅为合作关系",
)  # fmt: skip
"""The lexicon of the notes as a plain list, which the reader is measured against."""
BODY_REPEATS = 30
FOLDS = 8
"""Parts that the files of the development corpus are left out in."""
Row = dict[str, Any]


@dataclass
class Count:
    """What was seen over a set of pairs."""

    pairs: int = 0
    found: int = 0
    right: int = 0
    blocked: int = 0
    warned: int = 0
    apart: int = 0


def run() -> list[Row]:
    """All figures."""
    held_out = list(pairs("held_out"))
    fresh = [p for p in held_out if p.family == "fresh"]
    others = [p for p in held_out if p.family in ("others", "examiner", "last")]
    rows = [*_quality("held_out", held_out), *_quality("fresh", fresh)]
    rows += _quality("others", others)
    rows += [*_quality("development", list(pairs("development"))), *_lawful_lines()]
    rows += _crossvalidated()
    rows += [*_disguises(held_out), *_speed(), _reproduced()]
    return rows


def findings(kind: Kind, text: str, reader: ClauseReader = READER) -> list[Finding]:
    """What blocks or warns in a clause that stands alone."""
    draft = AgreementDraft(kind, "latest", "430104", (), {"other_terms": text})
    found = clauses.check(Facts(draft), PACK, reader)
    return [f for f in found if f.severity is not Severity.INFO]


def count(
    sample: Iterable[Pair], reader: ClauseReader = READER, seen: Count | None = None
) -> Count:
    """Both sides of every pair, for every kind it is meant for, added to what was seen."""
    seen = seen or Count()
    for pair in sample:
        for kind in pair.kinds:
            bad = findings(kind, pair.unlawful, reader)
            good = findings(kind, pair.lawful, reader)
            blocks = any(f.severity is Severity.BLOCK for f in good)
            seen.pairs += 1
            seen.found += bool(bad)
            seen.right += any(f.rule in pair.rules for f in bad)
            seen.blocked += blocks
            seen.warned += bool(good) and not blocks
            seen.apart += bool(bad) and not good
    return seen


def _quality(part: str, sample: list[Pair]) -> Iterator[Row]:
    seen = count(sample)
    peer = sum(any(w in p.unlawful for w in WORD_LIST) for p in sample) / len(sample)
    unread = sum(any(w in p.lawful for w in WORD_LIST) for p in sample) / len(sample)
    is_target = part != "development"
    yield from _shares(part, seen, is_target)
    yield _row(f"{part}.word_list_recall", peer, "share")
    yield _row(f"{part}.word_list_on_lawful", unread, "share")


def _shares(part: str, seen: Count, is_target: bool) -> Iterator[Row]:
    yield _row(f"{part}.pairs", seen.pairs, "pairs")
    yield _row(f"{part}.recall", seen.found / seen.pairs, "share", ">= 0.90", is_target)
    yield _row(f"{part}.right_rule", seen.right / max(seen.found, 1), "share", ">= 0.80", is_target)
    yield _row(f"{part}.lawful_blocked", seen.blocked / seen.pairs, "share", "<= 0.01", is_target)
    yield _row(f"{part}.lawful_warned", seen.warned / seen.pairs, "share", "<= 0.05", is_target)
    yield _row(f"{part}.pairs_apart", seen.apart / seen.pairs, "share", ">= 0.85", is_target)


def _crossvalidated() -> Iterator[Row]:
    """Every development file judged by what was learned from the others, some files at a time."""
    sample = list(pairs("development"))
    families = sorted({p.family for p in sample})
    seen = Count()
    for start in range(FOLDS):
        left_out = set(families[start::FOLDS])
        reader = Reader(READER.segmenter, train_judgement.judgement_without(left_out))
        seen = count((p for p in sample if p.family in left_out), reader, seen)
    yield from _shares("crossvalidated", seen, True)


def _row(name: str, value: float, unit: str, target: str = "", is_target: bool = True) -> Row:
    row: Row = {"name": f"rules.{name}", "value": round(value, 4), "unit": unit}
    return row | ({"target": target} if target and is_target else {})


def _lawful_lines() -> Iterator[Row]:
    lines = list(lawful_clauses("development"))
    hit = sum(bool(findings(line.kinds[0], line.text)) for line in lines)
    yield _row("development.lawful_lines", len(lines), "clauses")
    yield _row("development.lawful_lines_found", hit / len(lines), "share")


def _disguises(sample: list[Pair]) -> Iterator[Row]:
    """Of the unlawful clauses that are found as written: how many are found in disguise."""
    plain = [(p.kinds[0], p.unlawful) for p in sample if findings(p.kinds[0], p.unlawful)]
    for name, disguise in DISGUISES.items():
        hidden = [(k, disguise(text)) for k, text in plain if disguise(text) != text]
        found = sum(bool(findings(kind, text)) for kind, text in hidden)
        yield _row(f"disguise.{name}", found / len(hidden), "share", ">= 0.90")


def _speed() -> Iterator[Row]:
    """One check of the longest shipped body of each kind, and of ten thousand characters."""
    for kind in Kind:
        folder = ROOT / "templates" / "contracts" / kind
        bodies = [json.loads(p.read_text("utf-8")) for p in folder.glob("*/examples/*.json")]
        longest = max(bodies, key=lambda body: len(json.dumps(body["values"], ensure_ascii=False)))
        yield _row(f"check_ms.{kind}", _median_ms(_draft(kind, longest)), "ms", "<= 50")
    long_text = "\n".join(p.lawful for p in pairs("held_out"))[:10_000]
    draft = AgreementDraft(
        Kind.WRITTEN_AGREEMENT, "latest", "430104", (), {"other_terms": long_text}
    )
    yield _row("check_ms.ten_thousand_characters", _median_ms(draft), "ms")


def _draft(kind: Kind, body: dict[str, Any]) -> AgreementDraft:
    parties = tuple(
        PartyDraft(Role(p["role"]), {k: v for k, v in p.items() if k != "role"})
        for p in body["parties"]
    )
    return AgreementDraft(
        kind, "latest", body["performance_place"], parties, body["values"], body["classification"]
    )


def _median_ms(draft: AgreementDraft) -> float:
    """Processor time, so that a neighbour on the machine is not counted."""
    taken = []
    for _ in range(BODY_REPEATS):
        started = time.process_time()
        engine.check(draft, pack=PACK, today=TODAY, reader=READER)
        taken.append((time.process_time() - started) * 1000)
    return statistics.median(taken)


def _reproduced() -> Row:
    same = train_judgement.is_reproduced()
    return _row("judgement_reproduced", float(same), "yes", "== 1")
