"""Parties as outsiders send them: every kind of document, names that break a file's plan."""

import pytest

from running_service import worker_of


@pytest.mark.parametrize("variant", [18, 19])
@pytest.mark.parametrize("kind", ["labour_contract", "written_agreement", "tripartite_agreement"])
def test_examples_with_other_documents_than_the_resident_card_can_be_posted(
    service, api, kind, variant
):
    body = service.example(kind, variant)

    answer = api.post("/agreements/check", body)

    assert worker_of(body)["id_type"] != "resident_id"
    assert answer.status_code == 200, answer.text
    assert answer.json()["would_create"] is True


def test_a_line_break_in_a_name_is_a_mistake_and_makes_no_agreement(service, api):
    body = service.example("written_agreement", reference="line-break-in-a-name")
    worker_of(body)["name"] = "张三\n李四"

    answer = api.post("/agreements", body)

    assert answer.status_code == 422
    assert ("parties[1].name", "CONTROL_CHARACTER") in {
        (error["path"], error["code"]) for error in answer.json()["errors"]
    }
    assert api.get("/agreements?reference=line-break-in-a-name").json()["items"] == []


def test_a_date_that_does_not_exist_is_one_mistake(service, api):
    body = service.example("written_agreement")
    body["values"]["start_date"] = "2026-13-01"

    answer = api.post("/agreements", body)

    paths = [error["path"] for error in answer.json()["errors"]]
    assert (answer.status_code, paths) == (422, ["values.start_date"])
