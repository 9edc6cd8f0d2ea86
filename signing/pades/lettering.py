"""Text of an appearance, drawn with a face that the base file embeds already.

Rules kept here:
* nothing is embedded: a character without a glyph in the face is GLYPH_MISSING, never a blank;
* numbers have two decimals at most and no exponent, so that equal input gives equal bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signing.errors import Broken, Rejected
from signing.pades.plan import FacePlan

_EM = 1000


@dataclass(frozen=True)
class Lettering:
    """A face under its resource name (`F1`)."""

    face: FacePlan
    resource: str = "F1"

    @classmethod
    def of(cls, faces: Mapping[str, FacePlan], family: str) -> "Lettering":
        """The face of that family, or the only one that the file has."""
        face = faces.get(family) or next(iter(faces.values()), None)
        if face is None:
            raise Broken("The file's plan has no face to draw with", code="NO_FACE")
        return cls(face)

    def check(self, text: str) -> None:
        """Raises Rejected (GLYPH_MISSING) unless every character has a glyph."""
        if not self.face.glyphs.keys() >= set(text):
            missing = "".join(dict.fromkeys(c for c in text if c not in self.face.glyphs))
            raise Rejected(
                f"The file's font has no glyph for: {missing}",
                f"文件里的字体没有这些字：{missing}",
                code="GLYPH_MISSING",
                characters=missing,
            )

    def width(self, text: str, size: float) -> float:
        """Width in points."""
        self.check(text)
        return sum(self.face.advances[c] for c in text) * size / _EM

    def show(self, text: str) -> str:
        """The operator that draws `text` at the text matrix."""
        self.check(text)
        return "<" + "".join(self.face.glyphs[c] for c in text) + "> Tj"

    def line(self, text: str, size: float, *, x: float, y: float) -> str:
        """A text object: one line with its baseline starting at x, y."""
        return (
            f"BT /{self.resource} {number(size)} Tf {number(x)} {number(y)} Td {self.show(text)} ET"
        )

    def fit(self, text: str, size: float, *, width: float) -> float:
        """`size`, or as much less as makes `text` fit into `width`."""
        natural = self.width(text, size)
        return size if natural <= width else size * width / natural

    def wrap(self, text: str, size: float, *, width: float) -> list[str]:
        """`text` in lines not wider than `width`, broken between any two characters."""
        lines = [""]
        for character in text:
            if lines[-1] and self.width(lines[-1] + character, size) > width:
                lines.append("")
            lines[-1] += character
        return lines


def number(value: float) -> str:
    """Two decimals, without needless zeros."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
