"""`signing demo`: the main job for all three kinds, through the real HTTP service.

A platform posts an agreement, the enterprise's seal is set, the worker reads and signs on a phone
in software, the archive step follows, and a stranger verifies PDF and evidence offline. Each step
is printed with its time; the exit code is 0 only if every verdict is TOTAL-PASSED and
`signing check` finds nothing.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from signing.app import create_application, make_shelf
from signing.cli import check
from signing.cli.main import parser
from signing.cli.phone import SoftwarePhone
from signing.cli.platform import SoftwarePlatform
from signing.cli.server_process import running_server
from signing.config import Config
from signing.domain.draft import Kind
from signing.errors import Broken

ARCHIVE_SECONDS = 60
CODE = "验证码"
"""Tells a code's SMS from the invitation, which may come after it."""
SETTINGS = {"SIGNING_VERIFY_RATE": "off", "SIGNING_SMS_RATE": "off"}
T = TypeVar("T")


@dataclass
class Steps:
    """Prints one line per step with its time."""

    started: float = field(default_factory=time.monotonic)

    def step(self, text: str, work: Callable[[], T]) -> T:
        """Do it, say how long it took."""
        before = time.monotonic()
        result = work()
        print(f"  {(time.monotonic() - before) * 1000:8.0f} ms  {text}", flush=True)
        return result

    def total(self) -> str:
        """Seconds since the beginning."""
        return f"{time.monotonic() - self.started:.1f} s"


def main(argv: Sequence[str]) -> int:
    """Run the demo."""
    root = parser("demo", "三种协议各走一遍 · the main job for all three kinds")
    root.add_argument("--out", type=Path, default=Path("build/demo"))
    root.add_argument("--kind", choices=[kind.value for kind in Kind], action="append")
    options = root.parse_args(argv[1:])
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    os.environ["SIGNING_HOME"] = str(out)
    kinds = options.kind or [kind.value for kind in Kind]
    steps = Steps()
    print("准备密钥、数据库和平台 · keys, database, a platform")
    api_key = steps.step("signing tenants create", lambda: _prepare(out))
    with running_server(out, SETTINGS) as url:
        platform = SoftwarePlatform(url, api_key)
        verdicts = [_one_kind(kind, platform, out, steps) for kind in kinds]
    is_sound = steps.step("signing check", lambda: check.main(["check"]) == 0)
    has_passed = all(verdict["indication"] == "TOTAL-PASSED" for verdict in verdicts)
    for kind, verdict in zip(kinds, verdicts, strict=True):
        print(f"{verdict['indication']:<14} {kind}")
    print(f"用时 {steps.total()}，结果在 {out}" if has_passed else "没有全部通过")
    return 0 if has_passed and is_sound else 1


def _prepare(out: Path) -> str:
    """Keys, tables, a tenant, the trust folder; returns the API key."""
    application = create_application(Config.from_env())
    try:
        tenant = application.services.tenancy.create("演示平台")
        application.keystore.export_trust(out / "trust")
    finally:
        application.close()
    return tenant.api_key


def _one_kind(kind: str, platform: SoftwarePlatform, out: Path, steps: Steps) -> dict[str, Any]:
    print(kind)
    folder = out / kind
    folder.mkdir(exist_ok=True)
    body = dict(make_shelf(Config.from_env()).example(kind, 1))
    agreement = steps.step("平台生成协议，企业盖章", lambda: platform.create(body))
    worker = next(p for p in body["parties"] if p["role"] == "worker")
    link = next(p["signing_link"] for p in agreement["parties"] if p["role"] == "worker")
    phone = SoftwarePhone(
        link=link,
        name=worker["name"],
        id_number=worker["id_number"],
        read_sms=lambda: _last_sms(out, worker["phone"]),
    )
    steps.step("工人打开链接，勾三样，开始", phone.begin)
    steps.step("工人填姓名和身份证号", phone.identify)
    text_sha256 = steps.step("工人看完全文", phone.read)
    steps.step("工人在手机上签字", lambda: phone.sign(text_sha256))
    done = steps.step("加存档时间戳", lambda: _archived(platform, agreement["id"]))
    pdf = steps.step("下载 PDF", lambda: platform.document(done["id"]))
    evidence = steps.step("下载签署证据", lambda: platform.evidence(done["id"]))
    (folder / "agreement.pdf").write_bytes(pdf)
    (folder / "evidence.zip").write_bytes(evidence)
    return steps.step("离线验证", lambda: _verify(folder, out / "trust"))


def _last_sms(home: Path, phone: str) -> str:
    """The newest code for that phone: the outbox is the demo's air interface."""
    lines = (home / "instance" / "outbox" / "sms.ndjson").read_text("utf-8").splitlines()
    messages = [json.loads(line) for line in lines]
    codes = (str(m["text"]) for m in reversed(messages) if m["to"] == phone and CODE in m["text"])
    return next(codes)


def _archived(platform: SoftwarePlatform, agreement_id: str) -> dict[str, Any]:
    """Wait for the job that adds the archive timestamp."""
    deadline = time.monotonic() + ARCHIVE_SECONDS
    while time.monotonic() < deadline:
        agreement = platform.get(agreement_id)
        if agreement["archive_sha256"]:
            return agreement
        time.sleep(0.05)
    raise Broken("The archive timestamp did not come", "存档时间戳没有加上")


def _verify(folder: Path, trust: Path) -> dict[str, Any]:
    """`signing verify`, in an interpreter of its own, as a stranger would."""
    call = [sys.executable, "-m", "signing.cli.main", "verify", str(folder / "agreement.pdf")]
    call += ["--evidence", str(folder / "evidence.zip"), "--trust", str(trust), "--json"]
    output = subprocess.run(call, capture_output=True, check=False).stdout
    (folder / "verdict.json").write_bytes(output)
    verdict: dict[str, Any] = json.loads(output)
    return verdict
