"""Files of others: pyHanko in a confined child process, and the only module that knows pyHanko.

Rules kept here (security.md T53, T54):
* the child gets the bytes on its standard input and an environment without anything of ours; it
  has 768 MB of address space, 8 s of CPU and 10 s of time, may write nothing but its report, and,
  once the libraries are loaded, may open no file and no socket, nor reach any network;
* whatever happens to it (crash, endless loop, memory) is an answer, never an error here;
* its report is data: at best it leads to INDETERMINATE, whoever wrote it.
"""

import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from signing.pades import vocabulary
from signing.verification import foreign_reading

ADDRESS_SPACE = 768 * 1024 * 1024
CPU_SECONDS = 8
WALL_SECONDS = 10
_MAX_REPORT = 256 * 1024
_MAX_SIGNATURES = 64
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
CHILD_PROGRAM = "from signing.verification.foreign import child; child()"


class Reading(StrEnum):
    """How far the child came."""

    READ = "read"
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    LIMIT = "limit"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class ForeignSignature:
    """What pyHanko says of one signature; texts as they stand in the file.

    `weak`: by an algorithm that no longer holds; `unknown`: by one that cannot be checked here.
    """

    field: str
    signer: str
    intact: bool
    valid: bool
    covers_file: bool
    covers_revision: bool
    changed: bool
    is_timestamp: bool
    weak: bool = False
    unknown: bool = False


@dataclass(frozen=True)
class ForeignReport:
    """The child's answer. `detail` says what went wrong, in the library's words.

    `archived` says that validation data alone follow the last signature (`foreign_reading`).
    """

    reading: Reading
    pages: int | None = None
    signatures: tuple[ForeignSignature, ...] = ()
    detail: str = ""
    archived: bool = False


