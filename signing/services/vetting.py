"""Whether a request may become an agreement: the same answer for check, create and command line.

    1. which text                          the catalogue               NotFound
    2. shape: members, digits, values      rules and schema            every mistake
    3. law: every rule, every clause       rules, fonts                every finding

Rules kept here:
* everything is told at once: mistakes that were found when the request was read, those of shape and
  values, and what the law says of the rest;
* one place has one mistake of shape, the first; of a value that cannot be read the law says
  nothing, and nothing at all of more text than an agreement holds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from signing.domain.draft import AgreementDraft
from signing.domain.finding import Finding, Severity
from signing.errors import FieldError, Invalid
from signing.services.ports import Clock
from signing.services.ports.neighbours import Catalogue, GlyphChecker, Rules

LONGEST_LIFE = timedelta(days=366)


@dataclass(frozen=True)
class Vetted:
    """What the checks say.

    `draft` has its text's version, `errors` are mistakes of shape, `findings` those of the law.
    """

    draft: AgreementDraft
    errors: tuple[FieldError, ...]
    findings: tuple[Finding, ...]
    rule_pack_version: str

    @property
    def would_create(self) -> bool:
        """Whether nothing stands in the way."""
        blocks = any(finding.severity is Severity.BLOCK for finding in self.findings)
        return not self.errors and not blocks

    def check_shape(self) -> None:
        """Raises Invalid with every mistake; the findings are among its facts."""
        if self.errors:
            raise Invalid(self.errors, findings=self.findings)


class Vetting:
    """Vet drafts; stores nothing."""

    def __init__(
        self, *, catalogue: Catalogue, rules: Rules, glyphs: GlyphChecker, clock: Clock
    ) -> None:
        self._catalogue = catalogue
        self._rules = rules
        self._glyphs = glyphs
        self._clock = clock

    def vet(self, draft: AgreementDraft, *, misshapen: Sequence[FieldError] = ()) -> Vetted:
        """Every mistake and every finding; `misshapen` are those found before.

        Raises NotFound for a text that is not there.
        """
        # 1.
        version = self._catalogue.resolve(draft.text_kind, draft.template_version)
        draft = replace(draft, template_version=version)
        # 2.
        now = self._clock()
        errors = tuple(
            _first_of_each_place(
                [
                    misshapen,
                    self._rules.check_shape(draft),
                    self._catalogue.check_values(draft),
                    check_expiry(draft, now),
                ]
            )
        )
        if any(error.path == "values" and error.code in _TOO_MUCH for error in errors):
            return Vetted(draft, errors, (), "")
        # 3.
        unread = frozenset(error.path for error in errors if error.code in _UNREAD)
        readable = replace(draft, values=_without(draft.values, unread))
        valid = self._catalogue.validity(draft.text_kind, version)
        pack_version, found = self._rules.check(readable, at=now, text_valid=valid)
        findings = tuple(
            finding
            for finding in (*found, *self._glyphs.check_glyphs(readable.to_body()))
            if not any(_overlap(finding.path, path) for path in unread)
        )
        return Vetted(draft, errors, findings, pack_version)


_TOO_MUCH = frozenset({"TOO_LONG", "TOO_MANY"})
_UNREAD = frozenset(
    {
        "DATE_INVALID",
        "MISSING",
        "NOT_A_CHOICE",
        "NOT_ALLOWED",
        "NOT_VALID",
        "NULL",
        "UNKNOWN_FIELD",
        "WRONG_FORMAT",
        "WRONG_TYPE",
    }
)
"""Mistakes after which a value is as good as not given."""


def _first_of_each_place(groups: Iterable[Sequence[FieldError]]) -> Iterator[FieldError]:
    """Of each group what earlier ones did not tell: a member that is wrong is not missing too."""
    told: list[str] = []
    for group in groups:
        news = [error for error in group if not any(_overlap(error.path, path) for path in told)]
        yield from news
        told += [error.path for error in news if error.code != "PARTY_COUNT"]


def _without(values: Mapping[str, Any], unread: frozenset[str]) -> dict[str, Any]:
    """Values without what cannot be read: the rules see them absent, in lists as None."""

    def kept(value: Any, path: str) -> Any:
        if path in unread:
            return None
        if isinstance(value, Mapping):
            inner = {key: kept(item, f"{path}.{key}") for key, item in value.items()}
            return {key: item for key, item in inner.items() if item is not None}
        if isinstance(value, list | tuple):
            return [kept(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return value

    found: dict[str, Any] = kept(values, "values") or {}
    return found


def _overlap(one: str, other: str) -> bool:
    """Whether two paths are the same place or one lies in the other."""
    short, long = sorted((one, other), key=len)
    return bool(short) and (long == short or long.startswith((f"{short}.", f"{short}[")))


def check_expiry(draft: AgreementDraft, now: datetime) -> list[FieldError]:
    """A link must live, and not for ever."""
    expires_at = draft.expires_at
    if expires_at is None or now < expires_at <= now + LONGEST_LIFE:
        return []
    return [
        FieldError(
            path="expires_at",
            code="EXPIRY_OUT_OF_RANGE",
            message=f"Later than now and at most {LONGEST_LIFE.days} days ahead",
            message_zh=f"要晚于现在，最多 {LONGEST_LIFE.days} 天以后",
        )
    ]
