"""The rules' data files as plain values: the domain takes them as arguments, it reads no file."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

_DATA = "signing.domain.rules"


def read_data(name: str) -> Mapping[str, Any]:
    """One data file by its path under `rules/data`, such as `packs/hunan-2021-24.toml`."""
    return tomllib.loads(_root().joinpath(*name.split("/")).read_text(encoding="utf-8"))


def read_folder(name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every TOML file of a folder under `rules/data`, by name without its ending, sorted."""
    folder = _root().joinpath(name)
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            yield entry.name.removesuffix(".toml"), tomllib.loads(entry.read_text("utf-8"))


def _root() -> Traversable:
    return files(_DATA).joinpath("data")
