"""What an operator and a platform meet besides agreements: metrics, commands, reminders."""

import time

import pytest
import requests

from running_service import worker_of


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"X-Real-IP": "203.0.113.7"},
        {"Via": "1.1 proxy"},
    ],
)
def test_metrics_are_not_shown_through_a_proxy_on_this_machine(service, header):
    address = f"{service.url}/metrics"

    direct = requests.get(address, timeout=10)
    relayed = requests.get(address, headers=header, timeout=10)

    assert (direct.status_code, relayed.status_code) == (200, 404)
    assert "python_info" not in relayed.text


def test_a_reminder_sends_the_same_link_again(service, api):
    body = service.example("written_agreement")
    worker_of(body)["phone"] = "13911110001"
    agreement = api.create(body)
    before = wait_for_messages(service, "13911110001", 1)

    answer = api.post(f"/agreements/{agreement['id']}/remind")

    assert answer.status_code == 200, answer.text
    assert wait_for_messages(service, "13911110001", len(before) + 1) == before + before[-1:]
    assert worker_of(answer.json())["signing_link"] == worker_of(agreement)["signing_link"]


def wait_for_messages(service, phone: str, least: int) -> list[str]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and len(service.messages(phone)) < least:
        time.sleep(0.1)
    return service.messages(phone)
