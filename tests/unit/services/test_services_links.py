"""Links and sessions of two workers never touch each other, whatever is mixed up."""

import pytest

from signing.domain.agreement import AgreementStatus
from signing.errors import Gone, NotFound, Unauthenticated
from signing.services.links import SigningLinks

PARTY = "pty_" + "0" * 31 + "f"


@pytest.fixture
def links() -> SigningLinks:
    return SigningLinks(bytes(32))


def test_a_link_names_its_party_and_is_43_characters(links):
    token = links.token(PARTY, generation=0)

    assert (len(token), links.party_id(token)) == (43, PARTY)
    assert links.is_current(token, generation=0)


def test_a_later_generation_makes_the_earlier_link_void(links):
    first, second = (links.token(PARTY, generation=n) for n in (0, 1))

    assert not links.is_current(first, generation=1)
    assert links.is_current(second, generation=1)


def test_a_link_of_a_generation_that_was_never_made_is_not_ours(links):
    with pytest.raises(NotFound):
        links.is_current(links.token(PARTY, generation=5), generation=1)


def test_a_link_made_with_another_key_is_not_ours(links):
    forged = SigningLinks(b"k" * 32).token(PARTY, generation=0)

    with pytest.raises(NotFound) as refusal:
        links.is_current(forged, generation=0)

    assert refusal.value.code == "LINK_UNKNOWN"


def test_no_other_spelling_of_a_link_opens(links):
    token = links.token(PARTY, generation=0)
    last = token[-1]
    neighbours = {token[:-1] + c for c in "ABCDEFGHabcdefgh0123-_"} - {token}

    for spelling in (token + "=", token[:-1], token + "A", f" {token}", token.swapcase()):
        with pytest.raises(NotFound):
            links.is_current(spelling, generation=0)
    for spelling in neighbours:
        with pytest.raises(NotFound):
            links.is_current(spelling, generation=0)
    assert last


def test_one_workers_session_opens_nothing_of_anothers(desk, link, session):
    other = desk.link(desk.add(2))
    desk.begin(other)
    theirs = desk.identify(other)

    for wrong_link, wrong_session in ((other, session), (link, theirs)):
        for use in (
            lambda w, s: desk.reading_room.open(w, session=s),
            lambda w, s: desk.code.send(w, session=s),
            lambda w, s: desk.key_offer.offer(w, session=s, spki=b"key"),
            lambda w, s: desk.declining.decline(w, session=s, reason=""),
            lambda w, s: desk.ask(w, s, "000001"),
        ):
            with pytest.raises(Unauthenticated):
                use(wrong_link, wrong_session)


def test_what_one_worker_does_changes_nothing_for_another(desk, agreement, link, session):
    other = desk.add(2)
    before = desk.agreement(other), desk.events(other)

    desk.code.send(link, session=session)
    desk.declining.decline(link, session=session, reason="不签")

    assert desk.agreement(agreement).status is AgreementStatus.DECLINED
    assert (desk.agreement(other), desk.events(other)) == before


def test_a_replaced_link_opens_nothing_even_with_its_session(desk, agreement, link, session):
    with desk.database.transaction() as tx:
        loaded = tx.agreements.load(agreement.id)
        after, events = loaded.invited_again(agreement.parties[1].id, at=desk.clock())
        tx.agreements.save(after, events=events)

    with pytest.raises(Gone) as refusal:
        desk.reading_room.open(link, session=session)

    assert refusal.value.code == "LINK_REPLACED"
    assert desk.reading_room.open(desk.link(agreement), session=session)
