"""Clock, identifiers and secrets: what the use cases are handed instead of taking it themselves."""

import secrets
from base64 import b32encode
from datetime import UTC, datetime

from signing.language.lawbook import SHANGHAI


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
