"""No body breaks the service: any JSON value at any place is answered by name."""

import copy
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from running_service import Home
from signing.app import make_shelf

KINDS = ("labour_contract", "written_agreement", "tripartite_agreement")
HUGE = 10**400
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Door:
    """The API of a service in this process."""

    def __init__(self, home: Home, application, key: str):
        self.home = home
        self.client = application.flask.test_client()
        self.application = application
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def post(self, path: str, text: str):
        return self.client.post(f"/api/v1{path}", data=text.encode(), headers=self.headers)

    def stored(self) -> int:
        answer = self.client.get("/api/v1/agreements?limit=100", headers=self.headers)
        return len(answer.json["items"])


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("fuzz"))
    with home.opened() as application:
        yield Door(home, application, home.api.key)


@pytest.fixture(scope="module")
def shelf(door):
    return make_shelf(door.application.config)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63, 2**64, HUGE, -HUGE, 1e308, -0.0, 5e-324]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(["", " ", "\u200b", "\ud800", "2026-13-01", "20261201", "0001-01-01",
                     "9999-12-31", "{{ 1 }}", "<b>", "\u0000", "é" * 3000]),
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value, path=()):
    """Every place of a body, containers included."""
    yield path
    members = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in members:
        yield from places(inner, (*path, key))


def changed(body, path, value, *, drop=False):
    made = copy.deepcopy(body)
    if not path:
        return value
    above = made
    for key in path[:-1]:
        above = above[key]
    if drop:
        del above[path[-1]]
    else:
        above[path[-1]] = value
    return made


@st.composite
def mutations(draw):
    """Kind, number of the example, which place (as a share), what to put there."""
    return (
        draw(st.sampled_from(KINDS)),
        draw(st.integers(1, 20)),
        draw(st.integers(0, 10_000)),
        draw(st.sampled_from(["put", "put", "drop", "add"])),
        draw(JSON),
    )


def mutated(shelf, mutation):
    kind, variant, share, how, value = mutation
    body = shelf.example(kind, variant)
    found = list(places(body))
    path = found[share % len(found)]
    if how == "add" and path:
        return changed(body, (*path[:-1], "x-extra") if isinstance(path[-1], str) else path, value)
    return changed(body, path, value, drop=how == "drop")


@settings(SETTINGS, max_examples=400)
@given(mutations())
@example(("labour_contract", 1, 0, "put", []))
@example(("labour_contract", 1, 0, "put", None))
def test_a_check_of_any_body_is_answered(door, shelf, mutation):
    text = json.dumps(mutated(shelf, mutation))

    answer = door.post("/agreements/check", text)

    assert answer.status_code in (200, 400, 404, 422), answer.get_data(as_text=True)
    if answer.status_code == 422:
        assert answer.json["errors"]
        assert all(
            error["path"] is not None and error["message_zh"] for error in answer.json["errors"]
        )


@settings(SETTINGS, max_examples=40)
@given(mutations())
def test_creation_says_what_the_check_said(door, shelf, mutation):
    text = json.dumps(mutated(shelf, mutation))
    before = door.stored()

    checked = door.post("/agreements/check", text)
    made = door.post("/agreements", text)

    said = checked.json
    if checked.status_code == 200 and said["would_create"]:
        assert made.status_code == 201, made.get_data(as_text=True)
        return
    assert made.status_code in (400, 404, 422), made.get_data(as_text=True)
    assert made.json.get("errors", []) == said.get("errors", [])
    assert made.json.get("findings", []) == said.get("findings", [])
    assert door.stored() == before


BODY = '{"kind": "written_agreement", "values": %s}'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BODY % '{"a": 1, "a": 2}', "DUPLICATE_MEMBER"),
        (BODY % '{"a": NaN}', "NOT_A_NUMBER"),
        (BODY % '{"a": -Infinity}', "NOT_A_NUMBER"),
        (BODY % '{"a": 1e309}', "NOT_A_NUMBER"),
        (BODY % ("[" * 2000 + "]" * 2000), "TOO_DEEP"),
        (BODY % ('{"a":' * 2000 + "1" + "}" * 2000), "TOO_DEEP"),
        (BODY % '{"a": "\\ud800"}', "LONE_SURROGATE"),
        (BODY % '{"\\udfff": 1}', "LONE_SURROGATE"),
        (BODY % '{"a": %s}' % ("9" * 5000), "NOT_JSON"),
        ("\ufeff{}", "BOM"),
        ("", "NOT_JSON"),
        ("{", "NOT_JSON"),
    ],
)
@pytest.mark.parametrize("path", ["/agreements", "/agreements/check"])
def test_what_json_leaves_open_is_refused_by_name(door, path, text, code):
    answer = door.post(path, text)

    assert (answer.status_code, answer.json["code"]) == (400, code)


def full_of_mistakes(shelf):
    body = shelf.example("written_agreement", 1)
    body["colour"] = "red"
    body["parties"][0]["mood"] = "good"
    body["parties"][0]["phone"] = 7
    body["parties"][1]["id_number"] = "430104199003070016"
    body["values"]["pay_day"] = "soon"
    body["values"]["flavour"] = "sweet"
    body["values"]["start_date"] = "20261201"
    body["values"]["guaranteed_hourly_fen"] = 900
    body["values"]["other_terms"] = "乙方入职时须交纳押金500元。"
    body["classification"]["answers"]["q1"] = 5
    return body


def test_the_command_line_says_what_the_api_says(door, shelf, tmp_path):
    body = full_of_mistakes(shelf)
    file = tmp_path / "body.json"
    file.write_text(json.dumps(body, ensure_ascii=False), "utf-8")

    said = json.loads(door.home.run("templates", "check", file).stdout)
    answer = door.post("/agreements/check", json.dumps(body)).json

    assert said["errors"] == answer["errors"]
    assert said["findings"] == answer["findings"]
    assert said["would_create"] is False


def test_unknown_members_wrong_types_and_values_come_in_one_answer_with_the_law(door, shelf):
    body = full_of_mistakes(shelf)

    answers = [door.post(p, json.dumps(body)) for p in ("/agreements", "/agreements/check")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json["errors"] == answers[1].json["errors"]
    assert answers[0].json["findings"] == answers[1].json["findings"]
    assert {error["path"] for error in answers[0].json["errors"]} >= {
        "colour",
        "parties[0].mood",
        "parties[0].phone",
        "parties[1].id_number",
        "values.pay_day",
        "values.flavour",
        "values.start_date",
        "classification.answers.q1",
    }
    assert {"R-05a", "R-06a"} <= {finding["rule"] for finding in answers[0].json["findings"]}
