"""A TSA of somebody else's, asked over HTTP (RFC 3161 §3.4): `SIGNING_TSA_URL`.

Rules kept here:
* a question has five seconds; three failures in a row spare it the next 30 (`breaker`);
* an answer is believed after every check of `pades.token`, as if it came from the street: our
  imprint, our nonce, its clock, and a certificate that leads to an anchor of `keys/trust/tsa`;
* anchors are read anew each time, so the next TSA's can be added while the service runs;
* whatever is wrong is Unavailable: the value waits, and is asked for again.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.errors import Unavailable
from signing.keystore import files, lifetime
from signing.keystore.breaker import Breaker, BreakerOpen
from signing.keystore.files import KeyFolder
from signing.keystore.remote_http import Endpoint, NoAnswer
from signing.pades import token, vocabulary

SECONDS = 5.0
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_UNSEEN = 8 * 1024
_ROOM = 2 * 1024


class RemoteTimestamper:
    """Tokens from the TSA at `url`.

    `folder` holds the anchors, and the length of the largest token over a restart.
    """

    def __init__(
        self,
        url: str,
        *,
        folder: KeyFolder,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        seconds: float = SECONDS,
    ) -> None:
        self._endpoint = Endpoint(url, seconds, vocabulary.MAX_TSA_RESPONSE)
        self._folder = folder
        self._clock = clock
        self._breaker = Breaker(monotonic)

    @property
    def token_bytes(self) -> int:
        """Room for its tokens: the largest seen and 2 KiB, for a new certificate or a longer chain.

        8 KiB before the first one.
        """
        seen = self._largest_seen()
        return seen + _ROOM if seen else _UNSEEN

    def lasts_until(self, token: bytes) -> datetime:
        """When the first certificate that one of its tokens leans on ends."""
        return lifetime.lasts_until(token, self._anchors())

    def timestamp(self, imprint: bytes) -> bytes:
        """A token over a SHA-256 `imprint`.

        Raises Unavailable: `TSA_AWAY`, `TSA_PAUSED` (the breaker is open) and the codes of
        `pades.token`.
        """
        try:
            with self._breaker.guard():
                made = self._ask(imprint)
        except BreakerOpen as error:
            raise _away("TSA_PAUSED", "it was away a moment ago") from error
        except NoAnswer as error:
            raise _away("TSA_AWAY", str(error)) from error
        self._remember(len(made))
        return made

    def _ask(self, imprint: bytes) -> bytes:
        nonce = secrets.randbits(64) | 1 << 63
        question = token.request(imprint, nonce=nonce)
        answer = self._endpoint.post(question, content_type=_QUERY, accept=_REPLY)
        made = token.read_response(answer)
        token.check_token(
            made, imprint=imprint, nonce=nonce, now=self._clock(), anchors=self._anchors()
        )
        return made

    def _anchors(self) -> tuple[bytes, ...]:
        pems = sorted((self._folder.trust / "tsa").glob("*.pem"))
        return tuple(
            certificate.public_bytes(Encoding.DER)
            for pem in pems
            for certificate in x509.load_pem_x509_certificates(pem.read_bytes())
        )

    @property
    def _seen_file(self) -> Path:
        return self._folder.private / "tsa.largest"

    def _largest_seen(self) -> int:
        return int(self._seen_file.read_bytes()) if self._seen_file.exists() else 0

    def _remember(self, length: int) -> None:
        if length <= self._largest_seen():
            return
        with self._folder.locked():
            if length > self._largest_seen():
                files.replace(self._seen_file, str(length).encode())


def _away(code: str, why: str) -> Unavailable:
    return Unavailable(
        f"The TSA does not answer: {why}",
        "时间戳服务暂时不可用，签名已保存，请稍后再试",
        code=code,
    )
