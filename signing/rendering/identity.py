"""Which renderer made a file: one hash over everything that decides about its bytes (D14).

Rules kept here:
* libraries by version, fonts by the hashes of the lock, the template by its hash, our own code by
  `REVISION`; a change of any of them is another renderer;
* two agreements with one `renderer_id` and one document have the same bytes, on any machine.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version

from signing.rendering import fonts

REVISION = 4
"""Of our own code: raised with every change that changes a byte of any agreement."""

_LIBRARIES = (
    "cssselect2",
    "jinja2",
    "rfc8785",
    "segno",
    "tinycss2",
    "tinyhtml5",
)


def renderer_id(engine: Mapping[str, str], template_sha256: str) -> str:
    """64 lower-case hex digits; `engine` are the versions that `layout.versions` reports."""
    return _renderer_id(tuple(sorted(engine.items())), template_sha256)


@lru_cache(maxsize=64)
def _renderer_id(engine: tuple[tuple[str, str], ...], template_sha256: str) -> str:
    parts = {
        "revision": REVISION,
        "engine": dict(engine),
        "fonts": {name: face["sha256"] for name, face in fonts.lock().items()},
        "libraries": {name: version(name) for name in _LIBRARIES},
        "template": template_sha256,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
