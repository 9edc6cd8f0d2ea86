"""The built-in time-stamping unit (RFC 3161): request in, response out, refusals too.

Rules kept here:
* SHA-256 imprints only; our policy only; no extensions; genTime in whole seconds, accuracy 1 s;
* time never steps back: a clock behind the last genTime is answered timeNotAvailable (F: T22);
* serial numbers are 127 random bits; the certificate is sent where it was asked for;
* its private key stays open in this process: it is the service's own key for time, not a party's,
  and a token says nothing but «these bytes existed when our clock said so». Built-in, it convinces
  no court by itself (D5): a licensed TSA takes its place by configuration.
"""

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from signing.errors import Malformed
from signing.keystore import files, lifetime
from signing.pades import cms, der, token, vocabulary

_MAX_REQUEST = 4 * 1024
_KEEP_LAST_EVERY = timedelta(seconds=60)
_MAX_NONCE = 1 << 256
_LENGTH_VARIES = 4  # r and s of the signature are 31 to 33 bytes each, in all lengths of DER

# PKIFailureInfo bits (RFC 3161 §2.4.2).
_BAD_ALGORITHM, _BAD_REQUEST, _BAD_FORMAT = 0, 2, 5
_TIME_NOT_AVAILABLE, _POLICY, _EXTENSION = 14, 15, 16
_REJECTION = 2


@dataclass(frozen=True)
class _Query:
    """What a TimeStampReq asks for."""

    imprint: bytes
    nonce: int | None
    certificate: bool


class _Refusal(Exception):
    """An answer of the protocol: `failure` is the bit of PKIFailureInfo."""

    def __init__(self, failure: int) -> None:
        super().__init__(failure)
        self.failure = failure


class TimestampingUnit:
    """Answers requests; safe for several threads.

    `last_file` keeps the last genTime over a restart; None forgets it.
    """

    def __init__(
        self,
        *,
        certificate: bytes,
        key: ec.EllipticCurvePrivateKey,
        clock: Callable[[], datetime],
        last_file: Path | None,
    ) -> None:
        self._facts = cms.certificate_facts(certificate)
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._last_file = last_file
        self._last = self._kept = _read_last(last_file)

    @property
    def certificate(self) -> bytes:
        """The unit's certificate, DER."""
        return self._facts.der

    def respond(self, request: bytes) -> bytes:
        """TimeStampResp (DER) for whatever bytes came; a refusal is a response too."""
        try:
            query = _read_query(request)
            made = self._token(query, self._next_time())
        except _Refusal as refusal:
            return _rejection(refusal.failure)
        except Malformed:
            return _rejection(_BAD_FORMAT)
        return token.granted(made)

    def _next_time(self) -> datetime:
        """The present in whole seconds; refuses if it lies before what was given out already."""
        with self._lock:
            now = self._clock().replace(microsecond=0)
            if now < self._last:
                raise _Refusal(_TIME_NOT_AVAILABLE)
            self._last = now
            if self._last_file is not None and now - self._kept >= _KEEP_LAST_EVERY:
                # Once a minute is enough to notice a clock that was set back between two starts.
                files.replace(self._last_file, now.isoformat().encode())
                self._kept = now
            return now

    def _token(self, query: _Query, now: datetime) -> bytes:
        """TimeStampToken over the imprint."""
        algorithm = der.sequence(der.oid(vocabulary.OID_SHA256))
        info = der.sequence(
            der.integer(1),
            der.oid(vocabulary.OID_POLICY_TSA_TEST),
            der.sequence(algorithm, der.octet_string(query.imprint)),
            der.integer(1 << 126 | secrets.randbits(126)),
            der.tlv(der.GENERALIZED_TIME, now.strftime("%Y%m%d%H%M%SZ").encode()),
            der.sequence(der.integer(1)),  # accuracy: one second
            b"" if query.nonce is None else der.integer(query.nonce),
        )
        digest = hashes.Hash(hashes.SHA256())
        digest.update(info)
        attributes = cms.signed_attributes(
            self._facts,
            digest.finalize(),
            content_type=vocabulary.OID_TST_INFO,
            signing_time=now,
        )
        return cms.signed_data(
            self._facts,
            attributes=attributes,
            value=self._key.sign(attributes, ec.ECDSA(hashes.SHA256())),
            certificates=[self._facts.der] if query.certificate else [],
            tst_info=info,
        )


