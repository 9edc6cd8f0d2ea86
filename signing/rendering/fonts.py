"""The four faces of the agreements, read as bytes: coverage, advances, and subsets of our own.

Rules kept here:
* a face is believed by the SHA-256 of its file (`fonts.lock.json`) and nothing else;
* no GSUB, no GPOS, no composite outline (E1): one glyph per character, advances that add up;
* a subset is made from slices of the `glyf` table, so its bytes depend on the face and the glyphs
  alone, never on a library's version;
* where several characters share a glyph, the unified Han character speaks for it in ToUnicode.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType

from signing.errors import Broken
from signing.rendering import deflate, outlines

TEXT_CHAIN = ("Song", "SongExtA", "SongExtB")
"""Families of running text, in the order in which a character is looked for."""

_LARGE_TABLES = (b"hmtx", b"loca", b"glyf")
_COMPOSITE = 0x80  # sign bit of numberOfContours
_LOOKALIKES = (
    (0x00A0, 0x00A0),
    (0x00AD, 0x00AD),
    (0x2E80, 0x2FDF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
_CHECKSUM_MAGIC = 0xB1B0AFBA
_WORD = 0xFFFFFFFF


def lock() -> Mapping[str, Mapping[str, str]]:
    """`fonts.lock.json`: what each family is made from and what its file must hash to."""
    text = (files("signing.rendering") / "fonts.lock.json").read_text("utf-8")
    faces: Mapping[str, Mapping[str, str]] = json.loads(text)["faces"]
    return faces


@dataclass(frozen=True)
class Face:
    """One face: its tables as bytes, and what its character map says."""

    family: str
    tables: Mapping[str, bytes]

    @classmethod
    def load(cls, family: str, path: Path) -> "Face":
        """Read a TrueType file. Raises Broken if it is not the locked one."""
        data = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(data).hexdigest() != lock()[family]["sha256"]:
            raise Broken(
                f"{path} is not the font that the lock file names; run `make fonts`",
                f"字体文件 {path.name} 缺失或不对，请运行 make fonts",
                code="FONTS_MISSING",
            )
        count = struct.unpack(">H", data[4:6])[0]
        records = struct.iter_unpack(">4sLLL", data[12 : 12 + 16 * count])
        tables = {tag.decode(): data[at : at + size] for tag, _, at, size in records}
        return cls(family, MappingProxyType(tables))

    @cached_property
    def glyphs(self) -> Mapping[int, int]:
        """Code point → glyph, from the format 12 subtable of `cmap`."""
        table = self.tables["cmap"]
        count = struct.unpack(">H", table[2:4])[0]
        for _, _, at in struct.iter_unpack(">HHL", table[4 : 4 + 8 * count]):
            if table[at : at + 2] == b"\x00\x0c":
                groups = struct.unpack(">L", table[at + 12 : at + 16])[0]
                body = table[at + 16 : at + 16 + 12 * groups]
                return MappingProxyType(
                    {
                        code: first_glyph + code - first
                        for first, last, first_glyph in struct.iter_unpack(">LLL", body)
                        for code in range(first, last + 1)
                    }
                )
        raise Broken(f"{self.family} has no character map of format 12")

    @cached_property
    def characters(self) -> Mapping[int, str]:
        """Glyph → the character that speaks for it."""
        ranked = sorted(self.glyphs.items(), key=lambda item: (_is_lookalike(item[0]), item[0]))
        return MappingProxyType({glyph: chr(code) for code, glyph in reversed(ranked)})

    @cached_property
    def units_per_em(self) -> int:
        """Units of the design square, 1000 or 1024 here."""
        return int(struct.unpack(">H", self.tables["head"][18:20])[0])

    @cached_property
    def _offsets(self) -> tuple[int, ...]:
        is_long = struct.unpack(">h", self.tables["head"][50:52])[0]
        data = self.tables["loca"]
        if is_long:
            return tuple(x for (x,) in struct.iter_unpack(">L", data))
        return tuple(2 * x for (x,) in struct.iter_unpack(">H", data))

    @cached_property
    def _metrics(self) -> tuple[tuple[int, int], ...]:
        """Advance and left side bearing of every glyph, in units."""
        full = struct.unpack(">H", self.tables["hhea"][34:36])[0]
        data = self.tables["hmtx"]
        pairs = list(struct.iter_unpack(">Hh", data[: 4 * full]))
        bearings = struct.iter_unpack(">h", data[4 * full :])
        pairs += [(pairs[-1][0], bearing) for (bearing,) in bearings]
        return tuple(pairs)

    def advance(self, glyph: int) -> int:
        """Advance width in 1/1000 em, rounded as PDF's `/W` has it."""
        return round(self._metrics[glyph][0] * 1000 / self.units_per_em)

    @cached_property
    def box(self) -> tuple[int, ...]:
        """`/FontBBox` in 1/1000 em."""
        return tuple(
            round(x * 1000 / self.units_per_em)
            for x in struct.unpack(">hhhh", self.tables["head"][36:44])
        )

    @cached_property
    def ascent_descent(self) -> tuple[int, int]:
        """Of `hhea`, in 1/1000 em."""
        ascent, descent = struct.unpack(">hh", self.tables["hhea"][4:8])
        return (
            round(ascent * 1000 / self.units_per_em),
            round(descent * 1000 / self.units_per_em),
        )

    def subset(self, glyphs: Iterable[int]) -> bytes:
        """A TrueType file with .notdef and glyph i + 1 = `glyphs[i]`."""
        _, segments = StemFile.of(self, glyphs).grown(())
        return b"".join(raw for raw, _ in segments)

    def metrics(self, glyph: int) -> tuple[int, int]:
        """Advance and left side bearing in units."""
        return self._metrics[glyph]

    def advance_in(self, glyph: int, units: int) -> int:
        """Advance in units of another design square."""
        advance = self._metrics[glyph][0]
        return (2 * advance * units + self.units_per_em) // (2 * self.units_per_em)

    def drawn_in(self, glyph: int, units: int) -> tuple[bytes, int, int]:
        """Outline, advance and left side bearing of a glyph in a design square of `units`."""
        if units == self.units_per_em:
            return _padded(self._slice(glyph)), *self._metrics[glyph]
        contours = outlines.decode(self._slice(glyph))
        drawn = outlines.scaled(contours, units, self.units_per_em)
        left = min((x for contour in drawn for x, _, _ in contour), default=0)
        return _padded(outlines.encode(drawn)), self.advance_in(glyph, units), left

    def _slice(self, glyph: int) -> bytes:
        """The glyph's part of `glyf`. Raises Broken on a composite outline."""
        outline = self.tables["glyf"][self._offsets[glyph] : self._offsets[glyph + 1]]
        if outline and outline[0] & _COMPOSITE:
            raise Broken(f"glyph {glyph} of {self.family} is a composite")
        return outline


