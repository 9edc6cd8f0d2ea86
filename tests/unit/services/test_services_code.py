"""W7, the code by SMS: bound to the file, five minutes, three tries, ten per agreement (D7)."""

from datetime import timedelta

import pytest

from ports.stores import make_plan, sha
from services_desk import Prepared
from signing.domain.agreement import Custody
from signing.domain.ceremony import WrongAnswer
from signing.errors import Conflict, Invalid, Locked, Rejected, TooMany, Unavailable
from signing.services.ceremony.signature_request import Handwriting


def code_of(text: str) -> str:
    return text.split("验证码：")[1][:6]


def test_the_message_names_platform_agreement_and_file(desk, agreement, link, session):
    phone = desk.code.send(link, session=session)

    ((to, text, _),) = desk.messenger.sent
    number = desk.agreement(agreement).revision_sha256[:6].upper()
    assert (to, phone) == ("13800000000", "13800000000")
    assert text == (
        f"【长沙某某网络科技有限公司】您正在签《协议》，文件号 {number}。"
        "验证码：000001，5 分钟内有效，别告诉任何人。\n@sign.example #000001"
    )


def test_the_code_itself_is_not_kept(desk, agreement, link, session):
    desk.code.send(link, session=session)

    assert desk.ceremony(agreement).code_hash == "hash of 000001"
    assert "000001" not in str(desk.database.tables.jobs)


def test_a_new_code_may_be_asked_for_after_sixty_seconds(desk, link, session, clock):
    desk.code.send(link, session=session)

    clock.advance(seconds=59)
    with pytest.raises(TooMany) as refusal:
        desk.code.send(link, session=session)
    assert refusal.value.facts["retry_after_seconds"] == 2

    clock.advance(seconds=1)
    desk.code.send(link, session=session)
    assert len(desk.messenger.sent) == 2


def test_a_newer_code_ends_the_older(desk, link, session, clock):
    desk.code.send(link, session=session)
    clock.advance(seconds=60)
    desk.code.send(link, session=session)

    with pytest.raises(WrongAnswer):
        desk.ask(link, session, "000001")
    with pytest.raises(Prepared):
        desk.ask(link, session, "000002")


def test_three_wrong_codes_end_it_even_for_the_right_one(desk, link, session):
    desk.code.send(link, session=session)
    left = []
    for _ in range(3):
        with pytest.raises(WrongAnswer) as wrong:
            desk.ask(link, session, "999999")
        left.append(wrong.value.facts["left"])

    with pytest.raises(Conflict) as refusal:
        desk.ask(link, session, "000001")

    assert (left, refusal.value.code) == ([2, 1, 0], "CODE_DEAD")
    assert desk.authority.issued == []


def test_there_are_ten_codes_for_an_agreement_and_no_more(desk, link, clock):
    session = desk.come_to_sign(link)
    for _ in range(10):
        desk.code.send(link, session=session)
        clock.advance(seconds=60)

    with pytest.raises(Locked) as refusal:
        desk.code.send(link, session=session)

    assert refusal.value.code == "CODES_USED_UP"
    assert len(desk.messenger.sent) == 10


def test_no_more_than_thirty_guesses_are_judged_for_an_agreement(desk, link, clock):
    """10^-5 at most, and the 128 bits of the link come before that."""
    session = desk.come_to_sign(link)
    judged = 0
    for _ in range(10):
        desk.code.send(link, session=session)
        for _ in range(5):
            with pytest.raises((WrongAnswer, Conflict)) as refusal:
                desk.ask(link, session, "999999")
            judged += refusal.value.code == "CODE_WRONG"
        clock.advance(seconds=60)

    assert judged == 30


def test_a_code_is_good_for_five_minutes(desk, link, session, clock):
    desk.code.send(link, session=session)

    clock.advance(minutes=5, seconds=1)

    with pytest.raises(Conflict) as refusal:
        desk.ask(link, session, "000001")
    assert refusal.value.code == "CODE_EXPIRED"


def test_a_code_in_its_last_second_still_works(desk, link, session, clock):
    desk.code.send(link, session=session)

    clock.advance(minutes=5)

    with pytest.raises(Prepared):
        desk.ask(link, session, "000001")


def test_a_code_works_once(desk, link, session):
    desk.code.send(link, session=session)
    with pytest.raises(Prepared):
        desk.ask(link, session, "000001")

    with pytest.raises(Conflict) as refusal:
        desk.ask(link, session, "000001")

    assert refusal.value.code == "CODE_MISSING"
    assert len(desk.authority.issued) == 1


