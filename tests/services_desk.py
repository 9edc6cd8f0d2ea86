"""The worker's use cases over fakes, and the worker's way through them."""

from dataclasses import dataclass, field, replace

from fakes import FakeAuthority, FakeCodes, FakeHasher, FakeMessenger, sequential
from fakes_storage import MemoryDatabase
from pdf_bases import make_base
from ports.stores import PAGE, make_agreement, make_plan, sha
from signing.domain.agreement import Agreement, Custody
from signing.services.access import Visitor
from signing.services.ceremony.code import Code
from signing.services.ceremony.declining import Declining
from signing.services.ceremony.identity import Identity
from signing.services.ceremony.key import KeyOffer
from signing.services.ceremony.opening import CONSENTS, Opening
from signing.services.ceremony.reading import ReadingRoom
from signing.services.ceremony.signature_request import (
    Handwriting,
    SignatureRequesting,
    Wish,
)
from signing.services.links import SigningLinks

CARDS = ({"id": "pay", "title": "钱怎么算", "clause": "pay", "text": "按单结算"},)
VISITOR = Visitor(address="203.0.113.7", user_agent="a phone")
INK = Handwriting(strokes=[[(float(n), float(n)) for n in range(9)]], width=10, height=10)


class NoRequesting:
    """Stands where the PDF is prepared: the tests of the code end before that."""

    def reusable(self, *_: object) -> None:
        return None

    def request(self, wanted: object) -> object:
        raise Prepared(wanted)


class Prepared(Exception):
    """The signature would be prepared now."""


@dataclass
class Desk:
    """The worker's use cases over one store."""

    clock: object
    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    links: SigningLinks = field(default_factory=lambda: SigningLinks(bytes(32)))
    messenger: FakeMessenger = field(default_factory=FakeMessenger)
    authority: FakeAuthority = field(default_factory=FakeAuthority)

    def __post_init__(self) -> None:
        common = {"database": self.database, "links": self.links, "clock": self.clock}
        hasher = FakeHasher()
        self.opening = Opening(**common)
        self.identity = Identity(**common, new_session=sequential("session"))
        self.reading_room = ReadingRoom(**common)
        self.declining = Declining(**common)
        self.key_offer = KeyOffer(**common, authority=self.authority)
        self.code = Code(
            **common,
            messenger=self.messenger,
            hasher=hasher,
            new_code=FakeCodes(),
            public_host="sign.example",
        )
        self.requesting = SignatureRequesting(
            **common,
            authority=self.authority,
            hasher=hasher,
            requesting=NoRequesting(),
        )

    def add(self, ordinal: int = 1, **changes) -> Agreement:
        """An agreement that its enterprise has signed."""
        agreement, events = make_agreement(ordinal, **changes).created(at=self.clock())
        signed, more = agreement.signed(
            agreement.parties[0].id,
            base_sha256=agreement.revision_sha256,
            revision_sha256=sha(f"revision 2 of {ordinal}"),
            custody=Custody.SERVICE,
            evidence={},
            at=self.clock(),
        )
        page = replace(PAGE, cards=CARDS)
        with self.database.transaction() as tx:
            tx.tenants.create(tenant_id=f"ten_{ordinal}", name="Platform", at=self.clock())
            tx.agreements.add(signed, page=page, plan=make_base()[1], events=[*events, *more])
        return signed

    def add_unsealed(self, ordinal: int) -> Agreement:
        """An agreement that waits for its enterprise."""
        agreement, events = make_agreement(ordinal).created(at=self.clock())
        with self.database.transaction() as tx:
            tx.agreements.add(agreement, page=PAGE, plan=make_plan(1), events=events)
        return agreement

    def link(self, agreement: Agreement) -> str:
        """The worker's newest link."""
        party = self.agreement(agreement).parties[1]
        return self.links.token(party.id, generation=party.link_generation)

    def agreement(self, agreement: Agreement) -> Agreement:
        """As it is stored now."""
        return self.database.tables.agreements[agreement.id]

    def ceremony(self, agreement: Agreement):
        return self.database.tables.ceremonies[agreement.parties[1].id]

    def events(self, agreement: Agreement) -> list[str]:
        return [event.type for event in self.database.tables.events[agreement.tag]]

    # --- the worker's way, step by step

    def begin(self, link: str) -> None:
        consents = dict.fromkeys(CONSENTS, sha("notice"))
        self.opening.begin(link, consents=consents, visitor=VISITOR)

    def identify(self, link: str, name="张三", id_number="430104199003070012") -> str:
        return self.identity.confirm(link, name=name, id_number=id_number, visitor=VISITOR)

    def read(self, link: str, session: str, **changes) -> None:
        text_sha256 = self.reading_room.open(link, session=session).text_sha256
        report = {"text_sha256": text_sha256, "ticked": ["pay"], "dwell_ms": {}, **changes}
        self.reading_room.finish(link, session=session, visitor=VISITOR, **report)

    def come_to_sign(self, link: str) -> str:
        """W1 to W7 with a key offered; returns the session."""
        self.begin(link)
        session = self.identify(link)
        self.read(link, session)
        self.key_offer.offer(link, session=session, spki=b"a public key")
        return session

    def ask(self, link: str, session: str, code: str, **changes):
        """Ask for the bytes to sign."""
        wish = {"proof": b"proof", "handwriting": INK, "is_willing": True, **changes}
        return self.requesting.request(
            link, session=session, wish=Wish(code=code, **wish), visitor=VISITOR
        )
