"""W4: six cards and the whole text; what the phone reports as read.

Rules kept here:
* the text is the very fragment that the PDF was made of (D6, first lock);
* the phone's hash of what was on its screen must equal the hash of that text (second lock): a
  translator, an extension or a proxy that changed one character ends here;
* each key clause is ticked on its own; dwell is recorded, never enforced (P-06).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from signing.domain.agreement import Agreement, Party
from signing.domain.events import EventType
from signing.domain.page import Page
from signing.errors import Conflict, FieldError, Invalid
from signing.services.access import Visitor, admit_known
from signing.services.ports import Clock
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Database

_DWELL_ENTRIES = 200
_DWELL_LIMIT_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class Reading:
    """What W4 shows: `ticks` maps a ticked card's id to when; `text_sha256` is to be matched."""

    agreement: Agreement
    party: Party
    page: Page
    ticks: Mapping[str, str]
    text_sha256: str
    has_read: bool


class ReadingRoom:
    """Show the text, take the report."""

    def __init__(self, *, database: Database, links: Links, clock: Clock) -> None:
        self._database = database
        self._links = links
        self._clock = clock

    def open(self, link_token: str, *, session: str) -> Reading:
        """The text and the cards. Raises as `access.admit_known`."""
        with self._database.transaction() as tx:
            guest = admit_known(tx, self._links, link_token, session=session, at=self._clock())
            return Reading(
                agreement=guest.agreement,
                party=guest.party,
                page=tx.agreements.page(guest.agreement.id),
                ticks=guest.ceremony.ticks,
                text_sha256=guest.agreement.text_sha256,
                has_read=guest.ceremony.presented_sha256 == guest.agreement.revision_sha256,
            )

    def finish(
        self,
        link_token: str,
        *,
        session: str,
        text_sha256: str,
        ticked: Sequence[str],
        dwell_ms: Mapping[str, int],
        visitor: Visitor,
    ) -> None:
        """全文看完了: keeps the ticks in any case, then demands all of them and the right text.

        Raises Invalid `CARD_NOT_TICKED` with one error per missing card, Conflict `TEXT_CHANGED`,
        what `Agreement.check_turn` and `access.admit_known` raise.
        """
        now = self._clock()
        with self._database.transaction() as tx:
            guest = admit_known(tx, self._links, link_token, session=session, at=now)
            guest.agreement.check_turn(guest.party.id)
            page = tx.agreements.page(guest.agreement.id)
            ticks = _kept_ticks(page, guest.ceremony.ticks, ticked, now)
            missing = [card for card in page.cards if card["id"] not in ticks]
            is_same_text = text_sha256 == guest.agreement.text_sha256
            ceremony = replace(guest.ceremony, ticks=ticks)
            if not missing and is_same_text:
                ceremony = replace(
                    ceremony,
                    presented_at=now,
                    presented_sha256=guest.agreement.revision_sha256,
                    presented_text_sha256=text_sha256,
                )
                payload = {
                    "document_sha256": guest.agreement.revision_sha256,
                    "text_sha256": text_sha256,
                    "ticks": dict(ticks),
                    "cards": [dict(card) for card in page.cards],
                    "dwell_ms": _bounded(dwell_ms),
                    **visitor.as_evidence(),
                }
                agreement, events = guest.agreement.noted(
                    EventType.DOCUMENT_PRESENTED, guest.party.id, payload=payload, at=now
                )
                tx.agreements.save(agreement, events=events)
            tx.ceremonies.save(ceremony)
        if missing:
            raise Invalid([_not_ticked(card) for card in missing])
        if not is_same_text:
            raise Conflict(
                "The text on the screen is not the text of the agreement",
                "屏幕上的文字和合同原文不一样。请关掉翻译或插件，重新打开链接",
                code="TEXT_CHANGED",
            )


def _kept_ticks(
    page: Page, before: Mapping[str, str], ticked: Sequence[str], now: datetime
) -> dict[str, str]:
    """A tick keeps its first time; one that was taken away is gone."""
    return {
        card["id"]: before.get(card["id"], now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        for card in page.cards
        if card["id"] in ticked
    }


def _bounded(dwell_ms: Mapping[str, int]) -> dict[str, int]:
    """Dwell as reported by a phone: bounded, since nobody vouches for it."""
    entries = list(dwell_ms.items())[:_DWELL_ENTRIES]
    return {str(key)[:64]: max(0, min(int(ms), _DWELL_LIMIT_MS)) for key, ms in entries}


def _not_ticked(card: Mapping[str, str]) -> FieldError:
    return FieldError(
        path=f"card-{card['id']}",
        code="CARD_NOT_TICKED",
        message=f"Card not ticked: {card['id']}",
        message_zh=f"还没勾：{card['title']}",
    )
