"""A circuit breaker: who is away is not asked again by everybody, one after the other.

Rules kept here:
* three failures in a row open it for 30 seconds: callers are refused at once, nobody waits;
* then one caller may try while the others are still refused; its success closes the breaker, its
  failure opens it for another 30 seconds;
* failures of callers that were let through together count each, successes forget them all.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FAILURES = 3
PAUSE_SECONDS = 30.0


class BreakerOpen(Exception):
    """Not asked: it was away a moment ago."""


class Breaker:
    """Around the calls to one neighbour; safe for several threads.

    `monotonic` gives seconds that never step back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Run the block unless the breaker is open (BreakerOpen); an exception is a failure."""
        self._enter()
        try:
            yield
        except BaseException:
            self._failed()
            raise
        with self._lock:
            self._failures = 0

    def _enter(self) -> None:
        with self._lock:
            if self._failures < FAILURES:
                return
            now = self._monotonic()
            if now < self._open_until:
                raise BreakerOpen
            self._open_until = now + PAUSE_SECONDS  # this caller tries, the others go on waiting

    def _failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._open_until = self._monotonic() + PAUSE_SECONDS
