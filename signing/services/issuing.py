"""Walk (a): a platform asks for an agreement.

    1. which text                          the catalogue               NotFound
    2. shape: members, digits, values      rules and schema            Invalid, every mistake
    3. law: every rule, every clause       rules, fonts                Unlawful, every finding
    4. render: one source for phone, PDF and attachment; text lock     Broken
    5. one transaction: file, agreement, first events, first jobs
    6. seals that were asked for, as far as it is their turn

Rules kept here: `check` and `issue` see the same findings; nothing slow happens in step 5; a crash
after it loses nothing, because its jobs go on.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from signing.domain.agreement import Agreement, Custody, Party
from signing.domain.draft import AgreementDraft, PartyDraft, Role, signing_order
from signing.domain.finding import Finding, Severity, Unlawful
from signing.domain.page import Page
from signing.errors import FieldError, Invalid, Unavailable
from signing.services.follow_up import plan_follow_up
from signing.services.once import Ticket
from signing.services.ports import Clock, NewId
from signing.services.ports.neighbours import Catalogue, Rendered, Renderer, Rules
from signing.services.ports.storage import Database, Documents
from signing.services.sealing import Sealing

_log = logging.getLogger(__name__)

DEFAULT_LIFE = timedelta(days=30)
LONGEST_LIFE = timedelta(days=366)


@dataclass(frozen=True)
class Checked:
    """What the checks say: the draft with its text's version, findings, the rule pack used."""

    draft: AgreementDraft
    findings: tuple[Finding, ...]
    rule_pack_version: str

    @property
    def would_create(self) -> bool:
        """Whether nothing blocks."""
        return all(finding.severity is not Severity.BLOCK for finding in self.findings)


class Issuing:
    """Check and make agreements."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        catalogue: Catalogue,
        renderer: Renderer,
        rules: Rules,
        sealing: Sealing,
        clock: Clock,
        new_id: NewId,
        new_number: Callable[[datetime], str],
        verify_url: str,
        test_certificates: bool,
    ) -> None:
        self._database = database
        self._documents = documents
        self._catalogue = catalogue
        self._renderer = renderer
        self._rules = rules
        self._sealing = sealing
        self._clock = clock
        self._new_id = new_id
        self._new_number = new_number
        self._verify_url = verify_url
        self._test_certificates = test_certificates

    def check(self, draft: AgreementDraft) -> Checked:
        """Every finding; stores nothing. Raises NotFound, Invalid."""
        # 1.
        version = self._catalogue.resolve(draft.kind.value, draft.template_version)
        draft = replace(draft, template_version=version)
        # 2.
        now = self._clock()
        errors = [
            *self._rules.check_shape(draft),
            *self._catalogue.check_values(draft),
            *check_expiry(draft, now),
        ]
        if errors:
            raise Invalid(errors)
        # 3.
        pack_version, findings = self._rules.check(draft, at=now)
        all_findings = (*findings, *self._renderer.check_glyphs(draft.to_body()))
        return Checked(draft, all_findings, pack_version)

    def issue(self, draft: AgreementDraft, *, tenant_id: str, ticket: Ticket) -> Agreement:
        """A new agreement with its first party invited or sealed.

        Raises NotFound, Invalid, Unlawful with all findings if one blocks, Broken if it cannot be
        rendered whole.
        """
        checked = self.check(draft)
        if not checked.would_create:
            raise Unlawful(checked.findings)
        now = self._clock().replace(microsecond=0)
        # 4.
        agreement_id, number = self._new_id("agr"), self._new_number(now)
        party_ids = [self._new_id("pty") for _ in checked.draft.parties]
        issued = {
            "id": agreement_id,
            "number": number,
            "created_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "party_ids": party_ids,
            "verify_url": f"{self._verify_url}#{number}",
        }
        body = checked.draft.to_body()
        rendered = self._renderer.render(
            {**body, "issued": issued, "test_certificates": self._test_certificates}
        )
        # 5.
        revision_sha256 = self._documents.put(rendered.pdf)
        agreement = Agreement(
            id=agreement_id,
            tenant_id=tenant_id,
            number=number,
            tag=self._new_id("tag").removeprefix("tag_"),
            draft=checked.draft,
            parties=make_parties(checked.draft, party_ids),
            template_version=rendered.template_version,
            template_sha256=rendered.template_sha256,
            rule_pack_version=checked.rule_pack_version,
            renderer_id=rendered.renderer_id,
            text_sha256=rendered.text_sha256,
            findings=checked.findings,
            revision_sha256=revision_sha256,
            document_sha256=revision_sha256,
            created_at=now,
            expires_at=checked.draft.expires_at or now + DEFAULT_LIFE,
            test_certificates=self._test_certificates,
        )
        agreement = self._store(agreement, rendered, ticket)
        # 6.
        return self._seal(agreement, ticket)

    def _store(self, agreement: Agreement, rendered: Rendered, ticket: Ticket) -> Agreement:
        agreement, events = agreement.created(at=agreement.created_at)
        with self._database.transaction() as tx:
            tx.agreements.add(
                agreement, page=make_page(rendered), plan=rendered.plan, events=events
            )
            plan_follow_up(tx, agreement, at=self._clock(), caller_seals=True)
            ticket.keep(tx, agreement, is_final=False)
        return agreement

    def _seal(self, agreement: Agreement, ticket: Ticket) -> Agreement:
        """Seal at once where that was asked; while the TSA is away the jobs go on with it."""
        try:
            agreement = self._sealing.seal_all(agreement)
        except Unavailable:
            _log.warning("sealing waits", extra={"what": "seal"})
        with self._database.transaction() as tx:
            ticket.keep(tx, agreement)
        return agreement


def make_page(rendered: Rendered) -> Page:
    """What the phone shows."""
    cards = tuple(
        {"id": card.id, "title": card.title, "clause": card.clause, "text": card.text}
        for card in rendered.cards
    )
    return Page(fragment=rendered.fragment, cards=cards, title=rendered.title)


def make_parties(draft: AgreementDraft, party_ids: Sequence[str]) -> tuple[Party, ...]:
    """The draft's parties with their ids and their places in the order of signing (D2)."""
    order = signing_order(draft.kind, draft.order)
    return tuple(
        Party(
            id=party_id,
            role=party.role,
            name=party.name,
            position=order.index(party.role),
            custody=_custody(party),
        )
        for party, party_id in zip(draft.parties, party_ids, strict=True)
    )


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


def _custody(party: PartyDraft) -> Custody:
    """The worker's key is on the worker's phone; an enterprise's here until it brings its own."""
    return Custody.DEVICE if party.role is Role.WORKER else Custody.SERVICE
