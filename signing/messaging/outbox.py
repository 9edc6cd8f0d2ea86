"""SMS in development: each message is one JSON line in a file, for a person or a test to read.

Rules kept here: lines are whole (one write under a lock) and in the order of sending; production
refuses this provider (`config.py`).
"""

import fcntl
import json
import os
from datetime import datetime
from pathlib import Path

from signing.errors import Unavailable


class SmsOutbox:
    """Append `{"to", "text", "sent_at"}` to a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send_sms(self, *, phone: str, text: str, at: datetime) -> None:
        """On return the line is on disk. Raises Unavailable if it cannot be written."""
        message = {"to": phone, "text": text, "sent_at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        line = json.dumps(message, ensure_ascii=False) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(
                "The SMS outbox cannot be written", "短信没有发出去，请再试一次", code="SMS_FAILED"
            ) from error
