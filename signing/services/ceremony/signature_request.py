"""W7, second: the phone asks for the bytes to sign.

    1. the page's own demands: the box is ticked, a code of six digits, a name drawn or typed
    2. the code is judged and used up, the certificate's serial and event committed (D10)
    3. the CA certifies the phone's key for at most 15 minutes and this one revision
    4. the increment is prepared, the intent and its event committed

The phone gets the increment and the signed attributes, and checks both against what it read before
its key is used (D6). A lost answer is asked for again without a second code: the open intent is
handed out once more, to the key that it was made for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from signing.domain.agreement import Custody
from signing.domain.ceremony import WrongAnswer
from signing.domain.events import EventType
from signing.domain.signature import SignatureIntent
from signing.errors import Conflict, FieldError, Invalid
from signing.pades.appearance import ink_appearance, typed_appearance
from signing.pades.plan import FilePlan
from signing.pades.prepare import Prepared
from signing.services.access import Guest, Visitor, admit_reader
from signing.services.ports import Clock
from signing.services.ports.neighbours import Authority, CodeHasher, Links
from signing.services.ports.storage import Database, Transaction
from signing.services.requesting import Requesting, Wanted

CODE_DIGITS = 6
LEAST_INK_POINTS = 8
"""Fewer are a slip of the thumb."""


@dataclass(frozen=True)
class Handwriting:
    """What stands in the box: strokes on a pad, or a typed name.

    A stroke is a sequence of points in the pad's units, y downwards; the pad is `width` × `height`.
    """

    strokes: Sequence[Sequence[tuple[float, float]]] = ()
    width: float = 1.0
    height: float = 1.0
    typed: str = ""

    @property
    def is_enough(self) -> bool:
        """Whether a name may be meant."""
        return self.typed != "" or sum(map(len, self.strokes)) >= LEAST_INK_POINTS


@dataclass(frozen=True)
class ToSign:
    """What the phone needs.

    `increment` follows the base file that the phone already holds; `contents_start` and
    `contents_end` are absolute offsets of the empty `/Contents` digits. The phone's own digest over
    everything else must be `document_digest`, which stands in `signed_attributes`.
    """

    intent_id: str
    base_sha256: str
    increment: bytes
    contents_start: int
    contents_end: int
    signed_attributes: bytes
    document_digest: bytes
    text_sha256: str
    expires_at: datetime


@dataclass(frozen=True)
class Wish:
    """What the phone sends: `proof` is the signature over the request info (raw r‖s)."""

    proof: bytes
    code: str
    handwriting: Handwriting
    is_willing: bool

    def check(self) -> None:
        """Raises Invalid with everything that the page still asks for."""
        is_code = len(self.code) == CODE_DIGITS and self.code.isascii() and self.code.isdigit()
        demands = [
            (self.is_willing, "willing", "Tick the box first", "请先勾“是我自己愿意签的”"),
            (is_code, "code", "Six digits", "验证码是 6 位数字"),
            (
                self.handwriting.is_enough,
                "handwriting",
                "Write your name in the box",
                "请先在框里写上您的名字",
            ),
        ]
        errors = [
            FieldError(path, f"{path.upper()}_MISSING", message, message_zh)
            for is_met, path, message, message_zh in demands
            if not is_met
        ]
        if errors:
            raise Invalid(errors)


class SignatureRequesting:
    """Hand out bytes to sign."""

    def __init__(
        self,
        *,
        database: Database,
        links: Links,
        clock: Clock,
        authority: Authority,
        hasher: CodeHasher,
        requesting: Requesting,
    ) -> None:
        self._database = database
        self._links = links
        self._clock = clock
        self._authority = authority
        self._hasher = hasher
        self._requesting = requesting

    def request(self, link_token: str, *, session: str, wish: Wish, visitor: Visitor) -> ToSign:
        """Bytes for the phone's key.

        Raises Invalid for what the page still asks for, WrongAnswer `CODE_WRONG`, Conflict for a
        code that is missing, old or dead, Rejected for a bad proof, and as `access.admit_reader`.
        """
        # 1.
        wish.check()
        with self._database.transaction() as tx:
            guest = admit_reader(tx, self._links, link_token, session=session, at=self._clock())
            plan = tx.agreements.plan(guest.agreement.id)
        intent = self._requesting.reusable(guest.agreement, guest.party, Custody.DEVICE)
        if intent is None or not _is_over(guest.ceremony.spki, intent):
            serial = self._authority.new_serial()
            guest = self._spend_code(link_token, session, wish.code, serial, visitor)
            intent = self._certified(guest, plan, serial, wish)
        return _to_sign(intent)

    def _spend_code(
        self, link_token: str, session: str, code: str, serial: int, visitor: Visitor
    ) -> Guest:
        # 2. In one transaction, so that a code opens one certificate and no more.
        now = self._clock()
        with self._database.transaction() as tx:
            guest = admit_reader(tx, self._links, link_token, session=session, at=now)
            ceremony = guest.ceremony
            if ceremony.spki is None:
                raise Conflict("No key was offered", "请重新打开链接再签", code="KEY_MISSING")
            code_hash = ceremony.check_code_usable(
                revision_sha256=guest.agreement.revision_sha256, at=now
            )
            is_right = self._hasher.matches(code_hash, code)
            ceremony = ceremony.code_used() if is_right else ceremony.code_failed()
            tx.ceremonies.save(ceremony)
            if is_right:
                _log_certificate(tx, guest, serial=serial, visitor=visitor, at=now)
        if not is_right:
            left = ceremony.code_left
            raise WrongAnswer(
                "Wrong code", f"验证码不对，还可以试 {left} 次", code="CODE_WRONG", left=left
            )
        return guest

    def _certified(self, guest: Guest, plan: FilePlan, serial: int, wish: Wish) -> SignatureIntent:
        # 3.
        now = self._clock()
        agreement, party = guest.agreement, guest.party
        issued = self._authority.issue_signer(
            serial=serial,
            request_info=guest.ceremony.request_info or b"",
            proof=wish.proof,
            name=party.name,
            agreement_id=agreement.id,
            document_sha256=agreement.revision_sha256,
            at=now,
        )
        # 4.
        return self._requesting.request(
            Wanted(
                agreement=agreement,
                party=party,
                custody=Custody.DEVICE,
                certificates=issued.chain,
                appearance=_appearance(guest, plan, wish.handwriting, now),
                reason="本人自愿签署",
                expires_at=issued.not_after,
            )
        )


def _is_over(spki: bytes | None, intent: SignatureIntent) -> bool:
    """Whether the intent's certificate is over that key: a phone that lost its key has a new one.

    A certificate holds the SubjectPublicKeyInfo as it stands (RFC 5280 §4.1).
    """
    return spki is not None and spki in intent.certificates[0]


def _log_certificate(
    tx: Transaction, guest: Guest, *, serial: int, visitor: Visitor, at: datetime
) -> None:
    tx.certificates.add(
        serial=serial,
        agreement_id=guest.agreement.id,
        party_id=guest.party.id,
        purpose="signer",
        at=at,
    )
    agreement, events = guest.agreement.noted(
        EventType.CERTIFICATE_ISSUED,
        guest.party.id,
        payload={
            "serial": f"{serial:x}",
            "spki_sha256": sha256(guest.ceremony.spki or b"").hexdigest(),
            "document_sha256": guest.agreement.revision_sha256,
            "factors": ["name_and_id_number", "sms_code"],
            "is_willing": True,
            **visitor.as_evidence(),
        },
        at=at,
    )
    tx.agreements.save(agreement, events=events)


def _appearance(guest: Guest, plan: FilePlan, handwriting: Handwriting, now: datetime) -> bytes:
    field, is_test = guest.party.role.value, guest.agreement.test_certificates
    if handwriting.typed:
        return typed_appearance(
            plan, field, name=guest.party.name, signing_time=now, is_test=is_test
        )
    return ink_appearance(
        plan,
        field,
        strokes=handwriting.strokes,
        pad=(handwriting.width, handwriting.height),
        signing_time=now,
        is_test=is_test,
    )


def _to_sign(intent: SignatureIntent) -> ToSign:
    prepared = Prepared.from_json(intent.prepared)
    return ToSign(
        intent_id=intent.id,
        base_sha256=intent.base_sha256,
        increment=prepared.increment,
        contents_start=prepared.contents_start,
        contents_end=prepared.contents_end,
        signed_attributes=prepared.signed_attributes,
        document_digest=prepared.document_digest,
        text_sha256=intent.text_sha256,
        expires_at=intent.expires_at,
    )
