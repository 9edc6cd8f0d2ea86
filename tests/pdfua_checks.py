"""PDF/UA-1 by our own checks (ISO 14289-1): what a checker would say first, on any tagged file.

`veraPDF --flavour ua1 FILE` says it by the letter where a person has it.
"""

import io
import re
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name

PAINTED = frozenset(
    ("S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Tj", "TJ", "'", '"', "Do", "sh", "EI")
)
CONTENT_KINDS = frozenset(("/P", "/LBody", "/TD", "/TH", "/Caption", "/Figure"))
HEADING = re.compile(r"/H([1-6])")
INSIDE = {
    "/TR": {"/Table"},
    "/TD": {"/TR"},
    "/TH": {"/TR"},
    "/LI": {"/L"},
    "/LBody": {"/LI"},
}


def violations(pdf: bytes) -> list[str]:
    """Every rule that the file breaks, in words; empty for a good one."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        checks = (_catalog, _content, _tree, _headings, _tables, _fields)
        return [problem for check in checks for problem in check(document)]


def _catalog(document) -> Iterator[str]:
    root = document.Root
    xmp = root.Metadata.read_bytes().decode()
    if not root.get("/MarkInfo", {}).get("/Marked"):
        yield "not marked"
    if not str(root.get("/Lang", "")):
        yield "no language"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "the title is not shown"
    if not re.search(r"<dc:title>.*\S.*</dc:title>", xmp):
        yield "no title"
    if not re.search(r"<pdfuaid:part[^>]*>1</pdfuaid:part>", xmp):
        yield "XMP does not say PDF/UA-1"
    if "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>" not in xmp:
        yield "XMP has no schema for pdfuaid"


def marks_of(page) -> Iterator[tuple[str, int | None, str]]:
    """Operator, MCID around it (None for an artifact) or "bare", for everything painted."""
    around = []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            properties = operands[1] if len(operands) > 1 else Dictionary()
            around.append((str(operands[0]), properties.get("/MCID")))
        elif name == "EMC":
            around.pop()
        elif name in PAINTED:
            marked = [(tag, mcid) for tag, mcid in around if mcid is not None or tag == "/Artifact"]
            if len(marked) != 1:
                yield name, None, "bare" if not marked else "marked twice"
            else:
                yield name, marked[0][1], "artifact" if marked[0][1] is None else "content"


def _content(document) -> Iterator[str]:
    for number, page in enumerate(document.pages, start=1):
        for operator, _, kind in marks_of(page):
            if kind in ("bare", "marked twice"):
                yield f"page {number}: {operator} is {kind}"
        if page.obj.get("/Tabs") != Name.S:
            yield f"page {number}: tab order is not that of the structure"


def elements_of(document) -> Iterator[tuple[Dictionary, Dictionary]]:
    """Every element with its parent, in reading order."""

    def visit(element, parent):
        yield element, parent
        for kid in _kids(element):
            if isinstance(kid, Dictionary) and "/S" in kid:
                yield from visit(kid, element)

    root = document.Root.StructTreeRoot
    for element in _kids(root):
        yield from visit(element, root)


def _kids(element) -> list:
    kids = element.get("/K", Array())
    return list(kids) if isinstance(kids, Array) else [kids]


def _content_items(document) -> Iterator[tuple[Dictionary, Dictionary, int]]:
    """Element, page and MCID of every stretch of content in the tree."""
    for element, _ in elements_of(document):
        for kid in _kids(element):
            if isinstance(kid, int):
                yield element, element.Pg, kid
            elif kid.get("/Type") == Name.MCR:
                yield element, kid.Pg, int(kid.MCID)


def _tree(document) -> Iterator[str]:
    for element, parent in elements_of(document):
        if element.P.objgen != parent.objgen:
            yield f"{element.S} does not name its parent"
    numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
    rows = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
    pages = {page.obj.objgen: page for page in document.pages}
    hung: dict[tuple, list[int]] = {}
    for element, page, mcid in _content_items(document):
        hung.setdefault(page.objgen, []).append(mcid)
        row = rows[int(page.StructParents)]
        if mcid >= len(row) or row[mcid].objgen != element.objgen:
            yield f"the parent tree does not lead from {mcid} to its {element.S}"
        if str(element.S) not in CONTENT_KINDS and not HEADING.match(str(element.S)):
            yield f"{element.S} holds content"
    for objgen, page in pages.items():
        drawn = list(dict.fromkeys(mcid for _, mcid, kind in marks_of(page) if kind == "content"))
        if sorted(hung.get(objgen, [])) != drawn:
            yield f"content in the tree {hung.get(objgen)}, drawn {drawn}"
    for element, _ in elements_of(document):
        if str(element.S) == "/Figure" and not str(element.get("/Alt", "")):
            yield "a figure without alternate text"


def _headings(document) -> Iterator[str]:
    level = 0
    for element, _ in elements_of(document):
        if found := HEADING.match(str(element.S)):
            if int(found[1]) > level + 1:
                yield f"a heading of level {found[1]} after one of level {level}"
            level = int(found[1])
    if not level:
        yield "no heading"


def _tables(document) -> Iterator[str]:
    for element, parent in elements_of(document):
        kind = str(element.S)
        if kind in INSIDE and str(parent.get("/S", "")) not in INSIDE[kind]:
            yield f"{kind} in {parent.get('/S')}"
        if kind == "/TH" and str(element.get("/A", {}).get("/Scope", "")) not in (
            "/Row",
            "/Column",
        ):
            yield "a head cell that does not say what it is head of"
        if kind == "/Table":
            widths = _widths([_kids(row) for row in _kids(element)])
            if len(set(widths)) > 1:
                yield f"a table with rows of {widths} cells"


def _widths(rows) -> list[int]:
    """Cells of each row, those counted that reach down from above."""
    widths, open_spans = [], []
    for cells in rows:
        width, after = sum(columns for columns, _ in open_spans), []
        after += [(columns, left - 1) for columns, left in open_spans if left > 1]
        for cell in cells:
            said = cell.get("/A", {})
            columns, down = int(said.get("/ColSpan", 1)), int(said.get("/RowSpan", 1))
            width += columns
            if down > 1:
                after.append((columns, down - 1))
        widths.append(width)
        open_spans = after
    return widths


def _fields(document) -> Iterator[str]:
    numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
    rows = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
    for page in document.pages:
        for annotation in page.obj.get("/Annots", []):
            name = str(annotation.get("/T", annotation.Subtype))
            element = rows.get(int(annotation.get("/StructParent", -1)))
            if element is None or str(element.S) != "/Form":
                yield f"{name} stands in no Form"
                continue
            (reference,) = _kids(element)
            if reference.Type != Name.OBJR or reference.Obj.objgen != annotation.objgen:
                yield f"the Form of {name} leads elsewhere"
            if not str(annotation.get("/TU", "")):
                yield f"{name} has no name that is read aloud"
