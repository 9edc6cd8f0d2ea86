"""Names of the places of performance, as a contract prints them: 430104 → 湖南省长沙市岳麓区."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from signing.errors import FieldError, Invalid

_PROVINCE = "湖南省"


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    text = (files("signing.domain.rules") / "data" / "regions-hunan.toml").read_text("utf-8")
    return MappingProxyType(
        {
            code: f"{_PROVINCE}{prefecture['name']}{name}"
            for prefecture in tomllib.loads(text)["prefecture"]
            for code, name in prefecture["counties"]
        }
    )


def place_name(code: str) -> str:
    """Province, prefecture and county of a GB/T 2260 code. Raises Invalid for an unknown one."""
    name = _names().get(code)
    if name is None:
        raise Invalid(
            [
                FieldError(
                    "performance_place",
                    "REGION_UNKNOWN",
                    f"{code!r} is no county of Hunan",
                    f"“{code}”不是湖南省的县级行政区划代码",
                )
            ]
        )
    return name
