"""What a file of others says beyond its library's verdict; for the confined child alone.

Works on the library's objects without importing it.

Rules kept here:
* validation data that no signature covers (B-LT; B-LTA of some makers) may follow the last one: a
  security store, all that it reaches, the entry of the catalog that names it, and the metadata
  that writers touch; any other change there is a change, and so are bytes behind the last %%EOF;
* a signature whose digest, key or kind is not known here was not checked: it is reported so,
  neither as good nor as bad.
"""

import re
from typing import Any

from signing.pades import vocabulary

_TAIL = re.compile(rb"startxref\s+[0-9]+\s+%%EOF[\r\n]{0,2}\Z")
_LAST_BYTES = 64
_DIGESTS = frozenset(("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "shake256"))
_WEAK_DIGESTS = frozenset(("md5", "sha1", "sha224"))
_KEYS = frozenset(("rsa", "rsassa_pss", "ec", "ed25519", "ed448"))
_RANGE_NUMBERS = 4


def strength(embedded: Any) -> str:
    """`known`, `weak`, or `unknown` for what this program cannot check."""
    info, key = embedded.signer_info, embedded.signer_cert.public_key
    digest, algorithm = info["digest_algorithm"]["algorithm"].native, key.algorithm
    is_curve_known = algorithm != "ec" or not str(key.curve[1])[:1].isdigit()
    named = info["signature_algorithm"]["algorithm"].native
    is_known = digest in _DIGESTS | _WEAK_DIGESTS and algorithm in _KEYS and is_curve_known
    if not is_known or str(named)[:1].isdigit():
        return "unknown"
    is_short = algorithm in ("rsa", "rsassa_pss") and key.bit_size < vocabulary.RSA_MIN_BITS
    return "weak" if digest in _WEAK_DIGESTS or is_short else "known"


def unchecked(field: str, signature: Any, size: int) -> dict[str, Any]:
    """The row of a signature that cannot be checked: its byte range is all that is looked at."""
    try:
        numbers = [int(number) for number in signature["/ByteRange"]]
    except (KeyError, TypeError, ValueError):
        numbers = []
    is_whole = len(numbers) == _RANGE_NUMBERS and numbers[0] == 0 and sum(numbers[2:]) == size
    return {
        "field": field,
        "signer": str(signature.get("/Name", "")),
        "intact": False,
        "valid": False,
        "covers_file": is_whole,
        "covers_revision": is_whole,
        "changed": False,
        "is_timestamp": False,
        "weak": True,
        "unknown": True,
    }


def ends_in_archive(reader: Any, data: bytes, last: Any) -> bool:
    """Whether what follows the signature `last` is validation data and nothing else."""
    signed, total = last.signed_revision, reader.xrefs.total_revisions
    covered = sum(int(number) for number in list(last.sig_object.raw_get("/ByteRange"))[2:])
    later = range(signed + 1, total)
    if not later or _TAIL.search(data, max(0, len(data) - _LAST_BYTES)) is None:
        return False
    if data.count(b"%%EOF", covered) != len(later):
        return False
    old, new = (reader.get_historical_resolver(number) for number in (signed, total - 1))
    before, after = old.root, new.root
    if "/DSS" not in after or not _same_catalog(before, after):
        return False
    kept = old.collect_dependencies(before.raw_get("/DSS")) if "/DSS" in before else set()
    reached = new.collect_dependencies(after.raw_get("/DSS"))
    touched = {reader.root_ref, *_metadata(new.trailer_view, after)}
    for number in later:
        if reader.xrefs.refs_freed_in_revision(number):
            return False
        for ref in reader.xrefs.explicit_refs_in_revision(number):
            is_new = reader.xrefs.get_introducing_revision(ref) > signed
            if ref not in touched and not (ref in reached and (is_new or ref in kept)):
                return False
    return True


def _same_catalog(before: Any, after: Any) -> bool:
    """Equal but for the security store, the extensions that announce it, and metadata."""
    keys = (set(before) | set(after)) - {"/DSS", "/Extensions", "/Metadata"}
    return all(
        key in before and key in after and repr(before.raw_get(key)) == repr(after.raw_get(key))
        for key in keys
    )


def _metadata(trailer: Any, root: Any) -> list[Any]:
    found = [(trailer, "/Info"), (root, "/Metadata")]
    values = [holder.raw_get(key) for holder, key in found if key in holder]
    return [value.reference for value in values if hasattr(value, "reference")]
