"""All files of the suite: each folder beside this module is one class of attacks."""

import importlib.util
from dataclasses import replace
from functools import cache
from pathlib import Path

from attack import Attack


@cache
def attacks() -> tuple[Attack, ...]:
    found: list[Attack] = []
    for path in sorted(Path(__file__).parent.glob("*/attacks.py")):
        folder = path.parent.name
        spec = importlib.util.spec_from_file_location(f"attacks_{folder}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found += [replace(attack, folder=folder) for attack in module.ATTACKS]
    return tuple(found)
