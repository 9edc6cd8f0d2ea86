"""Tools of an attacker: increments of any kind, and signatures that cheat.

Nothing here knows the judge. `append` adds an update to a file as any PDF library would;
`Forgery` makes a signature of which every part can be bent.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import workshop
from workshop import Signed, Signer, Tsa

from signing.pades import cms, der, vocabulary
from signing.pades.plan import FieldPlan, FilePlan

WIDTH = 60


def body(file: Signed, number: int) -> bytes:
    """The newest body of an object."""
    found = re.findall(rb"\n%d 0 obj\n([\s\S]*?)\nendobj" % number, file[0])
    return found[-1]


def numbers_of(file: Signed, pattern: bytes) -> list[int]:
    """Numbers of the objects whose body matches."""
    heads = re.finditer(rb"\n(\d+) 0 obj\n([\s\S]*?)\nendobj", file[0])
    return list(dict.fromkeys(int(m[1]) for m in heads if re.search(pattern, m[2])))


def pages(file: Signed) -> list[int]:
    return numbers_of(file, rb"^<</Type/Page/")


def page_contents(file: Signed) -> list[int]:
    return [int(re.search(rb"/Contents (\d+)", body(file, page))[1]) for page in pages(file)]


def stream(data: bytes, head: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (head, len(data), data)


def layout(objects: Mapping[int, bytes], start: int) -> tuple[bytes, dict[int, int]]:
    """Objects one after the other, and where each begins."""
    out, offsets = bytearray(), {}
    for number, content in objects.items():
        offsets[number] = start + len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    return bytes(out), offsets


def table(offsets: Mapping[int, int], extra: bytes = b"") -> bytes:
    rows = b"".join(b"%d 1\n%010d 00000 n \n" % pair for pair in sorted(offsets.items()))
    return b"xref\n" + rows + extra


def trailer(plan: FilePlan, size: int, xref: int, **entries: bytes) -> bytes:
    items = {
        "Size": b"%d" % size,
        "Root": b"%d 0 R" % plan.root_number,
        "Info": b"%d 0 R" % plan.info_number,
        "Prev": b"%d" % plan.startxref,
        "ID": plan.file_id,
    } | entries
    inside = b"".join(b"/%b %b" % (key.encode(), value) for key, value in items.items() if value)
    return b"trailer\n<<%b>>\nstartxref\n%d\n%%%%EOF\n" % (inside, xref)


def append(
    file: Signed,
    objects: Mapping[int, bytes] | None = None,
    new: Sequence[bytes] = (),
    *,
    entries: Mapping[str, bytes] | None = None,
    rows: bytes = b"",
    before_table: bytes = b"",
    root: bytes | None = None,
) -> Signed:
    """A well-formed update: `objects` replaced, `new` ones numbered from /Size on."""
    data, plan = file
    numbered = {**(objects or {})} | {plan.size + i: item for i, item in enumerate(new)}
    laid, offsets = layout(numbered, len(data))
    laid += before_table
    xref = len(data) + len(laid)
    size = max([plan.size, *(number + 1 for number in numbered)])
    tail = table(offsets, rows) + trailer(plan, size, xref, **(entries or {}))
    whole = data + laid + tail
    return whole, next_plan(plan, whole, xref=xref, size=size, root=root)


def next_plan(
    plan: FilePlan, data: bytes, *, xref: int, size: int, root: bytes | None = None
) -> FilePlan:
    return replace(
        plan,
        length=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        startxref=xref,
        size=size,
        root_dictionary=root or plan.root_dictionary,
    )


def with_entries(dictionary: bytes, added: bytes) -> bytes:
    """A dictionary with further entries at its end."""
    assert dictionary.rstrip().endswith(b">>")
    return dictionary.rstrip()[:-2] + added + b">>"


@dataclass
class Container:
    """A CMS of which every part can be bent."""

    signer: Signer
    at: datetime
    tsa: Tsa
    attributes: Callable[[bytes], Sequence[bytes]] | None = None
    digest_oid: str = vocabulary.OID_SHA256
    declared_oid: str | None = None
    signature_oid: bytes | None = None
    hash_name: str = "sha256"
    version: int = 1
    signer_version: int = 1
    content: bytes = b""
    identifier: bytes | None = None
    certificates: Sequence[bytes] | None = None
    value: Callable[[bytes], bytes] | None = None
    unsigned: Callable[[bytes], Sequence[bytes]] | None = None
    signers: int = 1
    sort: bool = True
    junk: bytes = b""
    stamped_at: datetime | None = None

    def default_attributes(self, digest: bytes) -> list[bytes]:
        leaf = hashlib.sha256(self.signer.chain[0]).digest()
        bound = der.sequence(der.sequence(der.sequence(der.octet_string(leaf))))
        return [
            cms.attribute(vocabulary.OID_CONTENT_TYPE, der.oid(vocabulary.OID_DATA)),
            cms.attribute(vocabulary.OID_MESSAGE_DIGEST, der.octet_string(digest)),
            cms.attribute(vocabulary.OID_SIGNING_CERTIFICATE_V2, bound),
        ]

    def __call__(self, covered: bytes) -> bytes:
        digest = hashlib.new(self.hash_name, covered).digest()
        items = list((self.attributes or self.default_attributes)(digest))
        attributes = b"".join(sorted(items) if self.sort else items)
        signed = der.tlv(der.SET, attributes)
        value = (self.value or self._value)(signed)
        unsigned = (self.unsigned or self._token)(value)
        names = cms.certificate_names(self.signer.chain[0])
        algorithm = self.signature_oid or der.sequence(der.oid(vocabulary.OID_ECDSA_SHA256))
        info = der.sequence(
            der.integer(self.signer_version),
            self.identifier or der.sequence(names.issuer, der.integer(names.serial)),
            der.sequence(der.oid(self.digest_oid)),
            der.explicit(0, attributes) if items else b"",
            algorithm,
            der.octet_string(value),
            der.explicit(1, *unsigned) if unsigned else b"",
        )
        sent = sorted(self.signer.chain if self.certificates is None else self.certificates)
        data = der.sequence(
            der.integer(self.version),
            der.tlv(der.SET, der.sequence(der.oid(self.declared_oid or self.digest_oid))),
            der.sequence(
                der.oid(vocabulary.OID_DATA),
                der.explicit(0, der.octet_string(self.content)) if self.content else b"",
            ),
            der.explicit(0, *sent),
            der.tlv(der.SET, *([info] * self.signers)),
        )
        whole = der.sequence(der.oid(vocabulary.OID_SIGNED_DATA), der.explicit(0, data))
        return whole + self.junk

    def _value(self, signed: bytes) -> bytes:
        return workshop.sign_bytes(self.signer.key, signed)

    def _token(self, value: bytes) -> Sequence[bytes]:
        stamp = self.tsa.token(hashlib.sha256(value).digest(), self.stamped_at or self.at)
        return [cms.attribute(vocabulary.OID_TIMESTAMP_TOKEN, stamp)]


@dataclass
class Forgery:
    """A signature increment of which every part can be bent.

    `spoil(numbers)` changes the four numbers of the byte range before hashing, `covered` says which
    bytes are hashed, `dress` changes the finished dictionary text before it is laid out.
    """

    file: Signed
    role: str
    container: Callable[[bytes], bytes]
    certify: bool = False
    objects: Mapping[int, bytes] = field(default_factory=dict)
    new: Sequence[bytes] = ()
    entries: bytes = b""
    location: bytes | None = None
    widget: Callable[[bytes], bytes] = lambda widget: widget
    dress: Callable[[bytes], bytes] = lambda text: text
    spoil: Callable[[list[int]], list[int]] = lambda numbers: numbers
    digits: int = 8_192
    upper: bool = False
    kind: bytes = b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
    root: bytes | None = None
    root_entries: bytes = b""
    before_table: bytes = b""
    rows: bytes = b""
    fields: Mapping[str, FieldPlan] | None = None
    references: bytes | None = None

    def make(self) -> Signed:
        data, plan = self.file
        plan_field = (self.fields or plan.fields)[self.role]
        signature = plan.size + len(self.new)
        widget = self.widget(with_entries(plan_field.dictionary, b"/V %d 0 R" % signature))
        objects = {plan.size + i: item for i, item in enumerate(self.new)}
        objects |= {plan_field.number: widget, **self.objects}
        root = self.root
        if self.certify and root is None:
            root = with_entries(plan.root_dictionary, b"/Perms<</DocMDP %d 0 R>>" % signature)
        if self.root_entries:
            root = with_entries(root or plan.root_dictionary, self.root_entries)
        if root is not None:
            objects[plan.root_number] = root
        objects[signature] = self.dress(self._dictionary(plan_field.dictionary))
        laid, offsets = layout(dict(sorted(objects.items())), len(data))
        laid += self.before_table
        xref = len(data) + len(laid)
        size = max([plan.size, *(number + 1 for number in objects)])
        whole = data + laid + table(offsets, self.rows) + trailer(plan, size, xref)
        whole = self._filled(whole, offsets[signature])
        after = next_plan(plan, whole, xref=xref, size=size, root=root)
        filled = {**plan.fields, self.role: replace(plan_field, dictionary=widget)}
        return whole, replace(after, fields=filled)

    def _dictionary(self, field_dictionary: bytes) -> bytes:
        location = self.location
        if location is None:
            location = f"text-sha256:{workshop.TEXT_SHA256}".encode()
        text = b"<<%b/ByteRange[%b]/Contents<%b>" % (self.kind, b" " * WIDTH, b"0" * self.digits)
        if b"/Type/Sig/" in self.kind:
            text += b"/M(D:20261125080000Z)/Location(%b)" % location
        return text + self.entries + self._references(field_dictionary) + b">>"

    def _references(self, field_dictionary: bytes) -> bytes:
        if self.references is not None:
            return self.references
        items = b""
        if self.certify:
            items += (
                b"<</Type/SigRef/TransformMethod/DocMDP"
                b"/TransformParams<</Type/TransformParams/V/1.2/P 2>>>>"
            )
        if b"/Lock" in field_dictionary:
            items += (
                b"<</Type/SigRef/TransformMethod/FieldMDP/Data 1 0 R/TransformParams"
                b"<</Type/TransformParams/V/1.2/Action/Exclude/Fields[(archive)]>>>>"
            )
        return b"/Reference[%b]" % items if items else b""

    def _filled(self, whole: bytes, at: int) -> bytes:
        marker = re.compile(rb"/Contents ?<0{64}").search(whole, at)
        if marker is None:
            return whole
        start = whole.index(b"<", marker.start())
        stop = whole.index(b">", start) + 1
        numbers = self.spoil([0, start, stop, len(whole) - stop])
        text = b" ".join(b"%d" % number for number in numbers).ljust(WIDTH)
        whole = whole.replace(b"/ByteRange[" + b" " * WIDTH + b"]", b"/ByteRange[" + text + b"]")
        covered = b"".join(
            whole[a : a + n] for a, n in zip(numbers[::2], numbers[1::2], strict=False) if a >= 0
        )
        digits = self.container(covered).hex().encode()
        if self.upper:
            digits = digits.upper()
        return whole[: start + 1] + digits + whole[start + 1 + len(digits) :]


MOMENTS = {"platform": 0, "service_provider": 10, "worker": 20}
STATES = {"platform": 0, "service_provider": 1, "worker": 2}
_CONTAINER_FIELDS = frozenset(Container.__dataclass_fields__) - {"certificates"}


def bent(
    role: str = "worker",
    *,
    file: Signed | None = None,
    signer: Signer | None = None,
    at: datetime | None = None,
    tsa: Tsa | None = None,
    sent: Sequence[bytes] | None = None,
    **options: object,
) -> Signed:
    """The standard agreement with one more signature, of which something is bent."""
    shop = workshop.standard()
    file = file or workshop.standard_states()[STATES[role]]
    at = at or workshop.START + timedelta(minutes=MOMENTS[role])
    if signer is None:
        signer = shop.worker(file[0], at=at) if role == "worker" else shop.seals[role]
    inside = {key: options.pop(key) for key in list(options) if key in _CONTAINER_FIELDS}
    container = options.pop("container", None) or Container(
        signer=signer, at=at, tsa=tsa or shop.tsa, certificates=sent, **inside
    )
    options.setdefault("certify", role == "platform")
    return Forgery(file, role, container, **options).make()


def attached(name: str) -> Mapping[str, bytes]:
    """The attachments of the standard agreement."""
    return dict(workshop.standard().attachments)[name]


TIMESTAMP = b"/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
ARCHIVED_AT = workshop.START + timedelta(minutes=40)


def stamped(
    file: Signed, *, field="archive", tsa=None, at=ARCHIVED_AT, digest=None, **options
) -> Signed:
    """A document timestamp of which everything can be bent."""
    tsa = tsa or workshop.standard().tsa

    def token(covered):
        return tsa.token(digest or hashlib.sha256(covered).digest(), at)

    settings = {"kind": TIMESTAMP, "references": b""} | options
    return Forgery(file, field, token, **settings).make()
