"""Walk (a): a platform asks for an agreement.

    1. vet: text, shape, law (`services.vetting`)                      NotFound, Invalid, Unlawful
    2. render: one source for phone, PDF and attachment; text lock     Broken
    3. one transaction: file, agreement, first events, first jobs
    4. seals that were asked for, as far as it is their turn

Rules kept here: nothing slow happens in step 3; a crash after it loses nothing, because its jobs go
on.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from signing.domain.agreement import Agreement, Custody, Party
from signing.domain.draft import AgreementDraft, PartyDraft, Role
from signing.domain.finding import Unlawful
from signing.domain.page import Page
from signing.errors import FieldError
from signing.services.follow_up import plan_follow_up
from signing.services.once import Ticket
from signing.services.ports import Clock, NewId
from signing.services.ports.neighbours import Rendered, Renderer
from signing.services.ports.storage import Database, Documents
from signing.services.sealing import Sealing
from signing.services.vetting import Vetting

DEFAULT_LIFE = timedelta(days=30)


class Issuing:
    """Make agreements."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        vetting: Vetting,
        renderer: Renderer,
        sealing: Sealing,
        clock: Clock,
        new_id: NewId,
        new_number: Callable[[datetime], str],
        verify_url: str,
        test_certificates: bool,
    ) -> None:
        self._database = database
        self._documents = documents
        self._vetting = vetting
        self._renderer = renderer
        self._sealing = sealing
        self._clock = clock
        self._new_id = new_id
        self._new_number = new_number
        self._verify_url = verify_url
        self._test_certificates = test_certificates

    def issue(
        self,
        draft: AgreementDraft,
        *,
        tenant_id: str,
        ticket: Ticket,
        misshapen: Sequence[FieldError] = (),
    ) -> Agreement:
        """A new agreement with its first party invited or sealed.

        `misshapen` are mistakes that were found when the draft was read: nothing is made then, but
        they are told with all the others.

        Raises NotFound, Invalid, Unlawful with all findings if one blocks, Broken if it cannot be
        rendered whole, Rejected if a seal that is to sign cannot (`SEAL_UNKNOWN`, `SEAL_REVOKED`,
        `SEAL_NAME`).
        """
        # 1.
        vetted = self._vetting.vet(draft, misshapen=misshapen)
        vetted.check_shape()
        if not vetted.would_create:
            raise Unlawful(vetted.findings)
        self._sealing.check_seals(vetted.draft, tenant_id=tenant_id)
        now = self._clock()
        # 2.
        agreement_id, number = self._new_id("agr"), self._new_number(now)
        party_ids = [self._new_id("pty") for _ in vetted.draft.parties]
        issued = {
            "id": agreement_id,
            "number": number,
            "created_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "party_ids": party_ids,
            "verify_url": f"{self._verify_url}#{number}",
        }
        body = vetted.draft.to_body()
        rendered = self._renderer.render(
            {**body, "issued": issued, "test_certificates": self._test_certificates}
        )
        # 3.
        revision_sha256 = self._documents.put(rendered.pdf)
        agreement = Agreement(
            id=agreement_id,
            tenant_id=tenant_id,
            number=number,
            tag=self._new_id("tag").removeprefix("tag_"),
            draft=vetted.draft,
            parties=make_parties(vetted.draft, party_ids),
            template_version=rendered.template_version,
            template_sha256=rendered.template_sha256,
            rule_pack_version=vetted.rule_pack_version,
            renderer_id=rendered.renderer_id,
            text_sha256=rendered.text_sha256,
            findings=vetted.findings,
            revision_sha256=revision_sha256,
            document_sha256=revision_sha256,
            created_at=now,
            expires_at=vetted.draft.expires_at or now + DEFAULT_LIFE,
            test_certificates=self._test_certificates,
        )
        agreement = self._store(agreement, rendered, ticket)
        # 4.
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
        """Seal at once where that was asked; whatever fails, the jobs go on with it.

        The agreement is made, whatever becomes of the seal: it may run out before that.
        """
        self._sealing.go_on(agreement)
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement.id)
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
    """Those of the draft's parties that sign, with their ids and places in the order (D2)."""
    order = draft.signers
    return tuple(
        Party(
            id=party_id,
            role=party.role,
            name=party.name,
            position=order.index(party.role),
            custody=_custody(party),
        )
        for party, party_id in zip(draft.parties, party_ids, strict=True)
        if party.role in order
    )


def _custody(party: PartyDraft) -> Custody:
    """The worker's key is on the worker's phone; an enterprise's here until it brings its own."""
    return Custody.DEVICE if party.role is Role.WORKER else Custody.SERVICE
