"""What is stored, laid out for a check that changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from signing.domain.stock import KeyTellings, StoredAgreement, StoredJob


class Breach(Protocol):
    """A violation as the store itself found it, for developers."""

    @property
    def code(self) -> str:
        """Stable upper-case English."""

    @property
    def where(self) -> str:
        """Row or file."""

    @property
    def message(self) -> str:
        """What is wrong; nothing personal."""


class Inventory(Protocol):
    """Database and documents. Every method raises Unavailable if the database does not answer."""

    def breaches(self) -> Iterator[Breach]:
        """What tables, log and documents say against one another."""

    def agreements(self) -> Iterator[StoredAgreement]:
        """Every agreement that can be read; one that cannot is among the breaches."""

    def jobs(self) -> Mapping[tuple[str, str], StoredJob]:
        """Unfinished work by kind and key."""

    def key_tellings(self) -> KeyTellings:
        """What events say of certificates taken back and of new log keys."""

    def serials(self) -> frozenset[str]:
        """Serials given out to signers, hex."""

    def unknown_documents(self, *, before: datetime) -> Iterator[str]:
        """Digests of stored files, written before that time, that are no agreement's revision."""

    def temporary_files(self, *, before: datetime) -> Iterator[str]:
        """Names of files that a crash left half written before that time."""


class KeyFolder(Protocol):
    """`keys/`, looked at without opening a key."""

    def unsafe_files(self) -> Iterator[str]:
        """Files and folders that others could read."""

    def signer_serials(self) -> frozenset[str]:
        """Serials that the CA's key was about to sign for phones, hex, from its own journal."""

    def revoked(self) -> Mapping[str, str]:
        """What was taken back or reported, from the journal: serial (hex) → the CA's slug.

        "" for a certificate of a stranger's CA.
        """

    def listed(self) -> Mapping[str, frozenset[str]]:
        """What each CA's published list tells of: slug → serials, hex."""

    def log_keys(self) -> Sequence[str]:
        """The log's keys (vkeys) as the trust folder names them, newest first."""
