"""The phone refuses to sign what it did not read; a bad line never makes two signatures (D6)."""

import base64
import hashlib
import json

import pytest

from worker_phone import WorkerPhone, code_of

pytest_plugins = ("plugins.worker_pages",)
pytestmark = pytest.mark.needs("chromium")

SIGNED = "签好了"
NOT_WHAT_WAS_READ = "文件核对不上，没有签。请重新打开链接"
NO_NETWORK = "网络不好，没有签成。请再点一次“确认签字”"
NO_ECHO = "网络不好，还不知道签成没有。请再点一次“确认签字”，不会签两次"


def flip_base64(text, at):
    content = bytearray(base64.b64decode(text))
    content[at] ^= 1
    return base64.b64encode(content).decode()


def alter_increment(answer):
    answer["increment"] = flip_base64(answer["increment"], 40)


def alter_attributes(answer):
    attributes = base64.b64decode(answer["signed_attributes"])
    at = attributes.index(bytes.fromhex(answer["document_digest"]))
    answer["signed_attributes"] = flip_base64(answer["signed_attributes"], at)


def alter_base(answer):
    answer["base_sha256"] = "0" * 64


def move_place(answer):
    answer["contents_start"] += 2


def name_another_text(answer):
    """As a service would that shows one text and has another signed; the digests are right."""
    increment = base64.b64decode(answer["increment"])
    marker = b"text-sha256:" + answer["text_sha256"].encode()
    assert marker in increment
    changed = increment.replace(marker, b"text-sha256:" + b"0" * 64)
    base = answer.pop("_base")
    whole = base + changed
    covered = whole[: answer["contents_start"] - 1] + whole[answer["contents_end"] + 1 :]
    attributes = base64.b64decode(answer["signed_attributes"])
    old = bytes.fromhex(answer["document_digest"])
    assert old in attributes
    attributes = attributes.replace(old, hashlib.sha256(covered).digest())
    answer["increment"] = base64.b64encode(changed).decode()
    answer["signed_attributes"] = base64.b64encode(attributes).decode()


def count_signatures(site, worker):
    return site.events(worker).count("party.signed")


def alter_answers(phone, pattern, change, **extra):
    """The service's answers to that request are changed on their way to the phone."""

    def handle(route):
        response = route.fetch()
        answer = {**response.json(), **extra}
        change(answer)
        answer.pop("_base", None)
        route.fulfill(response=response, body=json.dumps(answer))

    phone.page.route(pattern, handle)


@pytest.mark.parametrize(
    "change", [alter_increment, alter_attributes, alter_base, move_place, name_another_text]
)
def test_bytes_that_are_not_what_was_read_are_not_signed(site, worker, phone, outbox, change):
    base = site.document(worker)
    phone.come_quickly_to_sign(site, worker)
    alter_answers(phone, "**/signature-request", change, _base=base)
    phone.draw()

    phone.sign(outbox, worker)
    phone.page.locator("#errors:not([hidden])").wait_for()

    assert phone.mistakes == [NOT_WHAT_WAS_READ]
    assert count_signatures(site, worker) == 0


def test_another_file_than_the_one_on_the_phone_is_not_signed(site, worker, phone, outbox):
    def handle(route):
        response = route.fetch()
        route.fulfill(response=response, body=response.body() + b"\n")

    phone.page.route("**/document.pdf", handle)
    phone.come_quickly_to_sign(site, worker)
    phone.draw()

    phone.sign(outbox, worker)
    phone.page.locator("#errors:not([hidden])").wait_for()

    assert phone.mistakes == [NOT_WHAT_WAS_READ]
    assert count_signatures(site, worker) == 0


def test_a_request_info_of_another_key_is_not_signed(site, worker, phone, outbox):
    def change(answer):
        answer["request_info"] = flip_base64(answer["request_info"], -40)

    alter_answers(phone, "**/key", change)
    phone.come_quickly_to_sign(site, worker)
    phone.draw()

    phone.sign(outbox, worker)
    phone.page.locator("#errors:not([hidden])").wait_for()

    assert phone.mistakes == [NOT_WHAT_WAS_READ]
    assert count_signatures(site, worker) == 0


def test_one_number_changed_on_the_screen_is_refused_at_reading(site, worker, phone):
    phone.open(worker.link)
    phone.begin()
    phone.identify(worker)
    phone.wait_for_heading("看合同")
    phone.page.evaluate("() => { document.querySelector('#contract p').textContent += '1'; }")
    for card in phone.page.get_by_role("checkbox").all():
        card.check()

    phone.press("全文看完了，去签字")
    phone.wait_for_heading("屏幕上的文字不对")

    assert "document.presented" not in site.events(worker)


