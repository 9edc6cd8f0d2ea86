"""An increment whose contents are still zeros: what lies in a row between prepare and finish.

Rules kept here:
* it holds everything that filling needs and nothing random: same row, same bytes (D10, D14);
* its JSON is one line; bytes become hex, the increment latin-1 text (most of it is ASCII).
"""

import hashlib
import json
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Self

from signing.errors import Broken
from signing.pades.increment import Increment
from signing.pades.plan import FieldPlan, FilePlan


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """A revision to be.

    `contents_start` and `contents_end` are absolute offsets of the hex digits (without `<` `>`),
    `document_digest` is SHA-256 over the byte range, `plan_after` the plan of the finished file
    without its digest.
    """

    field: str
    base_sha256: str
    base_length: int
    increment: bytes
    contents_start: int
    contents_end: int
    document_digest: bytes
    plan_after: FilePlan

    def to_json(self) -> str:
        """Everything as one line of JSON; `from_json` reads it."""
        return json.dumps(self._to_members(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        return cls(**cls._from_members(json.loads(text)))

    def _to_members(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "base_sha256": self.base_sha256,
            "base_length": self.base_length,
            "increment": self.increment.decode("latin-1"),
            "contents_start": self.contents_start,
            "contents_end": self.contents_end,
            "document_digest": self.document_digest.hex(),
            "plan_after": self.plan_after.to_json(),
        }

    @classmethod
    def _from_members(cls, members: dict[str, Any]) -> dict[str, Any]:
        return {
            **members,
            "increment": members["increment"].encode("latin-1"),
            "document_digest": bytes.fromhex(members["document_digest"]),
            "plan_after": FilePlan.from_json(members["plan_after"]),
        }


def fill(base: bytes, prepared: Placeholder, container: bytes) -> tuple[bytes, FilePlan]:
    """The finished file and its plan: `container` as hex, then the zeros that stay free.

    Raises Broken if `base` is another revision (PLAN_MISMATCH) or the place is too small
    (RESERVE_TOO_SMALL).
    """
    digest = hashlib.sha256(base)
    if digest.hexdigest() != prepared.base_sha256:
        raise Broken("The increment was prepared on another revision", code="PLAN_MISMATCH")
    digits = container.hex().encode()
    reserve = prepared.contents_end - prepared.contents_start
    if len(digits) > reserve:
        raise Broken(
            f"The signature needs {len(digits)} hex digits, {reserve} are reserved",
            code="RESERVE_TOO_SMALL",
            needed=len(digits),
            reserved=reserve,
        )
    start = prepared.contents_start - prepared.base_length
    before, after = prepared.increment[:start], prepared.increment[start + len(digits) :]
    increment = b"".join((before, digits, after))
    digest.update(increment)  # goes on where the base ended: a large base is read once, not twice
    return base + increment, replace(prepared.plan_after, sha256=digest.hexdigest())


def members_of(
    plan: FilePlan, made: Increment, name: str, *, field: FieldPlan, root: bytes
) -> dict[str, Any]:
    """The members that every placeholder has, by name.

    `field` is the field of that name as the increment writes it, `root` the catalog's dictionary.
    """
    after = replace(
        plan,
        length=plan.length + len(made.data),
        sha256="",  # known only once the contents are filled
        startxref=made.startxref,
        size=made.size,
        root_dictionary=root,
        file_id=made.file_id,
        fields=MappingProxyType({**plan.fields, name: field}),
    )
    return {
        "field": name,
        "base_sha256": plan.sha256,
        "base_length": plan.length,
        "increment": made.data,
        "contents_start": made.contents_start,
        "contents_end": made.contents_end,
        "document_digest": made.digest,
        "plan_after": after,
    }
