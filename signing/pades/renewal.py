"""A further document timestamp, before the certificate of the last one ends (EN 319 142-1 §6.5).

Rules kept here:
* the step brings its own invisible field, `renewal-2`, `renewal-3` …, into the form; nothing of the
  pages is touched, so that the judge has one shape to allow;
* the store keeps every stream it had and gains what is new: a CRL about the TSA that stamped last
  time, the certificate of the one that stamps now;
* the new token covers the whole file, the earlier timestamps included.
"""

from collections.abc import Sequence

from signing.errors import Broken, Conflict
from signing.pades import archive, dictionary, increment, reader
from signing.pades.archive import PreparedArchive
from signing.pades.placeholder import members_of
from signing.pades.plan import FieldPlan, FilePlan
from signing.pades.prepare import is_filled
from signing.pades.vocabulary import (
    ARCHIVE_FIELD,
    FIELD_FLAGS,
    MAX_ARCHIVE_INCREMENT,
    RENEWAL_FIELD_PREFIX,
    RESERVE_TOKEN,
)


def prepare_renewal(
    base: bytes,
    plan: FilePlan,
    certificates: Sequence[bytes],
    crls: Sequence[bytes],
    *,
    token_bytes: int = RESERVE_TOKEN,
) -> PreparedArchive:
    """The increment of a renewal; the token is asked for and filled in as in `archive`.

    Raises Conflict (NOT_ARCHIVED) if there is no archive timestamp to renew.
    """
    if not is_filled(plan.fields[ARCHIVE_FIELD]):
        raise Conflict("There is nothing to renew yet", "还没有存档时间戳", code="NOT_ARCHIVED")
    renewals = [name for name in plan.fields if name.startswith(RENEWAL_FIELD_PREFIX)]
    name = f"{RENEWAL_FIELD_PREFIX}{len(renewals) + 2}"
    root = dictionary.entries(plan.root_dictionary)
    form_number = _reference(root[b"/AcroForm"])

    store, streams = _store(base, plan, root, certificates, crls)
    store_number = plan.size + len(streams)
    field_number, signature = store_number + 1, store_number + 2
    digits = increment.reserve_digits(token_bytes)
    widget = _widget(
        name, signature, page=dictionary.entries(plan.fields[ARCHIVE_FIELD].dictionary)[b"/P"]
    )
    root[b"/DSS"] = b"%d 0 R" % store_number
    objects = {
        plan.root_number: dictionary.dictionary(root),
        form_number: _form(base, plan, form_number, field_number),
        **streams,
        store_number: store,
        field_number: widget,
        signature: archive.document_timestamp(digits),
    }
    made = increment.build(base, plan, objects, digits=digits)
    if len(made.data) > MAX_ARCHIVE_INCREMENT:
        raise Broken("The renewal is larger than the judge allows")
    added = FieldPlan(field_number, widget, (0, 0, 0, 0))
    members = members_of(plan, made, name, field=added, root=dictionary.dictionary(root))
    return PreparedArchive(**members)


def _store(
    base: bytes,
    plan: FilePlan,
    root: dict[bytes, bytes],
    certificates: Sequence[bytes],
    crls: Sequence[bytes],
) -> tuple[bytes, dict[int, bytes]]:
    """The new store's dictionary, and the streams that it did not have before."""
    old = dictionary.entries(reader.object_body(base, plan.startxref, _reference(root[b"/DSS"])))
    streams: dict[int, bytes] = {}
    lists = []
    for key, contents in ((b"/Certs", certificates), (b"/CRLs", crls)):
        numbers = _references(old.get(key, b"[]"))
        known = {reader.stream_content(base, plan.startxref, number) for number in numbers}
        for content in dict.fromkeys(contents):
            if content not in known:
                number = plan.size + len(streams)
                streams[number] = archive.stream(content)
                numbers.append(number)
        lists.append([b"%d 0 R" % number for number in numbers])
    return archive.store(*lists), streams


def _form(base: bytes, plan: FilePlan, number: int, field: int) -> bytes:
    """The interactive form with one field more."""
    entries = dictionary.entries(reader.object_body(base, plan.startxref, number))
    fields = [*_references(entries[b"/Fields"]), field]
    entries[b"/Fields"] = b"[" + b" ".join(b"%d 0 R" % number for number in fields) + b"]"
    return dictionary.dictionary(entries)


def _widget(name: str, signature: int, *, page: bytes) -> bytes:
    return dictionary.dictionary(
        {
            b"/Type": b"/Annot",
            b"/Subtype": b"/Widget",
            b"/FT": b"/Sig",
            b"/T": dictionary.text(name),
            b"/Rect": b"[0 0 0 0]",
            b"/F": b"%d" % FIELD_FLAGS,
            b"/P": page,
            b"/V": b"%d 0 R" % signature,
        }
    )


def _reference(value: bytes) -> int:
    number, generation, letter = value.split()
    if (generation, letter) != (b"0", b"R"):
        raise Broken("Not a reference of our grammar")
    return int(number)


def _references(array: bytes) -> list[int]:
    items = dictionary.tokens(array)[1:-1]
    return [_reference(b" ".join(items[i : i + 3])) for i in range(0, len(items), 3)]
