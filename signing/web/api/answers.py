"""Answers that can be given again: an idempotent replay is the first answer, byte for byte."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from flask import Response, request

from signing.services.once import Ticket
from signing.web import context
from signing.web.api.parsing import idempotency_key, read_body

V = TypeVar("V", bound=Callable[..., Any])


@dataclass(frozen=True)
class Answer:
    """Status, JSON body and the Location of what was made, if something was."""

    status: int
    body: Any
    location: str | None = None

    def to_bytes(self) -> bytes:
        """For keeping."""
        kept = {"status": self.status, "body": self.body, "location": self.location}
        return json.dumps(kept, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Answer":
        """What `to_bytes` kept."""
        return cls(**json.loads(kept))

    def to_response(self) -> Response:
        """The HTTP answer."""
        body = json.dumps(self.body, ensure_ascii=False)
        response = Response(body, self.status, content_type="application/json; charset=utf-8")
        if self.location:
            response.headers["Location"] = self.location
        return response


def repeatable(view: V) -> V:
    """Mark a view that works under an Idempotency-Key (`once`), for the document of the API."""
    view.takes_idempotency_key = True  # type: ignore[attr-defined]
    return view


def takes_key(view: Any) -> bool:
    """Whether a view is marked so."""
    return getattr(view, "takes_idempotency_key", False)


@contextmanager
def once(dump: Callable[[Any], Answer]) -> Iterator[Ticket]:
    """A ticket under the request's Idempotency-Key; `dump` makes the answer from the result."""
    digest = sha256(
        b"\x00".join([request.method.encode(), request.path.encode(), read_body(request)])
    )
    with context.services().once.ticket(
        tenant_id=context.caller().tenant_id,
        key=idempotency_key(),
        request_sha256=digest.hexdigest(),
        dump=lambda result: dump(result).to_bytes(),
    ) as ticket:
        yield ticket


def replayed(ticket: Ticket) -> Response | None:
    """The first answer once more, marked as such; None for a first call."""
    if ticket.first_answer is None:
        return None
    response = Answer.from_bytes(ticket.first_answer).to_response()
    response.headers["Idempotency-Replayed"] = "true"
    return response
