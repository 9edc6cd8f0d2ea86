"""What each increment did to the file: one signature, and nothing else.

Rules kept here (rules 3, 4 and part of 10 of the judge):
* an increment fills exactly one field that was empty, with a signature dictionary that is new; the
  widget stays what it was but for `/V` and a party's `/AP`; an appearance is one plain new form
  that uses the base's fonts alone;
* the catalog changes by `/Perms` at a certifying first signature and by `/DSS` at an archive step;
* one shape more: after `archive` is filled, a step may bring its own invisible field, in the form
  alone: `renewal-2`, `renewal-3` … for a further document timestamp;
* every other object of an increment is refused, whether it replaces one or is merely there.
"""

from dataclasses import dataclass, replace

from signing.pades import vocabulary
from signing.verification import signature_object, syntax
from signing.verification.form import Base, Field
from signing.verification.grammar import PdfFile, PdfObject, Revision
from signing.verification.reasons import Refused

_FORM_KEYS = {
    *(b"/Type", b"/Subtype", b"/FormType", b"/BBox", b"/Matrix", b"/Resources", b"/Length"),
    b"/Filter",
}
_STORE_KEYS = {b"/Type", b"/Certs", b"/CRLs"}
_RENEWAL_KEYS = {b"/Type", b"/Subtype", b"/FT", b"/T", b"/Rect", b"/F", b"/P", b"/V", b"/TU"}


@dataclass(frozen=True)
class SignedRevision:
    """One increment, explained; `signature` is the signature dictionary's object."""

    revision: Revision
    field: Field
    signature: PdfObject
    is_timestamp: bool
    certifies: bool


@dataclass(frozen=True)
class Store:
    """Objects of the document security store (ISO 32000-2 §12.8.4.3)."""

    certificates: tuple[PdfObject, ...] = ()
    crls: tuple[PdfObject, ...] = ()


@dataclass(frozen=True)
class History:
    """All increments, oldest first, and what the last archive step stored."""

    signed: tuple[SignedRevision, ...]
    store: Store
    empty: tuple[Field, ...]


@dataclass(frozen=True)
class _State:
    """The file as it stands before an increment."""

    known: frozenset[int]
    root: syntax.Dictionary
    form: syntax.Dictionary
    filled: tuple[str, ...]
    store: Store


def explain(pdf: PdfFile, base: Base) -> History:
    """Account for every object of every increment. Raises Refused."""
    state = _State(
        known=frozenset(pdf.base.offsets),
        root=base.root.entries,
        form=base.form.entries,
        filled=(),
        store=Store(),
    )
    signed = []
    for revision in pdf.revisions[1:]:
        step = _Step(pdf, base, state, revision)
        signed.append(step.explain())
        state = step.after
    empty = tuple(field for field in base.fields if field.name not in state.filled)
    return History(tuple(signed), state.store, empty)


