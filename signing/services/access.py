"""Who stands at the door: from a link token and a cookie to an agreement and its party.

Rules kept here:
* a link alone opens what is masked; everything else needs the cookie given out at the gate (D18);
* a link that was replaced says so and opens nothing;
* two links never touch each other: the cookie is checked against the party that the link names.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from signing.domain.agreement import Agreement, Party
from signing.domain.ceremony import Ceremony
from signing.errors import Conflict, Gone
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Transaction


@dataclass(frozen=True)
class Visitor:
    """Where a request came from, as evidence (D18): address and user agent as text."""

    address: str
    user_agent: str

    def as_evidence(self) -> dict[str, Any]:
        """For an event's payload, which is erasable."""
        return {"address": self.address, "user_agent": self.user_agent[:300]}


@dataclass(frozen=True)
class Guest:
    """A party at its door, with what it has done so far."""

    agreement: Agreement
    party: Party
    ceremony: Ceremony


def admit(tx: Transaction, links: Links, link_token: str) -> Guest:
    """The party whose newest link this is, locked until the transaction ends.

    Raises NotFound for what is no link of ours, Gone for a link that was replaced.
    """
    party_id = links.party_id(link_token)
    agreement = tx.agreements.load_by_party(party_id)
    party = agreement.party(party_id)
    if not links.is_current(link_token, generation=party.link_generation):
        raise Gone(
            "A newer link was sent", "这个链接换过了，请用最新短信里的链接", code="LINK_REPLACED"
        )
    return Guest(agreement, party, tx.ceremonies.load(party_id, agreement_id=agreement.id))


def admit_known(
    tx: Transaction,
    links: Links,
    link_token: str,
    *,
    session: str,
    at: datetime,
    signing: bool = False,
) -> Guest:
    """As `admit`, for somebody who passed the gate; else Unauthenticated `SESSION_OVER`."""
    guest = admit(tx, links, link_token)
    guest.ceremony.check_session(session_digest(session), at=at, signing=signing)
    return guest


def admit_reader(
    tx: Transaction, links: Links, link_token: str, *, session: str, at: datetime
) -> Guest:
    """Somebody whose turn it is and who has read the revision that is now to be signed.

    Raises Conflict `NOT_READ`, and as `Agreement.check_turn` and `admit_known`.
    """
    guest = admit_known(tx, links, link_token, session=session, at=at, signing=True)
    guest.agreement.check_turn(guest.party.id)
    if guest.ceremony.presented_sha256 != guest.agreement.revision_sha256:
        raise Conflict("Read the text first", "请先看完合同再签字", code="NOT_READ")
    return guest


def session_digest(session: str) -> str:
    """SHA-256 of a cookie's value, hex: what is stored of it."""
    return sha256(session.encode()).hexdigest()
