"""`signing verify`: the arbitrator's command. Offline; no server module, no database, no socket.

Rules kept here:
* whom to trust is the verifier's own folder (`--trust`), never the file or its evidence;
* exit codes of interfaces.md §2: 0 TOTAL-PASSED, 1 TOTAL-FAILED, 3 INDETERMINATE, 2 the call is
  wrong or a file cannot be read; of several files 2 over 1 over 3 over 0;
* whatever is in a file, the answer is a verdict, never a traceback.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from signing.domain.verdict import DocumentFacts, Indication, Outcome, Verdict
from signing.errors import SigningError
from signing.verification import conclusion, report, rerendering
from signing.verification.findings import finding
from signing.verification.package import MAX_PACKAGE, pdf_inside
from signing.verification.trust import TrustAnchors, load_trust
from signing.verification.verify import verifier, verify_document

_CALL_IS_WRONG = 2
_GRAVITY = (2, 1, 3, 0)
_RENDER_SECONDS = 120
_TREE = b"/StructTreeRoot"


def main(argv: Sequence[str] | None = None) -> int:
    """Verify the files named in `argv`; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.evidence and len(options.files) > 1:
        parser.error("--evidence goes with one FILE · --evidence 只能配一个文件")
    if sys.stdout is None:
        return _complain("没有地方写结果 · standard output is closed")
    try:
        trust = load_trust(options.trust)
        evidence = None if options.evidence is None else _read(options.evidence)
    except SigningError as error:
        return _complain(error.message_zh if options.lang == "zh" else error.message)
    except OSError as error:
        return _complain(_unreadable(options.evidence, error, options.lang))
    verdicts: list[Verdict] = []
    codes: list[int] = []
    for path in options.files:
        try:
            verdict = _verify(path, trust, evidence, options)
        except OSError as error:
            codes.append(_complain(_unreadable(path, error, options.lang)))
            continue
        verdicts.append(verdict)
        codes.append(verdict.exit_code)
        if not options.json:
            _print(report.to_text(verdict, file_name=str(path), language=options.lang) + "\n")
    if options.json and verdicts:
        _print(report.to_json(verdicts, as_array=len(options.files) > 1))
    return min(codes, key=_GRAVITY.index)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signing verify",
        description="离线验证签好的 PDF 或证据包 · judge a signed PDF or an evidence.zip, offline",
        epilog="退出码 exit codes: 0 有效 TOTAL-PASSED · 1 无效 TOTAL-FAILED · "
        "3 不能断定 INDETERMINATE · 2 打不开或用法不对 unreadable, or a wrong call",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="PDF 或 evidence.zip")
    parser.add_argument("--evidence", type=Path, metavar="ZIP", help="这份 PDF 的证据包")
    parser.add_argument(
        "--trust", type=Path, metavar="DIR", default=_default_trust(), help="信任目录（您信任谁）"
    )
    parser.add_argument(
        "--at", type=_time, metavar="TIME", help="按这个时间判断，如 2027-01-01T00:00:00Z"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.add_argument("--rerender", action="store_true", help="用附件数据重新排版并逐字节核对")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="报告的语言")
    return parser


def _default_trust() -> Path:
    """`keys/trust`, where the service keeps its own (interfaces.md §3: HOME, KEYS_DIR)."""
    home = Path(os.environ.get("SIGNING_HOME") or ".")
    return (home / (os.environ.get("SIGNING_KEYS_DIR") or "keys")) / "trust"


def _time(text: str) -> datetime:
    """RFC 3339, or a date; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"not a time: {text}") from error


def _verify(
    path: Path, trust: TrustAnchors, evidence: bytes | None, options: argparse.Namespace
) -> Verdict:
    now = datetime.now(UTC)
    at = options.at or now
    if path.stat().st_size > MAX_PACKAGE:
        return _too_large(path, at)
    data = _read(path)
    verdict = verify_document(data, trust=trust, at=at, evidence=evidence)
    verdict = replace(verdict, generated_at=now)
    if options.rerender and verdict.indication is not Indication.TOTAL_FAILED:
        pdf = pdf_inside(data)
        code = rerendering.compare(pdf, partial(_render, is_tagged=_TREE in pdf))
        verdict = replace(verdict, findings=(*verdict.findings, finding(code)))
    return verdict


def _too_large(path: Path, at: datetime) -> Verdict:
    """Refused by its size, without reading it into memory."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    blank = Verdict(None, Outcome.UNREADABLE, at, verifier(), DocumentFacts(sha256))
    return conclusion.unreadable(blank, "LIMIT")


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_PACKAGE + 1)


def _render(agreement_json: bytes, *, is_tagged: bool) -> bytes | None:
    """The unsigned bytes by `signing templates render` in a process of its own; None if it cannot.

    The renderer belongs to the server's part of the program: it is never loaded here. Whether a
    file has tags is a setting of the service and not in its data, so the file itself is asked.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "agreement.json", Path(folder) / "base.pdf"
        source.write_bytes(agreement_json)
        command = [sys.executable, "-m", "signing.cli.main", "templates", "render"]
        try:
            done = subprocess.run(
                [*command, str(source), "-o", str(target)],
                capture_output=True,
                timeout=_RENDER_SECONDS,
                env={**os.environ, "SIGNING_RENDER_TAGS": "on" if is_tagged else "off"},
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return target.read_bytes() if done.returncode == 0 and target.is_file() else None


def _print(text: str) -> None:
    """UTF-8, whatever the locale says."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text + "\n")
        return
    buffer.write(text.encode() + b"\n")
    buffer.flush()


def _unreadable(path: Path, error: OSError, language: str) -> str:
    why = error.strerror or str(error)
    return f"打不开 {path}（{why}）" if language == "zh" else f"{path}: {why}"


def _complain(message: str) -> int:
    print(f"signing verify: {message}", file=sys.stderr)
    return _CALL_IS_WRONG


if __name__ == "__main__":
    sys.exit(main())
