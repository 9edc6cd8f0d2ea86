"""Keep the list of what is published and therefore never edited: texts, rule packs, migrations.

    python tools/freeze.py [--check]

Adds what is new to `tests/vectors/published.json`. What stands there and is different now, or gone,
is never taken over: a change is a new version beside the old one. `--check` writes nothing and
fails on whatever is changed, gone or not listed yet.

A text is all files of its folder, a rule pack its file once it is in force, a minimum wage its row
(a notice may follow), a migration its file.
"""

import hashlib
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from signing.rendering.catalogue import Catalogue  # noqa: E402  found by the line above

LIST = ROOT / "tests" / "vectors" / "published.json"
TEXTS = "templates/contracts"
DATA = "signing/domain/rules/data"
MIGRATIONS = "signing/storage/migrations/versions"


def published(root: Path) -> dict[str, str]:
    """Name → SHA-256 of everything under `root` that is published."""
    found = [*_texts(root / TEXTS), *_packs(root / DATA), *_wages(root / DATA)]
    found += [
        (f"migration/{file.stem}", _digest(file.read_bytes()))
        for file in (root / MIGRATIONS).glob("[0-9]*.py")
    ]
    return dict(sorted(found))


def differences(listed: Mapping[str, str], present: Mapping[str, str]) -> list[str]:
    """What was published and is not as it was."""
    gone = [f"{name} is gone" for name in listed if name not in present]
    edited = [
        f"{name} was edited: give it a successor and leave it as it was"
        for name, digest in present.items()
        if listed.get(name, digest) != digest
    ]
    return gone + edited


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for drawer in (folder, folder / "companions"):
        catalogue = Catalogue(drawer)
        for kind in catalogue.kinds():
            for version in catalogue.versions(kind):
                yield f"text/{kind}/{version}", catalogue.load(kind, version).template_sha256


def _packs(folder: Path) -> Iterator[tuple[str, str]]:
    for file in (folder / "packs").glob("*.toml"):
        pack = tomllib.loads(file.read_text("utf-8"))["pack"]
        if pack["in_force"]:
            yield f"pack/{pack['id']}/{pack['version']}", _digest(file.read_bytes())


def _wages(folder: Path) -> Iterator[tuple[str, str]]:
    for file in folder.glob("minimum-wage-*.toml"):
        for row in tomllib.loads(file.read_text("utf-8"))["minimum_wage"]:
            said = {key: str(value) for key, value in row.items() if key != "valid_to"}
            name = f"wage/{row['region_code']}/{row['tier']}/{row['valid_from']}"
            yield name, _digest(json.dumps(said, sort_keys=True, ensure_ascii=False).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: list[str]) -> int:
    """Add what is new, or only look."""
    listed = json.loads(LIST.read_text("utf-8")) if LIST.exists() else {}
    present = published(ROOT)
    wrong = differences(listed, present)
    new = [name for name in present if name not in listed]
    if "--check" in arguments:
        wrong += [f"{name} is not listed: run `python tools/freeze.py`" for name in new]
    elif not wrong:
        LIST.write_text(json.dumps({**listed, **present}, indent=1, sort_keys=True) + "\n", "utf-8")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
