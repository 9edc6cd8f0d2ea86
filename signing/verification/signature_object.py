"""The signature dictionary of one increment: its form, its locks, its byte range (rules 3, 5, 9).

Rules kept here:
* type, filter and sub-filter are ours; no entry that we do not write;
* references are exactly DocMDP P=2, if it certifies, and the lock that its field had from the
  beginning (ISO 32000-2 §12.8.2);
* `/ByteRange [0 a c d]`: `c + d` is the end of the revision, and the gap is the `<…>` of this very
  `/Contents`: hex in one case, DER, then zeros only.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from signing.pades import vocabulary
from signing.verification import der, syntax
from signing.verification.form import Field
from signing.verification.grammar import PdfFile, PdfObject, Revision
from signing.verification.reasons import Refused

_SIGNATURE_KEYS = {b"/Type", b"/Filter", b"/SubFilter", b"/ByteRange", b"/Contents"}
_PARTY_KEYS = _SIGNATURE_KEYS | {b"/M", b"/Name", b"/Reason", b"/Location", b"/Reference"}
_HEX = re.compile(rb"(?:[0-9a-f]{2})*|(?:[0-9A-F]{2})*")
_RANGE_NUMBERS = 4


def check_form(signature: PdfObject, field: Field) -> bool:
    """The signature dictionary's form; whether it is a document timestamp."""
    entries = signature.entries
    is_timestamp = entries.get(b"/Type") == (b"/" + vocabulary.TYPE_TIMESTAMP.encode(),)
    kind, subfilter = (
        (vocabulary.TYPE_TIMESTAMP, vocabulary.SUBFILTER_TIMESTAMP)
        if is_timestamp
        else (vocabulary.TYPE_SIGNATURE, vocabulary.SUBFILTER_SIGNATURE)
    )
    names = ((b"/Type", kind), (b"/Filter", vocabulary.FILTER), (b"/SubFilter", subfilter))
    if any(entries.get(key) != (b"/" + name.encode(),) for key, name in names):
        raise Refused("SIGNATURE_OBJECT", "type or filter")
    if set(entries) - (_SIGNATURE_KEYS if is_timestamp else _PARTY_KEYS):
        raise Refused("SIGNATURE_OBJECT", "unknown entries")
    if signature.stream is not None or is_timestamp is field.is_party:
        raise Refused("SIGNATURE_OBJECT", f"not what belongs into {field.name}")
    return is_timestamp


def certifies(signature: PdfObject, field: Field, *, root: int) -> bool:
    """Whether it is a certification signature; its lock must be the field's (ISO 32000-2 §12.8.2).

    Raises Refused(LOCK) if the references are not exactly DocMDP P=2 and the field's lock.
    """
    references = [
        syntax.dictionary(item)
        for item in syntax.array(signature.entries.get(b"/Reference", (b"[", b"]")))
    ]
    methods = [reference.get(b"/TransformMethod") for reference in references]
    is_certification = (b"/DocMDP",) in methods
    wanted = [(b"/DocMDP",)] * is_certification + [(b"/FieldMDP",)] * (field.lock is not None)
    if methods != wanted:
        raise Refused("LOCK", "other references than the field's lock")
    for method, reference in zip(methods, references, strict=True):
        parameters = {**syntax.dictionary(reference.get(b"/TransformParams"))}
        parameters.pop(b"/Type", None)
        expected: dict[bytes, syntax.Value] = {b"/P": (b"%d" % vocabulary.DOCMDP_PERMISSION,)}
        if method == (b"/FieldMDP",):
            expected = {**syntax.dictionary(field.lock)}
            expected.pop(b"/Type", None)
        if parameters != {**expected, b"/V": (b"/1.2",)}:
            raise Refused("LOCK", "a reference does not say what its field says")
        if reference.get(b"/Data", (b"%d" % root, b"0", b"R"))[0] != b"%d" % root:
            raise Refused("LOCK", "a reference points elsewhere than to the catalog")
    return is_certification


@dataclass(frozen=True)
class SignedBytes:
    """`container` is the CMS or token without its padding, `digest` SHA-256 of the byte range.

    `before` is SHA-256 of the whole revision that was there before: what was about to be signed.
    """

    container: bytes
    digest: bytes
    before: bytes


def signed_bytes(pdf: PdfFile, signed: list[tuple[Revision, PdfObject]]) -> Iterator[SignedBytes]:
    """Rule 5 for each signature, oldest first, in one pass of SHA-256 over the file."""
    running, done = hashlib.sha256(), 0
    for revision, signature in signed:
        start, stop = _gap(pdf, revision, signature)
        running.update(pdf.data[done : revision.start])
        before = running.digest()
        running.update(pdf.data[revision.start : start])
        whole = running.copy()
        whole.update(pdf.data[stop : revision.end])
        done = start
        yield SignedBytes(_container(pdf.data[start + 1 : stop - 1]), whole.digest(), before)


def _gap(pdf: PdfFile, revision: Revision, signature: PdfObject) -> tuple[int, int]:
    """Offsets of `<` and behind `>` of the only bytes that the signature does not cover."""
    numbers = [syntax.natural(n) for n in syntax.array(signature.entries.get(b"/ByteRange"))]
    if len(numbers) != _RANGE_NUMBERS or numbers[0] != 0 or sum(numbers[2:]) != revision.end:
        raise Refused("BYTE_RANGE", f"{numbers}")
    start, stop = numbers[1], numbers[2]
    begin, end = revision.offsets[signature.number], revision.stops[signature.number]
    if not begin < start < stop < end or pdf.data[start : start + 1] != b"<":
        raise Refused("BYTE_RANGE_GAP", f"{start} to {stop}")
    # The gap must be the value of /Contents itself, not text that looks like it in another entry.
    before = syntax.tokens_before(pdf.data, begin + len(b"%d 0 obj" % signature.number), start)
    value, after = syntax.read_value(pdf.data, start, end)
    is_value = before[-1:] == [b"/Contents"] and before.count(b"<<") - before.count(b">>") == 1
    if after != stop or not is_value or value != signature.entries.get(b"/Contents"):
        raise Refused("BYTE_RANGE_GAP", f"{start} to {stop}")
    return start, stop


def _container(digits: bytes) -> bytes:
    """The DER at the head of `/Contents`; behind it only zeros."""
    if _HEX.fullmatch(digits) is None:
        raise Refused("CONTENTS", "not hex in one case")
    raw = bytes.fromhex(digits.decode())
    try:
        node, end = der.read(raw)
    except Refused as e:
        raise Refused("CONTENTS", e.detail) from e
    if raw[end:].strip(b"\0"):
        raise Refused("CONTENTS", "bytes behind the CMS")
    return node.raw
