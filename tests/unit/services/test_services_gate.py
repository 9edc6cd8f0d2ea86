"""W2, the gate: name and number, five tries, thirty minutes; the session that it gives."""

import pytest

from signing.domain.ceremony import WrongAnswer
from signing.errors import Conflict, Locked, NotYourTurn, Unauthenticated


@pytest.fixture
def begun(desk, link) -> str:
    """The link of a worker who has pressed 开始."""
    desk.begin(link)
    return link


def guess(desk, link: str, times: int) -> list[int]:
    """Wrong answers; how many tries each says are left."""
    left = []
    for _ in range(times):
        with pytest.raises(WrongAnswer) as refusal:
            desk.identify(link, name="李四")
        left.append(refusal.value.facts["left"])
    return left


@pytest.mark.parametrize(
    ("name", "id_number"),
    [
        ("张三", "430104199003070012"),
        (" 张 三 ", "43010419900307 0012"),
        ("张三", "４３０１０４１９９００３０７００１２"),
    ],
)
def test_who_types_it_a_little_differently_is_still_the_worker(desk, begun, name, id_number):
    assert desk.identify(begun, name=name, id_number=id_number) == "session-1"


@pytest.mark.parametrize(
    ("name", "id_number"),
    [
        ("李四", "430104199003070012"),
        ("张三", "430104199003070013"),
        ("", ""),
        ("张三", ""),
        ("张三丰", "430104199003070012"),
    ],
)
def test_whichever_of_the_two_is_wrong_the_answer_is_the_same(desk, begun, name, id_number):
    with pytest.raises(WrongAnswer) as refusal:
        desk.identify(begun, name=name, id_number=id_number)

    assert (refusal.value.code, refusal.value.facts) == ("GATE_WRONG", {"left": 4})
    assert refusal.value.message_zh == "和平台留的不一样，还可以试 4 次"


def test_the_fifth_wrong_answer_locks_the_gate_for_thirty_minutes(desk, begun, clock):
    assert guess(desk, begun, 4) == [4, 3, 2, 1]
    with pytest.raises(Locked) as refusal:
        desk.identify(begun, name="李四")
    assert refusal.value.facts["until"] == clock.now.replace(minute=30)

    clock.advance(minutes=29, seconds=59)
    with pytest.raises(Locked):
        desk.identify(begun)

    clock.advance(seconds=1)
    assert desk.identify(begun)


def test_after_the_lock_there_are_five_tries_again(desk, begun, clock):
    guess(desk, begun, 4)
    with pytest.raises(Locked):
        desk.identify(begun, name="李四")
    clock.advance(minutes=30)

    assert guess(desk, begun, 4) == [4, 3, 2, 1]


def test_a_right_answer_forgets_the_wrong_ones(desk, begun):
    guess(desk, begun, 4)
    desk.identify(begun)

    assert guess(desk, begun, 1) == [4]


def test_wrong_answers_at_one_link_cost_nothing_at_another(desk, begun):
    other = desk.link(desk.add(2))
    desk.begin(other)
    guess(desk, begun, 4)

    assert guess(desk, other, 1) == [4]


def test_a_locked_gate_says_nothing_of_whether_the_answer_would_be_right(desk, begun, agreement):
    guess(desk, begun, 4)
    with pytest.raises(Locked) as wrong:
        desk.identify(begun, name="李四")

    with pytest.raises(Locked) as right:
        desk.identify(begun)

    assert (right.value.code, right.value.facts) == (wrong.value.code, wrong.value.facts)
    assert "party.identified" not in desk.events(agreement)


def test_the_gate_is_shut_until_the_first_page_was_answered(desk, link):
    with pytest.raises(Conflict) as refusal:
        desk.identify(link)

    assert refusal.value.code == "NOT_VIEWED"


def test_a_session_opens_the_text_for_an_hour_and_the_signature_for_half(desk, link, clock):
    session = desk.come_to_sign(link)

    clock.advance(minutes=30)
    assert desk.code.send(link, session=session)
    clock.advance(seconds=61)
    with pytest.raises(Unauthenticated) as refusal:
        desk.code.send(link, session=session)
    assert refusal.value.code == "SESSION_OVER"

    clock.advance(minutes=28, seconds=59)
    assert desk.reading_room.open(link, session=session).has_read
    clock.advance(seconds=1)
    with pytest.raises(Unauthenticated):
        desk.reading_room.open(link, session=session)


def test_a_newer_session_of_the_same_worker_ends_the_older(desk, begun):
    first = desk.identify(begun)
    second = desk.identify(begun)

    assert desk.reading_room.open(begun, session=second)
    with pytest.raises(Unauthenticated):
        desk.reading_room.open(begun, session=first)


@pytest.mark.parametrize("stolen", ["", "session-2", "hash of session-1"])
def test_a_value_that_was_not_given_out_is_no_session(desk, begun, stolen):
    desk.identify(begun)

    with pytest.raises(Unauthenticated):
        desk.reading_room.open(begun, session=stolen)


def test_of_a_session_only_its_hash_is_kept(desk, begun, agreement):
    session = desk.identify(begun)

    assert session not in str(desk.ceremony(agreement))


def test_a_worker_whose_turn_it_is_not_can_begin_nothing(desk):
    unsealed = desk.add_unsealed(9)

    with pytest.raises(NotYourTurn):
        desk.begin(desk.link(unsealed))
