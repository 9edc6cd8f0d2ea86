"""Leaving a part of the suite out by name; plugins/parts.py tells when that is allowed."""

import os

import pytest


def leave_out_if_asked(part: str) -> None:
    """Skip the running test if the person who started the suite left this part out."""
    if part in os.environ.get("WITHOUT", "").split():
        pytest.skip(f"left out by WITHOUT={part}")
