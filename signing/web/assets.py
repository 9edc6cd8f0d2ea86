"""Scripts and styles of the pages: built, named by their content, kept by browsers for ever.

Rules kept here:
* a page names an asset through `asset('sign.js')`; the manifest of the build says which file it is;
* only what the manifest lists is served, packed as the browser likes it best, and immutable.
"""

import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, request, url_for

from signing.errors import NotFound

DIST = Path(__file__).parent / "static" / "dist"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_PACKINGS = (("br", ".br"), ("gzip", ".gz"))

blueprint = Blueprint("assets", __name__)


def install(app: Flask) -> None:
    """Serve the assets and give templates the `asset` function."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """Where the built file of that source name is, such as `/assets/sign.0123456789.js`."""
    return url_for("assets.built", name=_manifest()[name])


@blueprint.get("/assets/<name>")
def built(name: str) -> Response:
    """A built file, as it is or packed."""
    if name not in _manifest().values():
        raise NotFound("No such file", "没有这个文件")
    packing, suffix = next(
        ((p, s) for p, s in _PACKINGS if request.accept_encodings.quality(p)), ("identity", "")
    )
    response = Response(_content(name + suffix), content_type=_TYPES[Path(name).suffix])
    if packing != "identity":
        response.headers["Content-Encoding"] = packing
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    """Source names and the files built from them."""
    names: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
    return names


@lru_cache(maxsize=64)
def _content(name: str) -> bytes:
    return (DIST / name).read_bytes()
