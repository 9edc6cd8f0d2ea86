"""A worker's phone: Chromium at 360×740, moved by what stands on its screen.

It finds every control by role and visible name (interfaces.md §9), and keeps what a strict page
must not have: violations of the CSP, errors of scripts, requests to other hosts.
"""

import json
import re
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 360, "height": 740}
PATIENCE_MS = 30_000
PROVOKED = ("status of 4", "net::ERR_", "willReadFrequently")
"""Words of console messages that tests themselves cause: refusals, cut lines, looks at the ink."""
FOCUSED_NAME = """() => {
    const focused = document.activeElement;
    const label = focused.labels && focused.labels[0];
    return (label || focused).innerText.trim();
}"""
INK = """() => {
    const pad = document.getElementById('pad');
    const { data } = pad.getContext('2d').getImageData(0, 0, pad.width, pad.height);
    let inked = 0;
    for (let i = 3; i < data.length; i += 4) inked += data[i] > 0;
    return inked / pad.width;
}"""


@contextmanager
def chromium(path: str | None):
    """A browser for several phones."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class WorkerPhone:
    """One phone with its own cookies and storage."""

    def __init__(self, browser, *, viewport=None, javascript=True):
        self.context = browser.new_context(
            viewport=viewport or PHONE,
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            accept_downloads=True,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.complaints = []
        self.hosts = set()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._see(request.url))

    def _hear(self, message):
        is_bad = message.type in ("error", "warning")
        if is_bad and not any(wanted in message.text for wanted in PROVOKED):
            self.complaints.append(message.text)

    def _see(self, url):
        if not url.startswith("data:"):
            self.hosts.add(urlsplit(url).netloc)

    def close(self):
        """Drop it."""
        self.context.close()

    # --- what a worker sees

    @property
    def heading(self):
        """The h1's text."""
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def mistakes(self):
        """Lines of the error summary; none if it is hidden."""
        return self.page.locator("#errors:not([hidden]) li").all_inner_texts()

    def wait_for_heading(self, text):
        """Until that page is there and its script has run."""
        self.page.get_by_role("heading", level=1, name=text, exact=True).wait_for()
        self.page.locator("html[data-ready]").wait_for(state="attached")

    def press(self, name):
        """A button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def tick(self, name):
        """A checkbox, if it is not ticked."""
        self.page.get_by_role("checkbox", name=name, exact=True).check()

    def fill(self, name, text):
        """A textbox."""
        self.page.get_by_role("textbox", name=name, exact=True).fill(text)

    def tab_to(self, name, keys):
        """By Tab alone to what has that name, then a key or a text."""
        for _ in range(200):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(FOCUSED_NAME) == name:
                break
        else:
            raise AssertionError(f"Tab does not lead to {name!r}")
        if keys in ("Space", "Enter"):
            self.page.keyboard.press(keys)
        else:
            self.page.keyboard.insert_text(keys)

    def ink(self):
        """How many pixels of the pad are inked, per device pixel of its width."""
        return self.page.evaluate(INK)

    def keep_nothing(self):
        """From the next page on, IndexedDB fails, as in some private windows."""
        self.context.add_init_script(
            "Object.defineProperty(window, 'indexedDB', { get() { throw new Error('off'); } });"
        )

    def wait_for_request_of_key(self):
        """Until the key is made and its public half was shown."""
        self.page.wait_for_timeout(200)
        self.page.wait_for_load_state("networkidle")

    # --- the worker's way

    def open(self, link):
        """The link from the SMS."""
        return self.page.goto(link)

    def begin(self):
        """W1: three consents, 开始."""
        for label in ("我同意用电子方式签", "我看过签署须知", "我看过怎么保护我的信息"):
            self.tick(label)
        self.press("开始")
        self.wait_for_heading("证明是您本人")

    def identify(self, worker):
        """W2."""
        self.fill("姓名", worker.name)
        self.fill("身份证号码", worker.id_number)
        self.press("下一步")

    def read(self):
        """W4: every card ticked, to the signing page."""
        self.wait_for_heading("看合同")
        for card in self.page.get_by_role("checkbox").all():
            card.check()
        self.press("全文看完了，去签字")
        self.wait_for_heading("签字")

    def come_to_sign(self, worker):
        """W1 to W7."""
        self.open(worker.link)
        self.begin()
        self.identify(worker)
        self.read()

    def come_quickly_to_sign(self, site, worker):
        """W4 and W7 alone: what comes before has tests of its own."""
        self.context.add_cookies([worker.cookie(site.let_in(worker))])
        self.open(f"{worker.link}/read")
        self.read()

    def draw(self):
        """A name, with the finger, on the pad."""
        pad = self.page.locator("#pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        for offset in (0.2, 0.6):
            self._stroke(box, offset)

    def _stroke(self, box, offset):
        mouse = self.page.mouse
        x, y = box["x"] + box["width"] * offset, box["y"] + box["height"] * 0.25
        mouse.move(x, y)
        mouse.down()
        for step in range(1, 8):
            mouse.move(x + step * 8 + (step % 3) * 6, y + step * 11)
        mouse.up()

    def ask_for_code(self, outbox, worker):
        """发验证码, then what the SMS says; returns the whole text."""
        before = len(outbox.texts(worker.phone))
        self.press("发验证码")
        self.page.get_by_text("发了 6 位数字").wait_for()
        texts = outbox.texts(worker.phone)
        assert len(texts) == before + 1
        return texts[-1]

    def sign(self, outbox, worker):
        """Code, will, 确认签字; the name must be there already."""
        self.fill("验证码", code_of(self.ask_for_code(outbox, worker)))
        self.tick("我看完了合同，是我自己愿意签的")
        self.press("确认签字")


class Outbox:
    """The SMS outbox of a development service."""

    def __init__(self, path: Path):
        self.path = path

    def texts(self, phone):
        """What was sent to a phone, oldest first."""
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        messages = [json.loads(line) for line in lines]
        return [message["text"] for message in messages if message["to"].endswith(phone[-11:])]


def code_of(text):
    """The six digits of a code's SMS."""
    return re.search(r"验证码：(\d{6})", text)[1]
