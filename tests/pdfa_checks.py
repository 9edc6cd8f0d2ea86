"""PDF/A-3u by our own checks (render.md §5, pdf.md §3): what veraPDF would say first, on any file.

veraPDF itself is asked where a person has it: `verapdf --flavour 3u FILE` (docs/adr on rendering).
"""

import io
import re
from collections.abc import Iterator

import pikepdf
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Stream


def violations(pdf: bytes) -> list[str]:
    """Every rule that the file breaks, in words; empty for a good one."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        checks = (_file, _metadata, _fonts, _annotations, _attachments, _graphics)
        return [problem for check in checks for problem in check(document, pdf)]


def _objects(document) -> Iterator:
    yield from (item for item in document.objects if isinstance(item, (Dictionary, Stream)))


def _file(document, pdf) -> Iterator[str]:
    if b"/ObjStm" in pdf or b"/Type/XRef" in pdf or b"/Type /XRef" in pdf:
        yield "object streams or a cross-reference stream"
    if "/ID" not in document.trailer:
        yield "no /ID"
    if document.is_encrypted:
        yield "encrypted"
    root = document.Root
    for name in ("/OpenAction", "/AA", "/Collection", "/XFA"):
        if name in root:
            yield f"catalog has {name}"
    if "/JavaScript" in root.get("/Names", {}):
        yield "JavaScript in the name tree"
    intents = [i for i in root.get("/OutputIntents", []) if i.S == Name.GTS_PDFA1]
    if len(intents) != 1 or "/DestOutputProfile" not in intents[0]:
        yield "no output intent of PDF/A"
    if root.get("/AcroForm", {}).get("/NeedAppearances"):
        yield "NeedAppearances"


def _metadata(document, _pdf) -> Iterator[str]:
    stream = document.Root.Metadata
    if "/Filter" in stream:
        yield "the XMP stream is packed"
    xmp, info = stream.read_bytes().decode(), document.docinfo
    part = re.search(r"<pdfaid:part>(\d)</", xmp)
    level = re.search(r"<pdfaid:conformance>(\w)</", xmp)
    if not part or part[1] != "3" or not level or level[1] != "U":
        yield "XMP does not say PDF/A-3u"
    for key, value in info.items():
        text = str(value)
        if key in ("/CreationDate", "/ModDate"):
            digits = re.sub(r"\D", "", text)
            if digits not in re.sub(r"\D", "", xmp):
                yield f"{key} is not in the XMP"
        elif text not in xmp:
            yield f"{key} is not in the XMP"


def _fonts(document, _pdf) -> Iterator[str]:
    fonts = [o for o in _objects(document) if o.get("/Type") == Name.Font]
    for font in fonts:
        if font.Subtype == Name.Type0:
            yield from _composite_font(font)
        elif font.Subtype != Name.CIDFontType2:
            yield f"a font of type {font.Subtype}"


def _composite_font(font) -> Iterator[str]:
    name = str(font.BaseFont)
    (descendant,) = font.DescendantFonts
    if "/ToUnicode" not in font:
        yield f"{name} has no ToUnicode"
    if "/CIDToGIDMap" not in descendant:
        yield f"{name} has no CIDToGIDMap"
    if "/FontFile2" not in descendant.FontDescriptor:
        yield f"{name} is not embedded"
        return
    file = TTFont(io.BytesIO(descendant.FontDescriptor.FontFile2.read_bytes()), checkChecksums=2)
    glyphs = _glyph_of_code(descendant)
    for code, width in _widths(descendant.get("/W", [])):
        advance = file["hmtx"][file.getGlyphName(glyphs(code))][0] * 1000
        if abs(advance / file["head"].unitsPerEm - width) > 1:
            yield f"{name}: /W of code {code} is {width}, the file says {advance}"
    for code, character in _mapped(font.ToUnicode.read_bytes()):
        if character == "\0" or character in "\ufeff\ufffe":
            yield f"{name}: code {code} has no real Unicode value"
        if glyphs(code) >= file["maxp"].numGlyphs:
            yield f"{name}: code {code} draws no glyph"


def _mapped(cmap) -> Iterator[tuple[int, str]]:
    """Code and text of every entry of a ToUnicode CMap, read token by token."""
    blocks = re.findall(rb"beginbf(char|range)\n(.*?)endbf", cmap, re.DOTALL)
    for kind, block in blocks:
        items = iter(re.findall(rb"<([0-9a-f]+)>|(\[[^\]]*\])", block))
        for first, _ in items:
            if kind == b"char":
                yield int(first, 16), _utf16(next(items)[0])
                continue
            last, run = int(next(items)[0], 16), next(items)[1]
            texts = [_utf16(text) for text in re.findall(rb"[0-9a-f]+", run)]
            assert len(texts) == last - int(first, 16) + 1
            assert int(first, 16) >> 8 == last >> 8
            yield from enumerate(texts, start=int(first, 16))


def _utf16(digits) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def _glyph_of_code(descendant):
    mapping = descendant.CIDToGIDMap
    if mapping == Name.Identity:
        return lambda code: code
    data = mapping.read_bytes()
    return lambda code: int.from_bytes(data[2 * code : 2 * code + 2])


def _widths(array) -> Iterator[tuple[int, int]]:
    items = list(array)
    while items:
        first, widths = int(items.pop(0)), items.pop(0)
        assert isinstance(widths, Array)
        yield from ((first + place, int(width)) for place, width in enumerate(widths))


def _annotations(document, _pdf) -> Iterator[str]:
    for page in document.pages:
        for annotation in page.obj.get("/Annots", []):
            flags = int(annotation.get("/F", 0))
            name = str(annotation.get("/T", annotation.Subtype))
            if not flags & 4 or flags & (1 | 2 | 32):
                yield f"{name}: flags {flags}"
            if "/A" in annotation or "/AA" in annotation:
                yield f"{name} has an action"
            rect = [float(side) for side in annotation.Rect]
            is_visible = rect[0] != rect[2] and rect[1] != rect[3]
            if is_visible and list(annotation.get("/AP", {}).keys()) != ["/N"]:
                yield f"{name} has no normal appearance, or more than one"


def _attachments(document, _pdf) -> Iterator[str]:
    files = [o for o in _objects(document) if o.get("/Type") == Name.Filespec]
    listed = [item.objgen for item in document.Root.AF]
    if sorted(listed) != sorted(item.objgen for item in files):
        yield "/AF does not list each attachment once"
    relations = {str(item.UF): str(item.get("/AFRelationship")) for item in files}
    if relations != {"agreement.json": "/Data", "contract.html": "/Source"}:
        yield f"attachments are {relations}"
    for item in files:
        stream = item.EF.F
        if "/Subtype" not in stream or "/ModDate" not in stream.get("/Params", {}):
            yield f"{item.UF} has no MIME type or no date"
        if int(stream.Params.Size) != len(stream.read_bytes()):
            yield f"{item.UF}: /Size is wrong"


def _graphics(document, _pdf) -> Iterator[str]:
    for item in _objects(document):
        if float(item.get("/ca", 1)) < 1 or float(item.get("/CA", 1)) < 1 or "/SMask" in item:
            yield "transparency"
        if item.get("/Subtype") in (Name.Image, Name.PS):
            yield "an image or PostScript"
        if item.get("/Subtype") == Name.Form and "/Group" in item:
            yield "a transparency group"
