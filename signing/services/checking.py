"""`signing check`: whether what is stored is what it must be (security.md §4.1).

    keys         nobody else can read them                       `check_keys`
    I1 I2 I3 I5  revisions, events, chains, the log              the store's own: `breaches`
    I2 I3        an intent that was signed is one party.signed   `check_signatures`
    I7 I8        no value waits for its token for long; what     `check_work`
                 is complete is archived or will be
    I6           every file verifies offline                     `check_verdict`
    I9           the CA signed only what was written down first  `Checking._serials`
                 what was revoked is listed and logged           `find_key_faults`
    I4           no file without its agreement, none half done   `Checking._leftovers`

Rules kept here: a check changes nothing; it names rows and files, never people.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from signing.domain.agreement import Agreement, AgreementStatus, Custody, PartyStatus
from signing.domain.signature import IntentStatus
from signing.domain.stock import StoredAgreement, StoredJob, Violation
from signing.domain.verdict import Indication, Outcome, Verdict
from signing.errors import Broken
from signing.services.checking_keys import find_key_faults
from signing.services.ports import Clock
from signing.services.ports.inventory import Inventory, KeyFolder
from signing.services.ports.storage import Documents
from signing.services.verifying import TrustSource
from signing.verification.verify import verify_document

LONGEST_WAIT = timedelta(minutes=2)
"""A value has its token within seconds; after this somebody should look why it has not."""

LEFTOVER_AGE = timedelta(minutes=10)
"""Younger files may belong to what is going on now."""

Jobs = Mapping[tuple[str, str], StoredJob]


class Checking:
    """Look at everything. `agreements` counts those that were looked at."""

    def __init__(
        self,
        *,
        inventory: Inventory,
        documents: Documents,
        keys: KeyFolder,
        trust: TrustSource,
        clock: Clock,
    ) -> None:
        self._inventory = inventory
        self._documents = documents
        self._keys = keys
        self._trust = trust
        self._clock = clock
        self.agreements = 0

    def violations(self) -> Iterator[Violation]:
        """Everything that is wrong, as it is found. Raises Unavailable, Broken if it cannot go on.

        Whether the keys are safe is asked before: unsafe ones are not opened at all.
        """
        for breach in self._inventory.breaches():
            yield _violation(breach.code, breach.where, breach.message)
        now, jobs, trust = self._clock(), self._inventory.jobs(), self._trust()
        for stored in self._inventory.agreements():
            self.agreements += 1
            yield from check_signatures(stored)
            yield from check_work(stored, jobs, now)
            try:
                pdf = self._documents.get(stored.agreement.revision_sha256)
            except Broken:
                continue  # told among the breaches
            verdict = verify_document(pdf, trust=trust, at=now)
            yield from check_verdict(stored.agreement, verdict)
        yield from self._serials()
        for fault in find_key_faults(self._keys, self._inventory.key_tellings()):
            yield _violation(*fault)
        yield from self._leftovers(now - LEFTOVER_AGE)

    def _serials(self) -> Iterator[Violation]:
        for serial in sorted(self._keys.signer_serials() - self._inventory.serials()):
            yield _violation(
                "SERIAL_UNKNOWN", f"serial {serial}", "the CA signed what was not written down"
            )

    def _leftovers(self, before: datetime) -> Iterator[Violation]:
        for sha256 in self._inventory.unknown_documents(before=before):
            yield _violation("DOCUMENT_UNKNOWN", sha256, "no agreement has this revision")
        for name in self._inventory.temporary_files(before=before):
            yield _violation("FILE_LEFT_OVER", name, "a crash left it half written")


def check_keys(keys: KeyFolder) -> Iterator[Violation]:
    """Whether nobody else can read them."""
    for name in keys.unsafe_files():
        yield _violation("KEYS_UNSAFE", name, "others may read it, or it belongs to somebody else")


def check_signatures(stored: StoredAgreement) -> Iterator[Violation]:
    """A party that signed has one signed intent, and one event tells of that and its revision."""
    agreement = stored.agreement
    signed = [intent for intent in stored.intents if intent.status is IntentStatus.SIGNED]
    parties = [party.id for party in agreement.parties if party.status is PartyStatus.SIGNED]
    if sorted(intent.party_id for intent in signed) != sorted(parties):
        message = f"{len(parties)} parties signed, {len(signed)} signed intents are not theirs"
        yield _violation("INTENT_CHANGED", agreement.id, message)
    if any(telling.intent_id is None for telling in stored.tellings):
        return  # erased: what the event said of the intent can no longer be compared
    told = sorted((str(t.intent_id), str(t.document_sha256)) for t in stored.tellings)
    kept = sorted((intent.id, str(intent.result_sha256)) for intent in signed)
    for intent_id, _ in sorted({*told, *kept} - {*told}.intersection(kept)):
        message = "the signature and the event that tells of it do not agree"
        yield _violation("INTENT_CHANGED", intent_id, message)


def check_work(stored: StoredAgreement, jobs: Jobs, now: datetime) -> Iterator[Violation]:
    """Nothing waits for ever: no value for its token, no file for its next timestamp."""
    for intent in stored.intents:
        if intent.status is not IntentStatus.VALUED or intent.created_at > now - LONGEST_WAIT:
            continue
        job = jobs.get(("finish", intent.id))
        if job is None or job.attempts > 0 or job.run_at < now - LONGEST_WAIT:
            yield _violation("SIGNATURE_STUCK", intent.id, "a value waits for its timestamp")
    agreement = stored.agreement
    is_complete = agreement.status is AgreementStatus.COMPLETED
    will_be_archived = agreement.archive_sha256 is not None or ("archive", agreement.id) in jobs
    if is_complete and not will_be_archived:
        yield _violation("ARCHIVE_FORGOTTEN", agreement.id, "no job will add its archive step")
    renewal = ("renew", f"{agreement.id}:{agreement.archive_sha256}")
    if agreement.archive_sha256 is not None and renewal not in jobs:
        yield _violation("RENEWAL_FORGOTTEN", agreement.id, "no job will renew its timestamp")


def check_verdict(agreement: Agreement, verdict: Verdict) -> Iterator[Violation]:
    """The newest revision, as a stranger judges it from the bytes alone."""
    if not _is_as_expected(agreement, verdict):
        codes = ", ".join(finding.code for finding in verdict.findings)
        message = f"{agreement.status.value}, and its file is {verdict.outcome.value}: {codes}"
        yield _violation("FILE_UNSOUND", agreement.id, message)
    elif verdict.document.number not in (None, agreement.number):
        message = f"its file is that of {verdict.document.number}"
        yield _violation("FILE_SWAPPED", agreement.id, message)


def _is_as_expected(agreement: Agreement, verdict: Verdict) -> bool:
    """Complete files pass; one signed under an enterprise's own CA has no anchor of ours."""
    if agreement.status is not AgreementStatus.COMPLETED:
        return verdict.indication not in (None, Indication.TOTAL_FAILED)
    if any(party.custody is Custody.EXTERNAL for party in agreement.parties):
        expected = (Outcome.VALID, Outcome.VALID_UNKNOWN_ISSUER)
        return verdict.outcome in expected and verdict.document.complete is True
    return verdict.indication is Indication.TOTAL_PASSED


