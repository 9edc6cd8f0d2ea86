"""What a view may reach: the use cases, the settings, the caller."""

from typing import Any, cast

from flask import current_app, request  # noqa: TID251 - the one place that may know the current app

from signing.config import Config
from signing.domain.caller import ApiKey
from signing.errors import Unauthenticated
from signing.services.access import Visitor
from signing.services.container import Services

EXTENSION = "signing"
CALLER = "signing.caller"
"""Where the caller stands: in the request, since a transaction has a context of its own."""


def install(app: Any, *, services: Services, config: Config) -> None:
    """Put the use cases where `services()` finds them."""
    app.extensions[EXTENSION] = (services, config)


def services() -> Services:
    """The use cases of the running application."""
    return cast("Services", current_app.extensions[EXTENSION][0])


def config() -> Config:
    """Its settings."""
    return cast("Config", current_app.extensions[EXTENSION][1])


def caller() -> ApiKey:
    """Whose API key this request bears. Raises Unauthenticated if `security` found none."""
    key = request.environ.get(CALLER)
    if key is None:
        raise Unauthenticated("Send Authorization: Bearer sk_…", "请带上 API 密钥")
    return cast("ApiKey", key)


def visitor() -> Visitor:
    """Where this request comes from; a forged X-Forwarded-For changes nothing (ASVS 4.1.3)."""
    return Visitor(
        address=request.remote_addr or "", user_agent=request.headers.get("User-Agent", "")
    )
