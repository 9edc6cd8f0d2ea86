"""Either side of every limit that the law draws in numbers, asked as a platform asks."""

import re
from datetime import date, datetime, time
from pathlib import Path

import pytest

from law_cases import LC, WA, cases
from rule_drafts import ENTERPRISE, FREE, TODAY, VALUES, WORKER
from signing.domain.draft import ROLES, AgreementDraft, PartyDraft, Role
from signing.language import load_pack
from signing.language.lawbook import SHANGHAI, Lawbook
from signing.rendering.shelf import Shelf
from signing.services.vetting import Vetting

TEXTS = Path(__file__).resolve().parents[2] / "templates" / "contracts"
ALL = tuple(cases())
NOTICE = """
[[minimum_wage]]
region_code = "{region}"
tier = 1
valid_from = 2024-12-01
monthly_fen = 220000
hourly_fen = 2200
document = "湘人社发〔2024〕1号"
source = "https://example.cn/notice"
verified = true
"""


class OldShelf(Shelf):
    """Texts that were valid until yesterday."""

    def validity(self, _kind, _version):
        return date(2026, 1, 1), date(2026, 11, 24)


class EveryGlyph:
    """Fonts that draw everything: they are not what this is about."""

    def check_glyphs(self, _body):
        return ()


@pytest.fixture(scope="module")
def lawbook():
    return Lawbook()


@pytest.fixture(scope="module")
def shelf():
    return Shelf(TEXTS)


def drafted(kind, changes) -> AgreementDraft:
    values = {**VALUES[kind]}
    members = {"worker": dict(WORKER), "enterprise": dict(ENTERPRISE)}
    draft = {"performance_place": "430104", "answers": FREE}
    for key, value in changes.items():
        if key in members:
            members[key] |= value
        elif key == "place":
            draft["performance_place"] = value
        elif key in ("answers", "worker_answers"):
            draft[key] = value
        elif key != "today":
            values[key] = value
    return AgreementDraft(
        kind=kind,
        template_version="latest",
        performance_place=draft["performance_place"],
        parties=tuple(
            PartyDraft(role, members["worker" if role is Role.WORKER else "enterprise"])
            for role in ROLES[kind]
        ),
        values={key: value for key, value in values.items() if value is not None},
        classification={k: v for k, v in draft.items() if k.endswith("answers")},
    )


def vetted(lawbook, shelf, kind, changes):
    day = datetime.fromisoformat(changes.get("today", TODAY.isoformat())).date()
    noon = datetime.combine(day, time(12), SHANGHAI)
    vetting = Vetting(catalogue=shelf, rules=lawbook, glyphs=EveryGlyph(), clock=lambda: noon)
    return vetting.vet(drafted(kind, changes))


def said(answer) -> set[str]:
    """What was said, in the words of the table."""
    findings = {f"{f.rule} {f.severity.value} {f.path}".strip() for f in answer.findings}
    return findings | {f"! {error.path} {error.code}" for error in answer.errors}


def holds(wanted: str, answer) -> bool:
    if wanted == "-!":
        return not answer.errors
    if wanted.startswith("-"):
        return wanted[1:] not in {finding.rule for finding in answer.findings}
    return wanted in said(answer)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_the_check_draws_the_line_where_the_law_does(lawbook, shelf, case):
    answer = vetted(lawbook, shelf, case.kind, case.changes)

    assert holds(case.wanted, answer), sorted(said(answer))


def test_every_case_that_numbers_decide_fires_for_some_line_of_the_table(lawbook, shelf):
    pack = load_pack(on=TODAY)
    by_words = {frame.case for frame in pack.frames}
    fired = {
        (finding.rule, finding.instead_zh)
        for case in ALL
        for finding in vetted(lawbook, shelf, case.kind, case.changes).findings
    }

    silent = {
        case.id
        for case in pack.cases.by_id.values()
        if case.id not in by_words and not any(is_of(case, *one) for one in fired)
    }

    assert {name for name in silent if not name.startswith(("notice.", "end."))} == set()


def is_of(case, rule: str, instead: str) -> bool:
    """Whether a finding is of that case, whatever facts its words were filled with."""
    pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(case.instead))
    return case.rule == rule and re.fullmatch(pattern, instead) is not None


def test_the_table_is_long_enough_to_mean_something():
    assert len(ALL) > 250


@pytest.mark.parametrize(
    ("region", "place", "least"),
    [("430104", "430104", 220_000), ("4301", "430181", 220_000), ("43", "433130", 220_000)],
)
def test_a_verified_notice_decides_for_its_region(tmp_path, shelf, region, place, least):
    book = Lawbook(extra_dir=tmp_path)
    book.load_notice("notice.toml", NOTICE.format(region=region))

    enough = vetted(book, shelf, LC, {"place": place, "monthly_wage_fen": least})
    short = vetted(book, shelf, LC, {"place": place, "monthly_wage_fen": least - 1})
    by_the_hour = vetted(book, shelf, WA, {"place": place, "guaranteed_hourly_fen": 2_199})

    assert said(enough) == set()
    assert said(short) == {"R-06a block values.monthly_wage_fen"}
    assert said(by_the_hour) == {"R-06a block values.guaranteed_hourly_fen"}


def test_a_notice_of_one_county_says_nothing_of_the_next(tmp_path, shelf):
    book = Lawbook(extra_dir=tmp_path)
    book.load_notice("notice.toml", NOTICE.format(region="430104"))

    answer = vetted(book, shelf, LC, {"place": "430102", "monthly_wage_fen": 215_000})

    assert said(answer) == {"MIN_WAGE_UNKNOWN warn performance_place"}


def test_a_text_that_is_over_is_warned_of_and_one_in_force_is_not(lawbook, shelf):
    over = vetted(lawbook, OldShelf(TEXTS), WA, {})
    in_force = vetted(lawbook, shelf, WA, {})

    assert "P-19 warn template_version" in said(over)
    assert not any(line.startswith("P-19") for line in said(in_force))
