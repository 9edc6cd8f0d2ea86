"""What one sees of a signature: an enterprise's seal, a worker's ink, a typed name.

Rules kept here:
* it is decoration over the PKI signature, never the signature (D7), and says 测试证书 (D5);
* one deflated Form XObject of lines and glyphs of the base, less than a kilobyte for a seal: no
  image, no transparency, no colour space beyond DeviceRGB, nothing outside its box;
* the time in the picture is the intent's, in +08:00: the picture is signed before the token exists;
* ink: scaled into the box without distortion, one decimal, at most 400 points.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from signing.pades import seal_figures
from signing.pades.lettering import Lettering, number
from signing.pades.plan import FilePlan
from signing.pades.seal_figures import Circle
from signing.pades.strokes import Room, Stroke, placed, polyline, thinned

_NOTE = "测试证书"
_SHANGHAI = timezone(timedelta(hours=8))
_RED, _INK = "0.8 0.05 0.05", "0.05 0.05 0.25"
_MARGIN = 2.0
_CAPTION_SIZE = 7.0
_LEADING = 1.4
_WIDE = 1.5  # a box this much wider than high has its text beside the seal, not below


@dataclass(frozen=True)
class _Box:
    """A field's box, from its lower left corner, and the face to letter it with."""

    width: float
    height: float
    letters: Lettering

    @classmethod
    def of(cls, plan: FilePlan, field: str) -> "_Box":
        x0, y0, x1, y1 = plan.fields[field].rect
        return cls(x1 - x0, y1 - y0, Lettering.of(plan.faces, "song"))


def seal_appearance(
    plan: FilePlan, field: str, *, name: str, signing_time: datetime, is_test: bool
) -> bytes:
    """A round red seal: the enterprise's name on the ring, a star, the time, the note.

    `signing_time` is aware. Raises Rejected (GLYPH_MISSING).
    """
    box = _Box.of(plan, field)
    lines = [f"签署时间 {_local(signing_time)}", *([_NOTE] if is_test else [])]
    box.letters.check("".join([name, *lines]))
    if box.width >= box.height * _WIDE:
        radius = box.height / 2 - _MARGIN
        circle = Circle(radius + _MARGIN, box.height / 2, radius)
        text = _beside(box, name, lines, left=2 * radius + 4 * _MARGIN)
    else:
        radius = min(box.width, box.height - _floor(lines)) / 2 - _MARGIN
        circle = Circle(box.width / 2, box.height - radius - _MARGIN, radius)
        text = _caption(box, lines)
    note = seal_figures.centred(box.letters, _NOTE, circle, size=radius * 0.2, share=-0.55)
    drawing = [
        f"q {_RED} RG {_RED} rg {number(radius * 0.05)} w",
        seal_figures.ring(circle),
        seal_figures.star(circle),
        *seal_figures.ring_text(box.letters, name, circle),
        *([note] if is_test else []),
        *text,
        "Q",
    ]
    return _form(drawing, box)


def ink_appearance(
    plan: FilePlan,
    field: str,
    *,
    strokes: Iterable[Stroke],
    pad: tuple[float, float],
    signing_time: datetime,
    is_test: bool,
) -> bytes:
    """What the worker drew, over a caption with the time and the note.

    `strokes` are points on the phone's `pad` (width, height), y downward. Raises Rejected
    (INK_EMPTY, GLYPH_MISSING).
    """
    box = _Box.of(plan, field)
    lines = [" ".join([_local(signing_time), *([_NOTE] if is_test else [])])]
    room = Room(box.width, box.height, floor=_floor(lines), margin=2 * _MARGIN)
    drawing = [
        f"q {_INK} RG {_INK} rg 1.4 w 1 J 1 j",
        *(polyline(stroke) for stroke in placed(thinned(strokes), pad, room)),
        *_caption(box, lines),
        "Q",
    ]
    return _form(drawing, box)


def typed_appearance(
    plan: FilePlan, field: str, *, name: str, signing_time: datetime, is_test: bool
) -> bytes:
    """The name in type, for whom drawing is too hard. Raises Rejected (GLYPH_MISSING)."""
    box = _Box.of(plan, field)
    lines = [" ".join([_local(signing_time), *([_NOTE] if is_test else [])])]
    floor = _floor(lines)
    largest = min(36.0, (box.height - floor) * 0.7)
    size = box.letters.fit(name, largest, width=box.width - 4 * _MARGIN)
    x = (box.width - box.letters.width(name, size)) / 2
    y = floor + (box.height - floor - size) / 2 + size * 0.15
    drawing = [f"q {_INK} rg", box.letters.line(name, size, x=x, y=y), *_caption(box, lines), "Q"]
    return _form(drawing, box)


def _form(drawing: Sequence[str], box: _Box) -> bytes:
    """The complete Form XObject."""
    content = zlib.compress("\n".join(drawing).encode("ascii"), level=9)
    head = (
        f"<</Type/XObject/Subtype/Form/BBox[0 0 {number(box.width)} {number(box.height)}]"
        f"/Resources<</Font<</{box.letters.resource} {box.letters.face.number} 0 R>>>>"
        f"/Filter/FlateDecode/Length {len(content)}>>"
    )
    return head.encode("ascii") + b"\nstream\n" + content + b"\nendstream"


def _local(time: datetime) -> str:
    return time.astimezone(_SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _floor(lines: Sequence[str]) -> float:
    """Height that a caption takes."""
    return _CAPTION_SIZE * _LEADING * len(lines) + _MARGIN


def _beside(box: _Box, name: str, lines: Sequence[str], *, left: float) -> list[str]:
    """Name, time and note in a block right of the seal, centred in height."""
    room, size = box.width - left - _MARGIN, 9.0
    block = box.letters.wrap(name, size, width=room)
    sizes = [size] * len(block) + [box.letters.fit(line, 8.0, width=room) for line in lines]
    block += lines
    y = box.height / 2 + len(block) * size * 0.75 - size
    drawn = []
    for line, line_size in zip(block, sizes, strict=True):
        drawn.append(box.letters.line(line, line_size, x=left, y=y))
        y -= size * 1.5
    return drawn


def _caption(box: _Box, lines: Sequence[str]) -> list[str]:
    """Small lines at the foot of the box, each centred."""
    drawn = []
    for row, line in enumerate(reversed(lines)):
        size = box.letters.fit(line, _CAPTION_SIZE, width=box.width - 2 * _MARGIN)
        x = (box.width - box.letters.width(line, size)) / 2
        y = _MARGIN + row * _CAPTION_SIZE * _LEADING
        drawn.append(box.letters.line(line, size, x=x, y=y))
    return drawn