class _Step:
    """One increment over one state; `used` collects the objects that are accounted for."""

    def __init__(self, pdf: PdfFile, base: Base, state: _State, revision: Revision) -> None:
        self.pdf, self.base, self.revision = pdf, base, revision
        # 10. Limits before anything is read.
        if len(revision.offsets) > vocabulary.MAX_INCREMENT_OBJECTS:
            raise Refused("TOO_MANY_OBJECTS")
        if revision.end - revision.start > vocabulary.MAX_ARCHIVE_INCREMENT:
            raise Refused("INCREMENT_TOO_LARGE", f"{revision.end - revision.start} bytes")
        self.objects = {n: pdf.object_of(revision, n) for n in revision.offsets}
        self.before = self.after = state
        self.used: set[int] = set()

    def explain(self) -> SignedRevision:
        """The signature of this increment, all else being accounted for."""
        field, widget = self._filled_field()
        signature = self._new(syntax.reference(widget.entries.get(b"/V")), "SIGNATURE_OBJECT")
        is_timestamp = signature_object.check_form(signature, field)
        if vocabulary.ARCHIVE_FIELD in self.before.filled and not is_timestamp:
            raise Refused("ARCHIVE_NOT_LAST")
        if not is_timestamp and self.revision.end - self.revision.start > vocabulary.MAX_INCREMENT:
            raise Refused("INCREMENT_TOO_LARGE", f"{self.revision.end - self.revision.start} bytes")
        certifies = signature_object.certifies(signature, field, root=self.base.root.number)
        if certifies and self.before.filled:
            raise Refused("SIGNATURE_OBJECT", "only the first signature certifies")
        self._check_catalog(signature, is_timestamp=is_timestamp, certifies=certifies)
        self._check_rest()
        self.after = replace(
            self.after,
            known=self.before.known | set(self.objects),
            filled=(*self.before.filled, field.name),
        )
        return SignedRevision(self.revision, field, signature, is_timestamp, certifies)

    def _filled_field(self) -> tuple[Field, PdfObject]:
        """Rule 3: exactly one field, empty before."""
        fields = {n: f for n in self.objects if (f := self.base.field_at(n)) is not None}
        if not fields and vocabulary.ARCHIVE_FIELD in self.before.filled:
            return self._renewal_field()
        if len(fields) != 1:
            raise Refused("NOT_ONE_SIGNATURE", f"{len(fields)} fields written")
        number, field = fields.popitem()
        if field.name in self.before.filled:
            raise Refused("FIELD_SIGNED_TWICE", field.name)
        widget = self.objects[number]
        old, new = field.entries, widget.entries
        kept = set(old) - {b"/AP"}
        if set(new) - {b"/AP"} != kept | {b"/V"} or any(old[key] != new[key] for key in kept):
            raise Refused("FIELD_CHANGED", field.name)
        if new.get(b"/AP") != old.get(b"/AP"):
            if not field.is_party:
                raise Refused("APPEARANCE", "a document timestamp shows nothing")
            self._check_appearance(new.get(b"/AP"))
        self.used.add(number)
        return field, widget

    def _check_appearance(self, value: syntax.Value | None) -> None:
        """`<</N n 0 R>>`, a plain form of this increment; it draws with fonts of the base."""
        normal = syntax.dictionary(value)
        if set(normal) != {b"/N"}:
            raise Refused("APPEARANCE", "more than /N")
        form = self._new(syntax.reference(normal[b"/N"]), "APPEARANCE")
        is_form = form.entries.get(b"/Subtype") == (b"/Form",)
        if form.stream is None or not is_form or set(form.entries) - _FORM_KEYS:
            raise Refused("APPEARANCE", "not a plain form")
        for number in syntax.references(form.value):
            if number not in self.pdf.base.offsets or number in self.objects:
                raise Refused("APPEARANCE", f"it reaches object {number}")
            font = self.pdf.object_of(self.pdf.base, number)
            if font.entries.get(b"/Type") != (b"/Font",):
                raise Refused("APPEARANCE", f"object {number} is no font of the base")

    def _renewal_field(self) -> tuple[Field, PdfObject]:
        """The invisible field that a renewal brings along, named in the form alone."""
        number = sum(1 for name in self.before.filled if not _is_party(name)) + 1
        name = f"{vocabulary.RENEWAL_FIELD_PREFIX}{number}"
        items = syntax.array(self.before.form.get(b"/Fields"))
        form = self.objects.get(self.base.form.number)
        if form is None:
            raise Refused("NOT_ONE_SIGNATURE", "no field written")
        added = syntax.array(form.entries.get(b"/Fields"))
        others = {**form.entries, b"/Fields": ()} == {**self.before.form, b"/Fields": ()}
        if not others or added[:-1] != items or len(added) != len(items) + 1:
            raise Refused("FIELD_CHANGED", "the form changed beyond one new field")
        widget = self._new(syntax.reference(added[-1]), "FIELD_CHANGED")
        _check_renewal(widget, name)
        self.used.add(form.number)
        self.after = replace(self.after, form=form.entries)
        return Field(widget.number, name, widget.entries, None), widget

    def _check_catalog(self, signature: PdfObject, *, is_timestamp: bool, certifies: bool) -> None:
        """Rule 4: `/Perms` when certifying, `/DSS` when archiving; nothing else ever."""
        number = self.base.root.number
        root = self.objects.get(number)
        after = self.before.root if root is None else root.entries
        keys = set(after) | set(self.before.root)
        changed = {key for key in keys if after.get(key) != self.before.root.get(key)}
        allowed = {b"/DSS"} if is_timestamp else {b"/Perms"} if certifies else set()
        if changed - allowed or (root is not None and not allowed):
            raise Refused("CATALOG_CHANGED", b" ".join(sorted(changed)).decode("latin-1"))
        if certifies:
            permission = (b"<<", b"/DocMDP", b"%d" % signature.number, b"0", b"R", b">>")
            if after.get(b"/Perms") != permission:
                raise Refused("NOT_CERTIFIED", "/Perms does not name the first signature")
        if b"/DSS" in changed:
            self._take_store(syntax.reference(after.get(b"/DSS")))
        self.used.add(number)
        self.after = replace(self.after, root=after)

    def _take_store(self, number: int) -> None:
        """The document security store: streams of this increment, or of the store before it."""
        store = self._new(number, "DSS")
        if set(store.entries) - _STORE_KEYS:
            raise Refused("DSS", "other entries than /Certs and /CRLs")
        earlier = {i.number: i for i in (*self.before.store.certificates, *self.before.store.crls)}
        groups = []
        for key in (b"/Certs", b"/CRLs"):
            items = syntax.array(store.entries.get(key, (b"[", b"]")))
            numbers = [syntax.reference(item) for item in items]
            if len(set(numbers)) != len(numbers):
                raise Refused("DSS", "it names a stream twice")
            groups.append(tuple(earlier.get(n) or self._new_stream(n) for n in numbers))
        self.after = replace(self.after, store=Store(*groups))

    def _new_stream(self, number: int) -> PdfObject:
        item = self._new(number, "DSS")
        if item.stream is None or set(item.entries) - {b"/Length", b"/Filter"}:
            raise Refused("DSS", f"object {number} is no plain stream")
        return item

    def _new(self, number: int, code: str) -> PdfObject:
        """An object of this increment that no earlier revision had."""
        if number not in self.objects or number in self.before.known:
            raise Refused(code, f"object {number} is not new")
        self.used.add(number)
        return self.objects[number]

    def _check_rest(self) -> None:
        """Rule 4: nothing unexplained, whether new or old."""
        rest = set(self.objects) - self.used
        replaced = sorted(rest & self.before.known)
        if replaced:
            raise Refused("OBJECT_REPLACED", f"object {replaced[0]}")
        if rest:
            raise Refused("OBJECT_UNEXPLAINED", f"object {min(rest)}")


def _is_party(name: str) -> bool:
    return name != vocabulary.ARCHIVE_FIELD and not name.startswith(vocabulary.RENEWAL_FIELD_PREFIX)


def _check_renewal(widget: PdfObject, name: str) -> None:
    entries = widget.entries
    wanted = {
        b"/Subtype": (b"/Widget",),
        b"/FT": (b"/Sig",),
        b"/Rect": (b"[", b"0", b"0", b"0", b"0", b"]"),
        b"/F": (b"%d" % vocabulary.FIELD_FLAGS,),
        b"/T": (b"(" + name.encode(),),
    }
    differs = any(entries.get(key) != value for key, value in wanted.items())
    if differs or set(entries) - _RENEWAL_KEYS:
        raise Refused("FIELD_CHANGED", "a renewal's field is not invisible and plain")