class BuiltInTimestamper:
    """Asks the unit in this process and checks the answer as it would a stranger's."""

    def __init__(
        self, unit: TimestampingUnit, *, anchors: Sequence[bytes], clock: Callable[[], datetime]
    ) -> None:
        self._unit = unit
        self._anchors = tuple(anchors)
        self._clock = clock

    @property
    def token_bytes(self) -> int:
        """The largest token that this TSA sends, for the reserve of a signature."""
        trial = self._unit.respond(token.request(bytes(32), nonce=(1 << 64) - 1))
        return len(token.read_response(trial)) + _LENGTH_VARIES

    def lasts_until(self, token: bytes) -> datetime:
        """When the first certificate that one of its tokens leans on ends."""
        return lifetime.lasts_until(token, self._anchors)

    def timestamp(self, imprint: bytes) -> bytes:
        """A token over a SHA-256 `imprint`. Raises Unavailable if one of the conditions fails."""
        nonce = secrets.randbits(64) | 1 << 63
        response = self._unit.respond(token.request(imprint, nonce=nonce))
        made = token.read_response(response)
        token.check_token(
            made, imprint=imprint, nonce=nonce, now=self._clock(), anchors=self._anchors
        )
        return made


def _read_query(request: bytes) -> _Query:
    """Read a TimeStampReq (RFC 3161 §2.4.1); _Refusal says what is wrong with it."""
    if len(request) > _MAX_REQUEST:
        raise _Refusal(_BAD_REQUEST)
    parts = der.children(der.read_one(request), at_least=2)
    if parts[0].tag != der.INTEGER or der.natural(parts[0]) != 1:
        raise _Refusal(_BAD_REQUEST)
    imprint = _read_imprint(parts[1])
    rest = {part.tag: part for part in parts[2:]}
    if len(rest) != len(parts) - 2:
        raise _Refusal(_BAD_FORMAT)
    policy = rest.pop(der.OID, None)
    if policy is not None and der.dotted(policy) != vocabulary.OID_POLICY_TSA_TEST:
        raise _Refusal(_POLICY)
    nonce, wanted = rest.pop(der.INTEGER, None), rest.pop(der.BOOLEAN, None)
    if rest:
        raise _Refusal(_EXTENSION)
    number = None if nonce is None else der.natural(nonce)
    if number is not None and number >= _MAX_NONCE:
        raise _Refusal(_BAD_REQUEST)
    return _Query(imprint, number, wanted is not None and wanted.content == b"\xff")


def _read_imprint(element: der.Element) -> bytes:
    """The hash of a MessageImprint, which must be SHA-256."""
    algorithm, hashed = der.children(element, at_least=2)[:2]
    named = der.children(algorithm, at_least=1)
    if der.dotted(named[0]) != vocabulary.OID_SHA256:
        raise _Refusal(_BAD_ALGORITHM)
    if hashed.tag != der.OCTET_STRING or len(hashed.content) != hashes.SHA256.digest_size:
        raise _Refusal(_BAD_FORMAT)
    return hashed.content


def _rejection(failure: int) -> bytes:
    """TimeStampResp with status rejection and one bit of PKIFailureInfo."""
    octets = bytearray(failure // 8 + 1)
    octets[-1] = 0x80 >> failure % 8
    unused = 7 - failure % 8  # DER: trailing zero bits of a named bit list are left out
    bits = der.tlv(der.BIT_STRING, bytes((unused,)), bytes(octets))
    return der.sequence(der.sequence(der.integer(_REJECTION), bits))


def _read_last(last_file: Path | None) -> datetime:
    if last_file is None or not last_file.exists():
        return datetime.fromtimestamp(0, UTC)
    return datetime.fromisoformat(last_file.read_text("ascii")).astimezone(UTC)
