"""The one place where adapters meet use cases, and the only reader of clock and chance.

Rules kept here: nothing is decided here. `adapters` makes each adapter one way, `wiring` says which
use case gets which, `application` is the running service, `checking` opens what is stored.
"""

from signing.app.adapters import (
    inspect_keys,
    make_renderer,
    make_rules,
    make_shelf,
    make_vetting,
    open_keys,
    upgrade_database,
)
from signing.app.application import Application, create_app, create_application
from signing.app.ceremony import GENERATIONS, follow_seal, hold_ceremony, log_what_happened
from signing.app.chance import now
from signing.app.checking import open_checking

__all__ = [
    "GENERATIONS",
    "Application",
    "create_app",
    "create_application",
    "follow_seal",
    "hold_ceremony",
    "inspect_keys",
    "log_what_happened",
    "make_renderer",
    "make_rules",
    "make_shelf",
    "make_vetting",
    "now",
    "open_checking",
    "open_keys",
    "upgrade_database",
]
