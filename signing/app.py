"""The one place where adapters meet use cases: wiring, and the only reader of clock and chance.

Rules kept here: nothing is decided here. That an adapter fits its port is checked by mypy at the
call that plugs it in.
"""

import secrets
from base64 import b32encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from signing.audit.note import NoteSigner
from signing.config import Config
from signing.domain.agreement import Agreement
from signing.errors import NotFound
from signing.keystore.inspection import KeyFolderInspection
from signing.keystore.keystore import Keystore, open_keystore
from signing.language.lawbook import SHANGHAI, Lawbook
from signing.messaging.codes import Argon2Codes
from signing.messaging.outbox import SmsOutbox
from signing.rendering.renderer import Renderer
from signing.rendering.shelf import Shelf
from signing.services.agreements import AgreementDesk
from signing.services.archiving import Archiving
from signing.services.ceremony.asking import Asking
from signing.services.ceremony.code import Code
from signing.services.ceremony.copy import Copies
from signing.services.ceremony.declining import Declining
from signing.services.ceremony.identity import Identity
from signing.services.ceremony.key import KeyOffer
from signing.services.ceremony.opening import Opening
from signing.services.ceremony.reading import ReadingRoom
from signing.services.ceremony.signature import SignatureTaking
from signing.services.ceremony.signature_request import SignatureRequesting
from signing.services.checking import Checking
from signing.services.container import Services
from signing.services.evidence import EvidenceDesk
from signing.services.external import ExternalSigning
from signing.services.finishing import Finishing
from signing.services.health import Health
from signing.services.housekeeping import Housekeeping
from signing.services.issuing import Issuing
from signing.services.keeper import Keeper
from signing.services.links import SigningLinks
from signing.services.once import Once
from signing.services.publications import Publications
from signing.services.requesting import Requesting
from signing.services.sealing import Sealing
from signing.services.tenancy import Tenancy
from signing.services.texts import Texts
from signing.services.verifying import PublicationJudge, Verifying
from signing.services.vetting import Vetting
from signing.storage.anchor import CheckpointFile
from signing.storage.db import connect, disconnect
from signing.storage.documents import DirectoryDocuments
from signing.storage.inventory import SqlInventory, check_database
from signing.storage.log import SqlLog
from signing.storage.migrations import upgrade
from signing.storage.sealing import FieldCipher
from signing.storage.transaction import SqlDatabase
from signing.verification.trust import TrustAnchors, load_trust
from signing.web.application import install_context, make_flask


@dataclass(frozen=True)
class Application:
    """A running service: its web face, its use cases, and what has to be closed at the end."""

    config: Config
    flask: Flask
    services: Services
    keeper: Keeper
    keystore: Keystore
    renderer: Renderer
    database: SqlDatabase
    documents: DirectoryDocuments
    log: SqlLog

    def close(self) -> None:
        """Stop the keeper, the rendering and key processes, the connections."""
        self.keeper.stop()
        self.renderer.close()
        self.keystore.close()
        disconnect(self.flask)


def create_app(config: Config) -> Flask:
    """For a WSGI server: the application with its keeper running."""
    application = create_application(config)
    application.keeper.start()
    return application.flask


def create_application(config: Config) -> Application:
    """Everything wired. Makes keys, database and folders on first start.

    Raises Broken or Unavailable where keys, fonts or the database are not as they should be.
    """
    config.instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    flask = make_flask(config)
    upgrade_database(config)
    new_context = connect(flask, config.database_url)
    keystore = open_keys(config)
    cipher = make_cipher(keystore)
    database = SqlDatabase(new_context, cipher=cipher, random=secrets.token_bytes)
    log = SqlLog(
        database,
        signers=[make_log_signer(keystore)],
        timestamp=keystore.timestamper.timestamp,
        clock=now,
        anchor=CheckpointFile(config.checkpoint_file),
    )
    documents = DirectoryDocuments(config.documents_dir)
    renderer = make_renderer(config)
    services = make_services(
        config,
        keystore=keystore,
        database=database,
        documents=documents,
        log=log,
        renderer=renderer,
    )
    install_context(
        flask, services=services, config=config, cookie_secret=keystore.secret("cookies")
    )
    return Application(
        config=config,
        flask=flask,
        services=services,
        keeper=Keeper(services.housekeeping),
        keystore=keystore,
        renderer=renderer,
        database=database,
        documents=documents,
        log=log,
    )


