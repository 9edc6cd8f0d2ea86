"""The SMS that tells the worker of a report (电子签名法 15, 27: 及时告知有关各方).

Platforms learn of it from the agreement and its events.
"""

from signing.domain.agreement import Agreement, Party
from signing.domain.compromise import Reporter
from signing.domain.draft import Role
from signing.domain.masking import mask_name
from signing.services.agreements import AgreementDesk
from signing.services.ports import Clock
from signing.services.ports.neighbours import Messenger
from signing.services.ports.storage import Database


class Notices:
    """Tell the worker that a party's key was reported."""

    def __init__(
        self, *, database: Database, desk: AgreementDesk, messenger: Messenger, clock: Clock
    ) -> None:
        self._database = database
        self._desk = desk
        self._messenger = messenger
        self._clock = clock

    def tell(self, agreement_id: str, party_id: str) -> None:
        """Send the SMS about that party's key; none where no worker signs. Raises Unavailable."""
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id)
            title = tx.agreements.page(agreement_id).title
        worker = next((p for p in agreement.parties if p.role is Role.WORKER), None)
        if worker is None:
            return
        asking = next(p for p in agreement.draft.parties if p.role is not Role.WORKER)
        said = _said(agreement, agreement.party(party_id), title)
        link = self._desk.link_of(agreement, worker.id) or ""
        self._messenger.send_sms(
            phone=str(agreement.details_of(worker.id)["phone"]),
            text=f"【{asking.name}】{mask_name(worker.name)}您好，{said}{link}",
            at=self._clock(),
        )


def _said(agreement: Agreement, party: Party, title: str) -> str:
    """What happened, what becomes of the agreement, what to do."""
    after = "这份合同先停下，谁都不能再签。" if agreement.is_open else "合同的内容没有变。"
    if party.role is not Role.WORKER:
        return f"{party.name}报告：它在《{title}》上用的电子印章可能被别人用了，已经停用。{after}"
    if party.report is not None and party.report.by is Reporter.WORKER:
        said = f"您报告《{title}》不是您签的，已经记下，平台看得到。{after}"
        return said + "不是您报告的，请马上打 12333。"
    said = f"有人报告《{title}》上您的签名可能不是您本人签的，已经记下。{after}"
    return said + "是您签的，请告诉平台。"
