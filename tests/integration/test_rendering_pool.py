import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from fakes_web import client_of, use_case
from signing.errors import Broken
from signing.rendering.pool import Limits, Pool
from signing.rendering.renderer import Renderer

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "tests" / "templates"
FONTS = ROOT / "build" / "fonts"


@pytest.fixture
def make_pool():
    made = []

    def make(**limits):
        made.append(Pool(TEMPLATES, FONTS, size=1, limits=Limits(**limits)))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


def request():
    path = TEMPLATES / "written_agreement" / "2026.1" / "examples" / "rider.json"
    issued = {
        "id": "agr_1",
        "number": "N-1",
        "created_at": "2026-11-25T08:00:00Z",
        "party_ids": [],
        "verify_url": "http://127.0.0.1/v",
    }
    return {"document": json.loads(path.read_text("utf-8")) | {"issued": issued}}


def process_id(pool):
    with pool.borrowed() as worker:
        return worker.process_id


def test_a_process_that_died_is_an_answer_and_the_next_one_serves(make_pool):
    pool = make_pool()
    os.kill(process_id(pool), signal.SIGKILL)

    with pytest.raises(Broken) as caught:
        pool.ask(request())

    assert caught.value.code == "RENDER_DIED"
    assert pool.ask(request())[1].startswith(b"%PDF")


def test_a_late_document_costs_the_process_its_life(make_pool):
    pool = make_pool(deadline=0.01)
    late = process_id(pool)

    with pytest.raises(Broken) as caught:
        pool.ask(request())

    assert caught.value.code == "RENDER_TIMEOUT"
    assert process_id(pool) != late


def test_a_process_is_replaced_after_its_share(make_pool):
    pool = make_pool(recycle_after=2)
    first = process_id(pool)

    pool.ask(request())
    assert process_id(pool) == first
    pool.ask(request())

    assert process_id(pool) != first


def test_an_error_does_not_cost_the_process_its_life(make_pool):
    pool = make_pool()
    before = process_id(pool)
    broken = {"document": request()["document"] | {"kind": "nonsense"}}

    with pytest.raises(Exception, match="nonsense"):
        pool.ask(broken)

    assert process_id(pool) == before


def test_threads_share_one_process_and_all_are_served(make_pool):
    pool = make_pool()
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(pool.ask(request())[1])) for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(answers) == 4
    assert len(set(answers)) == 1


def test_the_process_runs_under_limits(make_pool):
    pid = process_id(make_pool())

    limits = Path(f"/proc/{pid}/limits").read_text("ascii")
    rows = {line[:25].strip(): line[25:].split() for line in limits.splitlines()}

    assert int(rows["Max address space"][0]) <= 1 << 30
    assert int(rows["Max open files"][0]) <= 64
    assert "SIGNING" not in Path(f"/proc/{pid}/environ").read_text("utf-8")


@pytest.fixture
def renderer():
    made = Renderer(TEMPLATES, FONTS, processes=2)
    yield made
    made.close()


def test_the_process_has_no_network_where_the_kernel_lets_it_leave(make_pool):
    pid = process_id(make_pool())
    may_leave = subprocess.run(
        ["unshare", "--net", "--map-root-user", "true"], check=False, capture_output=True
    )

    here, there = (Path(f"/proc/{name}/ns/net").readlink() for name in ("self", pid))

    assert (here != there) == (may_leave.returncode == 0)


def test_the_alarm_of_a_broken_layout_reaches_the_service_its_log_and_its_metrics(caplog):
    broken = Renderer(TEMPLATES, FONTS, limits=Limits(program="tests.broken_press"))
    sound = Renderer(TEMPLATES, FONTS)
    document = request()["document"]
    try:
        broken.render(document)
        found = broken.render(document)
        after = broken.render(document)
        whole = sound.render(document)
    finally:
        broken.close()
        sound.close()

    assert [found.gear, after.gear] == [1, 1]
    assert whole.gear == 2
    (alarm,) = broken.alarms
    assert "gear 2 is off" in alarm
    assert sound.alarms == ()
    (record,) = [r for r in caplog.records if "standing proof" in r.message]
    assert (record.levelname, record.note) == ("ERROR", alarm)

    client = client_of(health=use_case(check=None, alarms=broken.alarms))
    assert b"\nsigning_rendering_alarms 1.0\n" in client.get("/metrics").data
    ready = client.get("/readyz")
    assert (ready.status_code, ready.text) == (200, f"ready\nalarm: rendering: {alarm}\n")


def rows(count):
    for number in range(count):
        document = request()["document"]
        yield document | {"issued": document["issued"] | {"number": f"N-{number}"}}


def test_a_batch_gives_each_row_the_bytes_it_has_alone(renderer):
    outcomes = {outcome.index: outcome for outcome in renderer.render_all(rows(12))}

    assert sorted(outcomes) == list(range(12))
    for number, document in enumerate(rows(12)):
        assert outcomes[number].rendered.pdf == renderer.render(document).pdf


def test_a_row_that_fails_does_not_stop_the_rest(renderer):
    documents = list(rows(6))
    documents[2] = documents[2] | {"kind": "nonsense"}
    documents[4] = documents[4] | {"values": {}}

    outcomes = {outcome.index: outcome for outcome in renderer.render_all(documents)}

    assert [index for index, o in sorted(outcomes.items()) if o.error] == [2, 4]
    assert outcomes[2].error.code == "TEMPLATE_UNKNOWN"
    assert outcomes[4].error.code == "TEMPLATE_BROKEN"


def test_a_killed_process_loses_nothing(renderer):
    outcomes = []
    for outcome in renderer.render_all(rows(30)):
        outcomes.append(outcome)
        if len(outcomes) in (3, 9):
            with renderer._pool.borrowed() as worker:
                victim = worker.process_id
            os.kill(victim, signal.SIGKILL)

    assert sorted(outcome.index for outcome in outcomes) == list(range(30))
    assert all(outcome.rendered for outcome in outcomes)