def make_services(
    config: Config,
    *,
    keystore: Keystore,
    database: SqlDatabase,
    documents: DirectoryDocuments,
    log: SqlLog,
    renderer: Renderer,
) -> Services:
    """The use cases with their neighbours."""
    shelf = make_shelf(config)
    vetting = make_vetting(config, renderer)
    links = SigningLinks(keystore.secret("links"))
    messenger = SmsOutbox(config.instance_dir / "outbox" / "sms.ndjson")
    hasher = Argon2Codes()

    def trust() -> TrustAnchors:
        return load_trust(keystore.folder.trust)

    judge = PublicationJudge(trust=trust, clock=now)
    requesting = Requesting(
        database=database, documents=documents, clock=now, new_id=new_id, certify=config.certify
    )
    finishing = Finishing(
        database=database,
        documents=documents,
        timestamper=keystore.timestamper,
        judge=judge,
        clock=now,
    )
    sealing = Sealing(
        database=database,
        seals=keystore.seals,
        requesting=requesting,
        finishing=finishing,
        clock=now,
    )
    archiving = Archiving(
        database=database,
        documents=documents,
        authority=keystore.authority,
        timestamper=keystore.timestamper,
        judge=judge,
    )
    desk = AgreementDesk(
        database=database,
        documents=documents,
        links=links,
        clock=now,
        public_url=config.public_url,
    )
    evidence = EvidenceDesk(
        database=database,
        documents=documents,
        log=log,
        renderer=renderer,
        links=links,
        clock=now,
        readme=evidence_readme,
    )
    return Services(
        vetting=vetting,
        issuing=Issuing(
            database=database,
            documents=documents,
            vetting=vetting,
            renderer=renderer,
            sealing=sealing,
            clock=now,
            new_id=new_id,
            new_number=new_number,
            verify_url=f"{config.public_url}/verify",
            test_certificates=True,
        ),
        agreements=desk,
        sealing=sealing,
        external_signing=ExternalSigning(
            database=database,
            requesting=requesting,
            finishing=finishing,
            sealing=sealing,
            clock=now,
        ),
        evidence=evidence,
        tenancy=Tenancy(database=database, clock=now, new_id=new_id, new_secret=new_api_key),
        texts=Texts(catalogue=shelf),
        once=Once(database=database, clock=now),
        opening=Opening(database=database, links=links, clock=now),
        identity=Identity(
            database=database, links=links, clock=now, new_session=secrets.token_urlsafe
        ),
        reading_room=ReadingRoom(database=database, links=links, clock=now),
        asking=Asking(database=database, links=links, clock=now),
        code=Code(
            database=database,
            links=links,
            clock=now,
            messenger=messenger,
            hasher=hasher,
            new_code=new_code,
            public_host=config.public_host,
        ),
        key_offer=KeyOffer(database=database, links=links, clock=now, authority=keystore.authority),
        signature_requesting=SignatureRequesting(
            database=database,
            links=links,
            clock=now,
            authority=keystore.authority,
            hasher=hasher,
            requesting=requesting,
        ),
        signature_taking=SignatureTaking(
            database=database, links=links, clock=now, finishing=finishing
        ),
        declining=Declining(database=database, links=links, clock=now),
        copies=Copies(database=database, documents=documents, links=links, clock=now),
        verifying=Verifying(database=database, evidence=evidence, trust=trust, clock=now),
        finishing=finishing,
        archiving=archiving,
        housekeeping=Housekeeping(
            database=database,
            sealing=sealing,
            finishing=finishing,
            archiving=archiving,
            desk=desk,
            messenger=messenger,
            log=log,
            clock=now,
        ),
        health=Health(database=database, home=config.home),
        publications=Publications(
            log=log, pki_file=keystore.pki_file, respond=keystore.unit.respond
        ),
    )


