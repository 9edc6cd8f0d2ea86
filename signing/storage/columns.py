"""Column types that refuse what must not be stored.

Rules kept here:

1. A time is aware and kept in UTC; it comes back aware on both engines.
2. A sealed column takes `Sealed` and nothing else: plain text cannot slip in.
"""

from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import DateTime, LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from signing.errors import Broken
from signing.storage.sealing import Sealed

AnyType: TypeAlias = TypeEngine[Any] | type[TypeEngine[Any]]


class UtcTime(TypeDecorator[datetime]):
    """Aware times."""

    impl: AnyType = DateTime(timezone=True)
    cache_ok: bool | None = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; without zone for SQLite, which has none. Raises Broken for a naive time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise Broken(f"A time without zone: {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class SealedBytes(TypeDecorator[Sealed]):
    """Fields that only `FieldCipher` can read."""

    impl: AnyType = LargeBinary
    cache_ok: bool | None = True

    def process_bind_param(self, value: Sealed | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Raises Broken for anything that is not sealed."""
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise Broken("Plain data for a sealed column")
        return value.data

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Sealed | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """What `FieldCipher.open` takes."""
        return None if value is None else Sealed(bytes(value))
