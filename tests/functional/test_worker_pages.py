"""Every page as a worker sees it: axe finds nothing, nothing is too small or runs off the screen.

The walk is made once on an ordinary phone and once on the smallest, in large print. Screenshots are
left in build/screenshots for people to look at.
"""

import json

import pytest

from worker_phone import PHONE, WorkerPhone
from worker_site import ROOT

pytest_plugins = ("plugins.worker_pages",)
pytestmark = pytest.mark.needs("chromium")

SMALL = {"width": 320, "height": 568}
SHOTS = ROOT / "build" / "screenshots"
RUN_AXE = """() => axe.run(document, {
    resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}).then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))"""
LOOK = """() => {
    const all = [...document.querySelectorAll('body *')].filter((e) => e.getClientRects().length);
    const named = (e) => `${e.tagName}.${e.className} ${(e.innerText || '').slice(0, 20)}`;
    const width = Math.max(document.documentElement.scrollWidth, window.innerWidth);
    const targets = all.filter((e) => e.matches('a, button, input, textarea, summary'))
        .map((e) => [e, (e.closest('label') || e).getBoundingClientRect()])
        .filter(([e, { height }]) => height < 44 && !e.closest('#contract'));
    const fixed = all.filter((e) => ['fixed', 'sticky'].includes(getComputedStyle(e).position));
    return {
        width,
        beyond: all.filter((e) => e.getBoundingClientRect().right > width + 0.5).map(named),
        small: targets.map(([e]) => named(e)),
        sticky: fixed.map(named),
        grey: all.filter((e) => e.matches('[disabled]')).map(named),
        headings: document.querySelectorAll('h1').length,
        root: parseFloat(getComputedStyle(document.documentElement).fontSize),
        help: document.querySelector('.help a[href^="tel:"]') !== null,
    };
}"""


class Inspector:
    """Looks at one page after another and remembers what is wrong."""

    def __init__(self, phone, axe, folder):
        self.phone, self.axe, self.folder = phone, axe, folder
        self.faults = {}
        self.roots = set()
        folder.mkdir(parents=True, exist_ok=True)

    def look(self, name):
        page = self.phone.page
        page.evaluate(self.axe)
        seen = page.evaluate(LOOK)
        self.roots.add(seen["root"])
        faults = page.evaluate(RUN_AXE)
        faults += [
            f"{what}: {seen[what]}" for what in ("beyond", "small", "sticky", "grey") if seen[what]
        ]
        if seen["width"] > page.viewport_size["width"]:
            faults.append(f"scrolls sideways: {seen['width']}")
        if seen["headings"] != 1:
            faults.append(f"{seen['headings']} h1")
        if not seen["help"]:
            faults.append("nobody to call")
        if faults:
            self.faults[name] = faults
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)


@pytest.fixture(params=["ordinary", "small and large print"])
def inspector(request, browser, node_tools):
    is_small = request.param != "ordinary"
    phone = WorkerPhone(browser, viewport=SMALL if is_small else PHONE)
    folder = SHOTS / ("large" if is_small else "ordinary")
    inspector = Inspector(phone, node_tools.read("axe-core/axe.min.js"), folder)
    inspector.is_small = is_small
    yield inspector
    phone.close()
    assert phone.complaints == []


def walk_to_the_text(inspector, worker):
    phone, look = inspector.phone, inspector.look
    phone.open(worker.link)
    if inspector.is_small:
        phone.press("大字")
    look("w01-door")
    for text in phone.page.locator("summary").all():
        text.click()
    look("w01-door-open")
    phone.press("开始")
    look("w01-door-mistakes")
    phone.begin()
    look("w02-identity")
    phone.press("下一步")
    look("w02-identity-mistakes")
    phone.fill("姓名", "李四")
    phone.fill("身份证号码", worker.id_number)
    phone.press("下一步")
    look("w02-identity-wrong")
    phone.identify(worker)
    phone.wait_for_heading("看合同")


def walk_around_the_text(inspector, worker):
    phone, look = inspector.phone, inspector.look
    look("w04-read")
    phone.press("全文看完了，去签字")
    phone.page.locator("#errors:not([hidden])").wait_for()
    look("w04-read-mistakes")
    phone.page.get_by_role("link", name="看 PDF 原件").click()
    look("w05-original")
    phone.page.get_by_role("link", name="回去看合同").click()
    phone.press("有的地方不明白 / 想改")
    look("w06-question")
    phone.press("告诉平台")
    look("w06-question-mistakes")
    phone.fill("您想问的，或者想改的", "扣款怎么算？")
    phone.press("告诉平台")
    look("w06-question-sent")
    for name in ("electronic_form", "signing_notice", "privacy_notice"):
        phone.open(f"{worker.link}/notice/{name}")
        look(f"w11-{name}")


def walk_to_the_end(inspector, outbox, worker):
    phone, look = inspector.phone, inspector.look
    phone.open(f"{worker.link}/decline")
    look("w09-decline")
    phone.press("回去看看")
    phone.read()
    look("w07-sign")
    phone.press("确认签字")
    look("w07-sign-mistakes")
    phone.press("打字签")
    look("w07-sign-typed")
    phone.press("改用手写")
    phone.draw()
    phone.fill("验证码", "000000")
    look("w07-sign-drawn")
    phone.sign(outbox, worker)
    phone.wait_for_heading("签好了")
    look("w08-done")
    report_it(phone, look)
    phone.context.clear_cookies(name="signing_session")
    phone.page.reload()
    look("w08-done-unknown")


def report_it(phone, look):
    """W12, and W8 after it."""
    phone.page.get_by_role("link", name="不是我签的 / 手机被别人用了").click()
    look("w12-report")
    phone.press("报告")
    look("w12-report-mistakes")
    phone.page.get_by_role("radio", name="我的手机被别人用了").check()
    phone.tick("我要报告，说的是真的")
    phone.press("报告")
    phone.wait_for_heading("已经报告")
    look("w08-reported")


def test_every_page_of_the_way_can_be_used_by_everybody(inspector, site, worker, outbox):
    walk_to_the_text(inspector, worker)
    walk_around_the_text(inspector, worker)
    walk_to_the_end(inspector, outbox, worker)

    assert json.dumps(inspector.faults, ensure_ascii=False, indent=1) == "{}"
    assert inspector.roots == {23 if inspector.is_small else 18}
    assert inspector.phone.hosts == {f"127.0.0.1:{site.port}"}


def test_every_closed_door_can_be_used_by_everybody(inspector, site):
    phone, look = inspector.phone, inspector.look
    phone.open(f"{site.url}/s/nonsense")
    look("w10-bad-link")
    phone.open(f"{site.url}/nowhere")
    look("w10-no-page")
    voided = site.new_worker()
    site.void(voided)
    phone.open(voided.link)
    look("w10-voided")
    locked = site.new_worker()
    phone.open(locked.link)
    phone.begin()
    for _ in range(5):
        phone.fill("姓名", "李四")
        phone.fill("身份证号码", locked.id_number)
        phone.press("下一步")
    look("w10-locked")
    declined = site.new_worker()
    phone.context.add_cookies([declined.cookie(site.let_in(declined))])
    phone.open(f"{declined.link}/decline")
    phone.press("不签")
    look("w09-declined")

    assert json.dumps(inspector.faults, ensure_ascii=False, indent=1) == "{}"


def test_a_landscape_phone_shows_the_whole_pad(site, worker, phone):
    phone.come_quickly_to_sign(site, worker)
    phone.page.set_viewport_size({"width": 740, "height": 360})

    box = phone.page.locator("#pad").bounding_box()

    assert box["height"] < 360
    assert box["width"] <= 740
