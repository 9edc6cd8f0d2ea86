"""What a verdict says besides reasons: how things stand, and what does not decide.

Rules kept here:
* the first finding of every verdict is one of `HEADLINES`: how things stand, and the next step;
* a code of `NOTES` never changes the indication.
"""

from dataclasses import dataclass
from types import MappingProxyType

from signing.domain.verdict import Indication, VerdictFinding, Weight
from signing.verification.reasons import REASONS


@dataclass(frozen=True)
class Note:
    """A code that does not decide the indication."""

    weight: Weight
    zh: str
    en: str


HEADLINES = MappingProxyType(
    {
        "UNTOUCHED": Note(
            Weight.INFO,
            "文件完好：从最后一个签名起没有任何改动。请保存好这份原件。",
            "Untouched since the last signature. Keep this very file.",
        ),
        "ADDITIONS_ALLOWED": Note(
            Weight.INFO,
            "文件完好：签名之后只追加了后面各方的签名和归档资料，合同内容没有变。请保存好这份原件。",
            "Only later signatures and archive data were added: nothing else changed. Keep it.",
        ),
        "CHANGED": Note(
            Weight.ERROR,
            "文件和签名时的不一样，不能采信。另存过、打印过、转换过的文件验不了：请找签完时下载的原件再验。",
            "The file is not what was signed. Copies saved anew do not verify: find the original.",
        ),
        "SIGNATURE_FAILS": Note(
            Weight.ERROR,
            "合同内容没有发现改动，但有签名不成立，不能采信。请看下面的原因，并向签名人和签署平台核实。",
            "The content is unchanged, but a signature does not count. Ask signer and platform.",
        ),
        "EVIDENCE_FAILS": Note(
            Weight.ERROR,
            "签名本身没有发现问题，但证据包和这份文件对不上。请向签署平台重新索取证据包再验。",
            "The signatures hold, but the evidence does not fit. Get the evidence package anew.",
        ),
        "PACKAGE_FAILS": Note(
            Weight.ERROR,
            "证据包坏了或被改动过，里面的合同没有验。请重新索取证据包，或者单独验签完时下载的原件。",
            "The package is broken or changed: nothing in it was judged. Get it anew, or the PDF.",
        ),
        "NOT_YET_SIGNED": Note(
            Weight.WARNING,
            "按给定的验证时间，文件那时还不存在，不能下结论。请检查本机时钟，或去掉 --at 再验。",
            "The file did not exist yet at the time of verification. Check the clock, or --at.",
        ),
        "CANNOT_JUDGE": Note(
            Weight.WARNING,
            "凭手头的材料，不能断定文件是否有效。请看下面的原因，补齐后再验。",
            "What is at hand does not allow a verdict. See what is missing below.",
        ),
        "ISSUER_UNKNOWN": Note(
            Weight.WARNING,
            "没有发现改动，但签名人的身份没有可信机构担保，不能下结论。请向签署平台索取信任目录后再验。",
            "No change found, but nobody you trust vouches for the signer. Get the trust folder.",
        ),
        "INCOMPLETE": Note(
            Weight.WARNING,
            "合同还没有签完：有一方没有签名，或者这是签完之前的版本。请找各方都签完的文件再验。",
            "Not signed by all, or cut back to an earlier state. Find the completed file.",
        ),
        "NO_SIGNATURE": Note(
            Weight.WARNING,
            "文件里没有电子签名。打印、截图、另存都会丢掉签名：请找签完时下载的原件再验。",
            "There is no signature. Printing or saving anew loses it: find the original file.",
        ),
        "UNREADABLE": Note(
            Weight.ERROR,
            "文件打不开，没有办法验。请确认选对了文件，或者找没有加密码的原件。",
            "The file cannot be read. Check that it is the right one, without a password.",
        ),
    }
)
"""How things stand, in one sentence with the next step: the first finding of every verdict."""