def _violation(code: str, where: str, message: str) -> Violation:
    return Violation(code, where, message, WORDS_ZH.get(code, "存储的内容不对"))


WORDS_ZH: Mapping[str, str] = {
    "AGREEMENT_CHANGED": "协议的固定内容和生成时不一样",
    "ARCHIVE_FORGOTTEN": "已签完，但没有存档任务",
    "CHAIN_BROKEN": "事件链断了：有事件被删、被插或被改",
    "CHECKPOINT_CHANGED": "检查点和日志对不上",
    "CHECKPOINT_FORGED": "检查点的签名不是我们的",
    "DOCUMENT_CHANGED": "文件内容被改过",
    "DOCUMENT_MISSING": "文件不见了",
    "DOCUMENT_UNKNOWN": "有文件不属于任何协议（崩溃留下的可删；刚恢复过备份的先别删）",
    "EVENT_CHANGED": "事件被改过",
    "EVENT_PLACE": "事件在日志里的位置不对",
    "EVENT_UNREADABLE": "事件读不出来",
    "FIELD_CHANGED": "加密字段被改过或挪过地方",
    "FIELD_KEY_MISSING": "加密字段没有对应的密钥",
    "FILE_LEFT_OVER": "崩溃留下的半截文件，可以删",
    "FILE_SWAPPED": "存的是另一份协议的文件",
    "FILE_UNSOUND": "协议文件离线验证不通过",
    "INTENT_CHANGED": "签名记录和签署事件对不上",
    "KEYS_UNSAFE": "密钥文件别人能读：改成 600（文件夹 700），可能被读过的密钥要换",
    "LOG_CHANGED": "日志和签过的检查点不一样",
    "LOG_GAP": "日志缺了记录",
    "LOG_HEAD_AHEAD": "日志比签过的检查点短：可能恢复了旧备份",
    "LOG_KEY_UNLOGGED": "日志换了密钥，日志里却没有记：重启服务会补记",
    "LOG_LEAF_CHANGED": "日志记录和事件对不上",
    "LOG_STATE_CHANGED": "日志的当前状态被改过",
    "LOG_TILE_CHANGED": "日志的分块被改过",
    "OPENING_CHANGED": "事件的内容和承诺值对不上",
    "REPORT_CHANGED": "密钥报告和事件对不上",
    "REVISION_MISSING": "缺少一个文件版本的记录",
    "REVOCATION_LOST": "事件或吊销名单说已吊销，密钥库却不知道：可能恢复了旧备份",
    "REVOCATION_UNLOGGED": "证书吊销没有记入日志：重启服务会补记",
    "REVOCATION_UNPUBLISHED": "证书已吊销，吊销名单里却没有",
    "ROW_ORPHANED": "有记录指向不存在的记录",
    "SERIAL_UNKNOWN": "证书签发前没有登记",
    "SERIAL_UNLOGGED": "证书序列号和日志对不上",
    "SIGNATURE_CHANGED": "签署状态和签署事件对不上",
    "SIGNATURE_STUCK": "签名值等时间戳等了太久",
    "STATUS_CHANGED": "协议状态和事件说的不一样",
}
"""Every code in Chinese, for whoever runs the service."""
