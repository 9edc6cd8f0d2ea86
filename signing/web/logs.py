"""Logs as JSON lines on standard error, holding only what is on a list (T63, ASVS 16.2).

Rules kept here:
* a field that is not in `ALLOWED` is dropped, whoever logs it: a name, a number or a path cannot
  slip in by a careless `extra`;
* one record is one line, whatever control characters a value holds (ASVS 16.4.1);
* tracebacks tell where, not what: the exception's message is left out unless it is our own.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from signing.errors import SigningError

ALLOWED = frozenset(
    {
        "code",
        "endpoint",
        "event",
        "incident",
        "job_id",
        "job_kind",
        "level",
        "logger",
        "method",
        "milliseconds",
        "note",
        "status",
        "timestamp",
        "trace",
        "what",
    }
)
_FRAMES = 12


def configure(level: int = logging.INFO) -> None:
    """Send every record of the process through the list."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            _add_trace,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _keep_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # What others log is not ours to vouch for: only their warnings.
    for name in ("weasyprint", "fontTools", "alembic", "sqlalchemy", "flask_limiter"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _add_trace(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Files, lines and functions of an exception, and its class; its message only if ours."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        told = f": {error.message}" if isinstance(error, SigningError) else ""
        event["trace"] = [f"{type(error).__name__}{told}", *reversed(where)]
    return event


def _keep_allowed(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED}
