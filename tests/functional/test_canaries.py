"""Canary persons walk every path, right and wrong; their data are then looked for where they must
not be: the server's log, plain columns of the database, the public log, metrics (T33, T63)."""

import json
import re
import sqlite3
import stat
from contextlib import closing, suppress

import psycopg
import pytest
import requests
from sqlalchemy.engine import make_url

from running_service import Home, Server, party_of, sign_as_worker, worker_of
from signing.errors import Broken
from signing.web.logs import ALLOWED

CANARY = {
    "name": "欧阳金丝雀",
    "id_number": "430104199003074219",
    "phone": "13987654321",
    "address": "湖南省长沙市岳麓区金丝雀巷七号",
}
ENTERPRISE = {
    "legal_representative": "司徒金丝雀",
    "address": "湖南省长沙市开福区雀鸣路八号",
    "phone": "0731-87654321",
}
WORDS = {
    "question": "为什么要扣押我的金丝雀",
    "reason": "老板欠我三只金丝雀",
    "void": "金丝雀飞走了",
    "wrong_name": "诸葛金丝雀",
    "wrong_number": "430104198801019877",
    "terms": "金丝雀由双方另行商定",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def walked(request, make_database, tmp_path_factory):
    """A home after every path was walked and the server has stopped."""
    home = Home(tmp_path_factory.mktemp("canaries"), make_database(request.param))
    server = Server(home)
    try:
        yield walk_every_path(home)
    finally:
        server.stop()


def canary_body(home: Home) -> dict:
    body = home.example("written_agreement")
    worker_of(body).update(CANARY)
    party_of(body, "enterprise").update(ENTERPRISE)
    body["values"]["other_terms"] = WORDS["terms"]
    return body


def walk_every_path(home: Home) -> Home:
    """What can go right and wrong, with canaries in every field."""
    api = home.api
    home.links = []
    signed = new_phone(home)
    with suppress(Broken):
        signed._submit("/identity", {"name": WORDS["wrong_name"], "id_number": "x"})
    sign_as_worker(signed)
    signed.download()
    declined = new_phone(home)
    declined.begin()
    for wrong in ({"name": WORDS["wrong_name"]}, {"id_number": WORDS["wrong_number"]}):
        form = {"name": CANARY["name"], "id_number": CANARY["id_number"], **wrong}
        with suppress(Broken):
            declined._submit("/identity", form)
    declined.identify()
    declined._submit("/question", {"question": WORDS["question"]})
    with suppress(Broken):
        declined._post("/signature-request", {"code": "000000", "typed": CANARY["name"]})
    declined._submit("/decline", {"reason": WORDS["reason"]})
    void = api.create(canary_body(home))
    api.post(f"/agreements/{void['id']}/void", {"reason": WORDS["void"]})
    refused(home)
    for name in ("name", "id_number", "phone"):
        api.get(f"/agreements?q={CANARY[name]}")
    home.completed = api.wait_for(signed_id(home), archive_sha256=...)
    pdf = api.get(f"/agreements/{home.completed['id']}/document").content
    api.get(f"/agreements/{home.completed['id']}/evidence")
    files = {"file": (f"{CANARY['name']}.pdf", pdf)}
    requests.post(f"{home.url}/api/v1/verifications", files=files, timeout=60)
    requests.post(f"{home.url}/verify", files=files, timeout=60)
    return home


def new_phone(home: Home):
    agreement, body = home.api.create(canary_body(home)), canary_body(home)
    home.links.append(worker_of(agreement)["signing_link"])
    return home.phone_of(agreement, body)


def signed_id(home: Home) -> str:
    """The completed one."""
    items = home.api.get("/agreements?status=completed").json()["items"]
    return items[0]["id"]


def refused(home: Home) -> None:
    """Requests that are wrong in ways that tempt a program to repeat them in a log."""
    api, body = home.api, canary_body(home)
    api.post("/agreements", {**body, "performance_place": CANARY["name"]})
    api.post("/agreements", {**body, CANARY["name"]: 1})
    api.call("POST", "/agreements", data=f'{{"{CANARY["id_number"]}":'.encode())
    api.get(f"/agreements/{CANARY['id_number']}")
    api.get("/agreements", headers={"Authorization": f"Bearer sk_{CANARY['id_number']}"})
    api.get(f"/nothing/{CANARY['phone']}?{CANARY['phone']}={CANARY['id_number']}")
    requests.get(f"{home.url}/s/{CANARY['name']}", timeout=60)
    requests.get(f"{home.url}/{CANARY['name']}", timeout=60)
    requests.get(home.url, headers={"User-Agent": CANARY["id_number"]}, timeout=60)


def secrets_of(home: Home) -> list[str]:
    """What must not be found: people, their words, codes, keys, links."""
    codes = [re.search(r"验证码：(\d{6})", text)[1] for text in home.codes(CANARY["phone"])]
    tokens = [link.rpartition("/")[2] for link in home.links]
    people = [*CANARY.values(), *ENTERPRISE.values(), *WORDS.values(), "金丝雀"]
    return [*people, *(f"#{code}" for code in codes), *codes, home.api.key, home.other.key, *tokens]


def found_in(data: bytes, home: Home) -> list[str]:
    """Secrets that stand in those bytes, plain or escaped as JSON does."""
    return [
        secret
        for secret in secrets_of(home)
        if secret.encode() in data or json.dumps(secret)[1:-1].encode() in data
    ]


def test_the_walk_was_walked(walked):
    """Else nothing found would mean nothing."""
    statuses = {item["status"] for item in walked.api.get("/agreements").json()["items"]}

    assert statuses == {"completed", "declined", "voided"}
    assert len(walked.codes(CANARY["phone"])) == 1
    assert (
        CANARY["name"].encode()
        in walked.api.get(f"/agreements/{walked.completed['id']}/preview").content
    )


def test_the_servers_log_holds_nothing_of_them(walked):
    log = walked.server_log.read_bytes()

    secrets = found_in(log, walked)
    # Six digits may stand in a number of milliseconds or an incident by chance.
    assert [secret for secret in secrets if not re.fullmatch(r"\d{6}", secret)] == []
    assert b"/s/" not in log
    assert b"Bearer" not in log


def test_every_line_of_the_log_is_json_with_fields_of_the_list(walked):
    lines = walked.server_log.read_text("utf-8").splitlines()

    records = [json.loads(line) for line in lines]
    assert len(records) > 50
    assert {key for record in records for key in record} <= ALLOWED
    assert {r["endpoint"] for r in records if r["event"] == "request"} > {"agreements.create"}


def test_no_plain_column_of_the_database_holds_anything_of_them(walked):
    url = make_url(walked.config.database_url)
    content = sqlite_content(url) if url.get_backend_name() == "sqlite" else postgres_content(url)

    secrets = [secret for secret in secrets_of(walked) if not re.fullmatch(r"\d{6}", secret)]
    assert [secret for secret in secrets if secret.encode() in content] == []
    assert "平台甲".encode() in content, "the search itself must be able to find something"


def sqlite_content(url) -> bytes:
    """The whole file as anybody who steals it has it, with what was deleted and the journal."""
    with closing(sqlite3.connect(url.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    folder = url.database.rpartition("/")[0]
    names = ("signing.db", "signing.db-wal", "signing.db-shm")
    contents = []
    for name in names:
        with suppress(FileNotFoundError), open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123
            contents.append(file.read())
    return b"".join(contents)


def postgres_content(url) -> bytes:
    """Every value of every column, as `pg_dump` would give them."""
    where = f"host={url.host} port={url.port} user={url.username} dbname={url.database}"
    parts = []
    with psycopg.connect(where, password=url.password) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(
                psycopg.sql.SQL("SELECT * FROM {}").format(psycopg.sql.Identifier(table))
            )
            for row in rows:
                parts += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    return b"\n".join(parts)


def test_the_public_log_and_the_metrics_hold_nothing_of_them(walked):
    checkpoint = requests.get(f"{walked.url}/log/checkpoint", timeout=60)
    size = int(checkpoint.text.splitlines()[1])
    paths = ["checkpoint", f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"]

    published = [requests.get(f"{walked.url}/log/{path}", timeout=60) for path in paths]
    metrics = requests.get(f"{walked.url}/metrics", timeout=60)

    assert [answer.status_code for answer in (*published, metrics)] == [200] * 4
    assert b"party.signed" in published[2].content
    for answer in (*published, metrics):
        people = [s for s in found_in(answer.content, walked) if not re.fullmatch(r"\d{6}", s)]
        assert people == []


def test_events_tell_the_platform_what_happened_and_not_to_whom(walked):
    answer = walked.api.get(f"/agreements/{walked.completed['id']}/events")

    assert found_in(answer.content, walked) == []


def test_keys_and_what_lies_open_are_for_the_services_user_alone(walked):
    keys, instance = walked.folder / "keys", walked.folder / "instance"
    private = [keys / "passphrase", *(p for p in (keys / "private").rglob("*") if p.is_file())]

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in private}
    assert set(modes.values()) == {0o600}
    assert len(private) > 8
    for folder in (instance, keys / "private", keys / "private" / "seals"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    outbox = instance / "outbox" / "sms.ndjson"
    assert stat.S_IMODE(outbox.stat().st_mode) == 0o600


def test_no_private_key_lies_open(walked):
    for path in (walked.folder / "keys").rglob("*.pem"):
        text = path.read_text("ascii")
        assert "BEGIN PRIVATE KEY" not in text
        assert "BEGIN EC PRIVATE KEY" not in text
    keys = list((walked.folder / "keys").rglob("*.key.pem"))
    assert all("BEGIN ENCRYPTED PRIVATE KEY" in key.read_text("ascii") for key in keys)
    assert len(keys) >= 6
