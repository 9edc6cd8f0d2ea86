"""Rule packs from the package's data and from an operator's folder.

Rules kept here:

* A pack is a file of `packs/`; what it does not say it takes from the pack that it `extends`.
* An operator's folder may hold packs and minimum-wage notices (`[[minimum_wage]]`); both are
  added to the package's, a pack of the same id replaces it.
* A file that is no pack or notice is refused with the place of the mistake, never half loaded.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from signing.domain.draft import Kind
from signing.domain.finding import Severity
from signing.domain.regions import Region, Regions
from signing.domain.rules.casebook import Case, Casebook
from signing.domain.rules.frames import Frame, parse_frame
from signing.domain.rules.pack import MinimumWage, RulePack
from signing.errors import Broken, FieldError, Invalid, NotFound
from signing.language.lexicon_files import read_data, read_folder

_CODE_LENGTHS = (2, 4, 6)


@dataclass(frozen=True)
class PackInfo:
    """What a list of packs shows."""

    id: str
    version: str
    title: str
    valid_from: date
    valid_to: date | None
    in_force: bool


def list_packs(*, extra_dir: Path | None = None) -> tuple[PackInfo, ...]:
    """Every pack that can be loaded, by id."""
    return tuple(_info(raw) for _, raw in sorted(_packs(extra_dir).items()))


def load_pack(pack_id: str | None = None, *, on: date, extra_dir: Path | None = None) -> RulePack:
    """The pack of that id, or the newest that is in force on a day.

    Where no pack is in force any more the last one is loaded: its expiry is a finding (R-99).
    Raises NotFound for an unknown id.
    """
    packs = _packs(extra_dir)
    if pack_id is None:
        pack_id = _current(packs, on)
    if pack_id not in packs:
        raise NotFound(f"No rule pack {pack_id}", f"没有名为 {pack_id} 的规则包")
    return _build(packs, pack_id, extra_dir)


def parse_notice(text: str) -> tuple[MinimumWage, ...]:
    """Rows of a minimum-wage notice that an operator wants to load.

    Raises Invalid with every mistake: path, what is wrong, what to write.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        problem = FieldError("", "NOT_TOML", str(e), "文件不是 TOML 格式，请对照示例修改")
        raise Invalid([problem]) from e
    rows = data.get("minimum_wage", [])
    errors = [e for i, row in enumerate(rows) for e in _row_errors(f"minimum_wage[{i}]", row)]
    if not rows:
        errors.append(
            FieldError("minimum_wage", "REQUIRED", "No rows", "请至少写一行 [[minimum_wage]]")
        )
    if errors:
        raise Invalid(errors)
    return tuple(_row(row) for row in rows)


def _current(packs: Mapping[str, Mapping[str, Any]], on: date) -> str:
    in_force = [raw["pack"] for raw in packs.values() if raw["pack"]["in_force"]]
    begun = [p for p in in_force if p["valid_from"] <= on] or in_force
    return str(max(begun, key=lambda p: (p["valid_from"], p["id"]))["id"])


def _packs(extra_dir: Path | None) -> dict[str, Mapping[str, Any]]:
    found = {raw["pack"]["id"]: raw for _, raw in read_folder("packs")}
    for raw in _extra_files(extra_dir):
        if "pack" in raw:
            found[raw["pack"]["id"]] = raw
    return found


def _extra_files(extra_dir: Path | None) -> Iterable[Mapping[str, Any]]:
    if extra_dir is None or not extra_dir.is_dir():
        return []
    return [tomllib.loads(p.read_text("utf-8")) for p in sorted(extra_dir.glob("*.toml"))]


def _info(raw: Mapping[str, Any]) -> PackInfo:
    pack = raw["pack"]
    return PackInfo(
        pack["id"],
        pack["version"],
        pack["title"],
        pack["valid_from"],
        pack.get("valid_to"),
        pack["in_force"],
    )


