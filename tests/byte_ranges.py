"""Signatures of a PDF as a stranger finds them who knows byte ranges and nothing else of PDF.

Written for the second opinion alone: it shares no code with the judge or the writer, and it reads
neither tables nor catalog. Rules kept here:

* a signature is an object that names /ByteRange; its /Contents is the hexadecimal text in it;
* the range is two pieces, from the first byte to the end of a revision, and the gap between them
  is that /Contents and nothing else;
* the last signature of a file must reach the end of the file, less one line end.
"""

import re
from dataclasses import dataclass

_RANGE = re.compile(rb"/ByteRange\s*\[([^\]]*)\]")
_CONTENTS = re.compile(rb"/Contents\s*(<[0-9A-Fa-f\s]*>)")
_LINE_ENDS = (b"", b"\n", b"\r", b"\r\n")


class NotASignature(ValueError):
    """What is there cannot be cut into signed bytes and a container."""


@dataclass(frozen=True)
class SignedPart:
    """The bytes that one signature covers, and its container in DER."""

    covered: bytes
    container: bytes
    end: int
    is_timestamp: bool


def signed_parts(pdf: bytes) -> list[SignedPart]:
    """Every signature, in the order of their ends; raises NotASignature for one that is not whole.

    No signature at all is an empty list.
    """
    parts = [_part(pdf, found) for found in _RANGE.finditer(pdf)]
    parts.sort(key=lambda part: part.end)
    if parts and pdf[parts[-1].end :] not in _LINE_ENDS:
        raise NotASignature("the last signature does not reach the end of the file")
    return parts


def _part(pdf: bytes, found: re.Match[bytes]) -> SignedPart:
    start = pdf.rfind(b" obj", 0, found.start())
    stop = pdf.find(b"endobj", found.end())
    contents = _CONTENTS.search(pdf, max(start, 0), stop if stop >= 0 else len(pdf))
    if contents is None:
        raise NotASignature("there is no /Contents in hexadecimal beside /ByteRange")
    numbers = [int(number) for number in found[1].split() if number.isdigit()]
    if len(numbers) != len(found[1].split()) or len(numbers) != 4:
        raise NotASignature("a byte range is four numbers")
    begin, first, second, length = numbers
    if begin != 0 or (first, second) != contents.span(1) or second + length > len(pdf):
        raise NotASignature("the byte range leaves out more or less than its /Contents")
    return SignedPart(
        covered=pdf[:first] + pdf[second : second + length],
        container=_without_padding(contents[1]),
        end=second + length,
        is_timestamp=b"ETSI.RFC3161" in pdf[start:stop],
    )


def _without_padding(text: bytes) -> bytes:
    """The first DER element of a /Contents, whose rest is zeros."""
    try:
        data = bytes.fromhex(text[1:-1].decode("ascii"))
    except ValueError as wrong:
        raise NotASignature("/Contents is not hexadecimal") from wrong
    size = _element_size(data)
    if size > len(data) or data[size:].strip(b"\0"):
        raise NotASignature("there is more in /Contents than one element and zeros")
    return data[:size]


def _element_size(data: bytes) -> int:
    """Size of the element at the start of `data`, head included; definite lengths only."""
    if len(data) < 2 or data[1] == 0x80:
        raise NotASignature("/Contents does not begin with an element of DER")
    if data[1] < 0x80:
        return 2 + data[1]
    octets = data[1] & 0x7F
    return 2 + octets + int.from_bytes(data[2 : 2 + octets])
