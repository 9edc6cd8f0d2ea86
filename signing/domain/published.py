"""A head of the log as the world sees it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedCheckpoint:
    """A checkpoint as published.

    `note` is the signed note, `timestamp_token` the RFC 3161 token over it (DER TimeStampToken).
    """

    size: int
    note: bytes
    timestamp_token: bytes
