"""`signing check`: what is stored is opened, never made."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from signing.app.adapters import inspect_keys, make_cipher, open_keys
from signing.app.chance import now
from signing.audit.note import NoteVerifier
from signing.config import Config
from signing.errors import NotFound
from signing.services.checking import Checking
from signing.services.ports import Clock
from signing.storage.db import connect, disconnect
from signing.storage.documents import DirectoryDocuments
from signing.storage.inventory import SqlInventory, check_database
from signing.storage.transaction import SqlDatabase
from signing.verification.trust import load_trust


@contextmanager
def open_checking(config: Config, *, clock: Clock = now) -> Iterator[Checking]:
    """The check of what is stored; makes neither keys nor a database.

    `clock` is the service's own unless a trial brings another. Raises NotFound if there is nothing
    to check, Unavailable or Broken if it cannot be opened.
    """
    if not inspect_keys(config).is_founded:
        raise NotFound(
            f"There are no keys in {config.keys_dir}: nothing was stored yet",
            f"{config.keys_dir} 里没有密钥：还没有存过东西，或者 SIGNING_HOME 不对",
            code="NOTHING_STORED",
        )
    check_database(config.database_url)
    flask = Flask("signing.check")
    with open_keys(config, clock=clock) as keystore:
        new_context = connect(flask, config.database_url)
        try:
            documents = DirectoryDocuments(config.documents_dir)
            inventory = SqlInventory(
                SqlDatabase(new_context, cipher=make_cipher(keystore), random=secrets.token_bytes),
                documents=documents,
                documents_dir=config.documents_dir,
                checkpoint_file=config.checkpoint_file,
                log_keys=[NoteVerifier(key) for key in keystore.foundation.log_keys],
            )
            yield Checking(
                inventory=inventory,
                documents=documents,
                keys=inspect_keys(config),
                trust=lambda: load_trust(keystore.folder.trust),
                clock=clock,
            )
        finally:
            disconnect(flask)
