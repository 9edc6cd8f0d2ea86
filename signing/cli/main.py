"""`signing`: one command for operators and arbitrators (interfaces.md §2).

Rules kept here:
* a subcommand's module is imported when it is called: `signing verify` loads nothing of the server;
* exit codes: 0 done, 1 not as it should be, 2 the call or the settings are wrong; `verify` has its
  own (interfaces.md §2);
* what people read is Chinese, then English where a developer reads it; errors are one line on
  standard error, never a traceback.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper

from signing.domain.finding import Unlawful
from signing.errors import Invalid, SigningError

_COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("signing.cli.demo", "三种协议各走一遍 · the main job for all three kinds"),
    "run": ("signing.cli.run", "本机试用，打印签字链接 · the service with a demo platform"),
    "serve": ("signing.cli.serve", "启动服务 · the service under gunicorn"),
    "worker": ("signing.cli.worker", "只跑后台任务 · run jobs"),
    "scheduler": ("signing.cli.worker", "只跑定时任务 · run periodic work"),
    "verify": ("signing.cli.verify", "离线验证文件 · judge a PDF or an evidence.zip, offline"),
    "check": ("signing.cli.check", "检查存储是否完好 · every invariant of what is stored"),
    "templates": ("signing.cli.templates", "合同文本 · contract texts"),
    "tenants": ("signing.cli.tenants", "平台 · platforms and their API keys"),
    "rules": ("signing.cli.rules", "规则包和最低工资 · rule packs and minimum wages"),
    "keys": ("signing.cli.keys", "密钥与信任锚 · keys and trust anchors"),
    "seal": ("signing.cli.keys", "企业印章 · enterprises' seals"),
    "log": ("signing.cli.log", "存证日志 · the log"),
    "db": ("signing.cli.database", "数据库 · the database"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # no locale makes a message an error
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        _print_help()
        return 0
    if arguments[0] == "--version":
        print(_version())
        return 0
    name, *rest = arguments
    if name not in _COMMANDS:
        print(f"signing: 没有命令 {name!r} · no such command; try signing --help", file=sys.stderr)
        return 2
    return _run(name, rest)


def parser(name: str, description: str) -> argparse.ArgumentParser:
    """An argument parser that all subcommands share the look of."""
    return argparse.ArgumentParser(prog=f"signing {name}", description=description)


def _run(name: str, rest: list[str]) -> int:
    module = import_module(_COMMANDS[name][0])
    try:
        return int(module.main(rest if name == "verify" else [name, *rest]))
    except (Invalid, Unlawful) as error:
        _print_mistakes(error)
        return 2
    except SigningError as error:
        print(f"signing: {error.message_zh}", file=sys.stderr)
        if error.message != error.message_zh:
            print(f"         {error.message} [{error.code}]", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"signing: 读写失败 · {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _print_help() -> None:
    print("signing COMMAND …\n")
    for name, (_, text) in _COMMANDS.items():
        print(f"  {name:<10} {text}")
    print("\nsigning COMMAND --help 看每个命令的用法 · shows how to call it")


def _version() -> str:
    return f"signing {version('signing')}"


def _print_mistakes(error: Invalid | Unlawful) -> None:
    print(f"signing: {error.message_zh} · {error.message}", file=sys.stderr)
    if isinstance(error, Invalid):
        for mistake in error.errors:
            print(f"  {mistake.path}: {mistake.message_zh} [{mistake.code}]", file=sys.stderr)
    else:
        for finding in error.findings:
            print(f"  {finding.path}: {finding.message_zh} [{finding.rule}]", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
