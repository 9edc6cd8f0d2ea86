"""What the use cases need of the outside, in their own words; adapters fit in at `app.py`.

`storage` is what is kept, `log` the Merkle log, `neighbours` everybody else. That an adapter fits
is checked by mypy where `app.py` plugs it in.
"""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC time."""

NewId = Callable[[str], str]
"""`new_id("agr")` gives `agr_` and 128 random bits as 32 hex digits."""
