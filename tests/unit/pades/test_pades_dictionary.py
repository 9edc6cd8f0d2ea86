import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import Broken
from signing.pades import dictionary

values = st.one_of(
    st.integers(-9999, 9999).map(lambda n: b"%d" % n),
    st.integers(1, 9999).map(lambda n: b"%d 0 R" % n),
    st.sampled_from(
        [b"/Name", b"true", b"null", b"[1 2 3]", b"[]", b"<</A/B/C 1 0 R>>", b"<</K<<>>>>"]
    ),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20).map(dictionary.text),
)
names = st.sampled_from([b"/A", b"/B", b"/Type", b"/V", b"/AP", b"/Lock", b"/Rect"])


@given(st.dictionaries(names, values))
def test_what_is_written_is_read_back_entry_for_entry(entries):
    written = dictionary.dictionary(entries)

    assert dictionary.entries(written) == entries


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_text_string_is_one_token_whatever_it_says(text):
    assert dictionary.tokens(dictionary.text(text)) == [dictionary.text(text)]


def test_values_keep_their_bytes_and_lose_only_spaces():
    untidy = b"<< /Rect [ 0  0 0 0 ]\n/T (a\\)b) /P 3 0 R /TU <FEFF7532> >>"

    assert dictionary.entries(untidy) == {
        b"/Rect": b"[0 0 0 0]",
        b"/T": b"(a\\)b)",
        b"/P": b"3 0 R",
        b"/TU": b"<FEFF7532>",
    }


@pytest.mark.parametrize(
    "data",
    [b"", b"[1]", b"<</A 1", b"<</A>>", b"<</A 1/A 2>>", b"<<1 2>>", b"<</A [1>>", b"<</A (x>>"],
)
def test_what_is_no_dictionary_of_ours_is_our_own_fault(data):
    with pytest.raises(Broken):
        dictionary.entries(data)
