"""The Flask application: blueprints, errors, headers, the OpenAPI document."""

from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_smorest import Api

from signing.config import Config
from signing.services.container import Services
from signing.web import assets, context, problems, public, security
from signing.web.api import (
    agreements,
    companions,
    docs,
    parsing,
    parties,
    reports,
    templates,
    verifications,
)
from signing.web.portal import views as portal
from signing.web.signer import views as signer

API_VERSION = "v1"
_API_BLUEPRINTS = (
    agreements.blueprint,
    parties.blueprint,
    reports.blueprint,
    companions.blueprint,
    templates.blueprint,
    verifications.blueprint,
)


def make_flask(config: Config) -> Flask:
    """The application without its use cases; `install_context` gives them."""
    app = Flask("signing.web", static_folder=None)
    app.config.update(
        API_TITLE="Contract signing for platform work",
        API_VERSION=API_VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
        PROPAGATE_EXCEPTIONS=False,
        API_SPEC_OPTIONS=docs.SPEC_OPTIONS,
    )
    app.jinja_env.autoescape = True
    parsing.install(app)
    security.install(app)
    assets.install(app)
    api = Api(app)
    for blueprint in _API_BLUEPRINTS:
        api.register_blueprint(blueprint)
    # After flask-smorest, whose own error handler would answer in another shape.
    problems.install(app)
    docs.install(app, api)
    app.register_blueprint(public.blueprint)
    app.register_blueprint(signer.blueprint)
    app.register_blueprint(portal.blueprint)
    _limit(app, config)
    return app


def install_context(
    app: Flask, *, services: Services, config: Config, cookie_secret: bytes
) -> None:
    """Give the application its use cases and the key of its cookies."""
    app.secret_key = cookie_secret
    context.install(app, services=services, config=config)


def _limit(app: Flask, config: Config) -> None:
    """Rate limits per address where anybody may call (T53); counters that guard people are rows."""
    if not config.verify_rate:
        return
    limiter: Any = Limiter(
        get_remote_address, app=app, headers_enabled=True, storage_uri="memory://"
    )
    for name in ("verifications.verify", "portal.verify"):
        if name in app.view_functions:
            view = app.view_functions[name]
            app.view_functions[name] = limiter.limit(config.verify_rate, methods=["POST"])(view)
