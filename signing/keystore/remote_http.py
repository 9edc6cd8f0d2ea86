"""One question to a neighbour over HTTP, with an end to waiting and to reading.

Rules kept here:
* the whole exchange has its seconds, the name's look-up aside: a watchdog ends the connection,
  however slowly bytes keep coming;
* no more than `limit` bytes of an answer are read; no redirect is followed, no proxy is taken from
  the environment; TLS is checked against the system's authorities;
* status 200 with the content type that was asked for, or it counts as no answer.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


class NoAnswer(Exception):
    """The neighbour did not give a whole answer in time; the text says what was wrong."""


@dataclass(frozen=True)
class Endpoint:
    """Where to ask, how long to wait in all (seconds), how much to read (bytes)."""

    url: str
    seconds: float
    limit: int

    def get(self, *, accept: str) -> bytes:
        """What lies there. Raises NoAnswer."""
        return self._ask("GET", None, {"Accept": accept})

    def post(
        self,
        body: bytes,
        *,
        content_type: str,
        accept: str,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> bytes:
        """The answer's body. Raises NoAnswer."""
        given = {"Content-Type": content_type, "Accept": accept, **headers}
        return self._ask("POST", body, given)

    def _ask(self, method: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        deadline = time.monotonic() + self.seconds
        try:
            with closing(self._connect()) as connection:
                watchdog = threading.Timer(deadline - time.monotonic(), _cut, (connection,))
                watchdog.start()
                try:
                    answer = self._exchange(connection, method, body, headers)
                finally:
                    watchdog.cancel()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        if time.monotonic() > deadline:
            # A connection that was cut may look like an answer without a length that has ended.
            raise NoAnswer(f"no whole answer within {self.seconds} s")
        return answer

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        plain = socket.create_connection((host, port), timeout=self.seconds)
        if parts.scheme == "http":
            return plain
        # The handshake comes later, under the watchdog.
        context = ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)

    def _exchange(
        self,
        connection: socket.socket,
        method: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> bytes:
        if isinstance(connection, ssl.SSLSocket):
            connection.do_handshake()
        parts = urlsplit(self.url)
        client = http.client.HTTPConnection(parts.hostname or "", parts.port)
        client.sock = connection
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        client.request(method, path, body, {**headers, "Connection": "close"})
        with closing(client.getresponse()) as response:
            given = response.headers.get_content_type()
            if response.status != http.HTTPStatus.OK or given != headers["Accept"]:
                raise NoAnswer(f"status {response.status}, content type {given}")
            answer = response.read(self.limit + 1)
            if len(answer) > self.limit:
                raise NoAnswer(f"more than {self.limit} bytes")
            if response.length:
                raise NoAnswer("the answer broke off")
        return answer


def _cut(connection: socket.socket) -> None:
    """End what another thread waits for."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself
