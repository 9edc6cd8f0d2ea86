"""All use cases in one place, built by `app.py` and handed to web and command line."""

from dataclasses import dataclass

from signing.services.agreements import AgreementDesk
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
from signing.services.evidence import EvidenceDesk
from signing.services.external import ExternalSigning
from signing.services.finishing import Finishing
from signing.services.health import Health
from signing.services.house import House
from signing.services.housekeeping import Housekeeping
from signing.services.issuing import Issuing
from signing.services.once import Once
from signing.services.publications import Publications
from signing.services.sealing import Sealing
from signing.services.tenancy import Tenancy
from signing.services.texts import Texts
from signing.services.verifying import Verifying
from signing.services.vetting import Vetting


@dataclass(frozen=True)
class Services:
    """One object per use case; each is stateless and safe for several threads."""

    # walk (a): the platform
    vetting: Vetting
    issuing: Issuing
    companions: Companions
    agreements: AgreementDesk
    sealing: Sealing
    external_signing: ExternalSigning
    evidence: EvidenceDesk
    tenancy: Tenancy
    texts: Texts
    once: Once
    # walk (b): the worker
    opening: Opening
    identity: Identity
    reading_room: ReadingRoom
    asking: Asking
    code: Code
    key_offer: KeyOffer
    signature_requesting: SignatureRequesting
    signature_taking: SignatureTaking
    declining: Declining
    reporting: Reporting
    copies: Copies
    # walk (c): the arbitrator
    verifying: Verifying
    # the house
    finishing: Finishing
    archiving: Archiving
    compromise: Compromise
    house: House
    housekeeping: Housekeeping
    health: Health
    publications: Publications
