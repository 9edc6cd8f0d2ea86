"""The neighbours of the use cases, in the memory of a test: true to their ports, and movable.

Each may be told to be `away`. What a use case did to a neighbour can be read afterwards; nothing
here asserts anything.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from signing.errors import Broken, Rejected, Unavailable


class MemoryDocuments:
    """Port `Documents`."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        self.kept[digest] = content
        return digest

    def get(self, sha256: str) -> bytes:
        if sha256 not in self.kept:
            raise Broken(f"The document {sha256} is missing", code="DOCUMENT_MISSING")
        return self.kept[sha256]


@dataclass
class FakeMessenger:
    """Port `Messenger`: keeps `sent` as (phone, text, at)."""

    sent: list[tuple[str, str, datetime]] = field(default_factory=list)
    away: bool = False

    def send_sms(self, *, phone: str, text: str, at: datetime) -> None:
        if self.away:
            raise Unavailable("no provider", code="SMS_FAILED")
        self.sent.append((phone, text, at))


class FakeHasher:
    """Port `CodeHasher`: a hash that nobody would take for one."""

    def hash(self, code: str) -> str:
        return f"hash of {code}"

    def matches(self, code_hash: str, code: str) -> bool:
        return code_hash == self.hash(code)


class FakeCodes:
    """Codes one after the other: 000001, 000002 …"""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def __call__(self) -> str:
        return f"{next(self._count):06d}"


@dataclass(frozen=True)
class FakeCertificate:
    """Port `IssuedCertificate`."""

    chain: tuple[bytes, ...]
    not_after: datetime


@dataclass
class FakeAuthority:
    """Port `Authority`: certifies any key whose proof is `b"proof"`; keeps what it `issued`."""

    issued: list[int] = field(default_factory=list)
    revoked: set[bytes] = field(default_factory=set)
    _serials: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def new_serial(self) -> int:
        return next(self._serials)

    def request_info(self, spki: bytes, **_: object) -> bytes:
        if not spki:
            raise Rejected("not a key", code="KEY_UNUSABLE")
        return b"request for " + spki

    def issue_signer(self, *, serial: int, proof: bytes, at: datetime, **_) -> FakeCertificate:
        if proof != b"proof":
            raise Rejected("no proof", code="PROOF_OF_POSSESSION")
        self.issued.append(serial)
        return FakeCertificate((f"certificate {serial}".encode(),), at + timedelta(minutes=14))

    def is_revoked(self, certificate: bytes) -> bool:
        return certificate in self.revoked

    def validation_data(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        return (), ()


def sequential(prefix: str = "id") -> Callable[[], str]:
    """`prefix-1`, `prefix-2` …, for sessions and the like."""
    count = itertools.count(1)
    return lambda: f"{prefix}-{next(count)}"