def test_a_text_read_elsewhere_is_read_again_before_signing(site, worker, phone, browser):
    phone.come_quickly_to_sign(site, worker)
    other = WorkerPhone(browser)

    other.open(worker.link)
    other.press("接着签")
    other.identify(worker)
    other.wait_for_heading("签字")

    assert other.page.get_by_text("请先在这个浏览器里看一遍合同").is_visible()
    assert not other.page.get_by_role("button", name="确认签字").is_visible()
    other.close()


class BadLine:
    """Loses some requests: before they arrive, or only their answers."""

    def __init__(self, phone, name, *, losses, arrives):
        self.losses, self.arrives, self.seen = losses, arrives, 0
        phone.page.route(f"**/{name}", self._handle)

    def _handle(self, route):
        self.seen += 1
        if self.seen > self.losses:
            route.continue_()
            return
        if self.arrives:
            route.fetch()
        route.abort("connectionreset")


@pytest.fixture(params=[False, True], ids=["request lost", "answer lost"])
def arrives(request):
    return request.param


@pytest.fixture
def signing(site, worker, phone, outbox):
    """Everything done but 确认签字; gives back how many signatures there are."""
    phone.come_quickly_to_sign(site, worker)
    phone.draw()
    phone.fill("验证码", code_of(phone.ask_for_code(outbox, worker)))
    phone.tick("我看完了合同，是我自己愿意签的")
    return lambda: count_signatures(site, worker)


@pytest.mark.parametrize("name", ["signature-request", "signature"])
def test_a_request_dropped_once_is_sent_again_and_signs_once(phone, signing, name, arrives):
    line = BadLine(phone, name, losses=1, arrives=arrives)

    phone.press("确认签字")
    phone.wait_for_heading(SIGNED)

    assert line.seen == 2
    assert signing() == 1


def test_a_key_whose_offer_was_dropped_is_offered_again(site, worker, phone, outbox, arrives):
    line = BadLine(phone, "key", losses=1, arrives=arrives)
    phone.come_quickly_to_sign(site, worker)
    phone.draw()

    phone.sign(outbox, worker)
    phone.wait_for_heading(SIGNED)

    assert line.seen == 2


@pytest.mark.parametrize(
    ("name", "told"), [("signature-request", NO_NETWORK), ("signature", NO_ECHO)]
)
def test_a_dead_line_is_told_and_pressing_again_signs_once(phone, signing, name, told, arrives):
    BadLine(phone, name, losses=3, arrives=arrives)
    phone.press("确认签字")
    phone.page.locator("#errors:not([hidden])").wait_for()
    said = phone.mistakes

    phone.press("确认签字")
    phone.wait_for_heading(SIGNED)

    assert said == [told]
    assert signing() == 1


def test_a_reload_after_a_lost_answer_finds_the_agreement_signed(site, worker, phone, outbox):
    BadLine(phone, "signature", losses=3, arrives=True)
    phone.come_quickly_to_sign(site, worker)
    phone.draw()
    phone.sign(outbox, worker)
    phone.page.locator("#errors:not([hidden])").wait_for()

    phone.page.reload()
    phone.wait_for_heading(SIGNED)

    assert count_signatures(site, worker) == 1


def test_a_code_that_does_not_get_through_is_told(site, worker, phone):
    BadLine(phone, "code", losses=3, arrives=False)
    phone.come_quickly_to_sign(site, worker)

    phone.press("发验证码")
    phone.page.locator("#errors:not([hidden])").wait_for()

    assert phone.mistakes == ["网络不好，没有发出去。请再点一次“发验证码”"]


def test_two_quick_taps_make_one_signature(site, worker, phone, signing):
    phone.page.get_by_role("button", name="确认签字", exact=True).dblclick()
    phone.wait_for_heading(SIGNED)

    assert signing() == 1
    assert site.events(worker).count("signature.requested") == 1


def test_an_agreement_voided_while_signing_is_not_signed(site, worker, phone, signing):
    site.void(worker)

    phone.press("确认签字")
    phone.wait_for_heading("这份合同取消了")

    assert signing() == 0


def test_a_phone_that_lost_its_key_is_told_to_ask_for_a_new_code(site, worker, phone, outbox):
    phone.keep_nothing()
    phone.come_quickly_to_sign(site, worker)
    phone.draw()
    BadLine(phone, "signature", losses=3, arrives=False)
    phone.sign(outbox, worker)
    phone.page.locator("#errors:not([hidden])").wait_for()
    used_code = code_of(outbox.texts(worker.phone)[-1])

    # What was prepared for the first key can never be signed: the reload made another one.
    phone.page.reload()
    phone.wait_for_heading("签字")
    phone.draw()
    phone.fill("验证码", used_code)
    phone.tick("我看完了合同，是我自己愿意签的")
    phone.press("确认签字")
    phone.page.locator("#errors:not([hidden])").wait_for()

    assert phone.mistakes == ["请先点“发验证码”"]
    assert count_signatures(site, worker) == 0
