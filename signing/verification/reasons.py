"""Every reason for which the judge does not pass a file: code, EN 319 102-1 word, sentences.

Rules kept here:
* a code is raised as `Refused(code)` and stands in the verdict's findings; it never changes its
  meaning, and docs/verifying.md explains each (a test compares the two);
* the sub-indication decides the indication: those of `FAILURES` are TOTAL-FAILED, all others
  INDETERMINATE;
* the sentence says what is wrong in words that an arbitrator can read out.
"""

from dataclasses import dataclass
from types import MappingProxyType

from signing.domain.verdict import FAILURES, Indication, SubIndication

_F = SubIndication.FORMAT_FAILURE
_CHAIN = SubIndication.CHAIN_CONSTRAINTS_FAILURE


class Refused(Exception):
    """A rule does not hold; `code` is a key of `REASONS`, `detail` for the curious (English)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Reason:
    """What a code means."""

    sub_indication: SubIndication
    zh: str
    en: str

    @property
    def indication(self) -> Indication:
        """TOTAL-FAILED or INDETERMINATE."""
        failed = self.sub_indication in FAILURES
        return Indication.TOTAL_FAILED if failed else Indication.INDETERMINATE


REASONS = MappingProxyType(
    {
        # --- rule 10: limits
        "TOO_MANY_REVISIONS": Reason(_F, "文件的修订次数超过上限", "too many revisions"),
        "INCREMENT_TOO_LARGE": Reason(
            _F, "签名后追加的一段内容过大，不是正常的签名", "an increment is too large"
        ),
        "TOO_MANY_OBJECTS": Reason(_F, "文件里的对象数量超过上限", "too many objects"),
        # --- rule 1: the file's frame
        "HEADER": Reason(_F, "文件开头不是 PDF 标识，前面被塞入了内容", "%PDF- is not first"),
        "TRAILING_BYTES": Reason(
            _F, "文件末尾被追加了签名没有覆盖的内容", "bytes follow the last %%EOF"
        ),
        "XREF_BROKEN": Reason(
            _F, "文件的目录表损坏或不是本系统的格式", "the cross-reference table is broken"
        ),
        "XREF_LOOP": Reason(
            _F, "文件的修订链条首尾相绕，被人动过手脚", "/Prev does not lead strictly back"
        ),
        "XREF_HYBRID": Reason(
            _F, "文件同时带两套目录，不同软件会看到不同内容", "hybrid cross-reference"
        ),
        "XREF_DOUBLE": Reason(
            _F, "同一对象在目录表里登记了两次", "an object stands twice in one table"
        ),
        "XREF_FREED": Reason(_F, "签名后有对象被删除", "an object was freed"),
        "TRAILER_CHANGED": Reason(
            _F, "签名后文件的根目录、信息或编号被替换", "/Root, /Info, /ID or /Size changed"
        ),
        "ENCRYPTED": Reason(_F, "文件加了密码，打不开", "the file is encrypted"),
        "SYNTAX": Reason(_F, "文件里有不合语法的内容", "an object is not of our grammar"),
        "DUPLICATE_KEY": Reason(_F, "同一个字典里有重复的键", "a dictionary has a key twice"),
        # --- rule 2: every byte explained
        "HIDDEN_BYTES": Reason(
            _F, "文件里藏有目录表没有登记的内容", "bytes that belong to no object"
        ),
        "OBJECT_BROKEN": Reason(_F, "文件里有残缺的对象", "an object is broken"),
        # --- rule 3: one signature per increment, in a field that was empty
        "NOT_ONE_SIGNATURE": Reason(
            _F,
            "文件在签名之后又被改动：追加的一段里不是恰好一个签名",
            "an increment does not hold exactly one signature",
        ),
        "FIELD_SIGNED_TWICE": Reason(
            _F, "已签的签名栏又被改动", "a signed field was written again"
        ),
        "FIELD_CHANGED": Reason(
            _F, "签名栏的位置、名称或属性被改动", "a signature field was changed"
        ),
        "SIGNATURE_OBJECT": Reason(
            _F,
            "签名对象不是新写入的，或内容不合规范",
            "the signature dictionary is not as it must be",
        ),
        "APPEARANCE": Reason(
            _F, "签章图样引用了不该引用的内容", "an appearance reaches outside or is not plain"
        ),
        # --- rule 4: nothing else replaced
        "CATALOG_CHANGED": Reason(
            _F, "签名后文件总目录被改动", "the catalog changed beyond /Perms and /DSS"
        ),
        "OBJECT_REPLACED": Reason(
            _F, "签名后合同原有的内容被替换", "an object of an earlier revision was replaced"
        ),
        "OBJECT_UNEXPLAINED": Reason(
            _F, "签名后被加入了与签名无关的内容", "an added object serves no signature"
        ),
        "DSS": Reason(_F, "归档资料的格式不对", "the document security store is not as it must be"),
        "ARCHIVE_NOT_LAST": Reason(
            _F, "归档之后又加了签名", "a party signed after the archive timestamp"
        ),
        # --- rule 5: byte range
        "BYTE_RANGE": Reason(
            _F, "签名没有覆盖它那一版的全部内容", "/ByteRange does not cover its whole revision"
        ),
        "BYTE_RANGE_GAP": Reason(
            _F, "签名范围里留了缺口", "the gap is not exactly the /Contents string"
        ),
        "CONTENTS": Reason(
            _F, "签名数据的写法不规范", "/Contents is not plain hex with zeros behind the CMS"
        ),
        # --- rule 6: CMS
        "CMS": Reason(_F, "签名数据损坏", "the CMS is not strict DER of the expected shape"),
        "CMS_SIGNERS": Reason(_F, "一个签名里有几个签名人", "there is not exactly one SignerInfo"),
        "CMS_ATTRIBUTES": Reason(
            _F, "签名缺少必需的属性或属性重复", "signed attributes are missing, doubled or foreign"
        ),
        "CMS_IDENTIFIERS": Reason(
            _F,
            "签名数据里的证书编号、版本或算法前后不一致",
            "sid, versions and digest algorithms do not agree",
        ),
        "SIGNING_CERTIFICATE": Reason(
            _F,
            "签名没有绑定所用的证书",
            "signing-certificate-v2 does not name the certificate used",
        ),
        "EXTRA_CERTIFICATES": Reason(
            _F, "签名里夹带了无关的证书", "the CMS carries certificates beyond the path"
        ),
        "HASH_FAILURE": Reason(
            SubIndication.HASH_FAILURE,
            "签名之后文件内容被改动：内容与签名时的摘要不一致",
            "the signed bytes were changed",
        ),
        "SIG_CRYPTO_FAILURE": Reason(
            SubIndication.SIG_CRYPTO_FAILURE,
            "签名值是伪造的或已损坏",
            "the signature does not verify",
        ),
        "WEAK_ALGORITHM": Reason(
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
            "签名用了已不安全或不支持的算法",
            "an algorithm or key is not in the table",
        ),
        "KEY_USAGE": Reason(
            _CHAIN, "签名证书的用途不是签署文件", "the certificate is not meant to sign documents"
        ),
        # --- rule 7: tokens
        "TIMESTAMP_MISSING": Reason(
            SubIndication.NO_POE,
            "签名没有可信时间戳，签署时间无法证明",
            "there is no timestamp token",
        ),
        "TIMESTAMP_DOUBLE": Reason(
            _F,
            "签名带了多余的时间戳或附加数据",
            "more than one token, or other unsigned attributes",
        ),
        "TIMESTAMP_BROKEN": Reason(_F, "时间戳数据损坏或是伪造的", "a token is broken or forged"),
        "TIMESTAMP_IMPRINT": Reason(
            SubIndication.HASH_FAILURE,
            "时间戳盖的不是这个签名（或这份文件）",
            "a token stamps other data",
        ),
        "TSA_USAGE": Reason(
            _CHAIN,
            "出具时间戳的证书不是时间戳专用证书",
            "the TSA's certificate is not for time stamping alone",
        ),
        "TSA_UNKNOWN": Reason(
            SubIndication.NO_POE,
            "时间戳机构不在您的信任名单里，签署时间无法确认",
            "no trust anchor for the TSA",
        ),
        "TSA_OUT_OF_BOUNDS": Reason(
            SubIndication.OUT_OF_BOUNDS_NO_POE,
            "时间戳证书已经到期，之后没有续期的归档时间戳",
            "the TSA's certificate has ended and no later proof renews it",
        ),
        "TSA_REVOKED": Reason(
            SubIndication.REVOKED_NO_POE,
            "时间戳机构的证书已被吊销",
            "the TSA's certificate is revoked",
        ),
        "TIMESTAMP_OUTSIDE": Reason(
            _CHAIN,
            "时间戳的时间不在时间戳证书的有效期内",
            "genTime lies outside the TSA certificate's validity",
        ),
        "TIMES_FALL": Reason(
            _F, "后面的签名时间早于前面的签名", "times of successive tokens go back"
        ),
        "TIME_BEFORE_SIGNING": Reason(
            SubIndication.OUT_OF_BOUNDS_NO_POE,
            "按给定的验证时间，这个签名那时还没有签；请检查本机时钟，或去掉 --at 再验",
            "the signature did not exist yet at the time of verification: check the clock or --at",
        ),
        "EXPIRED": Reason(
            SubIndication.EXPIRED,
            "签名时证书已经过期",
            "the certificate had expired at the token's time",
        ),
        "NOT_YET_VALID": Reason(
            SubIndication.NOT_YET_VALID,
            "签名时证书还没有生效",
            "the certificate was not yet valid at the token's time",
        ),
        # --- rule 8: chain and revocation
        "UNKNOWN_ISSUER": Reason(
            SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
            "签名证书不是由您信任的机构签发的，不能确认签名人身份",
            "no trust anchor for the signer's certificate",
        ),
        "CHAIN_CONSTRAINTS": Reason(
            _CHAIN,
            "签名证书的签发链不符合规定（有效期、用途或层级）",
            "a certificate of the chain breaks its constraints",
        ),
        "REVOKED": Reason(
            SubIndication.REVOKED,
            "签名之前证书已被吊销",
            "the certificate was revoked before the token",
        ),
        "REVOCATION_UNDECLARED": Reason(
            _CHAIN,
            "证书没有注明吊销查询地址，又不是短期证书",
            "the certificate names no CRL and is not a short-term one",
        ),
        "REVOCATION_MISSING": Reason(
            SubIndication.REVOKED_NO_POE,
            "查不到签名当时的吊销名单，不能确认证书是否已被吊销；请取带归档时间戳的完整文件",
            "no CRL that speaks about the time of the signature",
        ),
        # --- rule 9: this agreement, these parties
        "NOT_CERTIFIED": Reason(
            _F,
            "第一个签名没有锁定文件，之后的改动无从防止",
            "the first signature does not certify and no field locks the document",
        ),
        "LOCK": Reason(
            _F, "签名没有按签名栏的要求锁定文件", "the signature does not carry its field's lock"
        ),
        "FIELDS": Reason(
            _F,
            "签名栏和协议种类对不上",
            "the signature fields are not those of the agreement's kind",
        ),
        "ATTACHMENTS": Reason(
            _F,
            "文件里附的合同原文或数据缺失、损坏",
            "contract.html or agreement.json is missing or broken",
        ),
        "ACTIVE_CONTENT": Reason(
            _F, "文件里带有脚本或自动动作", "the file holds scripts or automatic actions"
        ),
        "TEXT_LOCK": Reason(
            _F,
            "签名人看到的合同文字和文件里附的合同原文不一致",
            "the text that was signed is not the attached text",
        ),
        "PARTY_NAME": Reason(
            _F,
            "签名证书上的姓名（名称）和合同里这一方不一致",
            "the certificate names another person than the agreement",
        ),
        "OTHER_AGREEMENT": Reason(
            _F,
            "签名证书是为另一份协议或另一版文件签发的",
            "the certificate was issued for another agreement or revision",
        ),
        "WRONG_ORDER": Reason(
            _F, "各方签名的先后和协议约定的不一致", "the parties signed in another order"
        ),
        # --- the log (evidence.zip)
        "EVIDENCE_BROKEN": Reason(
            _F, "证据包损坏或不合规范", "the evidence package is broken or beyond its limits"
        ),
        "EVIDENCE_CHANGED": Reason(
            SubIndication.HASH_FAILURE,
            "证据包里的文件被改动过",
            "a file of the evidence package was changed",
        ),
        "LOG_PROOF_BAD": Reason(
            SubIndication.SIG_CRYPTO_FAILURE,
            "存证证明是假的或已损坏，和存证日志对不上",
            "a log proof does not hold",
        ),
        "LOG_OTHER_DOCUMENT": Reason(
            SubIndication.HASH_FAILURE,
            "证据包存证的不是这份文件",
            "the log entries name another document",
        ),
        "LOG_CONTRADICTS": Reason(
            _F,
            "存证日志记录的签署和文件里的签名不一致",
            "the log and the signatures tell different stories",
        ),
        # --- files of others (foreign.py)
        "FOREIGN_CHANGED": Reason(
            _F, "签名之后文件被改动", "the file was changed after a signature"
        ),
        "FOREIGN_UNSUPPORTED": Reason(
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
            "这个签名的格式或算法（例如国密 SM2）本程序不会验；请用签署平台提供的验签工具",
            "a signature of a kind or by an algorithm that is not checked here",
        ),
        "FOREIGN_BROKEN": Reason(
            _F, "文件损坏，按 PDF 规范读不出来", "the file cannot be read as a PDF"
        ),
        "FOREIGN_FORMAT": Reason(
            SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
            "这不是本系统签出的文件：密码学检查没有发现改动，但不能确认签名人身份",
            "not a file of this service: cryptographically sound, identity not confirmed",
        ),
    }
)
