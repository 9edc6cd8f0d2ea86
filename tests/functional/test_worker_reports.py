"""W12: 不是我签的 / 手机被别人用了, on a phone without scripts, with fingers that slip."""

import pytest

from signing.cli.phone import SoftwarePhone
from worker_phone import PHONE, WorkerPhone

pytest_plugins = ("plugins.worker_pages",)
pytestmark = pytest.mark.needs("chromium")

BUTTON = "不是我签的 / 手机被别人用了"


@pytest.fixture
def signed(site, worker, outbox):
    """A worker whose agreement is signed by all."""
    phone = SoftwarePhone(
        link=worker.link,
        name=worker.name,
        id_number=worker.id_number,
        read_sms=lambda: outbox.texts(worker.phone)[-1],
    )
    phone.begin()
    phone.identify()
    phone.sign(phone.read())
    return worker


@pytest.fixture(params=["scripts", "no scripts"])
def phone(request, browser):
    phone = WorkerPhone(browser, viewport=PHONE, javascript=request.param == "scripts")
    yield phone
    phone.close()
    assert phone.complaints == []


def follow(phone, name):
    phone.page.get_by_role("link", name=name).click()


def heading(phone):
    return phone.page.get_by_role("heading", level=1).inner_text()


def test_the_worker_reports_from_the_page_that_the_link_opens(site, signed, phone):
    phone.page.goto(signed.link)
    follow(phone, BUTTON)
    assert heading(phone) == "证明是您本人"
    phone.identify(signed)
    assert heading(phone) == "签好了"
    follow(phone, BUTTON)
    phone.page.get_by_role("radio", name="我的手机被别人用了").check()
    phone.page.get_by_role("checkbox", name="我要报告，说的是真的").check()

    phone.page.get_by_role("button", name="报告", exact=True).click()

    said = phone.page.get_by_role("status").inner_text()
    assert heading(phone) == "已经报告"
    assert "您报告了：我的手机被别人用了" in said
    assert "停用" in said
    assert phone.page.get_by_role("link", name=BUTTON).count() == 0
    assert phone.page.get_by_role("link", name="保存合同").count() == 1
    assert site.events(signed).count("certificate.revoked") == 1
    report = next(p.report for p in site.agreement(signed).parties if p.id == signed.party_id)
    assert (report.by, report.reason) == ("worker", "我的手机被别人用了")


def test_a_slip_reports_nothing(site, signed, phone):
    phone.context.add_cookies([signed.cookie(site.let_in_again(signed))])
    phone.page.goto(f"{signed.link}/done")
    follow(phone, BUTTON)
    phone.page.get_by_role("button", name="报告", exact=True).click()
    mistakes = phone.page.get_by_role("alert").inner_text()
    phone.page.get_by_role("radio", name="不是我签的").check()
    phone.page.get_by_role("button", name="报告", exact=True).click()
    still = phone.page.get_by_role("alert").inner_text()
    chosen = phone.page.get_by_role("radio", name="不是我签的").is_checked()
    follow(phone, "点错了，回去")

    assert "请选一下：出了什么事" in mistakes
    assert "还没勾：我要报告" in mistakes
    assert "请选一下" not in still
    assert chosen
    assert heading(phone) == "签好了"
    assert "certificate.revoked" not in site.events(signed)
    assert all(party.report is None for party in site.agreement(signed).parties)


def test_a_link_alone_reports_nothing(site, signed):
    client = site.client()

    asked = client.get(f"{signed.path}/report")
    sent = client.post(f"{signed.path}/report", data={"happening": "not_me", "sure": "yes"})

    assert (asked.status_code, asked.headers["Location"]) == (303, f"{signed.path}/identity")
    assert sent.status_code == 403
    assert "certificate.revoked" not in site.events(signed)


def test_before_the_signature_there_is_nothing_to_report(site, worker):
    client = site.client()
    client.set_cookie("signing_session", site.let_in(worker), path=worker.path)

    asked = client.get(f"{worker.path}/report")

    assert (asked.status_code, asked.headers["Location"]) == (303, f"{worker.path}/done")
    assert client.get(f"{worker.path}/done").headers["Location"] == worker.path
