"""Inserting what may be there already, on both engines alike."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from signing.storage.db import Row


def insert_if_absent(session: Session, table: type[Row], values: Mapping[str, Any]) -> bool:
    """Whether the row was inserted; False if one with the same unique key exists.

    A key that another transaction has inserted but not committed yet is waited for.
    """
    if session.get_bind().dialect.name == "sqlite":
        mapped: Any = sqlite.insert(table)
    else:
        mapped = postgresql.insert(table)
    key = next(iter(table.__mapper__.primary_key))
    statement = mapped.values(**values).on_conflict_do_nothing().returning(key)
    return session.execute(statement).first() is not None
