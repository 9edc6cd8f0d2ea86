"""A face in the file: the objects of a Type 0 font with just the glyphs that are drawn.

Rules kept here (ISO 19005-3 §6.2.11):
* every font is embedded and has ToUnicode; `/W` equals the advances of the embedded file;
* `/W` names only what is not one em wide, ToUnicode maps codes in runs: most of a file of ours are
  its fonts;
* codes are two bytes (Identity-H). Where codes are the face's own glyph numbers a CIDToGIDMap leads
  to the dense subset; where they count from 1 the map is Identity;
* one font per face and document: renderers that fit letters to pixels do it string by string, so a
  line shared by two fonts would not look as WeasyPrint's does.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from signing.pades.plan import FacePlan
from signing.rendering import deflate
from signing.rendering.fonts import Face, StemFile

GID_OBJECTS, STEM_OBJECTS = 6, 5
"""Objects that a GidFont and a StemFont make; the first of them is the Type 0 font itself."""

_BLOCK_LIMIT = 100  # entries per beginbfchar or beginbfrange, CMap specification
_PAGE_END = 0xFF
_LEVEL = 6
_EM = 1000


@dataclass(frozen=True)
class GidFont:
    """A font whose codes are glyph numbers of the face; `texts` maps each glyph to its text."""

    face: Face
    tag: str
    texts: Mapping[int, str]

    def objects(self, first: int) -> list[tuple[int, bytes]]:
        """Objects `first` … `first + 5`."""
        glyphs = sorted(self.texts)
        positions = bytearray(2 * (glyphs[-1] + 1 if glyphs else 1))
        for place, glyph in enumerate(glyphs, start=1):
            struct.pack_into(">H", positions, 2 * glyph, place)
        widths = _widths((glyph, self.face.advance(glyph)) for glyph in glyphs)
        file = self.face.subset(glyphs)
        entries = [(glyph, self.texts[glyph]) for glyph in glyphs]
        bodies = [
            *_bodies(first, self.face, self.tag, widths, b"%d 0 R" % (first + 5)),
            stream(_cmap_head() + _bfchars(entries) + _CMAP_END),
            stream(file, b"/Length1 %d" % len(file)),
            stream(bytes(positions)),
        ]
        return list(enumerate(bodies, start=first))


@dataclass(frozen=True)
class StemFont:
    """A font that grows: the glyphs of a contract's constants, then those of one agreement.

    Code i + 1 draws `glyphs[i]`, a text and a glyph of the face; what an agreement adds counts on
    from there. Everything about the stem is deflated once.
    """

    face: Face
    tag: str
    glyphs: tuple[tuple[str, int], ...]

    @cached_property
    def codes(self) -> Mapping[str, str]:
        """Text → code as four hex digits."""
        return {text: f"{code:04x}" for code, (text, _) in enumerate(self.glyphs, start=1)}

    @cached_property
    def texts(self) -> Mapping[int, str]:
        """Code → text, as it is embedded."""
        return {code: text for code, (text, _) in enumerate(self.glyphs, start=1)}

    @cached_property
    def embedded(self) -> Mapping[str, str]:
        """Code as four hex digits → text, as it is embedded."""
        return {f"{code:04x}": text for code, text in self.texts.items()}

    @cached_property
    def _stem(self) -> "StemFile":
        return StemFile.of(self.face, [glyph for _, glyph in self.glyphs])

    @cached_property
    def _map_start(self) -> tuple[bytes, bytes]:
        raw = _cmap_head() + _bfranges(1, [text for text, _ in self.glyphs])
        return raw, deflate.segment(raw)

    @cached_property
    def _widths(self) -> bytes:
        advances = [self.face.advance(glyph) for _, glyph in self.glyphs]
        return _widths(enumerate(advances, start=1))

    def objects(
        self, first: int, added: Sequence[tuple[str, Face, int]]
    ) -> list[tuple[int, bytes]]:
        """Objects `first` … `first + 4`; `added` are text, face and glyph of what comes on top.

        An added glyph may be of another face, for appearances (`fonts.StemFile.grown`).
        """
        count = len(self.glyphs)
        tail = _bfranges(count + 1, [text for text, _, _ in added]) + _CMAP_END
        raw_length, file = self._stem.grown([(face, glyph) for _, face, glyph in added])
        bodies = _bodies(first, self.face, self.tag, self._widths + self._added_widths(added))
        return list(
            enumerate(
                [
                    *bodies,
                    deflate.stream_object(
                        [self._map_start, (tail, deflate.segment(tail, level=deflate.ONCE))]
                    ),
                    deflate.stream_object(file, b"/Length1 %d" % raw_length),
                ],
                start=first,
            )
        )

    def plan(
        self, first: int, added: Sequence[tuple[str, Face, int]], characters: Iterable[str]
    ) -> FacePlan:
        """The font as appearances see it, with those of the characters that it has."""
        places = {text: place for place, (text, _, _) in enumerate(added, start=1)}
        glyphs: dict[str, str] = {}
        advances: dict[str, int] = {}
        for character in characters:
            if character in self.codes:
                glyphs[character] = self.codes[character]
                advances[character] = self.face.advance(self.face.glyphs[ord(character)])
            elif character in places:
                _, face, glyph = added[places[character] - 1]
                glyphs[character] = f"{len(self.glyphs) + places[character]:04x}"
                advances[character] = self.advance(face, glyph)
        return FacePlan(first, MappingProxyType(glyphs), MappingProxyType(advances))

    def _added_widths(self, added: Sequence[tuple[str, Face, int]]) -> bytes:
        advances = (self.advance(face, glyph) for _, face, glyph in added)
        return _widths(enumerate(advances, start=len(self.glyphs) + 1))

    def advance(self, face: Face, glyph: int) -> int:
        """Advance of an added glyph in 1/1000 em of this face, as the embedded file has it."""
        units = self.face.units_per_em
        return round(face.advance_in(glyph, units) * _EM / units)


def _bodies(
    first: int, face: Face, tag: str, widths: bytes, mapping: bytes = b"/Identity"
) -> list[bytes]:
    """Type 0 font, CIDFont, descriptor; ToUnicode and font file follow as numbers 3 and 4."""
    name = b"/%s+%s" % (tag.encode(), face.family.encode())
    ascent, descent = face.ascent_descent
    box = b" ".join(b"%d" % side for side in face.box)
    return [
        b"<</Type/Font/Subtype/Type0/BaseFont%s/Encoding/Identity-H/DescendantFonts[%d 0 R]"
        b"/ToUnicode %d 0 R>>" % (name, first + 1, first + 3),
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont%s/CIDSystemInfo<</Registry(Adobe)"
        b"/Ordering(Identity)/Supplement 0>>/CIDToGIDMap %s/DW %d/W[%s]/FontDescriptor %d 0 R>>"
        % (name, mapping, _EM, widths, first + 2),
        b"<</Type/FontDescriptor/FontName%s/Flags 4/FontBBox[%s]/ItalicAngle 0/Ascent %d"
        b"/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>"
        % (name, box, ascent, descent, ascent, first + 4),
    ]


def stream(data: bytes, extra: bytes = b"", *, level: int = _LEVEL) -> bytes:
    """A stream object's body, deflated."""
    packed = zlib.compress(data, level)
    return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (
        extra,
        len(packed),
        packed,
    )


