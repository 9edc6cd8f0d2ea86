"""What is stored, laid out for a check that changes nothing."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from signing.domain.stock import StoredAgreement, StoredJob


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
