"""Platforms and their API keys."""

from collections.abc import Callable
from dataclasses import dataclass

from signing.domain.caller import ApiKey
from signing.errors import Forbidden, Rejected, Unauthenticated
from signing.services.ports import Clock, NewId
from signing.services.ports.storage import Database

SCOPES = frozenset({"agreements", "links", "seals", "reports", "webhooks"})
NAME_LIMIT = 200


@dataclass(frozen=True)
class NewTenant:
    """`api_key` is shown once and stored only as a hash."""

    tenant_id: str
    api_key: str


class Tenancy:
    """Make platforms, recognise callers."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        new_id: NewId,
        new_secret: Callable[[], str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._new_secret = new_secret

    def create(self, name: str) -> NewTenant:
        """A platform with one key of all scopes. Raises Rejected for a name that says nothing."""
        if not name.strip() or not name.isprintable() or len(name) > NAME_LIMIT:
            raise Rejected(
                f"A platform's name has 1 to {NAME_LIMIT} printable characters",
                f"平台名称要 1 到 {NAME_LIMIT} 个字",
                code="TENANT_NAME",
            )
        now = self._clock()
        tenant_id, secret = self._new_id("tnt"), self._new_secret()
        with self._database.transaction() as tx:
            tx.tenants.create(tenant_id=tenant_id, name=name, at=now)
            tx.tenants.add_key(
                key_id=self._new_id("key"),
                tenant_id=tenant_id,
                secret=secret,
                scopes=SCOPES,
                at=now,
            )
        return NewTenant(tenant_id, secret)

    def authenticate(self, secret: str) -> ApiKey:
        """Who calls. Raises Unauthenticated."""
        with self._database.transaction() as tx:
            key = tx.tenants.find_key(secret)
        if key is None:
            raise Unauthenticated(
                "This API key is not known", "API 密钥不对或已停用", code="API_KEY_UNKNOWN"
            )
        return key


def check_scope(key: ApiKey, scope: str) -> None:
    """Raises Forbidden if the key may not do that."""
    if scope not in key.scopes:
        raise Forbidden(
            f"This key lacks the scope {scope!r}",
            f"这个密钥没有“{scope}”权限",
            code="SCOPE_MISSING",
            scope=scope,
        )
