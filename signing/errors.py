"""The exception tree. A branch says whose fault it was; `code` is public API.

    SigningError
    ├── Rejected                the caller's: repeat with another request
    │   ├── Malformed           400  not JSON, not UTF-8, refused syntax
    │   ├── Unauthenticated     401  no key, or one that is not ours
    │   ├── Forbidden           403  the key lacks the scope
    │   ├── NotFound            404  nothing here that this caller may see
    │   ├── Conflict            409  the thing is no longer in the state that this needs
    │   │   └── NotYourTurn     409  a party ordered before has not signed
    │   ├── Gone                410  the link was replaced, expired or voided
    │   ├── TooLarge            413
    │   ├── Invalid             422  the shape is wrong; `errors` says where
    │   ├── Unlawful            422  the law refuses it (in `domain.finding`)
    │   ├── Locked              423  too many wrong answers; `facts["until"]`
    │   └── TooMany             429  slow down; `facts["retry_after_seconds"]`
    ├── Unavailable             503  a neighbour's: TSA, SMS, database; repeat later
    └── Broken                  500  ours: an invariant does not hold

HTTP numbers are given out only by `web/problems.py`; they stand here for orientation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One mistake in the input: where (`parties[1].id_number`), which, and what to do instead."""

    path: str
    code: str
    message: str
    message_zh: str


class SigningError(Exception):
    """Root. `code` is stable upper-case English; messages are for people, in both languages."""

    default_code = "ERROR"

    def __init__(
        self, message: str, message_zh: str = "", *, code: str | None = None, **facts: Any
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.message_zh = message_zh or message
        self.facts = facts


class Rejected(SigningError):
    """The caller's fault."""

    default_code = "REJECTED"


class Malformed(Rejected):
    """The request cannot be read as what it claims to be."""

    default_code = "MALFORMED"


class Unauthenticated(Rejected):
    """Nobody we know."""

    default_code = "UNAUTHENTICATED"


class Forbidden(Rejected):
    """Known, but not allowed."""

    default_code = "FORBIDDEN"


class NotFound(Rejected):
    """Nothing here that this caller may see."""

    default_code = "NOT_FOUND"


class Conflict(Rejected):
    """The thing has moved on."""

    default_code = "CONFLICT"


class NotYourTurn(Conflict):
    """A party ordered before this one has not signed yet."""

    default_code = "NOT_YOUR_TURN"


class Gone(Rejected):
    """It was here once."""

    default_code = "GONE"


class TooLarge(Rejected):
    """More bytes than this takes."""

    default_code = "TOO_LARGE"


class Invalid(Rejected):
    """The shape of the input is wrong; every mistake is listed, not the first one only."""

    default_code = "INVALID"

    def __init__(self, errors: Sequence[FieldError], **facts: Any) -> None:
        super().__init__(
            f"{len(errors)} field(s) are not valid", f"有 {len(errors)} 处填写不对", **facts
        )
        self.errors = tuple(errors)


class Locked(Rejected):
    """Too many wrong answers; `facts["until"]` is an aware datetime."""

    default_code = "LOCKED"


class TooMany(Rejected):
    """Too often; `facts["retry_after_seconds"]` says when again."""

    default_code = "TOO_MANY_REQUESTS"


class Unavailable(SigningError):
    """A neighbour does not answer as it should; the same request may succeed later."""

    default_code = "UNAVAILABLE"


class Broken(SigningError):
    """An invariant of ours does not hold."""

    default_code = "BROKEN"
