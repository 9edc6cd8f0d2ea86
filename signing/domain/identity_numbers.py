"""Numbers that name a person, an enterprise or a phone, checked without asking anyone.

Rules kept here:

* A resident identity number (GB 11643) is 17 digits and a check character, ISO 7064 MOD 11-2,
  with a real date of birth between 1900 and today. Of its area code only the province is judged:
  retired codes and new districts belong to real people.
* A unified social credit code (GB 32100) is 18 characters without I, O, S, V, Z, of which the third
  to the eighth are digits; the last one is the MOD 31 check character.
* Other documents have a form only; nobody outside their issuer can check more.
* Input may be full-width, spaced or lower case: `normalise` first, compare after.
"""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

_WEIGHTS_11_2 = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS_11_2 = "10X98765432"
_ALPHABET_31 = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS_31 = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_RESIDENT_LENGTH = 18
_CREDIT_LENGTH = 18
_OLDEST_BIRTH_YEAR = 1900
_PROVINCES = frozenset(
    str(number)
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for number in range(first, last + 1)
)
_COUNTRY_CODE = "+86"


class IdType(StrEnum):
    """Documents by which a worker may name himself (law.md §2.2)."""

    RESIDENT_ID = "resident_id"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    RESIDENCE_PERMIT = "residence_permit"
    PASSPORT = "passport"
    FOREIGNER_PERMANENT_RESIDENCE = "foreigner_permanent_residence"


def normalise(number: str) -> str:
    """NFKC, without spaces and hyphens, upper case: the form in which numbers are compared."""
    folded = unicodedata.normalize("NFKC", number)
    return "".join(c for c in folded if not c.isspace() and c not in "-·").upper()


def resident_id_check_character(first_17: str) -> str:
    """ISO 7064 MOD 11-2 over the first 17 digits."""
    total = sum(int(d) * w for d, w in zip(first_17, _WEIGHTS_11_2, strict=True))
    return _CHECKS_11_2[total % 11]


def is_resident_id(number: str, *, today: date) -> bool:
    """Whether a normalised number has the form, date and check character of GB 11643."""
    head, last = number[:17], number[17:]
    if len(number) != _RESIDENT_LENGTH or not _DIGITS.issuperset(head):
        return False
    born = birth_date(number)
    if born is None or born.year < _OLDEST_BIRTH_YEAR or born > today:
        return False
    return resident_id_check_character(head) == last


def birth_date(resident_id: str) -> date | None:
    """Date of birth inside a resident number; None where the digits are no date."""
    digits = resident_id[6:14]
    if len(digits) != len("19900307") or not _DIGITS.issuperset(digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def age_on(born: date, day: date) -> int:
    """Completed years (周岁): one more from the birthday on."""
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had_birthday else 1)


def is_female(resident_id: str) -> bool:
    """Whether the sequence digit is even, as GB 11643 gives it to women."""
    return int(resident_id[16]) % 2 == 0


def is_identity_number(number: str, id_type: str, *, today: date) -> bool:
    """Whether a normalised number can be one of that document; unknown types are refused."""
    if id_type not in set(IdType):
        return False
    return _CHECKS[IdType(id_type)](number, today)


def _is_citizen_number(number: str, today: date) -> bool:
    """居民身份证: of a province, or of those with a residence permit who chose this name for it."""
    return number[:2] in _PROVINCES and is_resident_id(number, today=today)


def _is_residence_permit(number: str, today: date) -> bool:
    """港澳台居民居住证: a resident number of the areas 810000, 820000 or 830000."""
    return number[:6] in ("810000", "820000", "830000") and is_resident_id(number, today=today)


def _is_hk_macao_permit(number: str, _today: date) -> bool:
    """H or M and eight digits; older ones count their renewals in two more."""
    return number[:1] in ("H", "M") and len(number) in (9, 11) and _is_digits(number[1:])


def _is_taiwan_permit(number: str, _today: date) -> bool:
    """Eight digits; older ones have two more, or a letter behind."""
    digits = number.rstrip(")")
    if digits[-1:] in _LETTERS:
        digits = digits[:-1].rstrip("(")
    return len(digits) in (8, 10) and _is_digits(digits)


def _is_passport(number: str, _today: date) -> bool:
    return 5 <= len(number) <= 15 and (_DIGITS | _LETTERS).issuperset(number)  # noqa: PLR2004


def _is_permanent_residence(number: str, today: date) -> bool:
    """Since 2023 a resident number that begins with 9; before, three letters and twelve digits."""
    if number[:1] == "9":
        return is_resident_id(number, today=today)
    return len(number) == len("CAN110101000001") and (
        _LETTERS.issuperset(number[:3]) and _is_digits(number[3:])
    )


def _is_digits(text: str) -> bool:
    return bool(text) and _DIGITS.issuperset(text)


_CHECKS: Mapping[IdType, Callable[[str, date], bool]] = MappingProxyType(
    {
        IdType.RESIDENT_ID: _is_citizen_number,
        IdType.RESIDENCE_PERMIT: _is_residence_permit,
        IdType.HK_MACAO_PERMIT: _is_hk_macao_permit,
        IdType.TAIWAN_PERMIT: _is_taiwan_permit,
        IdType.PASSPORT: _is_passport,
        IdType.FOREIGNER_PERMANENT_RESIDENCE: _is_permanent_residence,
    }
)


def is_credit_code(code: str) -> bool:
    """Whether a normalised code has the alphabet and check character of GB 32100."""
    if len(code) != _CREDIT_LENGTH or any(c not in _ALPHABET_31 for c in code):
        return False
    if not _DIGITS.issuperset(code[2:8]):
        return False
    total = sum(_ALPHABET_31.index(c) * w for c, w in zip(code[:17], _WEIGHTS_31, strict=True))
    return _ALPHABET_31[(31 - total % 31) % 31] == code[17]


def is_mobile(number: str) -> bool:
    """Whether a normalised number is a mainland mobile: 11 digits, 1 and then 3 to 9."""
    local = number.removeprefix(_COUNTRY_CODE)
    return (
        len(local) == len("13800000000")
        and _DIGITS.issuperset(local)
        and local[0] == "1"
        and (local[1] in "3456789")
    )


def is_phone(number: str) -> bool:
    """Whether an enterprise can be called: a mobile, a land line with area code, 400 or 95."""
    digits = number.removeprefix(_COUNTRY_CODE).replace("(", "").replace(")", "")
    if is_mobile(number):
        return True
    if not _DIGITS.issuperset(digits) or not digits:
        return False
    land_line = digits[0] == "0" and 10 <= len(digits) <= 16  # noqa: PLR2004 (with extension)
    service = digits[:3] in ("400", "800") and len(digits) == len("4000000000")
    short = digits[:2] in ("95", "96", "12") and 5 <= len(digits) <= 8  # noqa: PLR2004
    return land_line or service or short
