"""Idempotency-Key: a repeated request gets the first answer (interfaces.md §4).

Rules kept here:
* the answer is kept in the same transaction as what it tells of, so a crash leaves either both or
  neither;
* a call that fails frees its key, for a corrected or later request;
* answers are encrypted at rest: they hold signing links.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from signing.errors import Rejected
from signing.services.ports import Clock
from signing.services.ports.storage import Database, Transaction

KEY_LIMIT = 255


@dataclass
class Ticket:
    """One call under a key; `first_answer` is set if this key was answered before.

    A use case calls `keep` with its result inside its own transaction.
    """

    first_answer: bytes | None = None
    _keep: Callable[[Transaction, object, bool], None] | None = field(default=None, repr=False)

    def keep(self, tx: Transaction, result: object, *, is_final: bool = True) -> None:
        """Keep the answer that tells of `result`; without a key nothing is kept.

        `is_final=False` where the same call will go on and keep another: should it die, this one
        stands.
        """
        if self._keep is not None:
            self._keep(tx, result, is_final)


class Once:
    """Hand out tickets."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @contextmanager
    def ticket(
        self,
        *,
        tenant_id: str,
        key: str | None,
        request_sha256: str,
        dump: Callable[[object], bytes],
    ) -> Iterator[Ticket]:
        """A ticket for one call; `dump` makes the answer's bytes from the use case's result.

        Raises Conflict `IDEMPOTENCY_IN_FLIGHT` while the first call still runs, Rejected
        `IDEMPOTENCY_KEY_REUSED` for another request under the same key.
        """
        if key is None:
            yield Ticket()
            return
        check_key(key)
        with self._database.transaction() as tx:
            first_answer = tx.idempotency.begin(
                tenant_id=tenant_id, key=key, request_sha256=request_sha256, at=self._clock()
            )
        if first_answer is not None:
            yield Ticket(first_answer)
            return

        def keep(tx: Transaction, result: object, is_final: bool) -> None:
            tx.idempotency.finish(
                tenant_id=tenant_id, key=key, answer=dump(result), is_final=is_final
            )

        try:
            yield Ticket(None, keep)
        except BaseException:
            with self._database.transaction() as tx:
                tx.idempotency.forget(tenant_id=tenant_id, key=key)
            raise


def check_key(key: str) -> None:
    """Raises Rejected for an empty, overlong or unprintable key."""
    if not 1 <= len(key) <= KEY_LIMIT or not key.isprintable() or not key.isascii():
        raise Rejected(
            f"Idempotency-Key: 1 to {KEY_LIMIT} printable ASCII characters",
            f"Idempotency-Key 要 1 到 {KEY_LIMIT} 个可见 ASCII 字符",
            code="IDEMPOTENCY_KEY_INVALID",
        )
