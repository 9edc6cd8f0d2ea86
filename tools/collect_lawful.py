"""Collect what the templates and the shipped examples say as lawful clauses of the corpus.

    python tools/collect_lawful.py

They are lawful by definition: a lawyer read them. Run it after a template changed, then train.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates" / "contracts"
TARGET = ROOT / "tests" / "corpus" / "development" / "templates.txt"
KINDS = {"labour_contract": "l", "written_agreement": "w", "tripartite_agreement": "t"}
SHORTEST = 8
_NOISE = re.compile(r"{#.*?#}|{%.*?%}|<style.*?</style>|<[^>]+>", re.DOTALL)
_VALUE = re.compile(r"{{.*?}}")


def clauses() -> Iterator[str]:
    """Lines `kind|text`, in the order of the files."""
    for kind, letter in KINDS.items():
        for path in sorted((TEMPLATES / kind).glob("*/contract.html")):
            text = _VALUE.sub("某", _NOISE.sub("\n", path.read_text("utf-8")))
            yield from (f"{letter}|{line.strip()}" for line in text.split("\n"))
        for path in sorted((TEMPLATES / kind).glob("*/examples/*.json")):
            values = json.loads(path.read_text("utf-8"))["values"]
            for text in _strings(values):
                yield from (f"{letter}|{line.strip()}" for line in text.split("\n"))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value.replace("|", "")
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def main() -> None:
    """Write the file."""
    lines = [line for line in dict.fromkeys(clauses()) if len(line) >= SHORTEST + 2]
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{TARGET.name}: {len(lines)} clauses")


if __name__ == "__main__":
    main()
