"""Whom a verifier trusts, C2SP tlog-policy: logs, witnesses, groups, quorum.

The file belongs to the verifier (`trust/log/policy`) and is never taken from what is verified.

Rules kept here:

1. Exactly one quorum line; names are defined above their use, once, and are group members at most
   once, so a witness counts in one way only.
2. Names are octets, not text; `none`, `any` and `all` name nothing.
3. Two lines with one public key are one log or witness too many, whatever they are called.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from signing.audit.cosignature import Cosignature, WitnessVerifier
from signing.audit.note import COSIGNATURE_V1, ED25519, Note, NoteVerifier, VerifierKey
from signing.errors import Malformed

MAX_POLICY_SIZE = 256 * 1024
MAX_GROUPS = 256
_RESERVED = frozenset({b"none", b"any", b"all"})
_FORBIDDEN_OCTET = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_THRESHOLD = re.compile(rb"[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class Group:
    """Holds if at least `threshold` of its members hold: witnesses or groups, by name."""

    threshold: int
    members: tuple[bytes, ...]


@dataclass(frozen=True)
class Policy:
    """What must have signed a checkpoint. `quorum` is None for `quorum none`."""

    logs: tuple[NoteVerifier, ...] = ()
    witnesses: dict[bytes, WitnessVerifier] = field(default_factory=dict)
    groups: dict[bytes, Group] = field(default_factory=dict)
    quorum: bytes | None = None

    def cosignatures(self, note: Note) -> tuple[Cosignature, ...]:
        """The confirmed statements of this policy's witnesses, earliest first."""
        found = (witness.find_cosignature(note) for witness in self.witnesses.values())
        return tuple(sorted((c for c in found if c is not None), key=lambda c: (c.at, c.witness)))

    def is_met(self, note: Note) -> bool:
        """Whether the quorum's witnesses cosigned; the log's own signature is not looked at."""
        seen = {name for name, w in self.witnesses.items() if w.find_cosignature(note)}
        return self.quorum is None or self._holds(self.quorum, seen)

    def _holds(self, name: bytes, seen: Collection[bytes]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in seen
        return sum(self._holds(member, seen) for member in group.members) >= group.threshold


def policy_text(logs: Iterable[NoteVerifier]) -> str:
    """A policy that trusts these logs and asks for no witness (`quorum none`)."""
    return "".join(f"log {log.key.vkey}\n" for log in logs) + "\nquorum none\n"


def parse_policy(data: bytes) -> Policy:
    """Read a policy file. Raises Malformed with the number of the line at fault."""
    if len(data) > MAX_POLICY_SIZE or _FORBIDDEN_OCTET.search(data):
        raise _malformed(0, "too long, or control characters in it")
    reader = _Reader()
    for number, line in enumerate(data.split(b"\n"), start=1):
        words = line.replace(b"\t", b" ").split(b" ")
        items = [word for word in words if word]
        if not items or items[0].startswith(b"#"):
            continue
        reader.read(number, *items)
    return reader.policy()


class _Reader:
    """The lines read so far."""

    def __init__(self) -> None:
        self.logs: list[NoteVerifier] = []
        self.witnesses: dict[bytes, WitnessVerifier] = {}
        self.groups: dict[bytes, Group] = {}
        self.members: set[bytes] = set()
        self.quorums: list[bytes | None] = []

    def read(self, number: int, keyword: bytes, *items: bytes) -> None:
        match keyword, items:
            case b"log", [vkey] | [vkey, _]:
                key = self._new_key(number, vkey, self.logs)
                if key.signature_type != ED25519:
                    raise _malformed(number, "not a key that signs notes")
                self.logs.append(NoteVerifier(key))
            case b"witness", [name, vkey] | [name, vkey, _]:
                self._check_new(number, name)
                key = self._new_key(number, vkey, self.witnesses.values())
                # Policies in use name witnesses by plain Ed25519 vkeys too; what they sign is
                # told apart by its header line, so the key is taken for what the line says.
                self.witnesses[name] = WitnessVerifier(replace(key, signature_type=COSIGNATURE_V1))
            case b"group", [name, threshold, _, *_] if len(self.groups) < MAX_GROUPS:
                self._check_new(number, name)
                self.groups[name] = self._group(number, threshold, items[2:])
            case b"quorum", [name]:
                self._check_known(number, name, unless=b"none")
                self.quorums.append(None if name == b"none" else name)
            case _:
                raise _malformed(
                    number, "not a log, witness, group or quorum line, or one group too many"
                )

    def policy(self) -> Policy:
        if len(self.quorums) != 1:
            raise _malformed(0, f"{len(self.quorums)} quorum lines where one is needed")
        return Policy(tuple(self.logs), self.witnesses, self.groups, self.quorums[0])

    def _group(self, number: int, threshold: bytes, members: tuple[bytes, ...]) -> Group:
        for member in members:
            self._check_known(number, member)
            if member in self.members:
                raise _malformed(number, f"{member!r} is a group's member already")
            self.members.add(member)
        if threshold in (b"any", b"all"):
            return Group(1 if threshold == b"any" else len(members), members)
        if not _THRESHOLD.fullmatch(threshold) or int(threshold) > len(members):
            raise _malformed(number, f"the threshold {threshold!r} fits no group of this size")
        return Group(int(threshold), members)

    def _check_new(self, number: int, name: bytes) -> None:
        if name in _RESERVED or name in self.witnesses or name in self.groups:
            raise _malformed(number, f"the name {name!r} is taken")

    def _check_known(self, number: int, name: bytes, *, unless: bytes = b"") -> None:
        if name != unless and name not in self.witnesses and name not in self.groups:
            raise _malformed(number, f"the name {name!r} is not defined above")

    def _new_key(
        self, number: int, vkey: bytes, others: Iterable[NoteVerifier | WitnessVerifier]
    ) -> VerifierKey:
        try:
            key = VerifierKey.from_vkey(vkey.decode("utf-8"))
        except (UnicodeDecodeError, Malformed) as e:
            raise _malformed(number, str(e)) from e
        if any(other.key.public_key == key.public_key for other in others):
            raise _malformed(number, "this public key stands on an earlier line already")
        return key


def _malformed(number: int, message: str) -> Malformed:
    where = f"line {number}: " if number else ""
    return Malformed(
        f"Policy: {where}{message}", "信任策略文件（log/policy）格式不对", code="POLICY_MALFORMED"
    )
