"""A face in the file: the objects of a Type 0 font with just the glyphs that are drawn.

Rules kept here (ISO 19005-3 §6.2.11):
* every font is embedded and has ToUnicode; `/W` equals the advances of the embedded file;
* codes are two bytes (Identity-H). Where codes are the face's own glyph numbers a CIDToGIDMap leads
  to the dense subset; where they count from 1 the map is Identity.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from signing.pades.plan import FacePlan
from signing.rendering.fonts import Face, mixed_subset

GID_OBJECTS, DENSE_OBJECTS = 6, 5
"""Objects that a GidFont and a DenseFont make; the first of them is the Type 0 font itself."""

_BFCHAR_LIMIT = 100  # entries per beginbfchar, CMap specification
_LEVEL = 9
_EM = 1000


@dataclass(frozen=True)
class GidFont:
    """A font whose codes are glyph numbers of the face; `texts` maps each glyph to its text.

    What is costly is made once: the objects differ in their numbers only.
    """

    face: Face
    tag: str
    texts: Mapping[int, str]

    @cached_property
    def _program(self) -> "_Program":
        glyphs = sorted(self.texts)
        advances = [(glyph, self.face.advance(glyph)) for glyph in glyphs]
        widths = b"".join(b"%d[%d]" % pair for pair in advances if pair[1] != _EM)
        entries = [(glyph, self.texts[glyph]) for glyph in glyphs]
        return _Program(self.face, self.tag, self.face.subset(glyphs), widths, entries)

    @cached_property
    def _positions(self) -> bytes:
        """The CIDToGIDMap: from glyph number to place in the subset."""
        glyphs = sorted(self.texts)
        positions = bytearray(2 * (glyphs[-1] + 1 if glyphs else 1))
        for place, glyph in enumerate(glyphs, start=1):
            struct.pack_into(">H", positions, 2 * glyph, place)
        return stream(bytes(positions))

    def objects(self, first: int) -> list[tuple[int, bytes]]:
        """Objects `first` … `first + 5`."""
        bodies = self._program.bodies(first, b"%d 0 R" % (first + 5))
        return list(enumerate([*bodies, self._positions], start=first))


@dataclass(frozen=True)
class DenseFont:
    """A small font of one agreement: code i + 1 draws `glyphs[i]`, a text and where it comes from.

    `frame` gives the metrics; glyphs may come from other faces (`fonts.mixed_subset`).
    """

    frame: Face
    tag: str
    glyphs: tuple[tuple[str, Face, int], ...]

    def objects(self, first: int) -> list[tuple[int, bytes]]:
        """Objects `first` … `first + 4`; codes need no CIDToGIDMap."""
        advances = [b"%d" % self._advance(face, glyph) for _, face, glyph in self.glyphs]
        program = _Program(
            self.frame,
            self.tag,
            mixed_subset(self.frame, [(face, glyph) for _, face, glyph in self.glyphs]),
            b"1[%s]" % b" ".join(advances) if advances else b"",
            [(code, text) for code, (text, _, _) in enumerate(self.glyphs, start=1)],
        )
        return list(enumerate(program.bodies(first, b"/Identity"), start=first))

    def plan(self, first: int) -> FacePlan:
        """The font as appearances see it; of a character in two faces the first counts."""
        codes: dict[str, str] = {}
        advances: dict[str, int] = {}
        for code, (text, face, glyph) in enumerate(self.glyphs, start=1):
            codes.setdefault(text, f"{code:04x}")
            advances.setdefault(text, self._advance(face, glyph))
        return FacePlan(first, MappingProxyType(codes), MappingProxyType(advances))

    def _advance(self, face: Face, glyph: int) -> int:
        """In 1/1000 em of the frame, as the embedded file has it."""
        return round(face.metrics(glyph)[0] * _EM / self.frame.units_per_em)


@dataclass(frozen=True)
class _Program:
    """What the objects of one font say: `entries` are code and text for ToUnicode."""

    face: Face
    tag: str
    file: bytes
    widths: bytes
    entries: Sequence[tuple[int, str]]

    @cached_property
    def _file_stream(self) -> bytes:
        return stream(self.file, b"/Length1 %d" % len(self.file))

    @cached_property
    def _to_unicode_stream(self) -> bytes:
        return stream(_to_unicode(self.entries))

    def bodies(self, first: int, mapping: bytes) -> list[bytes]:
        """Type 0 font, CIDFont, descriptor, ToUnicode, font file."""
        name = b"/%s+%s" % (self.tag.encode(), self.face.family.encode())
        ascent, descent = self.face.ascent_descent
        box = b" ".join(b"%d" % side for side in self.face.box)
        return [
            b"<</Type/Font/Subtype/Type0/BaseFont%s/Encoding/Identity-H/DescendantFonts[%d 0 R]"
            b"/ToUnicode %d 0 R>>" % (name, first + 1, first + 3),
            b"<</Type/Font/Subtype/CIDFontType2/BaseFont%s/CIDSystemInfo<</Registry(Adobe)"
            b"/Ordering(Identity)/Supplement 0>>/CIDToGIDMap %s/DW %d/W[%s]/FontDescriptor %d 0 R>>"
            % (name, mapping, _EM, self.widths, first + 2),
            b"<</Type/FontDescriptor/FontName%s/Flags 4/FontBBox[%s]/ItalicAngle 0/Ascent %d"
            b"/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>"
            % (name, box, ascent, descent, ascent, first + 4),
            self._to_unicode_stream,
            self._file_stream,
        ]


def stream(data: bytes, extra: bytes = b"", *, level: int = _LEVEL) -> bytes:
    """A stream object's body, deflated."""
    packed = zlib.compress(data, level)
    return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (
        extra,
        len(packed),
        packed,
    )


def _to_unicode(entries: Sequence[tuple[int, str]]) -> bytes:
    """A ToUnicode CMap (ISO 32000-2 §9.10.3)."""
    lines = [
        (
            b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo\n"
            b"<</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
            b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            b"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange"
        )
    ]
    for start in range(0, len(entries), _BFCHAR_LIMIT):
        block = entries[start : start + _BFCHAR_LIMIT]
        lines.append(b"%d beginbfchar" % len(block))
        lines += [
            b"<%04x> <%s>" % (code, text.encode("utf-16-be").hex().encode()) for code, text in block
        ]
        lines.append(b"endbfchar")
    lines.append(b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
    return b"\n".join(lines)
