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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from signing.errors import Broken

TEXT_CHAIN = ("Song", "SongExtA", "SongExtB")
"""Families of running text, in the order in which a character is looked for."""

_SUBSET_TABLES = (b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp")
_COMPOSITE = 0x80  # sign bit of numberOfContours
_LOOKALIKES = (
    (0x00A0, 0x00A0),
    (0x00AD, 0x00AD),
    (0x2E80, 0x2FDF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
_CHECKSUM_MAGIC = 0xB1B0AFBA


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
        """`mixed_subset` of this face's own glyphs."""
        return mixed_subset(self, [(self, glyph) for glyph in glyphs])

    def metrics(self, glyph: int) -> tuple[int, int]:
        """Advance and left side bearing in units."""
        return self._metrics[glyph]

    def outline(self, glyph: int) -> bytes:
        """The glyph's slice of `glyf`, padded. Raises Broken on a composite outline."""
        outline = self.tables["glyf"][self._offsets[glyph] : self._offsets[glyph + 1]]
        if outline and outline[0] & _COMPOSITE:
            raise Broken(f"glyph {glyph} of {self.family} is a composite")
        return outline + bytes(-len(outline) % 4)


def mixed_subset(frame: Face, glyphs: Iterable[tuple[Face, int]]) -> bytes:
    """A TrueType file with the frame's metrics, its .notdef, and glyph i + 1 = `glyphs[i]`.

    Outlines of a face with another design size are taken as they are: 1024 units in a square of
    1000 come out 2.4 % larger, which is for appearances only.
    """
    kept = ((frame, 0), *glyphs)
    outlines = [face.outline(glyph) for face, glyph in kept]
    offsets = [0]
    for outline in outlines:
        offsets.append(offsets[-1] + len(outline))
    count = struct.pack(">H", len(kept))
    head, hhea, maxp = (frame.tables[tag] for tag in ("head", "hhea", "maxp"))
    metrics = [face.metrics(glyph) for face, glyph in kept]
    return _font_file(
        {
            b"glyf": b"".join(outlines),
            b"head": head[:8] + bytes(4) + head[12:50] + b"\0\1" + head[52:],
            b"hhea": hhea[:34] + count,
            b"hmtx": b"".join(struct.pack(">Hh", *pair) for pair in metrics),
            b"loca": struct.pack(f">{len(offsets)}L", *offsets),
            b"maxp": maxp[:4] + count + maxp[6:],
        }
    )


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


def _font_file(tables: Mapping[bytes, bytes]) -> bytes:
    """Tables behind a directory with their checksums (OpenType, Font File structure)."""
    at = 12 + 16 * len(tables)
    directory, bodies = [], []
    for tag in _SUBSET_TABLES:
        body = tables[tag]
        padded = body + bytes(-len(body) % 4)
        directory.append(struct.pack(">4sLLL", tag, _checksum(padded), at, len(body)))
        bodies.append(padded)
        at += len(padded)
    header = struct.pack(">LHHHH", 0x00010000, len(tables), 64, 2, 16 * len(tables) - 64)
    data = header + b"".join(directory) + b"".join(bodies)
    adjustment = struct.pack(">L", (_CHECKSUM_MAGIC - _checksum(data)) & 0xFFFFFFFF)
    place = len(header) + sum(map(len, directory)) + len(bodies[0]) + 8
    return data[:place] + adjustment + data[place + 4 :]


def _checksum(data: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(data) // 4}L", data)
    return sum(words) & 0xFFFFFFFF