def inspect(
    data: bytes, *, program: str = CHILD_PROGRAM, seconds: float = WALL_SECONDS
) -> ForeignReport:
    """Have a child read a PDF of unknown make. Never raises for what is in the file.

    `program` is what the child runs, `seconds` how long it may take.
    """
    with tempfile.TemporaryFile() as report:
        try:
            done = subprocess.run(
                [sys.executable, "-c", program],
                input=data,
                stdout=report,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=False,
                cwd="/",
                env={"PYTHONPATH": str(_PACKAGE_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            )
        except subprocess.TimeoutExpired:
            return ForeignReport(Reading.LIMIT, detail="time")
        if done.returncode != 0:
            return ForeignReport(Reading.LIMIT, detail=f"ended with {done.returncode}")
        report.seek(0)
        return _parse(report.read(_MAX_REPORT))


def _parse(report: bytes) -> ForeignReport:
    """The report, as far as it has the shape of one."""
    try:
        members = json.loads(report)
        signatures = tuple(
            ForeignSignature(
                field=str(one["field"])[:80],
                signer=str(one["signer"])[:200],
                **{key: one[key] is True for key in _FLAGS},
            )
            for one in members["signatures"]
        )
        pages = members["pages"]
        return ForeignReport(
            Reading(members["reading"]),
            pages if type(pages) is int else None,
            signatures,
            str(members["detail"])[:200],
            members.get("archived") is True,
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return ForeignReport(Reading.LIMIT, detail="no report")


_LOADED_LATE = ("cryptography.hazmat.backends.openssl.backend", "lxml.etree")
_LOADED_WHOLE = ("pyhanko.pdf_utils", "pyhanko.sign", "pyhanko_certvalidator")
_FLAGS = (
    *("intact", "valid", "covers_file", "covers_revision", "changed", "is_timestamp"),
    *("weak", "unknown"),
)


def child() -> None:
    """What the child runs: read, confine itself, judge, report."""
    _limit(resource.RLIMIT_AS, ADDRESS_SPACE)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_CORE, 0)
    data = sys.stdin.buffer.read(vocabulary.MAX_FILE + 1)
    try:
        judge = _Pyhanko()
    except ImportError:
        members = _members(Reading.UNAVAILABLE, "pyHanko is not installed")
    else:
        confine()
        members = judge.report(data)
    sys.stdout.write(json.dumps(members))
    sys.stdout.flush()


def confine() -> None:
    """No files, no sockets, no network, no new privileges; each as far as the kernel lets us."""
    import ctypes  # noqa: PLC0415  (the child alone needs it)

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)  # may be refused: the next line is what holds
    _limit(resource.RLIMIT_NOFILE, 0)
    _limit(resource.RLIMIT_FSIZE, _MAX_REPORT)


def _limit(what: int, value: int) -> None:
    resource.setrlimit(what, (value, value))


def _members(reading: Reading, detail: str = "", **others: Any) -> dict[str, Any]:
    blank: dict[str, Any] = {"pages": None, "signatures": [], "archived": False}
    return {"reading": reading, "detail": detail} | blank | others


class _Pyhanko:
    """The library, with everything loaded that it would else load while it may not open files."""

    def __init__(self) -> None:
        import asyncio  # noqa: PLC0415
        import importlib  # noqa: PLC0415
        import io  # noqa: PLC0415
        import logging  # noqa: PLC0415
        import pkgutil  # noqa: PLC0415
        from contextlib import suppress  # noqa: PLC0415

        from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415
        from pyhanko.sign import validation  # noqa: PLC0415
        from pyhanko.sign.diff_analysis import ModificationLevel  # noqa: PLC0415
        from pyhanko.sign.fields import enumerate_sig_fields  # noqa: PLC0415
        from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415
        from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

        self._buffer, self._reader, self._validation = io.BytesIO, PdfFileReader, validation
        self._levels, self._coverage = ModificationLevel, SignatureCoverageLevel
        self._context, self._fields = ValidationContext, enumerate_sig_fields
        self._loop = asyncio.new_event_loop()
        logging.disable()
        for module in _LOADED_LATE:
            importlib.import_module(module)
        for package in map(importlib.import_module, _LOADED_WHOLE):
            for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                with suppress(ImportError):  # of parts that need further libraries
                    importlib.import_module(found.name)
        importlib.import_module("tzlocal").get_localzone()

    def report(self, data: bytes) -> dict[str, Any]:
        """The members of the report."""
        try:
            return self._report(data)
        except (MemoryError, OSError, ImportError) as e:  # limits, and a module not loaded above
            return _members(Reading.LIMIT, f"{type(e).__name__}: {e}"[:200])
        except Exception as e:  # noqa: BLE001  (a hostile file makes the library raise anything)
            return _members(Reading.BROKEN, f"{type(e).__name__}: {e}"[:200])

    def _report(self, data: bytes) -> dict[str, Any]:
        lenient = self._reader(self._buffer(data), strict=False)
        if lenient.encrypted:
            return _members(Reading.ENCRYPTED)
        pages = int(lenient.root["/Pages"]["/Count"])
        filled = {name: value for name, value, _ in self._fields(lenient, filled_status=True)}
        if not filled:
            return _members(Reading.READ, pages=pages)
        reader = self._reader(self._buffer(data), strict=True)
        embedded = reader.embedded_signatures[:_MAX_SIGNATURES]
        signatures = [self._row(signature, len(data)) for signature in embedded]
        others = filled.keys() - {signature.field_name for signature in reader.embedded_signatures}
        signatures += [
            foreign_reading.unchecked(name, filled[name].get_object(), len(data))
            for name in sorted(others)[:_MAX_SIGNATURES]
        ]
        archived = bool(embedded) and foreign_reading.ends_in_archive(reader, data, embedded[-1])
        return _members(Reading.READ, pages=pages, signatures=signatures, archived=archived)

    def _row(self, embedded: Any, size: int) -> dict[str, Any]:
        strength = foreign_reading.strength(embedded)
        if strength == "unknown":
            return foreign_reading.unchecked(embedded.field_name, embedded.sig_object, size)
        row = self._loop.run_until_complete(self._judge(embedded))
        return row | {"weak": strength == "weak", "unknown": False}

    async def _judge(self, embedded: Any) -> dict[str, Any]:
        """One signature, without any trust: whether bytes and value hold, and what came later."""
        context = self._context(trust_roots=[], allow_fetching=False)
        is_timestamp = embedded.sig_object_type == "/DocTimeStamp"
        validate = (
            self._validation.async_validate_pdf_timestamp
            if is_timestamp
            else self._validation.async_validate_pdf_signature
        )
        status: Any = await validate(embedded, context)
        coverage, level = self._coverage, status.modification_level
        allowed = (self._levels.NONE, self._levels.LTA_UPDATES, self._levels.FORM_FILLING)
        changed = level not in allowed or getattr(status, "docmdp_ok", None) is False
        return {
            "field": embedded.field_name,
            "signer": status.signing_cert.subject.human_friendly,
            "intact": status.intact,
            "valid": status.valid,
            "covers_file": status.coverage is coverage.ENTIRE_FILE,
            "covers_revision": status.coverage in (coverage.ENTIRE_FILE, coverage.ENTIRE_REVISION),
            "changed": changed,
            "is_timestamp": is_timestamp,
        }
