"""Walk (b) in a real browser at the size of a phone: a worker signs, by hand or by keyboard."""

import pytest

from worker_phone import PHONE, WorkerPhone, code_of

pytest_plugins = ("plugins.worker_pages",)
pytestmark = pytest.mark.needs("chromium")

SIGNED = "签好了"
KEYS_LEFT = """async () => {
    const open = indexedDB.open('signing', 1);
    const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
    const count = database.transaction('keys').objectStore('keys').count();
    await new Promise((done) => { count.onsuccess = done; });
    database.close();
    return count.result;
}"""


def count_signatures(site, worker):
    return site.events(worker).count("party.signed")


def test_a_worker_draws_a_name_and_the_agreement_is_complete(site, worker, phone, outbox):
    phone.come_to_sign(worker)
    phone.draw()

    phone.sign(outbox, worker)
    phone.wait_for_heading(SIGNED)

    agreement = site.agreement(worker)
    assert agreement.status.value == "completed"
    assert agreement.party(worker.party_id).custody.value == "device"
    assert count_signatures(site, worker) == 1
    assert phone.hosts == {f"127.0.0.1:{site.port}"}


def test_what_was_signed_on_a_phone_is_sound_for_the_judge(site, worker, phone, outbox):
    phone.come_quickly_to_sign(site, worker)
    phone.draw()
    phone.sign(outbox, worker)
    phone.wait_for_heading(SIGNED)

    verdict = site.services.verifying.verify_upload(site.document(worker))

    assert verdict.indication.value == "TOTAL-PASSED"
    assert verdict.signatures[-1].role == "worker"
    assert verdict.document.complete is True


def test_each_consent_and_step_is_an_event_in_the_order_of_the_pages(site, worker, phone, outbox):
    phone.come_to_sign(worker)
    phone.draw()
    phone.sign(outbox, worker)
    phone.wait_for_heading(SIGNED)

    assert site.events(worker)[1:] == [
        "agreement.viewed",
        *["party.consented"] * 3,
        "party.identified",
        "document.presented",
        "certificate.issued",
        "signature.requested",
        "party.signed",
    ]


def test_the_sms_names_the_file_that_is_about_to_be_signed(site, worker, phone, outbox):
    phone.come_quickly_to_sign(site, worker)
    file_number = site.agreement(worker).revision_sha256[:6].upper()

    text = phone.ask_for_code(outbox, worker)

    assert f"文件号 {file_number}。" in text
    assert phone.page.get_by_text(file_number, exact=True).is_visible()
    assert text.splitlines()[-1] == f"@127.0.0.1 #{code_of(text)}"


def test_a_typed_name_signs_with_the_keyboard_alone(site, worker, phone, outbox):
    phone.open(worker.link)
    for label in ("我同意用电子方式签", "我看过签署须知", "我看过怎么保护我的信息"):
        phone.tab_to(label, "Space")
    phone.tab_to("开始", "Enter")
    phone.wait_for_heading("证明是您本人")
    phone.tab_to("姓名", worker.name)
    phone.tab_to("身份证号码", worker.id_number)
    phone.tab_to("下一步", "Enter")
    phone.wait_for_heading("看合同")
    for card in phone.page.get_by_role("checkbox").all():
        phone.tab_to(card.locator("xpath=..").inner_text(), "Space")
    phone.tab_to("全文看完了，去签字", "Enter")
    phone.wait_for_heading("签字")

    phone.tab_to("打字签", "Enter")
    phone.tab_to("您的名字", worker.name)
    phone.tab_to("发验证码", "Enter")
    phone.page.get_by_text("发了 6 位数字").wait_for()
    phone.tab_to("验证码", code_of(outbox.texts(worker.phone)[-1]))
    phone.tab_to("我看完了合同，是我自己愿意签的", "Space")
    phone.tab_to("确认签字", "Enter")
    phone.wait_for_heading(SIGNED)

    assert count_signatures(site, worker) == 1


@pytest.mark.parametrize("kind", ["labour_contract", "tripartite_agreement"])
def test_the_other_kinds_are_signed_in_the_same_way(site, phone, outbox, kind):
    worker = site.new_worker(kind)
    phone.come_quickly_to_sign(site, worker)
    phone.draw()

    phone.sign(outbox, worker)
    phone.wait_for_heading(SIGNED)

    assert site.agreement(worker).status.value == "completed"


def test_a_worker_who_does_not_want_to_says_so_and_is_left_alone(site, worker, phone):
    phone.open(worker.link)
    phone.begin()
    phone.identify(worker)
    phone.wait_for_heading("看合同")

    phone.press("不签了")
    phone.wait_for_heading("确定不签？")
    phone.press("不签")
    phone.wait_for_heading("您选了不签")

    assert site.agreement(worker).status.value == "declined"
    assert site.events(worker)[-1] == "party.declined"


def test_the_key_cannot_leave_the_phone_and_is_gone_afterwards(site, worker, phone, outbox):
    phone.come_quickly_to_sign(site, worker)
    phone.wait_for_request_of_key()
    export = """async () => {
        const open = indexedDB.open('signing', 1);
        const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
        const all = database.transaction('keys').objectStore('keys').getAll();
        const [pair] = await new Promise((done) => { all.onsuccess = () => done(all.result); });
        database.close();
        return crypto.subtle.exportKey('pkcs8', pair.privateKey).then(() => 'left', (e) => e.name);
    }"""

    assert phone.page.evaluate(export) == "InvalidAccessError"
    phone.draw()
    phone.sign(outbox, worker)
    phone.wait_for_heading(SIGNED)

    assert phone.page.evaluate(KEYS_LEFT) == 0