def test_a_code_for_one_revision_is_none_for_the_next(desk, agreement, link, session):
    desk.code.send(link, session=session)
    replace_revision(desk, agreement)
    desk.read(link, session)

    with pytest.raises(Conflict) as refusal:
        desk.ask(link, session, "000001")

    assert refusal.value.code == "CODE_EXPIRED"


def test_a_revision_that_was_not_read_is_not_signed(desk, agreement, link, session):
    desk.code.send(link, session=session)
    replace_revision(desk, agreement)

    with pytest.raises(Conflict) as refusal:
        desk.ask(link, session, "000001")

    assert refusal.value.code == "NOT_READ"


def replace_revision(desk, agreement) -> None:
    """Something else became the newest revision: as the archive step does, for one."""
    with desk.database.transaction() as tx:
        loaded = tx.agreements.load(agreement.id)
        tx.agreements.save_archived(
            loaded.archived(archive_sha256=sha("another")), plan=make_plan(3)
        )


def test_one_workers_code_is_worth_nothing_at_anothers_link(desk, link, session):
    other = desk.link(desk.add(2))
    theirs = desk.come_to_sign(other)
    desk.code.send(link, session=session)
    desk.code.send(other, session=theirs)
    first, second = (code_of(text) for _, text, _ in desk.messenger.sent)

    with pytest.raises(WrongAnswer):
        desk.ask(other, theirs, first)
    with pytest.raises(WrongAnswer):
        desk.ask(link, session, second)


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "12345a", "１２３４５６", "123456\n", " 00001"]
)
def test_what_is_not_six_digits_costs_no_try(desk, agreement, link, session, code):
    desk.code.send(link, session=session)

    with pytest.raises(Invalid) as refusal:
        desk.ask(link, session, code)

    assert [e.code for e in refusal.value.errors] == ["CODE_MISSING"]
    assert desk.ceremony(agreement).code_wrong == 0


def test_everything_that_is_missing_is_asked_for_at_once(desk, link, session):
    with pytest.raises(Invalid) as refusal:
        desk.ask(link, session, "", is_willing=False, handwriting=Handwriting())

    assert [e.path for e in refusal.value.errors] == ["willing", "code", "handwriting"]


def test_a_wrong_code_is_counted_and_nothing_is_logged_as_issued(desk, agreement, link, session):
    desk.code.send(link, session=session)

    with pytest.raises(WrongAnswer):
        desk.ask(link, session, "999999")

    assert desk.ceremony(agreement).code_wrong == 1
    assert desk.database.tables.serials == {}
    assert "certificate.issued" not in desk.events(agreement)


def test_the_serial_and_its_event_are_there_before_the_ca_is_asked(desk, agreement, link, session):
    desk.code.send(link, session=session)

    with pytest.raises(Rejected):
        desk.ask(link, session, "000001", proof=b"of another key")

    assert len(desk.database.tables.serials) == 1
    assert desk.events(agreement)[-1] == "certificate.issued"
    assert desk.authority.issued == []


def test_while_no_sms_can_be_sent_the_worker_is_told_and_may_ask_again(desk, link, session, clock):
    desk.messenger.away = True
    with pytest.raises(Unavailable):
        desk.code.send(link, session=session)
    desk.messenger.away = False

    clock.advance(seconds=60)

    assert desk.code.send(link, session=session)


def test_a_text_that_differs_on_the_screen_is_not_taken_as_read(desk, link):
    desk.begin(link)
    session = desk.identify(link)

    with pytest.raises(Conflict) as refusal:
        desk.read(link, session, text_sha256=sha("translated"))

    assert refusal.value.code == "TEXT_CHANGED"
    with pytest.raises(Conflict) as unread:
        desk.code.send(link, session=session)
    assert unread.value.code == "NOT_READ"


def test_a_card_that_is_not_ticked_is_named_and_the_others_keep_their_time(desk, agreement, link):
    desk.begin(link)
    session = desk.identify(link)

    with pytest.raises(Invalid) as refusal:
        desk.read(link, session, ticked=[])

    assert [e.path for e in refusal.value.errors] == ["card-pay"]
    assert desk.ceremony(agreement).presented_sha256 is None


def test_a_signed_party_is_asked_for_nothing_more(desk, agreement, link, session):
    with desk.database.transaction() as tx:
        loaded = tx.agreements.load(agreement.id)
        after, events = loaded.signed(
            agreement.parties[1].id,
            base_sha256=loaded.revision_sha256,
            revision_sha256=sha("signed"),
            custody=Custody.DEVICE,
            evidence={},
            at=desk.clock(),
        )
        tx.agreements.save(after, events=events)

    with pytest.raises(Conflict) as refusal:
        desk.code.send(link, session=session)

    assert refusal.value.code == "AGREEMENT_COMPLETED"
    assert desk.clock() - desk.ceremony(agreement).identified_at == timedelta(0)
