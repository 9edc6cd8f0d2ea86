"""The record of an event as a leaf of the log, and the opening that says what it stands for.

A leaf is the RFC 8785 form of exactly these members:

    a   random 128-bit tag of the agreement, 32 lower-case hex digits; zeros for the service itself
    c   commitment to the payload, 64 hex digits
    n   the event's number within its agreement, 1, 2, 3 …
    p   leaf hash of the agreement's previous event in hex; "" for the first (n = 1)
    t   the event's name as in the HTTP API, `party.signed`
    ts  when, RFC 3339 in UTC with milliseconds, `2026-11-25T09:04:00.123Z`
    v   1

Rules kept here:

1. Nothing personal is in a leaf (D13): payloads appear as SHA-256("audit-commit/v1" 0x00 || salt ||
   payload) with a fresh random salt of 32 bytes. Deleting salt and payload erases the person; the
   proofs stay valid.
2. An opening is salt || RFC 8785 payload. It opens one leaf only.
3. A leaf has one spelling: what is not its own canonical form is refused.
4. The name in `t` is checked for its form only: an old verifier must read the events of a newer
   service.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from signing.audit.canonical import canonical_json, load_json
from signing.audit.merkle import leaf_hash
from signing.errors import Malformed, Rejected

VERSION = 1
SALT_SIZE = 32
MAX_LEAF_SIZE = 65_535
"""Longest entry of a C2SP entry bundle."""

_LABEL = b"audit-commit/v1\x00"
_MEMBERS = frozenset(["a", "c", "n", "p", "t", "ts", "v"])
_TAG = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z]+\.[a-z_]+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_MAX_NAME = 64
_MAX_NUMBER = 2**31


@dataclass(frozen=True)
class Entry:
    """One event of one agreement, without its payload. Hashes and tag in lower-case hex."""

    tag: str
    commitment: str
    number: int
    previous: str
    name: str
    at: datetime

    def __post_init__(self) -> None:
        """Refuse what no leaf may say. `at` is cut to milliseconds."""
        well_formed = (
            _TAG.fullmatch(self.tag)
            and _HASH.fullmatch(self.commitment)
            and _NAME.fullmatch(self.name)
            and len(self.name) <= _MAX_NAME
            and 1 <= self.number < _MAX_NUMBER
            and self.at.tzinfo is not None
        )
        if not well_formed or not self._links():
            raise _malformed("a member is out of bounds")
        at = self.at.astimezone(UTC)
        object.__setattr__(self, "at", at.replace(microsecond=at.microsecond // 1000 * 1000))

    def _links(self) -> bool:
        """Only the first event has no predecessor."""
        if self.number == 1:
            return self.previous == ""
        return _HASH.fullmatch(self.previous) is not None

    def leaf(self) -> bytes:
        """The entry's bytes in the log, RFC 8785."""
        return canonical_json(
            {
                "a": self.tag,
                "c": self.commitment,
                "n": self.number,
                "p": self.previous,
                "t": self.name,
                "ts": self.at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
                "v": VERSION,
            }
        )

    def leaf_hash(self) -> bytes:
        """RFC 9162 hash of the leaf; in hex it is the next entry's `previous`."""
        return leaf_hash(self.leaf())


def parse_entry(leaf: bytes) -> Entry:
    """Read a leaf. Raises Malformed, also for a leaf that is not its own canonical form."""
    if len(leaf) > MAX_LEAF_SIZE:
        raise _malformed("too long")
    members = load_json(leaf)
    if not isinstance(members, dict) or members.keys() != _MEMBERS:
        raise _malformed("other members than a, c, n, p, t, ts, v")
    texts = [members[key] for key in ("a", "c", "p", "t", "ts")]
    number, version = members["n"], members["v"]
    if not all(isinstance(text, str) for text in texts) or type(number) is not int:
        raise _malformed("a member of another type")
    if type(version) is not int or version != VERSION:
        raise _malformed("a version unknown here")
    tag, commitment, previous, name, time = texts
    entry = Entry(tag, commitment, number, previous, name, _parse_time(time))
    if entry.leaf() != leaf:
        raise _malformed("not in its canonical form")
    return entry


def make_opening(payload: Mapping[str, Any], salt: bytes) -> bytes:
    """Salt || RFC 8785 payload. `salt` is 32 fresh random bytes, never used again."""
    if len(salt) != SALT_SIZE:
        raise _malformed(f"a salt has {SALT_SIZE} bytes")
    return salt + canonical_json(dict(payload))


def commit(opening: bytes) -> str:
    """The commitment to an opening, in hex: SHA-256("audit-commit/v1" 0x00 || opening)."""
    return hashlib.sha256(_LABEL + opening).hexdigest()


def open_entry(leaf: bytes, opening: bytes) -> dict[str, Any]:
    """The payload that the leaf commits to.

    Raises Malformed for a leaf or payload that cannot be read, Rejected WRONG_OPENING if the
    opening does not belong to the leaf.
    """
    entry = parse_entry(leaf)
    if not hmac.compare_digest(commit(opening), entry.commitment):
        raise Rejected(
            "The opening does not belong to this entry",
            "存证内容和存证记录对不上，内容可能被改过",
            code="WRONG_OPENING",
        )
    if len(opening) <= SALT_SIZE:
        raise _malformed("an opening without payload")
    payload = load_json(opening[SALT_SIZE:])
    if not isinstance(payload, dict):
        raise _malformed("a payload that is not an object")
    return payload


def _parse_time(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise _malformed(f"not a time: {text[:40]!r}")
    try:
        return datetime.fromisoformat(text)
    except ValueError as e:
        raise _malformed(f"no such time: {text[:40]!r}") from e


def _malformed(message: str) -> Malformed:
    return Malformed(f"Log entry: {message}", "存证记录的格式不对", code="ENTRY_MALFORMED")
