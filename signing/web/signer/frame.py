"""What every page of a link has around it: who asks, the three steps, the size, whom to call.

Rule kept here: mistakes stand first on the page, at their fields too, and in the title.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request

from signing.errors import FieldError
from signing.services.ceremony.opening import Doorway
from signing.web.signer import session

UNPROCESSABLE = 422
"""The status of a page that is shown again with mistakes on it."""

STEPS = ("证明是您本人", "看合同", "签字")


@dataclass(frozen=True)
class Frame:
    """`step` is the index in `STEPS` of where the worker is, None on other pages."""

    link_token: str
    title: str
    doorway: Doorway | None
    step: int | None
    errors: Sequence[FieldError]

    @property
    def place(self) -> str:
        """The link's own path, without a slash at its end."""
        return f"/s/{self.link_token}"

    @property
    def here(self) -> str:
        """The page to come back to after the size was changed, without its query (`packing`)."""
        return request.path if request.method == "GET" else self.place

    @property
    def form_token(self) -> str:
        """For every form of the page."""
        return session.form_token(self.link_token)

    @property
    def is_big(self) -> bool:
        """Whether 大字 is on."""
        return session.wants_big_print()

    @property
    def steps(self) -> Sequence[str]:
        """Names of the three steps."""
        return STEPS

    def error_at(self, path: str) -> str:
        """What is wrong with that field, "" if nothing is."""
        return next((e.message_zh for e in self.errors if e.path == path), "")


def page(
    template: str,
    link_token: str,
    *,
    title: str,
    doorway: Doorway | None,
    step: int | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 200,
    **facts: Any,
) -> Response:
    """A page of the link."""
    frame = Frame(link_token, title, doorway, step, errors)
    return make_response(render_template(f"signer/{template}", frame=frame, **facts), status)


def kilobytes(size: int) -> str:
    """`210KB`: what a download will cost."""
    return f"{max(1, round(size / 1024))}KB"
