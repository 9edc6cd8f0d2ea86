"""`signing keys`: make, list, export, rotate, revoke; `signing seal add` registers a seal.

Rules kept here: what is made or rotated may be recorded (`--transcript`), with the names of those
present; the digest that ends the record is printed, to be written down by hand.
"""

from argparse import ArgumentParser, FileType, Namespace
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from signing.app import (
    GENERATIONS,
    create_application,
    follow_seal,
    hold_ceremony,
    log_what_happened,
    open_keys,
)
from signing.cli.main import parser
from signing.config import Config

_REASONS = ("keyCompromise", "cACompromise", "affiliationChanged", "superseded",
            "cessationOfOperation", "privilegeWithdrawn", "unspecified")  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Run one action of `keys` or `seal`."""
    root = _seal_parser(argv[0]) if argv[0] == "seal" else _keys_parser(argv[0])
    options = root.parse_args(argv[1:])
    action: Callable[[Namespace], None] = options.run
    action(options)
    return 0


def _keys_parser(name: str) -> ArgumentParser:
    root = parser(name, "密钥与信任锚 · keys and trust anchors")
    actions = root.add_subparsers(dest="action", required=True)
    init = actions.add_parser("init", help="make what is missing")
    init.set_defaults(run=_init)
    actions.add_parser("list", help="what there is").set_defaults(run=_list)
    export = actions.add_parser("export-trust", help="the folder that verify --trust takes")
    export.add_argument("folder", type=Path)
    export.set_defaults(run=_export)
    rotate = actions.add_parser("rotate", help="a new key; the old one stays good for what it did")
    rotate.add_argument("name", choices=[*GENERATIONS, "seal"])
    rotate.add_argument("--tenant", default="", help="of the seal")
    rotate.add_argument("--uscc", default="", help="credit code of the seal's holder")
    rotate.add_argument("--holder", default="", help="the holder's name, if it has changed")
    rotate.set_defaults(run=_rotate)
    revoke = actions.add_parser("revoke", help="take a certificate back, at once")
    revoke.add_argument("serial", help="hex, as `verify` and `keys list` show it")
    revoke.add_argument("--reason", choices=_REASONS, required=True)
    revoke.set_defaults(run=_revoke)
    for ceremony in (init, rotate):
        _add_record(ceremony)
    return root


def _seal_parser(name: str) -> ArgumentParser:
    root = parser(name, "企业印章 · enterprises' seals")
    add = root.add_subparsers(dest="action", required=True).add_parser(
        "add", help="register the seal that the service keeps for an enterprise"
    )
    add.add_argument("uscc", help="credit code")
    add.add_argument("--tenant", required=True, help="the platform whose seal it is")
    add.add_argument("--name", required=True, help="the enterprise's full name")
    add.add_argument(
        "--authorisation", type=FileType("rb"), required=True, help="授权书 · the signed mandate"
    )
    add.set_defaults(run=_add_seal)
    _add_record(add)
    return root


def _add_record(ceremony: ArgumentParser) -> None:
    ceremony.add_argument("--transcript", type=Path, help="write a record of the ceremony here")
    ceremony.add_argument("--present", action="append", default=[], help="who was there; repeat")


def _init(options: Namespace) -> None:
    _record(options, "init", lambda _: None)
    _list(options)


def _list(_: Namespace) -> None:
    with open_keys(Config.from_env()) as keystore:
        for line in keystore.inventory():
            print(line)


def _export(options: Namespace) -> None:
    with open_keys(Config.from_env()) as keystore:
        keystore.export_trust(options.folder)
    print(options.folder)


def _rotate(options: Namespace) -> None:
    if options.name != "seal":
        _record(options, f"rotate {options.name}", lambda keys: keys.rotate(options.name))
        print(f"{options.name}: 已换新钥，重启服务后启用 · rotated; restart the service to use it")
        if options.name == "log":
            _tell_of_rotation()
        return
    made = []
    _record(
        options,
        f"rotate seal {options.uscc}",
        lambda keys: made.append(
            follow_seal(keys, tenant_id=options.tenant, uscc=options.uscc, name=options.holder)
        ),
    )
    print(f"seal {options.uscc}: {made[0]}")


def _tell_of_rotation() -> None:
    if log_what_happened(Config.from_env()):
        print("log: 已记入日志 · logged as log.key_rotated")
    else:
        print("log: 下次启动时记入日志 · will be logged as log.key_rotated at the next start")


def _revoke(options: Namespace) -> None:
    application = create_application(Config.from_env())
    try:
        reported = application.services.compromise.report(options.serial, reason=options.reason)
    finally:
        application.close()
    print(f"{options.serial}: 已吊销 · revoked ({options.reason})")
    for agreement_id in reported.agreements:
        print(
            f"{agreement_id}: 已停下，不能再签 · stopped: what was under way lapsed, or is frozen"
        )


def _add_seal(options: Namespace) -> None:
    with options.authorisation as file:
        mandate = sha256(file.read()).hexdigest()
    made = []
    _record(
        options,
        f"seal add {options.uscc} tenant {options.tenant} authorisation sha256 {mandate}",
        lambda keys: made.append(
            keys.seals.ensure_seal(options.tenant, options.uscc, options.name)
        ),
    )
    print(f"seal {options.uscc}: {made[0].serial:x}, 授权书 · mandate sha256 {mandate}")


def _record(options: Namespace, title: str, act: Callable[..., object]) -> None:
    digest = hold_ceremony(
        Config.from_env(),
        f"signing keys {title}",
        act,
        record=options.transcript,
        present=options.present,
    )
    if digest:
        print(f"{options.transcript}: sha256 {digest}")
