"""Empty signature fields, all of them before the first signature (pdf.md §1).

Rules kept here:
* one field per party, named by its role, and the invisible `archive`; no name begins another;
* a visible widget has an empty normal appearance, as PDF/A wants, and nothing else;
* the last signer's field locks every field but `archive`: renewal stays possible, a new field not;
* flags are Print and Locked; the description that readers show is Chinese.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from signing.pades.dictionary import dictionary, entries, text
from signing.pades.plan import FieldPlan
from signing.pades.vocabulary import ARCHIVE_FIELD, FIELD_FLAGS
from signing.rendering.pdffile import Object

DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "employer": "用人单位签章",
        "enterprise": "企业签章",
        "platform": "平台企业签章",
        "service_provider": "合作企业签章",
        "worker": "劳动者签名",
        ARCHIVE_FIELD: "归档时间戳",
    }
)

_LOCK = b"<</Type/SigFieldLock/Action/Exclude/Fields[(%s)]>>" % ARCHIVE_FIELD.encode()


@dataclass(frozen=True)
class Box:
    """Where a party signs: number of the page object, box in points from its lower left corner."""

    page_number: int
    rect: tuple[float, float, float, float]


@dataclass(frozen=True)
class Form:
    """The interactive form: its objects, its number, its fields, widgets by page object.

    `pages` says for each field which page object it stands on.
    """

    objects: tuple[Object, ...]
    number: int
    fields: Mapping[str, FieldPlan]
    widgets: Mapping[int, tuple[int, ...]]
    pages: Mapping[str, int]
    size: int


def empty_form(
    first: int,
    boxes: Mapping[str, Box],
    signers: Sequence[str],
    struct_parents: Mapping[str, int] = MappingProxyType({}),
) -> Form:
    """Objects from `first` on, for the boxes of all `signers`, who stand in their order.

    `struct_parents` are the fields' keys in the parent tree, none without tags.
    """
    places = {role: boxes[role] for role in signers}
    places[ARCHIVE_FIELD] = Box(boxes[signers[-1]].page_number, (0, 0, 0, 0))
    objects: list[Object] = []
    fields: dict[str, FieldPlan] = {}
    widgets: dict[int, tuple[int, ...]] = {}
    number = first + 1
    for name, box in places.items():
        is_visible = name != ARCHIVE_FIELD
        appearance = number + 1 if is_visible else None
        body = _widget(name, box, appearance, is_last=name == signers[-1])
        if name in struct_parents:
            body = dictionary(entries(body) | {b"/StructParent": b"%d" % struct_parents[name]})
        objects.append((number, body))
        fields[name] = FieldPlan(number, body, box.rect)
        widgets[box.page_number] = (*widgets.get(box.page_number, ()), number)
        if appearance is not None:
            objects.append((appearance, _empty_appearance(box)))
        number += 2 if is_visible else 1
    references = b" ".join(b"%d 0 R" % field.number for field in fields.values())
    objects.insert(0, (first, b"<</Fields[%s]/SigFlags 3>>" % references))
    return Form(
        objects=tuple(objects),
        number=first,
        fields=MappingProxyType(fields),
        widgets=MappingProxyType(widgets),
        pages=MappingProxyType({name: box.page_number for name, box in places.items()}),
        size=number,
    )


def _widget(name: str, box: Box, appearance: int | None, *, is_last: bool) -> bytes:
    """Field and widget in one dictionary (ISO 32000-2 §12.7.5.5)."""
    items = {
        b"/Type": b"/Annot",
        b"/Subtype": b"/Widget",
        b"/FT": b"/Sig",
        b"/T": text(name),
        b"/TU": text(DESCRIPTIONS[name]),
        b"/F": b"%d" % FIELD_FLAGS,
        b"/Rect": b"[%s]" % b" ".join(_number(side) for side in box.rect),
        b"/P": b"%d 0 R" % box.page_number,
    }
    if appearance is not None:
        items[b"/AP"] = b"<</N %d 0 R>>" % appearance
    if is_last:
        items[b"/Lock"] = _LOCK
    return dictionary(items)


def _empty_appearance(box: Box) -> bytes:
    left, bottom, right, top = box.rect
    return (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 %s %s]/Resources<<>>/Length 0>>stream\n\nendstream"
        % (_number(right - left), _number(top - bottom))
    )


def _number(value: float) -> bytes:
    """A number with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".").encode()
