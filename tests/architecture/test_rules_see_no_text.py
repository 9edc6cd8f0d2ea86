"""Only `reading` sees text: the rules judge tags, polarity, actors, numbers and dates."""

import ast
from pathlib import Path

import pytest

RULES = Path(__file__).resolve().parents[2] / "signing" / "domain" / "rules"
READS = "reading.py"
SEARCHES = {
    "find",
    "rfind",
    "index",
    "rindex",
    "startswith",
    "endswith",
    "count",
    "replace",
    "search",
    "match",
    "fullmatch",
    "finditer",
    "findall",
}
TEXT_MODULES = {"re", "fnmatch", "difflib", "string", "regex"}
PARSES_FRAMES = "frames.py"
"""Parses the short form of rules in the data files, which is no text of an agreement."""

ALLOWED = {("shape.py", "endswith")}
"""Names of members (`start_date`), not words of an agreement."""

MODULES = sorted(p.name for p in RULES.glob("*.py") if p.name not in {READS, PARSES_FRAMES})


def searches(tree: ast.AST) -> list[str]:
    """Where a module imports a text library, calls a string search or asks `"…" in …`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name in TEXT_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module in TEXT_MODULES:
            found.append(node.module)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in SEARCHES and not _replaces_a_value(node):
                found.append(f"{node.lineno}: .{node.func.attr}(")
        elif isinstance(node, ast.Compare):
            found += _literal_memberships(node)
    return found


def _replaces_a_value(node: ast.Call) -> bool:
    """`dataclasses.replace(...)` as an attribute takes keywords only after its first argument."""
    return bool(node.keywords)


def _literal_memberships(node: ast.Compare) -> list[str]:
    """`"words" in text`: a longer Chinese literal on the left of `in`."""
    left = node.left
    is_text = isinstance(left, ast.Constant) and isinstance(left.value, str)
    if not is_text or not any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
        return []
    has_chinese = any("\u4e00" <= c <= "\u9fff" for c in left.value)
    return [f"{node.lineno}: {left.value!r} in …"] if has_chinese else []


@pytest.mark.parametrize("module", MODULES)
def test_a_rule_module_searches_no_text(module):
    tree = ast.parse((RULES / module).read_text("utf-8"))

    found = [s for s in searches(tree) if not any(m == module and a in s for m, a in ALLOWED)]

    assert found == []


def test_the_check_sees_a_search_where_there_is_one():
    tree = ast.parse("import re\nif '押金' in text or text.find('x'): pass")

    found = searches(tree)

    assert len(found) == 3
