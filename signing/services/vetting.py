"""Whether a request may become an agreement: the same answer for check, create and command line.

    1. which text                          the catalogue               NotFound
    2. shape: members, digits, values      rules and schema            every mistake
    3. law: every rule, every clause       rules, fonts                every finding

Rules kept here: everything is told at once. Where the shape is wrong the law is still asked, unless
the values themselves cannot be read.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

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

    def vet(self, draft: AgreementDraft) -> Vetted:
        """Every mistake and every finding. Raises NotFound for a text that is not there."""
        # 1.
        version = self._catalogue.resolve(draft.text_kind, draft.template_version)
        draft = replace(draft, template_version=version)
        # 2.
        now = self._clock()
        value_errors = self._catalogue.check_values(draft)
        shape_errors = self._rules.check_shape(draft)
        told = {error.path for error in shape_errors}
        news = (error for error in value_errors if error.path not in told)
        errors = (*shape_errors, *news, *check_expiry(draft, now))
        if value_errors:
            return Vetted(draft, errors, (), "")
        # 3.
        pack_version, findings = self._rules.check(draft, at=now)
        all_findings = (*findings, *self._glyphs.check_glyphs(draft.to_body()))
        return Vetted(draft, errors, all_findings, pack_version)


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
