import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.verification import syntax
from signing.verification.reasons import Refused


def value(text):
    return syntax.read_value(text, 0, len(text))[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"<</Type/Sig>>", b"<< /Type /Sig >>"),
        (b"(abc)", b"<616263>"),
        (b"(abc)", b"<61 62 63>"),
        (b"(a\\)b)", b"<612962>"),
        (b"(\\101\\0)", b"<4100>"),
        (b"(a\\\nb)", b"(ab)"),
        (b"(a\r\nb)", b"(a\nb)"),
        (b"<6>", b"<60>"),
        (b"/Adobe#2EPPKLite", b"/Adobe.PPKLite"),
        (b"[1 2]", b"[ 1\n2 ]"),
    ],
)
def test_two_spellings_of_one_value_are_equal(one, other):
    assert value(one) == value(other)


@pytest.mark.parametrize(
    ("one", "other"), [(b"(R)", b"R"), (b"(/Name)", b"/Name"), (b"<3C3C>", b"(<)"), (b"/a", b"/A")]
)
def test_values_that_only_look_alike_differ(one, other):
    assert value(one) != value(other)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"<</A 1", b"<</A 1]>", b"[1 2>>", b">>", b"<</A (b>>", b"<0g>", b"% comment\n1"),
        *(b"<<\x0b/A 1>>", b"{}", b"(a(b)c)"[:-1], b"\xff", b"<</A<</B 1>>", b"[" * 40 + b"]" * 40),
    ],
)
def test_what_is_not_of_our_grammar_is_refused(text):
    with pytest.raises(Refused) as refusal:
        value(text)

    assert refusal.value.code == "SYNTAX"


def test_a_dictionary_gives_its_entries_one_level_deep():
    found = syntax.dictionary(value(b"<</A 1/B[2 0 R 3]/C<</A 9>>/D/Name/E 4 0 R>>"))

    assert set(found) == {b"/A", b"/B", b"/C", b"/D", b"/E"}
    assert syntax.natural(found[b"/A"]) == 1
    assert [syntax.references(item) for item in syntax.array(found[b"/B"])] == [[2], []]
    assert syntax.dictionary(found[b"/C"]) == {b"/A": (b"9",)}
    assert found[b"/D"] == (b"/Name",)
    assert syntax.reference(found[b"/E"]) == 4


@pytest.mark.parametrize("text", [b"<</A 1/A 1>>", b"<</A 1/#41 2>>"])
def test_a_key_twice_is_refused_by_name(text):
    with pytest.raises(Refused) as refusal:
        syntax.dictionary(value(text))

    assert refusal.value.code == "DUPLICATE_KEY"


@pytest.mark.parametrize("text", [b"<</A>>", b"<<1 2>>", b"[1]", b"1", b"<</A 1 2>>"])
def test_what_is_no_dictionary_is_refused(text):
    with pytest.raises(Refused):
        syntax.dictionary(value(text))


@pytest.mark.parametrize("text", [b"[R]", b"[0 R]", b"[5 1 R]", b"[(5) 0 R]", b"[-5 0 R]"])
def test_what_is_no_reference_is_refused(text):
    with pytest.raises(Refused):
        syntax.references(value(text))


@pytest.mark.parametrize("text", [b"-1", b"1.5", b"+1", b"(1)", b"9" * 40])
def test_what_is_no_natural_number_is_refused(text):
    with pytest.raises(Refused):
        syntax.natural(value(text))


def test_text_strings_are_ascii_or_utf_16():
    assert syntax.text(value(b"(worker)")) == "worker"
    assert syntax.text(value(b"<FEFF52B352A88005>")) == "劳动者"
    with pytest.raises(Refused):
        syntax.text(value(b"<FF>"))


def test_a_value_of_too_many_tokens_is_refused():
    with pytest.raises(Refused) as refusal:
        value(b"[" + b"1 " * (syntax.MAX_TOKENS + 2) + b"]")

    assert refusal.value.code == "TOO_MANY_OBJECTS"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    try:
        tokens, end = syntax.read_value(data, 0, len(data))
    except Refused:
        return
    assert tokens
    assert 0 < end <= len(data)
