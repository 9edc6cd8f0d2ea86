"""Making the unsigned bytes once more from the attachment inside, and comparing (rule 9, D14).

Whoever can render need not believe that the base file says what its data say. The renderer is a
program of its own: here it is a function from agreement.json to PDF bytes, None if there is none.
"""

from collections.abc import Callable

from signing.verification import attachments, form, grammar
from signing.verification.reasons import Refused

Render = Callable[[bytes], bytes | None]


def compare(data: bytes, render: Render) -> str:
    """A note's code: RERENDER_SAME, RERENDER_DIFFERS or RERENDER_UNSUPPORTED."""
    try:
        pdf = grammar.read_file(data)
        files = attachments.read_files(pdf, form.read_base(pdf))
    except Refused:
        return "RERENDER_UNSUPPORTED"
    made = render(files[attachments.AGREEMENT])
    if made is None:
        return "RERENDER_UNSUPPORTED"
    return "RERENDER_SAME" if made == data[: pdf.base.end] else "RERENDER_DIFFERS"
