"""What the next increment must know of a file, kept beside it so that nobody parses the PDF again.

Rules kept here:
* a plan describes exactly one revision: `length` and `sha256` are those of the whole file;
* dictionaries are the bytes as they stand in the file, `<<` to `>>`, without a stream;
* rendering makes the first plan with the base file; each prepared increment carries the next one;
* JSON form: bytes become latin-1 text, so a plan can lie in a database column.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class FieldPlan:
    """A signature field merged with its widget.

    `number` is its object number, `rect` its box in points from the lower left corner of the page
    (`x0, y0, x1, y1`; all zero for an invisible field).
    """

    number: int
    dictionary: bytes
    rect: tuple[float, float, float, float]


@dataclass(frozen=True)
class FacePlan:
    """A font of the base file that appearances may draw with.

    `number` is the object number of its Type 0 font. `glyphs` maps a character to its code as four
    hex digits (Identity-H), `advances` to its width in 1/1000 em; both hold at least every
    character that a seal or an ink box of this agreement can need.
    """

    number: int
    glyphs: Mapping[str, str]
    advances: Mapping[str, int]


@dataclass(frozen=True)
class FilePlan:
    """One revision: where its cross-reference table is, what the catalog and the fields say.

    `size` is the trailer's `/Size` (the next free object number), `file_id` the trailer's `/ID`
    array as bytes, `faces` the fonts by family (`song` for text, `hei` for headings).
    """

    length: int
    sha256: str
    startxref: int
    size: int
    root_number: int
    root_dictionary: bytes
    info_number: int | None
    file_id: bytes
    fields: Mapping[str, FieldPlan]
    faces: Mapping[str, FacePlan]

    def to_json(self) -> str:
        """The plan as one line of JSON; `from_json` reads it."""
        return json.dumps(
            {
                "length": self.length,
                "sha256": self.sha256,
                "startxref": self.startxref,
                "size": self.size,
                "root_number": self.root_number,
                "root_dictionary": self.root_dictionary.decode("latin-1"),
                "info_number": self.info_number,
                "file_id": self.file_id.decode("latin-1"),
                "fields": {
                    name: [f.number, f.dictionary.decode("latin-1"), list(f.rect)]
                    for name, f in self.fields.items()
                },
                "faces": {
                    family: [face.number, dict(face.glyphs), dict(face.advances)]
                    for family, face in self.faces.items()
                },
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> "FilePlan":
        """Read what `to_json` wrote."""
        raw = json.loads(text)
        fields = {
            name: FieldPlan(number, dictionary.encode("latin-1"), tuple(rect))
            for name, (number, dictionary, rect) in raw["fields"].items()
        }
        faces = {
            family: FacePlan(number, MappingProxyType(glyphs), MappingProxyType(advances))
            for family, (number, glyphs, advances) in raw["faces"].items()
        }
        return cls(
            length=raw["length"],
            sha256=raw["sha256"],
            startxref=raw["startxref"],
            size=raw["size"],
            root_number=raw["root_number"],
            root_dictionary=raw["root_dictionary"].encode("latin-1"),
            info_number=raw["info_number"],
            file_id=raw["file_id"].encode("latin-1"),
            fields=MappingProxyType(fields),
            faces=MappingProxyType(faces),
        )