def test_a_reload_while_signing_goes_on_with_the_same_key(site, worker, phone, outbox):
    shown = []
    phone.page.on("request", lambda r: shown.append(r.post_data) if r.url.endswith("/key") else 0)
    phone.come_quickly_to_sign(site, worker)
    phone.wait_for_request_of_key()

    phone.page.reload()
    phone.wait_for_heading("签字")
    phone.draw()
    phone.sign(outbox, worker)
    phone.wait_for_heading(SIGNED)

    assert len(shown) == 2
    assert shown[0] == shown[1]


def test_a_phone_that_keeps_nothing_signs_too(site, worker, phone, outbox):
    phone.keep_nothing()
    phone.come_quickly_to_sign(site, worker)
    phone.draw()

    phone.sign(outbox, worker)
    phone.wait_for_heading(SIGNED)

    assert count_signatures(site, worker) == 1


def test_without_webcrypto_the_page_says_how_to_go_on(site, worker, phone):
    phone.come_quickly_to_sign(site, worker)
    phone.context.add_init_script("delete Crypto.prototype.subtle;")

    phone.page.reload()
    phone.wait_for_heading("签字")

    assert phone.page.get_by_text("这个浏览器签不了").is_visible()
    assert not phone.page.get_by_role("button", name="确认签字").is_visible()
    assert "certificate.issued" not in site.events(worker)


def test_ink_stays_when_the_phone_is_turned(site, worker, phone):
    phone.come_quickly_to_sign(site, worker)
    phone.draw()
    before = phone.ink()

    phone.page.set_viewport_size({"width": PHONE["height"], "height": PHONE["width"]})
    phone.page.wait_for_timeout(300)
    phone.page.set_viewport_size(PHONE)
    phone.page.wait_for_timeout(300)

    assert phone.ink() == pytest.approx(before, rel=0.2)
    assert before > 0


def test_everything_that_is_missing_is_named_at_once(site, worker, phone):
    phone.come_quickly_to_sign(site, worker)

    phone.press("确认签字")

    assert phone.mistakes == [
        "请先在框里写上您的名字",
        "请先勾“我看完了合同，是我自己愿意签的”",
        "验证码是 6 位数字，请看短信再填",
    ]
    assert phone.page.title() == "出错：签字"
    assert phone.page.evaluate("() => document.activeElement.id") == "errors"


def test_rewriting_wipes_the_box(site, worker, phone):
    phone.come_quickly_to_sign(site, worker)
    phone.draw()

    phone.press("重写")

    assert phone.ink() == 0


def test_three_wrong_codes_kill_the_code_and_sign_nothing(site, worker, phone, outbox):
    phone.come_quickly_to_sign(site, worker)
    phone.draw()
    right = code_of(phone.ask_for_code(outbox, worker))
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    phone.tick("我看完了合同，是我自己愿意签的")

    said = []
    for code in (wrong, wrong, wrong, right):
        phone.fill("验证码", code)
        phone.press("确认签字")
        phone.page.locator("#errors:not([hidden])").wait_for()
        said += phone.mistakes

    assert said == [
        "验证码不对，还可以试 2 次",
        "验证码不对，还可以试 1 次",
        "验证码不对，还可以试 0 次",
        "试错次数太多，请再要一个验证码",
    ]
    assert count_signatures(site, worker) == 0


def test_a_second_code_within_a_minute_says_when(site, worker, phone, outbox):
    phone.come_quickly_to_sign(site, worker)
    phone.ask_for_code(outbox, worker)

    phone.press("发验证码")
    phone.page.locator("#errors:not([hidden])").wait_for()

    assert phone.mistakes[0].endswith("秒后可以再发")


def test_going_back_after_signing_leads_to_the_signed_page(site, worker, phone, outbox):
    phone.come_quickly_to_sign(site, worker)
    phone.draw()
    phone.sign(outbox, worker)
    phone.wait_for_heading(SIGNED)

    phone.page.goto(f"{worker.link}/sign")
    phone.wait_for_heading(SIGNED)
    phone.open(worker.link)
    phone.wait_for_heading(SIGNED)


def test_reading_and_declining_work_without_scripts(site, worker, browser):
    phone = WorkerPhone(browser, javascript=False)
    phone.open(worker.link)
    for label in ("我同意用电子方式签", "我看过签署须知", "我看过怎么保护我的信息"):
        phone.tick(label)
    phone.press("开始")
    phone.identify(worker)

    assert phone.heading == "看合同"
    assert "附件" in phone.page.locator("#contract").inner_text()
    assert phone.page.locator("noscript .note").is_visible()
    pdf = phone.page.request.get(f"{worker.link}/document.pdf")
    assert pdf.body() == site.document(worker)
    phone.press("不签了")
    phone.press("不签")
    assert phone.heading == "您选了不签"
    phone.close()


def test_without_scripts_the_way_to_sign_is_told_not_hidden(worker, browser):
    phone = WorkerPhone(browser, javascript=False)
    phone.open(worker.link)
    for label in ("我同意用电子方式签", "我看过签署须知", "我看过怎么保护我的信息"):
        phone.tick(label)
    phone.press("开始")
    phone.identify(worker)
    for card in phone.page.get_by_role("checkbox").all():
        card.check()

    phone.press("全文看完了，去签字")

    assert phone.heading == "看合同"
    assert "选“在浏览器打开”" in phone.mistakes[0]
    phone.close()
