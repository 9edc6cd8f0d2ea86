"""The database handle on two engines, and what every connection must be told (D11).

Rules kept here:

1. SQLite: write-ahead log, `synchronous=FULL` (a leaf once published must survive a power cut, or
   the log forks), foreign keys on, 15 s of patience. pysqlite's own transaction control is off:
   a transaction begins where SQLAlchemy begins it, with BEGIN IMMEDIATE, so that two writers queue
   at the start instead of failing in the middle. Who only reads asks for BEGIN DEFERRED.
2. PostgreSQL: `synchronous_commit=on` whatever the server's default, UTC, 15 s of patience.
3. The handle is Flask-SQLAlchemy's; rows subclass our own typed base.
"""

from collections.abc import Callable
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase

PATIENCE_SECONDS = 15
BEGIN_OPTION = "sqlite_begin"
"""Execution option of a connection: `IMMEDIATE` (default) or `DEFERRED`."""


class Row(DeclarativeBase):
    """Base of all rows. Names of constraints are fixed, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Row, session_options={"autoflush": False, "expire_on_commit": False})


def connect(app: Any, database_url: str) -> Callable[[], Any]:
    """Give a Flask application its engine. Returns what makes an application context.

    `database_url` is `sqlite:///absolute/path` or `postgresql://…`. `disconnect` ends it.
    """
    url = driver_url(database_url)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(url)
    db.init_app(app)
    with app.app_context():
        _instruct(db.engine)
    context: Callable[[], Any] = app.app_context
    return context


def disconnect(app: Any) -> None:
    """Close every pooled connection of the application."""
    with app.app_context():
        db.engine.dispose()


def make_engine(database_url: str) -> Engine:
    """An engine without Flask, told the same: for migrations."""
    url = driver_url(database_url)
    engine = create_engine(url, **_engine_options(url))
    _instruct(engine)
    return engine


def driver_url(database_url: str) -> str:
    """The URL with the driver that we use: psycopg 3 for PostgreSQL."""
    url = make_url(database_url)
    if url.get_backend_name() in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def _engine_options(url: str) -> dict[str, Any]:
    if make_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": PATIENCE_SECONDS}}
    settings = {
        "timezone": "UTC",
        "synchronous_commit": "on",
        "lock_timeout": f"{PATIENCE_SECONDS}s",
        "statement_timeout": "60s",
        "idle_in_transaction_session_timeout": "120s",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {"pool_pre_ping": True, "connect_args": {"options": options, "connect_timeout": 10}}


def _instruct(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # rule 1: no BEGIN behind our back
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get(BEGIN_OPTION, "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")
