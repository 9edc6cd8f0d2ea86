"""What may be shown of a person before the person is known, and in lists (PIPL 51)."""

_SHOWN_OF_PHONE = 3 + 4
_SHORTEST_MASKED_NUMBER = 12
"""First and last four characters leave at least four hidden."""


def mask_name(name: str) -> str:
    """`张三` → `张*`, `欧阳小红` → `欧***`: the first character and as many stars as are left."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def mask_phone(phone: str) -> str:
    """`13800000000` → `138****0000`."""
    if len(phone) <= _SHOWN_OF_PHONE:
        return "*" * len(phone)
    return f"{phone[:3]}****{phone[-4:]}"


def mask_id_number(number: str) -> str:
    """First and last four characters; shorter ones not at all."""
    if len(number) < _SHORTEST_MASKED_NUMBER:
        return "*" * len(number)
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"
