"""The scripts of the pages: tested by node, typed, small, and built from what lies beside them."""

import gzip
import json

import pytest

from worker_site import ROOT

pytest_plugins = ("plugins.worker_pages",)

SOURCE = ROOT / "signing" / "web" / "static" / "src"
DIST = ROOT / "signing" / "web" / "static" / "dist"
MANIFEST = json.loads((DIST / "manifest.json").read_text("utf-8"))
BROTLI_BUDGET = {"sign.js": 15_000, "read.js": 2_000, "page.js": 2_000, "app.css": 4_000}
LONGEST_MODULE = 150


def test_node_passes_the_tests_of_the_modules(node_tools):
    files = sorted((ROOT / "tests" / "js").glob("*.test.js"))

    output = node_tools.run("--test", *files)

    assert "fail 0" in output


def test_the_types_in_the_comments_hold(node_tools):
    node_tools.run("node_modules/typescript/bin/tsc", "--project", "jsconfig.json")


def test_what_is_served_is_what_the_sources_build(node_tools, tmp_path):
    node_tools.run("build.mjs", tmp_path)

    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    served = {path.name: path.read_bytes() for path in DIST.iterdir()}
    assert built.keys() == served.keys()
    assert [name for name in built if built[name] != served[name]] == []


@pytest.mark.parametrize("name", [name for name in MANIFEST if name.endswith(".js")])
def test_a_script_runs_in_browsers_that_know_no_more_than_es2017(node_tools, name):
    program = (
        "const { parse } = require('acorn');"
        "parse(require('fs').readFileSync(process.argv[1], 'utf8'), { ecmaVersion: 2017 });"
    )

    node_tools.run("--eval", program, DIST / MANIFEST[name])


@pytest.mark.parametrize("name", BROTLI_BUDGET)
def test_an_asset_keeps_its_budget(name):
    packed = (DIST / f"{MANIFEST[name]}.br").stat().st_size

    assert packed <= BROTLI_BUDGET[name]


@pytest.mark.parametrize("name", MANIFEST)
def test_a_packed_asset_is_the_asset(name):
    packed = (DIST / f"{MANIFEST[name]}.gz").read_bytes()

    assert gzip.decompress(packed) == (DIST / MANIFEST[name]).read_bytes()


def test_the_licence_of_what_is_built_in_stays_with_it():
    script = (DIST / MANIFEST["sign.js"]).read_text("utf-8")

    assert "Signature Pad v5.1.4" in script
    assert "Released under the MIT license" in script


def test_modules_stay_short_enough_to_read():
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in SOURCE.glob("*.js")}

    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}
