"""What a worker has shown and done on the way to a signature, one record per party.

Rules kept here (interfaces.md §9 Gate, D7, law.md §8 P-02):
* five wrong answers to the gate lock it for 30 minutes, then five more are allowed;
* an identification is good for 30 minutes; afterwards name and number are asked again while the
  ticks stay;
* a code has six digits, lives five minutes, may be asked again after 60 seconds, dies after three
  wrong tries, and there are ten per agreement; it is bound to the revision it was asked for;
* nothing here is compared in the clear: the code is kept as a password hash by the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from signing.errors import Conflict, Locked, Rejected, TooMany, Unauthenticated

GATE_TRIES = 5
GATE_LOCK = timedelta(minutes=30)
IDENTITY_LIFE = timedelta(minutes=30)
SESSION_LIFE = timedelta(minutes=60)
CODE_LIFE = timedelta(minutes=5)
CODE_PAUSE = timedelta(seconds=60)
CODE_TRIES = 3
CODES_PER_AGREEMENT = 10


class WrongAnswer(Rejected):
    """Gate or code: the answer is not the right one; `facts["left"]` tries remain."""

    default_code = "WRONG_ANSWER"


@dataclass(frozen=True)
class Ceremony:
    """One party's way. Times are aware UTC; hashes lower-case hex.

    `ticks` maps a card's id to the time it was ticked; `presented_sha256` is the revision whose
    text the phone reported as read, `presented_text_sha256` the text's hash as the phone saw it.
    `session_sha256` is the hash of the cookie given out at the last identification: the link alone
    opens nothing after the gate (D18). `spki` is the public key that the phone made (DER),
    `request_info` the PKCS#10 CertificationRequestInfo that it signs to prove possession.
    """

    party_id: str
    agreement_id: str
    consented_at: datetime | None = None
    gate_wrong: int = 0
    gate_locked_until: datetime | None = None
    identified_at: datetime | None = None
    session_sha256: str | None = None
    ticks: Mapping[str, str] = field(default_factory=dict)
    presented_at: datetime | None = None
    presented_sha256: str | None = None
    presented_text_sha256: str | None = None
    code_hash: str | None = None
    code_revision_sha256: str | None = None
    code_sent_at: datetime | None = None
    code_wrong: int = 0
    codes_sent: int = 0
    spki: bytes | None = None
    request_info: bytes | None = None

    def check_gate_open(self, at: datetime) -> None:
        """Raises Locked while the gate is shut after too many wrong answers."""
        if self.gate_locked_until is not None and at < self.gate_locked_until:
            raise Locked(
                "Too many wrong answers",
                "试错次数太多，先锁住了。30 分钟后再试",
                code="GATE_LOCKED",
                until=self.gate_locked_until,
            )

    def gate_failed(self, at: datetime) -> "Ceremony":
        """One more wrong answer; the fifth locks the gate."""
        unlocked = self._gate_reopened(at)
        wrong = unlocked.gate_wrong + 1
        until = at + GATE_LOCK if wrong >= GATE_TRIES else None
        return replace(unlocked, gate_wrong=wrong, gate_locked_until=until)

    def gate_left(self, at: datetime) -> int:
        """How many answers are left before the gate locks."""
        return GATE_TRIES - self._gate_reopened(at).gate_wrong

    def gate_passed(self, *, session_sha256: str, at: datetime) -> "Ceremony":
        """Name and number agreed; an older session of this party ends."""
        return replace(
            self,
            gate_wrong=0,
            gate_locked_until=None,
            identified_at=at,
            session_sha256=session_sha256,
        )

    def check_session(self, session_sha256: str, *, at: datetime, signing: bool) -> None:
        """Whether the bearer of that cookie has passed the gate.

        Reading lasts 60 minutes, signing 30 (P-02). Raises Unauthenticated: ask name and number.
        """
        life = IDENTITY_LIFE if signing else SESSION_LIFE
        known = self.session_sha256 is not None and self.session_sha256 == session_sha256
        if not known or self.identified_at is None or at > self.identified_at + life:
            raise Unauthenticated(
                "Name and document number are needed again",
                "时间长了，请再填一次姓名和身份证号码，已经勾的都还在",
                code="SESSION_OVER",
            )

    def code_asked(self, *, code_hash: str, revision_sha256: str, at: datetime) -> "Ceremony":
        """A new code is on its way; the old one is dead.

        Raises TooMany before 60 seconds have passed, Locked after ten codes.
        """
        if self.codes_sent >= CODES_PER_AGREEMENT:
            raise Locked(
                "No more codes for this agreement",
                "验证码要得太多了，请打页面下面的电话",
                code="CODES_USED_UP",
            )
        if self.code_sent_at is not None and at < self.code_sent_at + CODE_PAUSE:
            wait = int((self.code_sent_at + CODE_PAUSE - at).total_seconds()) + 1
            raise TooMany(
                f"Ask again in {wait} seconds",
                f"{wait} 秒后可以再发",
                code="CODE_TOO_SOON",
                retry_after_seconds=wait,
            )
        return replace(
            self,
            code_hash=code_hash,
            code_revision_sha256=revision_sha256,
            code_sent_at=at,
            code_wrong=0,
            codes_sent=self.codes_sent + 1,
        )

    def check_code_usable(self, *, revision_sha256: str, at: datetime) -> str:
        """The hash to compare with. Raises Conflict if there is no live code for this revision."""
        if self.code_hash is None or self.code_sent_at is None:
            raise Conflict("Ask for a code first", "请先点“发验证码”", code="CODE_MISSING")
        if at > self.code_sent_at + CODE_LIFE or self.code_revision_sha256 != revision_sha256:
            raise Conflict("The code is too old", "验证码过期了，请再要一个", code="CODE_EXPIRED")
        if self.code_wrong >= CODE_TRIES:
            raise Conflict(
                "Too many wrong tries", "试错次数太多，请再要一个验证码", code="CODE_DEAD"
            )
        return self.code_hash

    def code_failed(self) -> "Ceremony":
        """One more wrong code."""
        return replace(self, code_wrong=self.code_wrong + 1)

    @property
    def code_left(self) -> int:
        """How many tries the present code still allows."""
        return max(CODE_TRIES - self.code_wrong, 0)

    def code_used(self) -> "Ceremony":
        """The right code was given; it does not work twice."""
        return replace(self, code_hash=None, code_revision_sha256=None)

    def _gate_reopened(self, at: datetime) -> "Ceremony":
        """Forget old mistakes once the lock's time has passed."""
        if self.gate_locked_until is not None and at >= self.gate_locked_until:
            return replace(self, gate_wrong=0, gate_locked_until=None)
        return self
