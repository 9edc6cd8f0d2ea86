"""The contract texts as the use cases ask for them: by request, not by template."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from signing.domain.draft import AgreementDraft
from signing.errors import FieldError, NotFound
from signing.rendering.catalogue import Catalogue, ContractTemplate, check_values


class Shelf:
    """Texts under one folder."""

    def __init__(self, templates_dir: Path) -> None:
        self._catalogue = Catalogue(templates_dir)

    def resolve(self, kind: str, version: str) -> str:
        """The version that `latest` means. Raises NotFound."""
        return self._catalogue.load(kind, version).version

    def validity(self, kind: str, version: str) -> tuple[date, date | None]:
        """First and last day of a version. Raises NotFound."""
        manifest = self._catalogue.load(kind, version).manifest
        until = manifest.get("valid_to")
        start = date.fromisoformat(manifest["valid_from"])
        return start, date.fromisoformat(until) if until else None

    def check_values(self, draft: AgreementDraft) -> Sequence[FieldError]:
        """Values against the text's schema, every mistake. Raises NotFound."""
        template = self._catalogue.load(draft.text_kind, draft.template_version)
        return check_values(template, draft.values)

    def describe(self, kind: str | None = None) -> Sequence[Mapping[str, Any]]:
        """All kinds, or one; empty if there is none of that name."""
        kinds = [k for k in self._catalogue.kinds() if kind is None or k == kind]
        return [self._description(k) for k in kinds]

    def example(self, kind: str, variant: int) -> Mapping[str, Any]:
        """The `variant`-th example body, from 1. Raises NotFound."""
        examples = self._catalogue.load(kind).examples
        if not 1 <= variant <= len(examples):
            raise NotFound(
                f"{kind} has {len(examples)} examples", f"这种协议有 {len(examples)} 个例子"
            )
        return examples[variant - 1]

    def _description(self, kind: str) -> Mapping[str, Any]:
        template = self._catalogue.load(kind)
        return {
            "kind": kind,
            "title": template.title,
            "versions": list(self._catalogue.versions(kind)),
            "latest": template.version,
            "template_sha256": template.template_sha256,
            "parties": list(template.roles),
            "values_schema": dict(template.schema),
            "key_clauses": _key_clauses(template),
            "examples": [dict(example) for example in template.examples],
        }


def _key_clauses(template: ContractTemplate) -> list[dict[str, str]]:
    return [{"id": card.id, "title": card.title, "clause": card.clause} for card in template.cards]
