"""The schema and its history, run through Alembic's own API.

Rules kept here:

1. A migration that was released is never edited.
2. One upgrade at a time: the whole run is one transaction, behind an advisory lock on PostgreSQL
   and behind BEGIN IMMEDIATE on SQLite. It is done whole or not at all.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from signing.storage.db import make_engine

_ADVISORY_LOCK = 0x7369676E  # "sign"


def upgrade(database_url: str) -> str:
    """Bring the database to the newest schema; returns its revision. Repeating is harmless."""
    engine = make_engine(database_url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ADVISORY_LOCK})
            command.upgrade(_config(connection), "head")
            return _current(connection) or ""
    finally:
        engine.dispose()


def is_current(database_url: str) -> bool:
    """Whether the database has the newest schema."""
    engine = make_engine(database_url)
    try:
        with engine.connect() as connection:
            return _current(connection) == _scripts().get_current_head()
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