def _build(
    packs: Mapping[str, Mapping[str, Any]], pack_id: str, extra_dir: Path | None
) -> RulePack:
    raw = packs[pack_id]
    chain = [raw]
    while "extends" in chain[-1]["pack"]:
        chain.append(packs[chain[-1]["pack"]["extends"]])
    cases, frames = _shared_cases()
    switches: dict[str, int] = {}
    own_cases, own_frames = dict(cases), list(frames)
    for layer in reversed(chain):
        switches.update(layer.get("switches", {}))
        more, additional = _cases(layer)
        own_cases.update(more)
        own_frames.extend(additional)
    info = _info(raw)
    return RulePack(
        id=info.id,
        version=info.version,
        title=info.title,
        source=raw["pack"]["source"],
        valid_from=info.valid_from,
        valid_to=info.valid_to,
        in_force=info.in_force,
        cases=Casebook(MappingProxyType(own_cases)),
        frames=tuple(own_frames),
        minimum_wages=_minimum_wages(extra_dir),
        regions=load_regions(),
        switches=MappingProxyType(switches),
    )


@lru_cache(maxsize=1)
def _shared_cases() -> tuple[Mapping[str, Case], tuple[Frame, ...]]:
    cases: dict[str, Case] = {}
    frames: list[Frame] = []
    for name, data in read_folder("cases"):
        more, additional = _cases(data)
        twice = cases.keys() & more.keys()
        if twice:
            raise Broken(f"cases/{name}: {sorted(twice)} stand elsewhere already")
        cases.update(more)
        frames.extend(additional)
    return MappingProxyType(cases), tuple(frames)


def _cases(data: Mapping[str, Any]) -> tuple[dict[str, Case], list[Frame]]:
    cases: dict[str, Case] = {}
    frames: list[Frame] = []
    for row in data.get("case", ()):
        cases[row["id"]] = _case(row)
        frames.extend(parse_frame(row["id"], f) for f in row.get("frame", ()))
    return cases, frames


def _case(row: Mapping[str, Any]) -> Case:
    severity = row["severity"]
    if isinstance(severity, str):
        severity = dict.fromkeys(Kind, severity)
    return Case(
        id=row["id"],
        rule=row["rule"],
        article=row["article"],
        severity=MappingProxyType({Kind(k): Severity(s) for k, s in severity.items()}),
        zh=row["zh"],
        en=row["en"],
        instead=row["instead"],
        refuses=row.get("refuses", ""),
        neighbour=row.get("neighbour", ""),
    )


@lru_cache(maxsize=1)
def load_regions() -> Regions:
    """County-level units of Hunan."""
    data = read_data("regions-hunan.toml")
    return Regions.of(
        Region(code, name, prefecture["code"], prefecture["name"])
        for prefecture in data["prefecture"]
        for code, name in prefecture["counties"]
    )


def _minimum_wages(extra_dir: Path | None) -> tuple[MinimumWage, ...]:
    rows = list(read_data("minimum-wage-hunan.toml")["minimum_wage"])
    for raw in _extra_files(extra_dir):
        rows.extend(raw.get("minimum_wage", ()))
    return tuple(_row(row) for row in rows)


def _row(row: Mapping[str, Any]) -> MinimumWage:
    return MinimumWage(
        region_code=row["region_code"],
        tier=row.get("tier", 0),
        valid_from=row["valid_from"],
        valid_to=row.get("valid_to"),
        monthly_fen=row["monthly_fen"],
        hourly_fen=row["hourly_fen"],
        document=row.get("document", ""),
        source=row.get("source", ""),
        verified=row.get("verified", False),
    )


def _row_errors(path: str, row: Mapping[str, Any]) -> Iterable[FieldError]:
    code = row.get("region_code")
    if not (isinstance(code, str) and code.isdecimal() and len(code) in _CODE_LENGTHS):
        yield FieldError(
            f"{path}.region_code", "REGION_UNKNOWN", "2, 4 or 6 digits", "请填写 2、4 或 6 位代码"
        )
    for key in ("monthly_fen", "hourly_fen"):
        amount = row.get(key)
        if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
            yield FieldError(
                f"{path}.{key}",
                "AMOUNT_INVALID",
                "A positive integer in 分",
                "请填写正整数，单位为分",
            )
    if not isinstance(row.get("valid_from"), date):
        yield FieldError(
            f"{path}.valid_from", "DATE_INVALID", "A date such as 2026-12-01", "请填写日期"
        )
    if row.get("verified") and not (row.get("document") and row.get("source")):
        yield FieldError(
            f"{path}.document",
            "SOURCE_REQUIRED",
            "A verified row names its notice and source",
            "标为已核实的，请写明文号和来源",
        )
