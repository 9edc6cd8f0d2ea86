"""Run the benchmarks, `benchmarks/bench_<part>.py`, and write `build/bench.json`.

Usage: python benchmarks/run.py [PART …]

Each module has `run() -> list[dict]`, one dict per figure: `name` (begins with its part: `render.`,
`sign.` …), `value`, `unit`, and where there is a peer or a target `against`, `ratio` (ours over
the peer's in the same run), `target` ("<= 0.35"). Rules kept here:

* every part runs in a process of its own: what one leaves in memory is not counted to the next;
* whether a target holds is judged here, over the ratio if there is one, else over the value;
* a target that does not hold is reported, a part that fails is reported and the run ends with 1.
"""

import argparse
import importlib
import json
import operator
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULT = HERE.parent / "build" / "bench.json"
KEYS = ("name", "value", "unit", "against", "ratio", "target", "holds")
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
}
Row = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Run the parts asked for, or all; 0 if each of them ran, whatever the figures are."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--into", type=Path, help="run one module here, rows into this file")
    options = parser.parse_args(arguments)
    if options.into:
        return run_module(options.parts[0], options.into)
    modules = find_modules(options.parts)
    if not modules:
        known = ", ".join(sorted(part_of(name) for name in find_modules([]))) or "none yet"
        print(f"bench: no such part; parts: {known}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    failed = []
    for module in modules:
        print(f"bench: {module} …", flush=True)
        started = time.monotonic()
        found = run_apart(module)
        if found is None:
            failed.append(module)
        else:
            rows += found
            show(found)
        print(f"bench: {module} took {time.monotonic() - started:.0f} s\n", flush=True)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")
    summarise(rows, failed)
    return 1 if failed else 0


def find_modules(parts: Sequence[str]) -> list[str]:
    """Names of the benchmark modules of these parts; all of them if no part is named."""
    names = sorted(path.stem for path in HERE.glob("bench_*.py"))
    return [name for name in names if not parts or part_of(name) in parts]


def part_of(module: str) -> str:
    """`render` of `bench_render` and of `bench_render_bulk`."""
    return module.split("_")[1]


def run_apart(module: str) -> list[Row] | None:
    """Run one module in a process of its own; None if it failed or gave rows of another shape."""
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "rows.json"
        command = [sys.executable, str(Path(__file__)), module, "--into", str(into)]
        if subprocess.run(command, check=False).returncode != 0:
            return None
        rows: list[Row] = json.loads(into.read_text("utf-8"))
        return rows


def run_module(module: str, into: Path) -> int:
    """The child's side: call `run()`, check the rows and judge their targets."""
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    rows = [complete(row, part_of(module)) for row in importlib.import_module(module).run()]
    into.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    return 0


def complete(row: Mapping[str, Any], part: str) -> Row:
    """All seven keys, in order, with `holds` judged; ValueError if the row is of another shape."""
    if unknown := set(row) - set(KEYS):
        raise ValueError(f"{row}: unknown keys {sorted(unknown)}")
    if not str(row["name"]).startswith(f"{part}."):
        raise ValueError(f"{row['name']}: the name must begin with {part}.")
    if "value" not in row or "unit" not in row:
        raise ValueError(f"{row['name']}: value and unit are missing")
    full = {key: row.get(key) for key in KEYS}
    if full["target"] is not None:
        measured = full["value"] if full["ratio"] is None else full["ratio"]
        full["holds"] = holds(measured, full["target"])
    return full


def holds(measured: float | None, target: str) -> bool:
    """Whether the figure meets a target such as "<= 0.35"; a figure that is absent does not."""
    sign, _, limit = target.partition(" ")
    return measured is not None and COMPARE[sign](float(measured), float(limit))


def show(rows: Sequence[Row]) -> None:
    """One line per figure."""
    for row in rows:
        line = f"  {row['name']:<44} {number(row['value']):>12} {row['unit']:<8}"
        if row["ratio"] is not None:
            line += f" {number(row['ratio'])} × {row['against'] or 'peer'}"
        elif row["against"]:
            line += f" against {row['against']}"
        if row["target"]:
            line += f"  target {row['target']}: {'holds' if row['holds'] else 'DOES NOT HOLD'}"
        print(line, flush=True)


def number(value: float | str | None) -> str:
    """Four significant digits, without an exponent."""
    if value is None:
        return "—"
    if isinstance(value, str | int):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def summarise(rows: Sequence[Row], failed: Sequence[str]) -> None:
    """The last lines: what was missed, what failed, where the figures are."""
    missed = [row["name"] for row in rows if row["holds"] is False]
    targets = sum(row["holds"] is not None for row in rows)
    print(f"bench: {len(rows)} figures, {targets - len(missed)} of {targets} targets hold")
    for name in missed:
        print(f"bench: does not hold: {name}")
    for module in failed:
        print(f"bench: FAILED, see above: {module}")
    print(
        f"bench: {RESULT.relative_to(Path.cwd()) if RESULT.is_relative_to(Path.cwd()) else RESULT}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
