"""Mutants of a signed file: blind ones, and ones that know what a signed PDF is made of.

Each operator takes the file and a seeded `Random` and gives other bytes. `mutants` never gives the
file itself.
"""

import re
from collections.abc import Callable, Iterator
from random import Random

Operator = Callable[[bytes, Random], bytes]
_INTERESTING = re.compile(
    rb"ByteRange|Contents|startxref|trailer|xref|Prev|Root|Size|/V |/AP|/Lock|/Perms|/DSS|/Fields"
    rb"|obj|endobj|stream|Filter|SubFilter|Location|EmbeddedFiles|Kids|Certs|CRLs|AcroForm"
)
_NUMBER = re.compile(rb"(?<![0-9])[0-9]{1,10}(?![0-9])")


def bit_flip(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + bytes((data[place] ^ 1 << random.randrange(8),)) + data[place + 1 :]


def byte(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + random.randbytes(1) + data[place + 1 :]


def delete(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + data[place + random.choice((1, 2, 20, 500)) :]


def duplicate(data: bytes, random: Random) -> bytes:
    place, size = random.randrange(len(data)), random.choice((1, 20, 500, 8_000))
    return data[: place + size] + data[place:]


def insert(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data))
    text = random.choice((b" ", b"\n", b"%", b"\0", b"endobj\n", b"<<>>", random.randbytes(7)))
    return data[:place] + text + data[place:]


def truncate(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(1, len(data))]


def append(data: bytes, random: Random) -> bytes:
    return data + random.choice((b"\n", b" ", b"%%EOF\n", b"\0", random.randbytes(30)))


def splice(data: bytes, random: Random) -> bytes:
    source, target = random.randrange(len(data)), random.randrange(len(data))
    size = random.choice((4, 40, 400))
    piece = data[source : source + size]
    return data[:target] + piece + data[target + size :]


def update(data: bytes, random: Random) -> bytes:
    """An incremental update with one object, whose table and trailer are right."""
    number, size = random.randrange(1, 60), 80
    item = b"%d 0 obj\n%b\nendobj\n" % (
        number,
        random.choice((b"<<>>", b"null", b"[]", b"<</A 1>>")),
    )
    xref = len(data) + len(item)
    previous = re.findall(rb"startxref\n(\d+)", data)[-1]
    trailer = b"trailer\n<</Size %d/Root 1 0 R/Info 4 0 R/Prev %b>>\n" % (size, previous)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, len(data))
    return data + item + table + trailer + b"startxref\n%d\n%%%%EOF\n" % xref


def number(data: bytes, random: Random) -> bytes:
    """A number near a keyword of the frame: byte ranges, offsets, sizes, references."""
    place = random.choice(list(_INTERESTING.finditer(data))).end()
    match = _NUMBER.search(data, place)
    if match is None:
        return data
    value = int(match[0])
    other = random.choice((value + 1, value - 1, 0, value * 2, value ^ 1 << random.randrange(16)))
    text = b"%d" % abs(other)
    if random.random() < 0.5:
        text = text.rjust(len(match[0]), b"0")[-len(match[0]) :]
    return data[: match.start()] + text + data[match.end() :]


def keyword(data: bytes, random: Random) -> bytes:
    """A byte at a keyword."""
    match = random.choice(list(_INTERESTING.finditer(data)))
    place = random.randrange(match.start(), match.end())
    return data[:place] + bytes((data[place] ^ 0x20,)) + data[place + 1 :]


def swap_objects(data: bytes, random: Random) -> bytes:
    """Two objects of equal or other length exchanged."""
    objects = list(re.finditer(rb"\n\d+ 0 obj\n[\s\S]{0,4000}?\nendobj", data))
    one, two = sorted(random.sample(objects, 2), key=lambda match: match.start())
    return b"".join(
        (
            data[: one.start()],
            two[0],
            data[one.end() : two.start()],
            one[0],
            data[two.end() :],
        )
    )


def _contents(data: bytes, random: Random) -> tuple[int, int]:
    """The hex digits of one signature, mostly the last: those that nothing covers."""
    found = list(re.finditer(rb"/Contents<([0-9a-fA-F]{64,})>", data))
    match = found[-1] if random.random() < 0.7 else random.choice(found)
    return match.start(1), match.end(1)


def container_byte(data: bytes, random: Random) -> bytes:
    """A byte of a CMS or token: any field of its ASN.1."""
    start, stop = _contents(data, random)
    used = len(data[start:stop].rstrip(b"0"))
    place = start + 2 * random.randrange(max(1, used // 2))
    value = int(data[place : place + 2], 16) ^ 1 << random.randrange(8)
    return data[:place] + b"%02x" % value + data[place + 2 :]


def container_piece(data: bytes, random: Random) -> bytes:
    """Bytes cut out of a CMS, or doubled in it; the padding keeps its length."""
    start, stop = _contents(data, random)
    used = len(data[start:stop].rstrip(b"0"))
    place = start + 2 * random.randrange(max(1, used // 2))
    size = 2 * random.choice((1, 2, 11, 32))
    digits = data[start:stop]
    at = place - start
    bent = digits[:at] + (
        digits[at + size :] if random.random() < 0.5 else digits[at : at + size] + digits[at:]
    )
    return data[:start] + bent[: stop - start].ljust(stop - start, b"0") + data[stop:]


def padding(data: bytes, random: Random) -> bytes:
    """A zero behind the CMS."""
    start, stop = _contents(data, random)
    used = len(data[start:stop].rstrip(b"0")) + 2
    place = random.randrange(start + used, stop)
    return data[:place] + random.choice((b"1", b"f", b"F", b" ")) + data[place + 1 :]


def letter_case(data: bytes, random: Random) -> bytes:
    """All or some digits of a signature in the other case."""
    start, stop = _contents(data, random)
    if random.random() < 0.5:
        return data[:start] + data[start:stop].upper() + data[stop:]
    place = random.randrange(start, stop)
    return data[:place] + data[place : place + 1].swapcase() + data[place + 1 :]


OPERATORS: tuple[tuple[Operator, int], ...] = (
    *((operator, 2) for operator in (bit_flip, byte, delete, duplicate, insert, splice)),
    *((operator, 1) for operator in (truncate, append, update, keyword, swap_objects, padding)),
    *((operator, 4) for operator in (number, container_byte, container_piece)),
    (letter_case, 1),
)


def mutants(data: bytes, count: int, *, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """`count` times the operator's name and a mutant that differs from `data`."""
    random = Random(seed)  # noqa: S311  (a fixed seed is the point: failures can be repeated)
    operators = [operator for operator, weight in OPERATORS for _ in range(weight)]
    made = 0
    while made < count:
        operator = random.choice(operators)
        mutant = operator(data, random)
        if mutant != data:
            made += 1
            yield operator.__name__, mutant


def uncovered(data: bytes) -> tuple[int, int]:
    """The only bytes that no signature covers: the last one's /Contents, `<` and `>` included."""
    match = list(re.finditer(rb"/Contents(<[0-9a-fA-F]{64,}>)", data))[-1]
    return match.start(1), match.end(1)
