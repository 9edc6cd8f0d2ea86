import io
import runpy
import struct

import pytest
from fontTools.cu2qu import curve_to_quadratic
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

from printing_house import FONTS, ROOT
from signing.rendering import outlines
from signing.rendering.fonts import Faces, StemFile

TOOL = runpy.run_path(str(ROOT / "tools" / "lighten.py"))  # no package: it runs as a program
TOLERANCE, UNITS_PER_EM = TOOL["TOLERANCE"], TOOL["UNITS_PER_EM"]
is_common, lightened = TOOL["is_common"], TOOL["lightened"]
SQUARE = [(0, 0, True), (500, 0, True), (500, 500, True), (0, 500, True)]


@pytest.fixture(scope="module")
def faces():
    return Faces.load(FONTS)


def read_by_fonttools(data):
    glyph = Glyph(data)
    glyph.expand(None)
    points, ends, flags = glyph.getCoordinates({})
    starts = [0, *(end + 1 for end in ends)]
    return [
        [(*points[n], bool(flags[n] & 1)) for n in range(start, end + 1)]
        for start, end in zip(starts, ends, strict=False)
    ]


@pytest.mark.parametrize(
    "contours",
    [
        [SQUARE],
        [SQUARE, [(-300, 20, True), (0, 700, False), (1000, -400, True)]],
        [[(n * n, 7 * (n % 2), True) for n in range(40)]],
    ],
)
def test_fonttools_reads_the_outline_that_was_written(contours):
    data = outlines.encode(contours)

    assert read_by_fonttools(data) == contours == outlines.decode(data)


def test_every_character_of_a_contract_is_read_and_written_back_alike(faces):
    song = faces.by_family["Song"]

    for character in "甲乙双方协商一致，签订本合同：（2026）￥—·Aj%":
        glyph = song.glyphs[ord(character)]
        data, _, left = song.drawn_in(glyph, song.units_per_em)
        contours = outlines.decode(data)
        assert outlines.encode(contours) == data.rstrip(b"\0")[: len(outlines.encode(contours))]
        assert left == min(x for contour in contours for x, _, _ in contour)


def test_a_glyph_of_another_design_square_comes_out_in_the_size_of_its_neighbours(faces):
    song, rare = faces.by_family["Song"], faces.by_family["SongExtB"]
    glyph = rare.glyphs[ord("𠅤")]

    _, segments = StemFile.of(song, [song.glyphs[ord("张")]]).grown([(rare, glyph)])
    font = TTFont(io.BytesIO(b"".join(raw for raw, _ in segments)), checkChecksums=2)

    first, second = font["glyf"][font.getGlyphName(1)], font["glyf"][font.getGlyphName(2)]
    assert font["head"].unitsPerEm == UNITS_PER_EM
    assert font["hmtx"][font.getGlyphName(2)] == (UNITS_PER_EM, second.xMin)
    assert 0.8 < (second.yMax - second.yMin) / (first.yMax - first.yMin) < 1.2


def test_the_grid_leaves_advances_whole_thousandths(faces):
    """What `/W` says is then what the file says, and lines add up."""
    for family in ("Song", "Hei"):
        face = faces.by_family[family]
        full, half = face.glyphs[ord("合")], face.glyphs[ord("5")]
        assert (face.units_per_em, face.advance(full), face.advance(half)) == (250, 1000, 500)
        units = [face.advance_in(glyph, 1000) for glyph in range(0, 30_000, 97)]
        assert all(advance % 4 == 0 for advance in units)


def quarter_of_a_circle():
    """Radius 400 around 0, 0 in as many arcs as make it exact to a fifth of a unit."""
    reach = 400 * 0.5523
    cubic = ((400, 0), (400, reach), (reach, 400), (0, 400))
    controls = curve_to_quadratic(cubic, 0.2)[1:-1]
    arcs = [(round(x), round(y), False) for x, y in controls]
    return [(400, 0, True), *arcs, (0, 400, True), (0, 0, True)]


def test_an_arc_of_many_pieces_is_drawn_with_fewer_and_stays_where_it_was():
    before = quarter_of_a_circle()

    (light,) = lightened([before], 1000)

    assert len(light) < len(before)
    half_a_diagonal = 3
    for x, y in sampled(light):
        radius = 4 * (x * x + y * y) ** 0.5
        assert abs(radius - 400) < TOLERANCE + half_a_diagonal


def sampled(contour):
    """Places on the quadratic arcs of a contour, on its own grid."""
    pen = DecomposingRecordingPen({})
    glyph = Glyph(outlines.encode([contour]))
    glyph.expand(None)
    glyph.draw(pen, None)
    at = (0, 0)
    for operator, points in pen.value:
        if operator == "qCurveTo":
            for place, control in enumerate(points[:-1]):
                is_last = place == len(points) - 2
                after = points[-1] if is_last else middle(control, points[place + 1])
                yield from (
                    tuple(
                        (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c
                        for a, b, c in zip(at, control, after, strict=True)
                    )
                    for t in (0.25, 0.5, 0.75)
                )
                at = after
        elif points:
            at = points[-1]


def middle(one, other):
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def test_corners_stay_and_points_that_say_nothing_go():
    pointless = [(0, 0, True), (250, 0, True), (500, 0, True), (500, 500, True), (0, 500, True)]

    (light,) = lightened([pointless], 1000)

    assert light == [(x // 4, y // 4, on) for x, y, on in SQUARE]


def test_contracts_are_made_of_gb2312_and_signs():
    assert all(is_common(ord(character)) for character in "劳动A9·—，")
    assert not is_common(ord("䶮"))


def test_the_face_has_what_the_file_says(faces):
    """Outline boxes and side bearings agree, which readers shift glyphs by."""
    song = faces.by_family["Song"]
    for code in (0x41, 0x4E00, 0x9FA5, 0x3007, 0x9F8D):
        glyph = song.glyphs[code]
        outline, _, left = song.drawn_in(glyph, song.units_per_em)
        xs, ys, *_ = zip(*(p for c in outlines.decode(outline) for p in c), strict=True)
        assert struct.unpack(">4h", outline[2:10]) == (min(xs), min(ys), max(xs), max(ys))
        assert left == min(xs)
