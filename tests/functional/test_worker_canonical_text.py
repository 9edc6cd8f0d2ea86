"""The phone reads the same canonical text as the service: one vector file for both (D6)."""

import json

import pytest

from worker_phone import WorkerPhone
from worker_site import ROOT

pytest_plugins = ("plugins.worker_pages",)
pytestmark = pytest.mark.needs("chromium")

SOURCE = ROOT / "signing" / "web" / "static" / "src"
VECTORS = json.loads((ROOT / "tests" / "vectors" / "canonical_text.json").read_text("utf-8"))
READ = """async () => {
    const contract = document.getElementById('contract');
    return [reader.canonicalText(contract), await reader.textSha256(contract)];
}"""


@pytest.fixture(scope="module")
def reader(node_tools, tmp_path_factory):
    """The module that the reading page uses, as one script."""
    script = tmp_path_factory.mktemp("script") / "reader.js"
    node_tools.run(
        "node_modules/esbuild/bin/esbuild",
        SOURCE / "canonical_text.js",
        "--bundle",
        "--format=iife",
        "--global-name=reader",
        "--target=es2017",
        f"--outfile={script}",
    )
    return script.read_text("utf-8")


@pytest.fixture(scope="module")
def screen(browser, site):
    """A page of our origin (a digest needs a secure context) without our headers."""
    phone = WorkerPhone(browser)
    phone.page.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
    phone.open(site.url)
    yield phone.page
    phone.close()


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_text_on_the_screen_is_the_text_of_the_vector(screen, reader, case):
    screen.set_content(case["html"])
    screen.add_script_tag(content=reader)

    assert screen.evaluate(READ) == [case["text"], case["sha256"]]


@pytest.mark.parametrize("kind", ["labour_contract", "written_agreement", "tripartite_agreement"])
def test_the_page_of_an_agreement_has_the_text_that_was_rendered(site, phone, kind):
    worker = site.new_worker(kind)
    phone.context.add_cookies([worker.cookie(site.let_in(worker))])
    phone.open(f"{worker.link}/read")

    phone.read()

    kept = phone.page.evaluate(
        "(name) => sessionStorage.getItem(name)", f"text-sha256:{worker.agreement_id}"
    )
    assert kept == site.agreement(worker).text_sha256
