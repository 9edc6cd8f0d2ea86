"""A running service, from its settings."""

import secrets
from dataclasses import dataclass

from flask import Flask

from signing.app.adapters import (
    make_cipher,
    make_log_signers,
    make_renderer,
    make_timestamper,
    open_keys,
    upgrade_database,
)
from signing.app.chance import now
from signing.app.wiring import Wiring
from signing.audit.note import NoteVerifier
from signing.config import Config
from signing.keystore.keystore import Keystore
from signing.rendering.renderer import Renderer
from signing.services.container import Services
from signing.services.keeper import Keeper
from signing.services.ports import Clock
from signing.services.ports.neighbours import Timestamper
from signing.storage.anchor import CheckpointFile
from signing.storage.db import connect, disconnect
from signing.storage.documents import DirectoryDocuments
from signing.storage.log import SqlLog
from signing.storage.transaction import SqlDatabase
from signing.web.api.docs import describe_values
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


def create_application(
    config: Config, *, clock: Clock = now, timestamper: Timestamper | None = None
) -> Application:
    """Everything wired. Makes keys, database and folders on first start.

    `clock` and `timestamper` are those of the service unless a trial brings its own. Raises Broken
    or Unavailable where keys, fonts or the database are not as they should be.
    """
    config.instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    flask = make_flask(config)
    upgrade_database(config)
    new_context = connect(flask, config.database_url)
    keystore = open_keys(config, clock=clock)
    timestamper = timestamper or make_timestamper(config, keystore, clock=clock)
    database = SqlDatabase(new_context, cipher=make_cipher(keystore), random=secrets.token_bytes)
    log = SqlLog(
        database,
        signers=make_log_signers(keystore),
        timestamp=timestamper.timestamp,
        clock=clock,
        anchor=CheckpointFile(config.checkpoint_file),
        older_keys=[NoteVerifier(key) for key in keystore.foundation.log_keys],
    )
    documents = DirectoryDocuments(config.documents_dir)
    renderer = make_renderer(config)
    services = Wiring(
        config=config,
        keystore=keystore,
        database=database,
        documents=documents,
        log=log,
        renderer=renderer,
        timestamper=timestamper,
        clock=clock,
    ).services
    install_context(
        flask, services=services, config=config, cookie_secret=keystore.secret("cookies")
    )
    describe_values(flask, services.texts.list())
    services.house.catch_up()
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
