"""The law as the use cases ask for it: the pack in force, the clause reader, every finding.

Rules kept here:
* the day that counts is the day in Asia/Shanghai (law.md §6.1);
* an operator's folder of notices is read at every check: a new minimum wage needs no restart.
"""

import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from signing.domain.draft import AgreementDraft
from signing.domain.finding import Finding
from signing.domain.rules import engine
from signing.domain.rules.shape import check_parties
from signing.errors import Broken, FieldError
from signing.language.packs import (
    PackInfo,
    list_packs,
    load_pack,
    load_regions,
    parse_notice,
)
from signing.language.reader import make_reader

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had no other offset since 1991."""


class Lawbook:
    """Check drafts against the pack that is in force, or one that is named."""

    def __init__(self, *, extra_dir: Path | None = None, pack_id: str | None = None) -> None:
        self._extra_dir = extra_dir
        self._pack_id = pack_id
        self._regions = load_regions()
        self._reader = make_reader()

    def packs(self) -> Sequence[PackInfo]:
        """Every pack that can be loaded."""
        return list_packs(extra_dir=self._extra_dir)

    def load_notice(self, name: str, text: str) -> int:
        """Keep an operator's minimum-wage notice for good; returns its number of rows.

        Raises Invalid with every mistake, keeping nothing.
        """
        rows = parse_notice(text)
        if self._extra_dir is None:
            raise Broken("There is no folder for notices")
        self._extra_dir.mkdir(parents=True, exist_ok=True)
        beside = self._extra_dir / f".{name}.new"
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._extra_dir / name)
        return len(rows)

    def check_shape(self, draft: AgreementDraft) -> Sequence[FieldError]:
        """What is wrong whatever the law says."""
        return check_parties(draft, regions=self._regions)

    def check(
        self,
        draft: AgreementDraft,
        *,
        at: datetime,
        text_valid: tuple[date, date | None] | None = None,
    ) -> tuple[str, Sequence[Finding]]:
        """The pack's version, and every finding on that day."""
        today = _day(at)
        pack = load_pack(self._pack_id, on=today, extra_dir=self._extra_dir)
        findings = engine.check(
            draft, pack=pack, today=today, reader=self._reader, text_valid=text_valid
        )
        return f"{pack.id}/{pack.version}", findings


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
