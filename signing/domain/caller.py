"""Who calls the API."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ApiKey:
    """Who calls: `scopes` is a subset of `agreements`, `links`, `seals`, `reports`, `webhooks`."""

    id: str
    tenant_id: str
    tenant_name: str
    scopes: frozenset[str]
