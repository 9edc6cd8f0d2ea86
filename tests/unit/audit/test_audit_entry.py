import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.audit.entry import Entry, commit, make_opening, open_entry, parse_entry
from signing.errors import Malformed, Rejected

TAG = "0123456789abcdef" * 2
SALT = bytes(range(32))
PAYLOAD = {"document_sha256": "ab" * 32, "name": "张三"}
AT = datetime(2026, 11, 25, 9, 4, 0, 123456, tzinfo=UTC)


def entry(**changes) -> Entry:
    first = Entry(TAG, commit(make_opening(PAYLOAD, SALT)), 1, "", "agreement.created", AT)
    return replace(first, **changes)


def members(**changes) -> bytes:
    return json.dumps({**json.loads(entry().leaf()), **changes}, separators=(",", ":")).encode()


def test_a_leaf_has_these_bytes_for_ever():
    assert entry().leaf() == (
        b'{"a":"0123456789abcdef0123456789abcdef",'
        b'"c":"35817bd9b1672be2d437bee51f26f9a0d6c0edd76e7f3b1057e2f9bfaa6075ec",'
        b'"n":1,"p":"","t":"agreement.created","ts":"2026-11-25T09:04:00.123Z","v":1}'
    )


def test_a_leaf_holds_nothing_of_its_payload():
    leaf = entry().leaf()

    assert "张三".encode() not in leaf
    assert b"abab" not in leaf


@given(
    number=st.integers(2, 2**31 - 1),
    seconds=st.integers(0, 4 * 10**9),
    name=st.from_regex(r"[a-z]{1,20}\.[a-z_]{1,20}", fullmatch=True),
    digest=st.binary(min_size=32, max_size=32),
)
def test_a_leaf_reads_back_as_its_entry(number, seconds, name, digest):
    at = datetime.fromtimestamp(seconds, UTC)

    written = Entry(TAG, digest.hex(), number, digest[::-1].hex(), name, at)

    assert parse_entry(written.leaf()) == written


def test_time_is_cut_to_milliseconds_and_told_in_utc():
    hunan = AT.astimezone(timezone(timedelta(hours=8)))

    assert entry(at=hunan).at == AT.replace(microsecond=123000)
    assert entry(at=hunan).leaf() == entry().leaf()


def test_the_next_entry_names_the_leaf_hash_of_the_one_before():
    first = entry()
    second = entry(number=2, previous=first.leaf_hash().hex(), name="party.invited")

    assert parse_entry(second.leaf()).previous == first.leaf_hash().hex()


@pytest.mark.parametrize(
    "change",
    [
        {"tag": "AB" * 16},
        {"tag": "ab" * 15},
        {"commitment": "ab" * 31},
        {"number": 0},
        {"number": 2},
        {"previous": "ab" * 32},
        {"name": "created"},
        {"name": "party.Signed"},
        {"name": "party." + "x" * 60},
        {"at": AT.replace(tzinfo=None)},
    ],
)
def test_what_no_leaf_may_say_is_refused(change):
    with pytest.raises(Malformed):
        entry(**change)


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"[]",
        b"{}",
        members(v=2),
        members(v=True),
        members(n=True),
        members(n=1.5),
        members(x=1),
        members(p=None),
        members(ts="2026-11-25T09:04:00Z"),
        members(ts="2026-11-25T09:04:60.123Z"),
        members(ts="2026-02-30T09:04:00.123Z"),
        members(ts="2026-11-25T09:04:00.123+00:00"),
        members(ts="２026-11-25T09:04:00.123Z"),
        members() + b" ",
        members().replace(b'"n":1', b'"n":1.0'),
        members().replace(b"agreement", b"\\u0061greement"),
        json.dumps(dict(reversed(json.loads(members()).items())), separators=(",", ":")).encode(),
    ],
)
def test_a_leaf_has_one_spelling_only(leaf):
    assert parse_entry(members()) == entry()

    with pytest.raises(Malformed):
        parse_entry(leaf)


def test_the_opening_of_an_entry_gives_its_payload():
    assert open_entry(entry().leaf(), make_opening(PAYLOAD, SALT)) == PAYLOAD


@pytest.mark.parametrize(
    "opening",
    [
        b"",
        make_opening(PAYLOAD, SALT[::-1]),
        make_opening({**PAYLOAD, "name": "李四"}, SALT),
        make_opening(PAYLOAD, SALT) + b" ",
        make_opening(PAYLOAD, SALT)[1:],
    ],
)
def test_another_opening_does_not_open_it(opening):
    with pytest.raises(Rejected) as refusal:
        open_entry(entry().leaf(), opening)

    assert refusal.value.code == "WRONG_OPENING"


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b'{"a":1,"a":2}'])
def test_a_committed_payload_that_is_no_object_is_refused(payload):
    opening = SALT + payload

    with pytest.raises(Malformed):
        open_entry(entry(commitment=commit(opening)).leaf(), opening)


def test_the_same_payload_under_another_salt_cannot_be_recognised():
    assert commit(make_opening(PAYLOAD, SALT)) != commit(make_opening(PAYLOAD, SALT[::-1]))


def test_a_salt_of_another_length_is_refused():
    with pytest.raises(Malformed):
        make_opening(PAYLOAD, SALT[:16])
