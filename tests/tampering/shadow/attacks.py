"""Shadow attacks (2021): the signer signs a file that is prepared to look otherwise later."""

import workshop
from attack import Attack
from forge import append, body, numbers_of, page_contents, pages, stream, with_entries


def _signed():
    return workshop.standard_states()[3]


def _archived(file):
    return workshop.standard().archive(file)[0]


def _hide():
    """A form over the text is emptied after signing: what it covered appears."""
    file = _signed()
    look = numbers_of(file, rb"/Subtype/Form")[0]
    return append(file, {look: stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]")})


def _replace_font():
    """The font's mapping changes: the same codes draw other words."""
    file = _signed()
    program = numbers_of(file, rb"/FontDescriptor /?|FontFile2")[0]
    return append(file, {program: body(file, program)})


def _hide_and_replace():
    """The catalog leads to a page tree that lay hidden."""
    file = _signed()
    tree = b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % pages(file)[0]
    root = file[1].root_dictionary.replace(b"/Pages 2 0 R", b"/Pages %d 0 R" % file[1].size)
    return append(file, {1: root}, [tree], root=root)


def _layer_off():
    file = _signed()
    root = with_entries(file[1].root_dictionary, b"/OCProperties<</OCGs[]/D<</BaseState/OFF>>>>")
    return append(file, {1: root}, root=root)


def _content_removed():
    file = _signed()
    return append(file, {page_contents(file)[0]: stream(b"")})


def _with(make):
    return lambda: make()[0]


ATTACKS = [
    Attack("hide", "a form XObject emptied after signing", _with(_hide), "NOT_ONE_SIGNATURE"),
    Attack(
        "hide_then_archived",
        "the same, archived by our TSA",
        lambda: _archived(_hide()),
        "NOT_ONE_SIGNATURE",
    ),
    Attack("replace", "the font object replaced", _with(_replace_font), "NOT_ONE_SIGNATURE"),
    Attack(
        "hide_and_replace",
        "the catalog leads to another page tree",
        _with(_hide_and_replace),
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "hide_and_replace_then_archived",
        "the same, archived by our TSA",
        lambda: _archived(_hide_and_replace()),
        "NOT_ONE_SIGNATURE",
    ),
    Attack("layer_off", "optional content switched off", _with(_layer_off), "NOT_ONE_SIGNATURE"),
    Attack(
        "content_removed", "a page's content emptied", _with(_content_removed), "NOT_ONE_SIGNATURE"
    ),
]
