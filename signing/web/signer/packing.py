"""Pages and answers packed on their way to a slow phone.

Rule kept here: nothing that a stranger can put into a request stands in a packed page that holds a
form token (a packed length tells of what it holds, CVE-2013-3587): pages are packed as answers to
GET alone, and none shows its query.
"""

import gzip

from flask import request
from werkzeug.wrappers import Response

LEAST_BYTES = 1024
_LEVEL = 6


def pack(response: Response) -> Response:
    """The response, packed if its reader unpacks it and it is worth it."""
    is_page = response.mimetype == "text/html" and request.method == "GET"
    is_worth_it = is_page or response.mimetype == "application/json"
    if not is_worth_it or not request.accept_encodings.quality("gzip"):
        return response
    content = response.get_data()
    if len(content) < LEAST_BYTES:
        return response
    response.set_data(gzip.compress(content, _LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response
