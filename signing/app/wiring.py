"""Which use case is handed which neighbour: one property per thing, made when first asked for.

That an adapter fits its port is checked by mypy at the call that plugs it in.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from signing.app.adapters import evidence_readme, make_authority, make_shelf, make_vetting
from signing.app.chance import new_api_key, new_code, new_id, new_number, now
from signing.config import Config
from signing.keystore.keystore import Keystore
from signing.messaging.codes import Argon2Codes
from signing.messaging.outbox import SmsOutbox
from signing.rendering.renderer import Renderer
from signing.services.agreements import REMINDER_PAUSE, AgreementDesk
from signing.services.archiving import Archiving
from signing.services.ceremony.asking import Asking
from signing.services.ceremony.code import Code
from signing.services.ceremony.copy import Copies
from signing.services.ceremony.declining import Declining
from signing.services.ceremony.identity import Identity
from signing.services.ceremony.key import KeyOffer
from signing.services.ceremony.opening import Opening
from signing.services.ceremony.reading import ReadingRoom
from signing.services.ceremony.reporting import Reporting
from signing.services.ceremony.signature import SignatureTaking
from signing.services.ceremony.signature_request import SignatureRequesting
from signing.services.companions import Companions
from signing.services.compromise import Compromise
from signing.services.container import Services
from signing.services.evidence import EvidenceDesk
from signing.services.external import ExternalSigning
from signing.services.finishing import Finishing
from signing.services.health import Health
from signing.services.house import House
from signing.services.housekeeping import Housekeeping
from signing.services.issuing import Issuing
from signing.services.links import SigningLinks
from signing.services.notices import Notices
from signing.services.once import Once
from signing.services.ports import Clock
from signing.services.ports.neighbours import Authority, Timestamper
from signing.services.publications import Publications
from signing.services.renewal import Renewal
from signing.services.requesting import Requesting
from signing.services.sealing import Sealing
from signing.services.telling import Telling
from signing.services.tenancy import Tenancy
from signing.services.texts import Texts
from signing.services.verifying import PublicationJudge, Verifying
from signing.services.vetting import Vetting
from signing.storage.documents import DirectoryDocuments
from signing.storage.log import SqlLog
from signing.storage.transaction import SqlDatabase
from signing.verification.trust import TrustAnchors, load_trust, with_crls


@dataclass(frozen=True)
class Wiring:
    """The adapters, and the use cases over them."""

    config: Config
    keystore: Keystore
    database: SqlDatabase
    documents: DirectoryDocuments
    log: SqlLog
    renderer: Renderer
    timestamper: Timestamper
    clock: Clock = now

    def trust(self) -> TrustAnchors:
        """The anchors as they are now: they may be rotated while the service runs."""
        return load_trust(self.keystore.folder.trust)

    def newest_trust(self) -> TrustAnchors:
        """The anchors with our lists of today: what was revoked after the archive step is known."""
        crls = self.keystore.revocations.crls(self.clock())
        return with_crls(self.trust(), crls)

    @cached_property
    def links(self) -> SigningLinks:
        """Signing links under their own secret."""
        return SigningLinks(self.keystore.secret("links"))

    @cached_property
    def messenger(self) -> SmsOutbox:
        """SMS."""
        return SmsOutbox(self.config.instance_dir / "outbox" / "sms.ndjson")

    @cached_property
    def hasher(self) -> Argon2Codes:
        """One-time codes at rest."""
        return Argon2Codes()

    @cached_property
    def authority(self) -> Authority:
        """The CA that certifies workers' keys."""
        return make_authority(self.config, self.keystore, clock=self.clock)

    @cached_property
    def judge(self) -> PublicationJudge:
        """Our own verifier before publication."""
        return PublicationJudge(trust=self.trust, clock=self.clock)

    @cached_property
    def vetting(self) -> Vetting:
        """The checks of a request."""
        return make_vetting(self.config, self.renderer, clock=self.clock)

    @cached_property
    def requesting(self) -> Requesting:
        """First half of every signature."""
        return Requesting(
            database=self.database,
            documents=self.documents,
            timestamper=self.timestamper,
            clock=self.clock,
            new_id=new_id,
            certify=self.config.certify,
        )

    @cached_property
    def finishing(self) -> Finishing:
        """Second half of every signature."""
        return Finishing(
            database=self.database,
            documents=self.documents,
            authority=self.authority,
            timestamper=self.timestamper,
            judge=self.judge,
            clock=self.clock,
        )

    @cached_property
    def sealing(self) -> Sealing:
        """Seals kept by the service."""
        return Sealing(
            database=self.database,
            seals=self.keystore.seals,
            requesting=self.requesting,
            finishing=self.finishing,
            clock=self.clock,
        )

    @cached_property
    def external_signing(self) -> ExternalSigning:
        """Keys of the enterprises' own."""
        return ExternalSigning(
            database=self.database,
            requesting=self.requesting,
            finishing=self.finishing,
            sealing=self.sealing,
            authority=self.authority,
            trust=self.trust,
            clock=self.clock,
        )

    @cached_property
    def archiving(self) -> Archiving:
        """The archive step."""
        return Archiving(
            database=self.database,
            documents=self.documents,
            authority=self.authority,
            timestamper=self.timestamper,
            judge=self.judge,
            renewal_margin=timedelta(days=self.config.renewal_margin_days),
        )

    @cached_property
    def renewal(self) -> Renewal:
        """Further archive timestamps."""
        return Renewal(
            database=self.database,
            documents=self.documents,
            authority=self.authority,
            timestamper=self.timestamper,
            judge=self.judge,
            margin=timedelta(days=self.config.renewal_margin_days),
        )

    @cached_property
    def issuing(self) -> Issuing:
        """New agreements."""
        return Issuing(
            database=self.database,
            documents=self.documents,
            vetting=self.vetting,
            renderer=self.renderer,
            sealing=self.sealing,
            clock=self.clock,
            new_id=new_id,
            new_number=new_number,
            verify_url=f"{self.config.public_url}/verify",
            test_certificates=True,
        )

    @cached_property
    def agreements(self) -> AgreementDesk:
        """The platform's desk."""
        return AgreementDesk(
            database=self.database,
            documents=self.documents,
            links=self.links,
            clock=self.clock,
            public_url=self.config.public_url,
            reminder_pause=REMINDER_PAUSE if self.config.sms_rate else timedelta(0),
        )

    @cached_property
    def evidence(self) -> EvidenceDesk:
        """Evidence packages."""
        return EvidenceDesk(
            database=self.database,
            documents=self.documents,
            log=self.log,
            renderer=self.renderer,
            links=self.links,
            clock=self.clock,
            readme=evidence_readme,
        )

    @cached_property
    def code(self) -> Code:
        """Codes by SMS."""
        return Code(
            database=self.database,
            links=self.links,
            clock=self.clock,
            messenger=self.messenger,
            hasher=self.hasher,
            new_code=new_code,
            public_host=self.config.public_host,
        )

    @cached_property
    def signature_requesting(self) -> SignatureRequesting:
        """Bytes for the phone to sign."""
        return SignatureRequesting(
            database=self.database,
            links=self.links,
            clock=self.clock,
            authority=self.authority,
            hasher=self.hasher,
            requesting=self.requesting,
        )

    @cached_property
    def house(self) -> House:
        """What happened to the keys."""
        return House(
            database=self.database,
            recall=self.keystore.recall,
            log_keys=lambda: [key.vkey for key in reversed(self.keystore.foundation.log_keys)],
            clock=self.clock,
        )

    @cached_property
    def compromise(self) -> Compromise:
        """Reports of keys in wrong hands."""
        return Compromise(
            database=self.database,
            recall=self.keystore.recall,
            seals=self.keystore.seals,
            house=self.house,
            clock=self.clock,
        )

    @cached_property
    def notices(self) -> Notices:
        """SMS about such reports."""
        return Notices(
            database=self.database,
            desk=self.agreements,
            messenger=self.messenger,
            clock=self.clock,
        )

    @cached_property
    def housekeeping(self) -> Housekeeping:
        """Jobs and what is due now and then."""
        return Housekeeping(
            database=self.database,
            sealing=self.sealing,
            finishing=self.finishing,
            archiving=self.archiving,
            renewal=self.renewal,
            telling=Telling(
                database=self.database,
                messenger=self.messenger,
                clock=self.clock,
                verify_url=f"{self.config.public_url}/verify",
            ),
            desk=self.agreements,
            notices=self.notices,
            messenger=self.messenger,
            log=self.log,
            clock=self.clock,
        )

    @cached_property
    def services(self) -> Services:
        """All use cases."""
        database, links, clock = self.database, self.links, self.clock
        return Services(
            vetting=self.vetting,
            issuing=self.issuing,
            companions=Companions(
                database=database,
                documents=self.documents,
                issuing=self.issuing,
                trust=self.trust,
                clock=clock,
            ),
            agreements=self.agreements,
            sealing=self.sealing,
            external_signing=self.external_signing,
            evidence=self.evidence,
            tenancy=Tenancy(database=database, clock=clock, new_id=new_id, new_secret=new_api_key),
            texts=Texts(catalogue=make_shelf(self.config)),
            once=Once(database=database, clock=clock),
            opening=Opening(database=database, links=links, clock=clock),
            identity=Identity(
                database=database, links=links, clock=clock, new_session=secrets.token_urlsafe
            ),
            reading_room=ReadingRoom(database=database, links=links, clock=clock),
            asking=Asking(database=database, links=links, clock=clock),
            code=self.code,
            key_offer=KeyOffer(
                database=database, links=links, clock=clock, authority=self.authority
            ),
            signature_requesting=self.signature_requesting,
            signature_taking=SignatureTaking(
                database=database, links=links, clock=clock, finishing=self.finishing
            ),
            declining=Declining(database=database, links=links, clock=clock),
            reporting=Reporting(
                database=database, links=links, clock=clock, compromise=self.compromise
            ),
            copies=Copies(database=database, documents=self.documents, links=links, clock=clock),
            verifying=Verifying(
                database=database, evidence=self.evidence, trust=self.newest_trust, clock=clock
            ),
            finishing=self.finishing,
            archiving=self.archiving,
            compromise=self.compromise,
            house=self.house,
            housekeeping=self.housekeeping,
            health=Health(
                database=database, home=self.config.home, alarms=lambda: self.renderer.alarms
            ),
            publications=Publications(
                log=self.log, pki_file=self.keystore.pki_file, respond=self.keystore.unit.respond
            ),
        )