NOTES = MappingProxyType(
    {
        "TEST_CERTIFICATES": Note(
            Weight.WARNING,
            "签名用的是测试证书，不能证明真实身份",
            "test certificates prove nobody's identity",
        ),
        "NOT_ARCHIVED": Note(
            Weight.INFO,
            "还没有加盖归档时间戳（签名有效，长期保存的资料尚未附上）",
            "B-T: the archive timestamp is not in yet",
        ),
        "REVOCATION_PENDING": Note(
            Weight.WARNING,
            "签名不到一天，吊销名单还没有附上；过一天请用带归档时间戳的文件再验一次",
            "signed less than a day ago: no CRL is due yet, verify the archived file later",
        ),
        "REVOKED_LATER": Note(
            Weight.INFO,
            "签名之后证书被吊销，不影响这次签名",
            "the certificate was revoked after the token's time",
        ),
        "CLOCK_BEHIND": Note(
            Weight.WARNING,
            "归档时间戳晚于验证时间，没有把它算进去；请检查本机时钟或 --at 参数",
            "an archive timestamp is later than the time of verification and does not count",
        ),
        "LAST_SOUND_REVISION": Note(
            Weight.INFO,
            "改动之前的那一版仍可辨认，已列出当时的签名人",
            "an earlier revision of the file is sound; its signatures are listed",
        ),
        "LOG_PROOF_ABSENT": Note(
            Weight.WARNING,
            "没有提供存证证明，未核对存证日志；可以用 --evidence 加上证据包再验",
            "no log proof was given: add the evidence package",
        ),
        "LOG_POLICY_ABSENT": Note(
            Weight.WARNING,
            "信任目录里没有 log/policy，证据包里的存证证明无法核对",
            "the trust folder has no log/policy: the evidence cannot be checked",
        ),
        "LOG_PROOF_SOUND": Note(
            Weight.INFO, "存证日志里有这份文件的签署记录", "the log holds this document"
        ),
        "LOG_PENDING": Note(
            Weight.WARNING,
            "证据包里没有能证明这份文件的存证记录（可能尚未公布或已被删除）",
            "no event of the evidence can be shown to name this document",
        ),
        "LOG_ENDED": Note(
            Weight.WARNING,
            "存证日志记录：这份协议被拒签、作废或已过期",
            "the log tells that the agreement was declined, voided or expired",
        ),
        "KEY_REPORTED": Note(
            Weight.WARNING,
            "存证日志记录：有一方报告过“不是我签的”，或者签名密钥被别人用了；请看证据包里的报告时间和说法",
            "the log tells that a party's key was reported as compromised: see when and by whom",
        ),
        "EVIDENCE_ERASED": Note(
            Weight.INFO,
            "部分存证内容已按规定删除，存证记录本身仍然有效",
            "some openings are erased; the entries still hold",
        ),
        "NOT_IDENTICAL": Note(
            Weight.WARNING,
            "签名没有问题，但这份文件和存档的文件不是逐字节相同",
            "sound, but not byte-identical to a stored revision",
        ),
        "RERENDER_SAME": Note(
            Weight.INFO,
            "用附件里的数据重新排版，得到的文件和签名前的原件逐字节相同",
            "rendered again from the attachment: the unsigned bytes are the same",
        ),
        "RERENDER_DIFFERS": Note(
            Weight.WARNING,
            "重新排版得到的文件和签名前的原件不同（也可能是排版软件版本不同）",
            "rendered again, the bytes differ (or the renderer is another version)",
        ),
        "RERENDER_UNSUPPORTED": Note(
            Weight.WARNING,
            "本机不能重新排版，没有做这项核对",
            "this installation cannot render: the comparison was not made",
        ),
        "CHECKED_BY_PYHANKO": Note(
            Weight.INFO,
            "这份文件不是本系统的格式，由通用 PDF 签名库检查",
            "not of our grammar: judged by pyHanko in a confined process",
        ),
        "LIMIT": Note(
            Weight.ERROR,
            "文件超过 20 MB，或读取它超出了允许的时间、内存",
            "the file is larger than 20 MiB, or reading it went over the limits",
        ),
        "FOREIGN_UNAVAILABLE": Note(
            Weight.ERROR,
            "这不是本系统的文件，本机没有安装通用 PDF 检查组件，无法检查",
            "not a file of this service, and pyHanko is not installed here",
        ),
        "NOT_A_PDF": Note(
            Weight.ERROR,
            "这不是 PDF 文件，也不是证据包",
            "neither a PDF nor an evidence package",
        ),
    }
)


def finding(code: str, detail: str = "", *, who: str = "") -> VerdictFinding:
    """The finding for a code of any of the tables.

    `detail` is appended to the English sentence; `who` (in Chinese) opens the Chinese one.
    """
    note = NOTES.get(code) or HEADLINES.get(code)
    if note is not None:
        weight, zh, en = note.weight, note.zh, note.en
    else:
        reason = REASONS[code]
        failed = reason.indication is Indication.TOTAL_FAILED
        weight, zh, en = Weight.ERROR if failed else Weight.WARNING, reason.zh, reason.en
    sentence = f"{who}：{zh}" if who else zh
    return VerdictFinding(code, weight, sentence, f"{en} ({detail})" if detail else en)