@contextmanager
def open_checking(config: Config) -> Iterator[Checking]:
    """The check of what is stored; makes neither keys nor a database.

    Raises NotFound if there is nothing to check, Unavailable or Broken if it cannot be opened.
    """
    if not inspect_keys(config).is_founded:
        raise NotFound(
            f"There are no keys in {config.keys_dir}: nothing was stored yet",
            f"{config.keys_dir} 里没有密钥：还没有存过东西，或者 SIGNING_HOME 不对",
            code="NOTHING_STORED",
        )
    check_database(config.database_url)
    flask = Flask("signing.check")
    with open_keys(config) as keystore:
        new_context = connect(flask, config.database_url)
        try:
            documents = DirectoryDocuments(config.documents_dir)
            inventory = SqlInventory(
                SqlDatabase(new_context, cipher=make_cipher(keystore), random=secrets.token_bytes),
                documents=documents,
                documents_dir=config.documents_dir,
                checkpoint_file=config.checkpoint_file,
                log_keys=[make_log_signer(keystore).verifier],
            )
            yield Checking(
                inventory=inventory,
                documents=documents,
                keys=inspect_keys(config),
                trust=lambda: load_trust(keystore.folder.trust),
                clock=now,
            )
        finally:
            disconnect(flask)


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


def make_log_signer(keystore: Keystore) -> NoteSigner:
    """Signs checkpoints; its verifier knows them again."""
    return NoteSigner(keystore.log_key.name, keystore.log_key.public_key, keystore.sign_log)


def open_keys(config: Config) -> Keystore:
    """The keystore of these settings; makes what is missing."""
    return open_keystore(
        config.keys_dir,
        config.key_passphrase_file,
        now,
        config.public_url,
        config.environment,
        log_origin=config.log_origin,
    )


def upgrade_database(config: Config) -> str:
    """Bring the database to this version's tables; returns the revision."""
    config.instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return upgrade(config.database_url)


def make_renderer(config: Config) -> Renderer:
    """The renderer; close it at the end."""
    return Renderer(config.templates_dir, config.fonts_dir, processes=config.render_workers)


def make_shelf(config: Config) -> Shelf:
    """The contract texts."""
    return Shelf(config.templates_dir)


def make_vetting(config: Config, renderer: Renderer) -> Vetting:
    """The checks of a request, with the law in force."""
    return Vetting(
        catalogue=make_shelf(config), rules=make_rules(config), glyphs=renderer, clock=now
    )


def make_rules(config: Config, *, pack_id: str | None = None) -> Lawbook:
    """The law: the pack in force, or one that is named."""
    return Lawbook(extra_dir=config.rules_dir, pack_id=pack_id)


def now() -> datetime:
    """The clock of the whole service."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """`agr` gives `agr_` and 128 random bits."""
    return f"{prefix}_{secrets.token_hex(16)}"


def new_number(at: datetime) -> str:
    """An agreement's number: day and 40 random bits, easy to read out over a telephone."""
    return f"HN{at.astimezone(SHANGHAI):%Y%m%d}-{b32encode(secrets.token_bytes(5)).decode()}"


def new_api_key() -> str:
    """256 random bits."""
    return f"sk_{secrets.token_urlsafe(32)}"


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**6):06d}"


def evidence_readme(agreement: Agreement) -> str:
    """README.txt of an evidence package: how to repeat the check."""
    template = Path(__file__).parent / "evidence_readme.txt"
    return template.read_text("utf-8").replace("{number}", agreement.number)
