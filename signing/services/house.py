"""The house's own events: a new log key, a certificate that was taken back.

Rules kept here:
* what happened to the keys is found out from the keys themselves, so it is logged whoever did it,
  with the service running or not, and a crash in between loses nothing: `catch_up` runs after each
  such command and at every start;
* a thing is told once: a certificate that an agreement's event tells of is not told again.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from signing.domain.events import Event, EventType
from signing.services.ports import Clock
from signing.services.ports.neighbours import Recall
from signing.services.ports.storage import Database


class House:
    """Log what happened to the keys. `log_keys` are their vkeys, oldest first."""

    def __init__(
        self,
        *,
        database: Database,
        recall: Recall,
        log_keys: Callable[[], Sequence[str]],
        clock: Clock,
    ) -> None:
        self._database = database
        self._recall = recall
        self._log_keys = log_keys
        self._clock = clock

    def catch_up(self) -> int:
        """Log what no event tells of yet; returns how many events that were."""
        keys, revoked = self._log_keys(), self._recall.told()
        with self._database.transaction() as tx:
            told = tx.house.told()
            rotations = [
                self._event(EventType.LOG_KEY_ROTATED, {"from": old, "to": new})
                for old, new in pairwise(keys)
                if new not in told.log_keys
            ]
            revocations = [
                self._event(EventType.CERTIFICATE_REVOKED, {"serial": serial, "reason": reason})
                for serial, reason in revoked.items()
                if serial not in told.serials and not told.is_partly_erased
            ]
            missing = [*rotations, *revocations]
            if missing:
                tx.house.append(missing)
        return len(missing)

    def _event(self, event_type: EventType, payload: Mapping[str, Any]) -> Event:
        return Event(event_type, self._clock(), payload=payload)
