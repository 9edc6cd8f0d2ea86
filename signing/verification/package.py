"""evidence.zip as files: read within limits, nothing trusted by its name (interfaces.md §7, §9).

Rules kept here:
* at most 4,096 entries, 64 MiB in all, each within the bound of its kind, whatever the zip's own
  directory says: reading stops at the bound;
* no byte of the zip is outside its entries and their directory (`zip_layout`);
* names are those of the format; none twice, none encrypted, stored or deflated only;
* `mimetype` comes first and is stored; every file but it and the manifest stands in the manifest
  with its size and SHA-256, and the manifest names no other.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signing.audit.canonical import load_json
from signing.errors import Malformed
from signing.pades import vocabulary
from signing.verification import zip_layout
from signing.verification.reasons import Refused

MIMETYPE = b"application/vnd.etsi.asic-e+zip"
MAX_PACKAGE = 32 * 1024 * 1024
_MAX_ENTRIES = 4_096
_MAX_TOTAL = 64 * 1024 * 1024
_SMALL, _REPORT = 256 * 1024, 8 * 1024 * 1024
_LIMITS = {
    "mimetype": 100,
    "manifest.json": 4 * 1024 * 1024,
    "agreement.pdf": vocabulary.MAX_FILE,
    "report.pdf": _REPORT,
    "README.txt": _SMALL,
    "checkpoint": _SMALL,
    "checkpoint.tsr": _SMALL,
}
_EVENT = re.compile(r"events/[0-9]{4}\.(json|opening|tlog-proof)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Package:
    """The files of the package by path, and the manifest read."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]

    @property
    def pdf(self) -> bytes:
        """The agreement."""
        return self.files["agreement.pdf"]

    @property
    def named_digests(self) -> frozenset[str]:
        """SHA-256 of the stored revisions that the manifest names."""
        found = (self.manifest.get(key) for key in ("document_sha256", "archive_sha256"))
        return frozenset(value for value in found if isinstance(value, str))


def looks_like_package(data: bytes) -> bool:
    """Whether `data` is a zip with a manifest in it: then it claims to be an evidence package."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    return MIMETYPE in data[:100] or zip_layout.names_manifest(data)


def pdf_inside(data: bytes) -> bytes:
    """The agreement of a package that can be opened; else `data` as it is."""
    try:
        return open_package(data).pdf if looks_like_package(data) else data
    except Refused:
        return data


def open_package(data: bytes) -> Package:
    """Read an evidence package. Raises Refused(EVIDENCE_BROKEN) or Refused(EVIDENCE_CHANGED)."""
    if len(data) > MAX_PACKAGE:
        raise Refused("EVIDENCE_BROKEN", "larger than 32 MiB")
    zip_layout.check_layout(data, max_entries=_MAX_ENTRIES)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _files(archive)
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError, OSError) as e:
        raise Refused("EVIDENCE_BROKEN", f"{type(e).__name__}") from e
    if "agreement.pdf" not in files or "manifest.json" not in files:
        raise Refused("EVIDENCE_BROKEN", "agreement.pdf or manifest.json is missing")
    manifest = _manifest(files)
    _check_listed(files, manifest)
    return Package(files, manifest)


def _files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise Refused("EVIDENCE_BROKEN", "an entry stands twice")
    if not entries or names[0] != "mimetype" or entries[0].compress_type != zipfile.ZIP_STORED:
        raise Refused("EVIDENCE_BROKEN", "mimetype does not come first")
    files: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        files[entry.filename] = _content(archive, entry)
        total += len(files[entry.filename])
        if total > _MAX_TOTAL:
            raise Refused("EVIDENCE_BROKEN", "larger than 64 MiB when unpacked")
    if files["mimetype"] != MIMETYPE:
        raise Refused("EVIDENCE_BROKEN", "another mimetype")
    return files


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    limit = _LIMITS.get(entry.filename)
    if limit is None and _EVENT.fullmatch(entry.filename):
        limit = _SMALL
    is_plain = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if limit is None or not is_plain or entry.flag_bits & 1:
        raise Refused("EVIDENCE_BROKEN", f"entry {entry.filename[:80]!r}")
    with archive.open(entry) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise Refused("EVIDENCE_BROKEN", f"{entry.filename} is too large")
    return content


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        manifest = load_json(files["manifest.json"])
    except Malformed as e:
        raise Refused("EVIDENCE_BROKEN", f"manifest: {e.code}") from e
    if not isinstance(manifest, dict) or manifest.get("format") != 1:
        raise Refused("EVIDENCE_BROKEN", "manifest of another format")
    return manifest


def _check_listed(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    """Every file is the one that the manifest lists."""
    try:
        listed = {
            str(item["path"]): (int(item["size"]), str(item["sha256"]))
            for item in manifest["files"]
        }
    except (KeyError, TypeError, ValueError) as e:
        raise Refused("EVIDENCE_BROKEN", "manifest without files") from e
    found = {
        path: (len(content), hashlib.sha256(content).hexdigest())
        for path, content in files.items()
        if path not in ("mimetype", "manifest.json")
    }
    if found != listed:
        differing = {path for path, _ in found.items() ^ listed.items()}
        raise Refused("EVIDENCE_CHANGED", f"{sorted(differing)[:3]}")
