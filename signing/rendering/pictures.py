"""Two files compared as a reader sees them: every pixel of every page, and the text by pdfium."""

import io

import pypdfium2

from signing.rendering.textlock import read_by_pdfium, without_white_space

PROOF_DPI = 100
_POINTS_PER_INCH = 72


def first_difference(one: bytes, other: bytes, *, dpi: int = PROOF_DPI) -> str:
    """What differs first, in words; "" if nothing does."""
    texts = zip(read_by_pdfium(one), read_by_pdfium(other), strict=False)
    for number, (left, right) in enumerate(texts, start=1):
        if without_white_space(left) != without_white_space(right):
            return f"text of page {number} differs"
    left_pages, right_pages = pictures(one, dpi=dpi), pictures(other, dpi=dpi)
    if len(left_pages) != len(right_pages):
        return f"{len(left_pages)} and {len(right_pages)} pages"
    for number, (left_page, right_page) in enumerate(
        zip(left_pages, right_pages, strict=True), start=1
    ):
        if left_page != right_page:
            return f"page {number} looks different"
    return ""


def pictures(pdf: bytes, *, dpi: int) -> list[bytes]:
    """Pages as grey pixels, by pdfium."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        pages = []
        for page in document:
            bitmap = page.render(scale=dpi / _POINTS_PER_INCH, grayscale=True)
            pages.append(bytes(bitmap.buffer))
            bitmap.close()
            page.close()
        return pages
    finally:
        document.close()
