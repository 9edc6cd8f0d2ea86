"""Times as people here read them."""

from datetime import datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
"""Asia/Shanghai has had no other offset since 1991, and agreements are made today."""


def beijing_time(at: datetime | None) -> str:
    """`2026年12月1日 12:00` of an aware time, "" for None."""
    if at is None:
        return ""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