def _cmap_head() -> bytes:
    """The beginning of a ToUnicode CMap (ISO 32000-2 §9.10.3)."""
    return (
        b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo\n"
        b"<</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
        b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        b"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
    )


_CMAP_END = b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"


def _widths(advances: Iterable[tuple[int, int]]) -> bytes:
    """Entries of `/W` for codes in ascending order; what is one em wide has `/DW`."""
    runs: list[list[int]] = []
    after = 0
    for code, advance in advances:
        if advance == _EM:
            continue
        if not runs or code != after:
            runs.append([code])
        runs[-1].append(advance)
        after = code + 1
    return b"".join(
        b"%d[%s]" % (run[0], b" ".join(b"%d" % advance for advance in run[1:])) for run in runs
    )


def _bfchars(items: Iterable[tuple[int, str]]) -> bytes:
    """Code and text of each entry, at most a hundred to a block."""
    entries, lines = list(items), []
    for start in range(0, len(entries), _BLOCK_LIMIT):
        block = entries[start : start + _BLOCK_LIMIT]
        lines.append(b"%d beginbfchar\n" % len(block))
        lines += [b"<%04x> <%s>\n" % (code, _utf16(text)) for code, text in block]
        lines.append(b"endbfchar\n")
    return b"".join(lines)


def _bfranges(first: int, texts: Sequence[str]) -> bytes:
    """Texts of the codes from `first` on; a run may not leave its page of 256 codes."""
    if not texts:
        return b""
    runs, code, end = [], first, first + len(texts)
    while code < end:
        last = min(code | _PAGE_END, end - 1)
        said = b"".join(b"<%s>" % _utf16(text) for text in texts[code - first : last + 1 - first])
        runs.append(b"<%04x> <%04x> [%s]\n" % (code, last, said))
        code = last + 1
    return b"%d beginbfrange\n%sendbfrange\n" % (len(runs), b"".join(runs))


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be").hex().encode()
