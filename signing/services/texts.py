"""The contract texts, for whoever fills them in."""

from collections.abc import Mapping, Sequence
from typing import Any

from signing.errors import NotFound
from signing.services.ports.neighbours import Catalogue


class Texts:
    """Look at the texts."""

    def __init__(self, *, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def list(self) -> Sequence[Mapping[str, Any]]:
        """All kinds: versions, schema of `values`, parties and order, key clauses, examples."""
        return self._catalogue.describe()

    def get(self, kind: str) -> Mapping[str, Any]:
        """One kind. Raises NotFound."""
        found = self._catalogue.describe(kind)
        if not found:
            raise NotFound(f"There is no agreement of kind {kind!r}", "没有这种协议")
        return found[0]
