"""Signature fields, locks and certification."""

import re
from dataclasses import replace

import workshop
from attack import Attack
from forge import append, bent, body, with_entries


def _signed(number=3):
    return workshop.standard_states()[number]


def _field(change, *, role="worker", number=3):
    """A field rewritten by an update after signing."""

    def make():
        file = _signed(number)
        plan = file[1].fields[role]
        return append(file, {plan.number: change(plan.dictionary)})[0]

    return make


def _form(change):
    def make():
        file = _signed()
        return workshop.standard().archive(append(file, {5: change(body(file, 5))}))[0]

    return make


def _widget(change):
    """The worker's own increment bends its field."""
    return lambda: bent(widget=change)[0]


def _two_fields():
    """One signature object is the value of two fields."""
    file = _signed(1)
    other = file[1].fields["worker"]
    value = b"/V %d 0 R" % file[1].size
    return bent("service_provider", objects={other.number: with_entries(other.dictionary, value)})[
        0
    ]


def _old_signature():
    """The worker's field takes the platform's signature as its value."""
    file = _signed(2)
    value = re.search(rb"/V (\d+) 0 R", file[1].fields["platform"].dictionary)[0]
    field = file[1].fields["worker"]
    return append(file, {field.number: with_entries(field.dictionary, value)})[0]


def _removed():
    file = _signed()
    field = file[1].fields["worker"]
    return append(file, {field.number: re.sub(rb"/V \d+ 0 R", b"", field.dictionary)})[0]


def _references(text: bytes, role="platform", **options):
    return lambda: bent(role, references=text, **options)[0]


def _mdp(permission: bytes) -> bytes:
    return (
        b"/Reference[<</Type/SigRef/TransformMethod/DocMDP"
        b"/TransformParams<</Type/TransformParams/V/1.2/P %b>>>>]" % permission
    )


LOCK_NOTHING = (
    b"/Reference[<</Type/SigRef/TransformMethod/FieldMDP/Data 1 0 R/TransformParams"
    b"<</Type/TransformParams/V/1.2/Action/Include/Fields[()]>>>>]"
)


def _no_lock():
    """Neither certified nor locked."""
    shop = replace(workshop.standard(), lock=None)
    return shop.archive(shop.sign_parties(certify=False)[-1])[0]


def _second_certification():
    root = workshop.standard_states()[1][1].root_dictionary
    return bent("service_provider", certify=True, root=root, references=_mdp(b"2"))[0]


def _timestamp_by_party():
    kind = b"/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
    return bent(kind=kind, references=b"")[0]


ATTACKS = [
    Attack(
        "need_appearances",
        "/NeedAppearances: readers draw fields anew",
        _form(lambda old: with_entries(old, b"/NeedAppearances true")),
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "xfa",
        "an XFA form beside the fields",
        _form(lambda old: with_entries(old, b"/XFA(<x/>)")),
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "field_hidden",
        "a signed field hidden",
        _field(lambda old: old.replace(b"/F 132", b"/F 134")),
        "FIELD_SIGNED_TWICE",
    ),
    Attack(
        "field_moved",
        "a signed field moved",
        _field(lambda old: old.replace(b"/Rect[60 280", b"/Rect[60 100")),
        "FIELD_SIGNED_TWICE",
    ),
    Attack(
        "field_emptied",
        "the worker's signature taken out of its field",
        _removed,
        "FIELD_SIGNED_TWICE",
    ),
    Attack(
        "field_moved_before_signing",
        "an empty field moved by an update",
        _field(lambda old: old.replace(b"/Rect[60 280", b"/Rect[60 100"), number=2),
        "FIELD_CHANGED",
    ),
    Attack(
        "field_renamed_while_signing",
        "the worker's increment renames the field",
        _widget(lambda old: old.replace(b"/T(worker)", b"/T(tester)")),
        "FIELD_CHANGED",
    ),
    Attack(
        "field_moved_while_signing",
        "the worker's increment moves the field",
        _widget(lambda old: old.replace(b"/Rect[60 280", b"/Rect[60 100")),
        "FIELD_CHANGED",
    ),
    Attack(
        "field_with_action",
        "the worker's increment gives the field an action",
        _widget(lambda old: with_entries(old, b"/AA<</E<</S/JavaScript/JS(1)>>>>")),
        "FIELD_CHANGED",
    ),
    Attack(
        "lock_removed",
        "the worker's increment drops the field's lock",
        _widget(lambda old: re.sub(rb"/Lock<<[^>]*>>", b"", old)),
        "FIELD_CHANGED",
    ),
    Attack(
        "one_signature_two_fields",
        "one signature is the value of two fields",
        _two_fields,
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "old_signature_in_new_field",
        "the platform's signature stands in the worker's field",
        _old_signature,
        "SIGNATURE_OBJECT",
    ),
    Attack("certified_with_p1", "certification P=1", _references(_mdp(b"1")), "LOCK"),
    Attack(
        "certified_with_p3", "certification P=3 allows annotations", _references(_mdp(b"3")), "LOCK"
    ),
    Attack(
        "perms_without_certification",
        "/Perms names a signature that does not certify",
        _references(b""),
        "CATALOG_CHANGED",
    ),
    Attack(
        "perms_missing",
        "a certifying signature that /Perms does not name",
        lambda: bent("platform", certify=False, references=_mdp(b"2"))[0],
        "NOT_CERTIFIED",
    ),
    Attack(
        "second_certification",
        "the second party certifies too",
        _second_certification,
        "SIGNATURE_OBJECT",
    ),
    Attack(
        "lock_not_carried",
        "the worker's signature does not carry the lock",
        _references(b"", "worker"),
        "LOCK",
    ),
    Attack(
        "lock_weakened",
        "the worker's signature locks nothing",
        _references(LOCK_NOTHING, "worker"),
        "LOCK",
    ),
    Attack(
        "neither_certified_nor_locked",
        "approval signatures without any lock",
        _no_lock,
        "NOT_CERTIFIED",
    ),
    Attack(
        "timestamp_in_party_field",
        "a document timestamp stands for the worker",
        _timestamp_by_party,
        "SIGNATURE_OBJECT",
    ),
    Attack(
        "other_subfilter",
        "adbe.pkcs7.detached",
        lambda: bent(kind=b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached")[0],
        "SIGNATURE_OBJECT",
    ),
    Attack(
        "unknown_entry",
        "an entry in the signature dictionary that we never write",
        lambda: bent(entries=b"/Prop_Build<</App<</Name/x>>>>")[0],
        "SIGNATURE_OBJECT",
    ),
]
