"""W10: pages for every state in which there is nothing to sign, and for every error on the way.

Rules kept here:
* each says what happened, whether anything was signed, and what to do; none is a dead end;
* what only means "another page of this link" leads there instead of explaining itself.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, request
from werkzeug.wrappers import Response

from signing.domain.agreement import AgreementStatus, PartyStatus
from signing.errors import Broken, NotFound, Rejected, SigningError, Unavailable
from signing.services.ceremony.opening import Doorway
from signing.web import context
from signing.web.problems import status_of
from signing.web.signer.frame import page
from signing.web.signer.session import session_of_request

SEE_OTHER = 303
GONE = 410

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """A page without a form: `may_resume` offers the way back into the ceremony."""

    title: str
    paragraphs: tuple[str, ...]
    may_resume: bool = False


EXPIRED = State(
    "这个链接过期了",
    ("您没有签，也不用负责。", "还想签的，请打下面的电话，让平台再发一次。"),
)
VOIDED = State("这份合同取消了", ("您没有签。您什么都不用做。",))
DECLINED = State(
    "您选了不签", ("我们已经告诉平台。您没有签，也不用负责。", "改主意了，请打下面的电话。")
)
DECLINED_BY_OTHERS = State("这份合同取消了", ("有一方不签了。您什么都不用做。",))
FAILED = State("这份合同没有做成", ("您没有签，也不用负责。", "想问清楚的，请打下面的电话。"))
WAITING = State("还没轮到您签", ("轮到了会发短信。", "您现在什么都不用做。"))
FROZEN = State(
    "这份合同先停下了",
    (
        "有一方报告，它的签名可能被别人用了。",
        "您没有签，也不用负责。现在什么都不用做。",
        "要签新的，平台会再发短信。想问清楚的，请打下面的电话。",
    ),
)
LOCKED = State(
    "先锁住了",
    (
        "试错次数太多，先锁住了。30 分钟后再试。",
        "这期间谁都进不来，什么都没有签。",
        "记不清平台留的是哪个名字、哪个号码，请打下面的电话。",
    ),
)
REPLACED = State("这个链接换过了", ("请用最新短信里的链接。", "用这个链接什么都没有签。"))
BAD_LINK = State(
    "链接不对",
    ("可能没复制全。请回到短信里，直接点开链接。", "还是打不开，请打给您发短信的平台。"),
)
TOO_OLD = State(
    "这一页开得太久了", ("刚才什么都没有办。", "请点下面的按钮接着来。"), may_resume=True
)
TEXT_CHANGED = State(
    "屏幕上的文字不对",
    (
        "屏幕上的文字和合同原文不一样，没有签。",
        "请关掉翻译或者别的插件，再打开链接看一遍。",
    ),
    may_resume=True,
)
OUR_FAULT = State(
    "我们这边出了毛病", ("没有签成。过 10 分钟再点链接。", "急的话，请打下面的电话。")
)
_BY_CODE: Mapping[str, State] = {
    "NOT_YOUR_TURN": WAITING,
    "GATE_LOCKED": LOCKED,
    "LINK_REPLACED": REPLACED,
    "FORM_REFUSED": TOO_OLD,
    "TEXT_CHANGED": TEXT_CHANGED,
}
_PAGE_BY_CODE: Mapping[str, str] = {
    "NOT_VIEWED": "",
    "SESSION_OVER": "identity",
    "NOT_READ": "read",
    "ALREADY_SIGNED": "done",
    "NOT_SIGNED": "",
}


class NothingToSign(Rejected):
    """Raised by pages of the ceremony for a doorway behind which nothing can be done now."""

    default_code = "NOTHING_TO_SIGN"

    def __init__(self, doorway: Doorway) -> None:
        super().__init__("There is nothing to sign here now")
        self.doorway = doorway


def open_doorway(link_token: str, *, or_signed: bool = False) -> Doorway:
    """The doorway, for a page of the ceremony; `or_signed` lets in who comes for the copy.

    Raises NothingToSign.
    """
    doorway = context.services().opening.look(link_token)
    has_signed = doorway.party_status is PartyStatus.SIGNED
    if not (doorway.is_their_turn or (has_signed and or_signed)):
        raise NothingToSign(doorway)
    return doorway


def go(link_token: str, name: str = "") -> Response:
    """To another page of the link, by GET."""
    return redirect(f"/s/{link_token}/{name}".removesuffix("/"), SEE_OTHER)


def explain(error: SigningError) -> Response:
    """The page for an error; for some, the way to another page of the link."""
    link_token = str((request.view_args or {})["link_token"])
    if isinstance(error, NothingToSign):
        return _closed(link_token, error.doorway)
    if error.code in _PAGE_BY_CODE:
        return _elsewhere(link_token, error.code)
    if isinstance(error, Broken):
        _log.error("page failed", exc_info=error, extra={"endpoint": request.endpoint})
    doorway = _find_doorway(link_token)
    if doorway is not None and error.code.startswith("AGREEMENT_"):
        return _closed(link_token, doorway)
    return _show(link_token, _state_of(error), status_of(error), doorway)


def _closed(link_token: str, doorway: Doorway) -> Response:
    """The page of an agreement that this party cannot sign now."""
    if doorway.party_status is PartyStatus.SIGNED:
        return go(link_token, "done")
    if doorway.party_status is PartyStatus.DECLINED:
        return _show(link_token, DECLINED, 200, doorway)
    states = {
        AgreementStatus.EXPIRED: EXPIRED,
        AgreementStatus.VOIDED: VOIDED,
        AgreementStatus.DECLINED: DECLINED_BY_OTHERS,
        AgreementStatus.FAILED: FAILED,
    }
    if doorway.is_frozen:
        return _show(link_token, FROZEN, 200, doorway)
    state = states.get(doorway.agreement_status)
    if state is None:
        return _show(link_token, WAITING, 200, doorway)
    return _show(link_token, state, GONE, doorway)


def _elsewhere(link_token: str, code: str) -> Response:
    was_known = code == "SESSION_OVER" and session_of_request() != ""
    again = "?again=1" if was_known else ""
    return go(link_token, _PAGE_BY_CODE[code] + again)


def _state_of(error: SigningError) -> State:
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    if isinstance(error, NotFound):
        return BAD_LINK
    if isinstance(error, (Broken, Unavailable)):
        return OUR_FAULT
    return State("没有办成", (error.message_zh,), may_resume=True)


def _find_doorway(link_token: str) -> Doorway | None:
    """For the name and the phone on the page; an error page must not fail for want of them."""
    try:
        return context.services().opening.look(link_token)
    except SigningError:
        return None


def _show(link_token: str, state: State, status: int, doorway: Doorway | None) -> Response:
    return page(
        "state.html", link_token, title=state.title, doorway=doorway, status=status, state=state
    )
