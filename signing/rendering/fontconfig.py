"""Fontconfig's view of the world: one folder, exactly our four faces, nothing of the system.

Rules kept here:
* a font too many could be taken for a missing character unseen, and without any font Pango ends the
  process: both stop the start with what to do;
* the file names absolute paths, so it is written again where the folder has moved, and beside the
  caches of the process where the folder may not be written.
"""

import tempfile
from pathlib import Path

from signing.errors import Broken
from signing.rendering.fonts import lock

_FONT_FILES = frozenset((".ttf", ".otf", ".ttc", ".otc", ".pfb", ".woff", ".woff2", ".pcf", ".bdf"))


def configure(folder: Path) -> Path:
    """The configuration file for the faces in `folder`. Raises Broken (code FONTS_MISSING)."""
    folder = folder.resolve()
    wanted = {f"{family}.ttf" for family in lock()}
    found = {p.name for p in folder.glob("*") if p.suffix.lower() in _FONT_FILES}
    if found != wanted:
        odd = ", ".join(sorted(found ^ wanted))
        raise Broken(
            f"{folder} should hold exactly the four faces; look at {odd}, or run `make fonts`",
            f"字体目录 {folder} 不对（{odd}），请运行 make fonts",
            code="FONTS_MISSING",
        )
    return _written(folder)


def _written(folder: Path) -> Path:
    configuration = folder / "fonts.conf"
    text = _text(folder, cache=folder / "cache")
    if configuration.exists() and configuration.read_text("utf-8") == text:
        return configuration
    try:
        configuration.write_text(text, "utf-8")
    except OSError:
        own = Path(tempfile.mkdtemp(prefix="signing-fonts-"))
        configuration = own / "fonts.conf"
        configuration.write_text(_text(folder, cache=own / "cache"), "utf-8")
    return configuration


def _text(folder: Path, *, cache: Path) -> str:
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"  <dir>{folder}</dir>\n  <cachedir>{cache}</cachedir>\n</fontconfig>\n"
    )
