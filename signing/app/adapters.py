"""Adapters from settings: each made one way, for the service and for the command line alike."""

import secrets
import time
from functools import partial
from pathlib import Path

from signing.app.chance import now
from signing.audit.note import NoteSigner
from signing.config import Config
from signing.domain.agreement import Agreement
from signing.keystore.fallback import FallbackTimestamper
from signing.keystore.inspection import KeyFolderInspection
from signing.keystore.keystore import Keystore, open_keystore
from signing.keystore.pkcs11_keys import TokenSettings
from signing.keystore.remote_ca import RemoteAuthority, RemoteCaSettings
from signing.keystore.remote_tsa import RemoteTimestamper
from signing.language.lawbook import Lawbook
from signing.rendering.pool import Limits
from signing.rendering.renderer import Renderer
from signing.rendering.shelf import Shelf
from signing.services.ports import Clock
from signing.services.ports.neighbours import Authority, Timestamper
from signing.services.vetting import Vetting
from signing.storage.migrations import upgrade
from signing.storage.sealing import FieldCipher


def inspect_keys(config: Config) -> KeyFolderInspection:
    """The folder of the keys, unopened."""
    return KeyFolderInspection(config.keys_dir, config.key_passphrase_file)


def make_cipher(keystore: Keystore) -> FieldCipher:
    """Seals and opens what is personal."""
    return FieldCipher(
        [keystore.secret("fields")],
        index_key=keystore.secret("field-index"),
        random=secrets.token_bytes,
    )


def make_log_signers(keystore: Keystore) -> list[NoteSigner]:
    """Signers of checkpoints: the log's key and the one before it, for verifiers of that one."""
    keys = keystore.foundation.log_keys[:2]
    return [
        NoteSigner(key.name, key.public_key, partial(keystore.sign_log, generation=generation))
        for generation, key in enumerate(keys)
    ]


def open_keys(config: Config, *, clock: Clock = now) -> Keystore:
    """The keystore of these settings; makes what is missing."""
    return open_keystore(
        config.keys_dir,
        config.key_passphrase_file,
        clock,
        config.public_url,
        config.environment,
        log_origin=config.log_origin,
        token=_token_settings(config),
    )


def _token_settings(config: Config) -> TokenSettings | None:
    if config.pkcs11_module is None or config.pkcs11_pin_file is None:
        return None
    return TokenSettings(config.pkcs11_module, config.pkcs11_token, config.pkcs11_pin_file)


def make_timestamper(config: Config, keystore: Keystore, *, clock: Clock = now) -> Timestamper:
    """The TSAs at `SIGNING_TSA_URL`, or the built-in one."""
    if not config.tsa_urls:
        return keystore.timestamper
    return FallbackTimestamper(
        [
            RemoteTimestamper(url, folder=keystore.folder, clock=clock, monotonic=time.monotonic)
            for url in config.tsa_urls
        ]
    )


def make_authority(config: Config, keystore: Keystore, *, clock: Clock = now) -> Authority:
    """The CA at `SIGNING_CA_URL` for workers' keys, or the built-in one."""
    if not config.ca_url:
        return keystore.authority
    settings = RemoteCaSettings(config.ca_url, config.ca_token_file, config.ca_policy)
    return RemoteAuthority(
        settings,
        keystore.authority,
        folder=keystore.folder,
        clock=clock,
        monotonic=time.monotonic,
    )


def upgrade_database(config: Config) -> str:
    """Bring the database to this version's tables; returns the revision."""
    config.instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return upgrade(config.database_url)


def make_renderer(config: Config) -> Renderer:
    """The renderer; close it at the end."""
    return Renderer(
        config.templates_dir,
        config.fonts_dir,
        processes=config.render_workers,
        limits=Limits(tags=config.render_tags),
    )


def make_shelf(config: Config) -> Shelf:
    """The contract texts."""
    return Shelf(config.templates_dir)


def make_vetting(config: Config, renderer: Renderer, *, clock: Clock = now) -> Vetting:
    """The checks of a request, with the law in force."""
    return Vetting(
        catalogue=make_shelf(config), rules=make_rules(config), glyphs=renderer, clock=clock
    )


def make_rules(config: Config, *, pack_id: str | None = None) -> Lawbook:
    """The law: the pack in force, or one that is named."""
    return Lawbook(extra_dir=config.rules_dir, pack_id=pack_id)


def evidence_readme(agreement: Agreement) -> str:
    """README.txt of an evidence package: how to repeat the check."""
    template = Path(__file__).parent / "evidence_readme.txt"
    return template.read_text("utf-8").replace("{number}", agreement.number)