def _padded(outline: bytes) -> bytes:
    return outline + bytes(-len(outline) % 4)


Segment = tuple[bytes, bytes]
"""Data raw and deflated."""


@dataclass(frozen=True)
class StemFile:
    """A TrueType file that can grow: .notdef, the stem's glyphs, then what is added each time.

    The stem's share of `hmtx`, `loca` and `glyf` is deflated once and its checksums are kept.
    """

    face: Face
    count: int
    metrics: Segment
    offsets: Segment
    outlines: Segment
    sums: tuple[int, int, int]

    @classmethod
    def of(cls, face: Face, glyphs: Iterable[int]) -> "StemFile":
        """The file of these glyphs; the first of them is glyph 1."""
        kept = (0, *glyphs)
        metrics, ends, drawn = _tables(face, [(face, glyph) for glyph in kept], start=0)
        offsets = bytes(4) + ends
        return cls(
            face=face,
            count=len(kept),
            metrics=(metrics, deflate.segment(metrics)),
            offsets=(offsets, deflate.segment(offsets)),
            outlines=(drawn, deflate.segment(drawn)),
            sums=(_checksum(metrics), _checksum(offsets), _checksum(drawn)),
        )

    def grown(self, added: Sequence[tuple["Face", int]]) -> tuple[int, list[Segment]]:
        """Length of the file with these glyphs on top, and the file in segments.

        A glyph of a face with another design square, for appearances, is drawn anew in this one.
        """
        stem = (self.metrics, self.offsets, self.outlines)
        more = _tables(self.face, added, start=len(self.outlines[0]))
        lengths = [len(table[0]) + len(extra) for table, extra in zip(stem, more, strict=True)]
        sums = [s + _checksum(extra) for s, extra in zip(self.sums, more, strict=True)]
        head = self._head(lengths, sums, count=self.count + len(added))
        segments = [(head, deflate.segment(head, level=deflate.ONCE))]
        for table, extra in zip(stem, more, strict=True):
            segments.append(table)
            if extra:
                segments.append((extra, deflate.segment(extra, level=deflate.ONCE)))
        return len(head) + sum(lengths), segments

    def _head(self, lengths: Sequence[int], sums: Sequence[int], *, count: int) -> bytes:
        """Directory and the small tables; the large ones follow in the order of the stem."""
        number = struct.pack(">H", count)
        head, hhea, maxp = (self.face.tables[tag] for tag in ("head", "hhea", "maxp"))
        small = {
            b"head": head[:8] + bytes(4) + head[12:50] + b"\0\1" + head[52:],
            b"hhea": hhea[:34] + number,
            b"maxp": maxp[:4] + number + maxp[6:],
        }
        padded = [table + bytes(-len(table) % 4) for table in small.values()]
        rows = [
            (tag, _checksum(body), len(table), len(body))
            for (tag, table), body in zip(small.items(), padded, strict=True)
        ]
        rows += [
            (tag, checksum & _WORD, length, length)
            for tag, checksum, length in zip(_LARGE_TABLES, sums, lengths, strict=True)
        ]
        directory = _directory(rows)
        total = _checksum(directory) + sum(checksum for _, checksum, _, _ in rows)
        adjustment = struct.pack(">L", (_CHECKSUM_MAGIC - total) & _WORD)
        first = padded[0][:8] + adjustment + padded[0][12:]
        return b"".join((directory, first, *padded[1:]))


