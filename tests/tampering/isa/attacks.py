"""Incremental saving attack (Mladenov 2019): new content after a signature, or beside one."""

import re

import workshop
from attack import Attack
from forge import append, bent, body, page_contents, stream, with_entries

WHITE_BOX = stream(b"1 1 1 rg 50 700 500 100 re f")


def _archived():
    return workshop.standard_states()[4]


def _signed():
    return workshop.standard_states()[3]


def _covered_page(file):
    return append(file, {page_contents(file)[0]: WHITE_BOX})


def _copied_signature():
    file = _archived()
    plan = file[1].fields["worker"]
    number = int(re.search(rb"/V (\d+) 0 R", plan.dictionary)[1])
    widget = plan.dictionary.replace(b"/V %d 0 R" % number, b"/V %d 0 R" % file[1].size)
    return append(
        file, {plan.number: widget, page_contents(file)[0]: WHITE_BOX}, [body(file, number)]
    )


def _objects_without_table():
    data, plan = _archived()
    return data + b"%d 0 obj\n%b\nendobj\n" % (page_contents((data, plan))[0], WHITE_BOX)


def _objects_with_trailer():
    data, plan = _archived()
    objects = b"%d 0 obj\n%b\nendobj\n" % (page_contents((data, plan))[0], WHITE_BOX)
    tail = b"trailer\n<</Size %d/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return data + objects + tail % (plan.size, plan.startxref, plan.startxref)


def _between_signatures():
    """Platform signs, the page changes, the worker signs what he did not see."""
    shop = workshop.standard()
    states = workshop.standard_states()
    changed = _covered_page(states[1])
    second = shop.sign(changed, "service_provider", at=workshop.START)
    return shop.sign(second, "worker", at=workshop.START)


def _archived_again(file):
    return workshop.standard().archive(file)[0]


ATTACKS = [
    Attack(
        "isa1_new_content",
        "a page's content replaced by an update",
        lambda: _covered_page(_archived())[0],
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "isa1_before_archive",
        "the same on a file without archive timestamp",
        lambda: _covered_page(_signed())[0],
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "isa2_objects_without_table",
        "objects appended, no table",
        _objects_without_table,
        "TRAILING_BYTES",
    ),
    Attack(
        "isa3_objects_with_trailer",
        "objects and a trailer that names the old table",
        _objects_with_trailer,
        "TRAILING_BYTES",
    ),
    Attack(
        "isa4_copied_signature",
        "an update with new content and a copy of the worker's signature",
        lambda: _copied_signature()[0],
        "FIELD_SIGNED_TWICE",
    ),
    Attack(
        "isa1_then_archived",
        "content replaced after all signed, then archived by our own TSA",
        lambda: _archived_again(_covered_page(_signed())),
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "between_signatures",
        "content replaced between two signatures",
        lambda: _between_signatures()[0],
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "inside_a_signature",
        "the worker's own increment replaces a page's content as well",
        lambda: bent(objects={page_contents(workshop.standard_states()[2])[0]: WHITE_BOX})[0],
        "OBJECT_REPLACED",
    ),
    Attack(
        "overlay_inside_a_signature",
        "the worker's increment adds content and hangs it on a page",
        lambda: bent(
            objects={6 + 6: with_entries(body(workshop.standard_states()[2], 12), b"/Annots[]")},
            new=[WHITE_BOX],
        )[0],
        "OBJECT_REPLACED",
    ),
    Attack(
        "unexplained_object",
        "the worker's increment carries an object that nothing uses",
        lambda: bent(new=[WHITE_BOX])[0],
        "OBJECT_UNEXPLAINED",
    ),
    Attack(
        "empty_update",
        "an update that changes nothing",
        lambda: append(_archived())[0],
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "text_appended",
        "plain text behind %%EOF",
        lambda: _archived()[0] + b"agreed",
        "TRAILING_BYTES",
    ),
    Attack(
        "comment_appended",
        "a comment line behind %%EOF",
        lambda: _archived()[0] + b"% note\n",
        "TRAILING_BYTES",
    ),
    Attack(
        "line_feed_appended",
        "two more line feeds behind %%EOF",
        lambda: _archived()[0] + b"\n\n",
        "TRAILING_BYTES",
    ),
    Attack(
        "second_end_mark",
        "%%EOF a second time",
        lambda: _archived()[0] + b"%%EOF\n",
        "TRAILING_BYTES",
    ),
]
