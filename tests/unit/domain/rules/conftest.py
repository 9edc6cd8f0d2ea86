from collections.abc import Callable
from datetime import date

import pytest

from rule_drafts import TODAY, make_draft
from signing.domain.draft import Kind
from signing.domain.finding import Finding
from signing.domain.rules import engine
from signing.domain.rules.pack import RulePack
from signing.domain.rules.reading import ClauseReader
from signing.language import load_pack, make_reader

Check = Callable[..., tuple[Finding, ...]]


@pytest.fixture(scope="session")
def pack() -> RulePack:
    return load_pack(on=TODAY)


@pytest.fixture(scope="session")
def reader() -> ClauseReader:
    return make_reader()


@pytest.fixture
def check(pack: RulePack, reader: ClauseReader) -> Check:
    """All findings on a lawful draft with these changes."""

    def checked(kind: Kind, *, today: date = TODAY, **changes: object) -> tuple[Finding, ...]:
        return engine.check(make_draft(kind, **changes), pack=pack, today=today, reader=reader)

    return checked
