"""Chinese as tokens, and the rules' data as values: all that the domain may not load itself."""

from signing.language.packs import PackInfo, list_packs, load_pack, load_regions, parse_notice
from signing.language.reader import make_reader

__all__ = [
    "PackInfo",
    "list_packs",
    "load_pack",
    "load_regions",
    "make_reader",
    "parse_notice",
]