def _tables(
    face: Face, glyphs: Sequence[tuple[Face, int]], *, start: int
) -> tuple[bytes, bytes, bytes]:
    """Rows of `hmtx`, ends for `loca` from `start` on, slices of `glyf`, in units of `face`."""
    drawn = [source.drawn_in(glyph, face.units_per_em) for source, glyph in glyphs]
    ends = list(accumulate((len(outline) for outline, _, _ in drawn), initial=start))[1:]
    metrics = b"".join(struct.pack(">Hh", advance, left) for _, advance, left in drawn)
    return metrics, struct.pack(f">{len(ends)}L", *ends), b"".join(o for o, _, _ in drawn)


@dataclass(frozen=True)
class Faces:
    """All four faces, and what a chain of them can draw."""

    by_family: Mapping[str, Face]

    @classmethod
    def load(cls, folder: Path) -> "Faces":
        """Read and check the four files of `make fonts`. Raises Broken (code FONTS_MISSING)."""
        return cls(
            MappingProxyType({name: Face.load(name, folder / f"{name}.ttf") for name in lock()})
        )

    @cached_property
    def coverage(self) -> frozenset[int]:
        """Code points that running text can be drawn with."""
        return frozenset().union(*(self.by_family[name].glyphs for name in TEXT_CHAIN))

    def find(self, character: str) -> tuple[Face, int] | None:
        """The first face of running text that has the character, and its glyph there."""
        for family in TEXT_CHAIN:
            face = self.by_family[family]
            if (glyph := face.glyphs.get(ord(character))) is not None:
                return face, glyph
        return None


def missing_characters(text: str, coverage: frozenset[int]) -> tuple[str, ...]:
    """Characters of `text` that no face of the chain has, each once, in order."""
    return tuple(
        dict.fromkeys(
            character for character in text if ord(character) not in coverage and character != "\n"
        )
    )


def _is_lookalike(code: int) -> bool:
    return any(low <= code <= high for low, high in _LOOKALIKES)


def _directory(rows: Sequence[tuple[bytes, int, int, int]]) -> bytes:
    """The table directory (OpenType, Font File structure); tables lie in the order of the rows."""
    at = 12 + 16 * len(rows)
    entries = []
    for tag, checksum, length, padded in rows:
        entries.append(struct.pack(">4sLLL", tag, checksum & _WORD, at, length))
        at += padded
    header = struct.pack(">LHHHH", 0x00010000, len(rows), 64, 2, 16 * len(rows) - 64)
    return header + b"".join(sorted(entries))


def _checksum(data: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(data) // 4}L", data)
    return sum(words) & _WORD
