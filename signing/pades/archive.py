"""The archive step: certificates and CRLs (DSS) and a document timestamp, in one revision (B-LTA).

Rules kept here:
* the catalog changes by `/DSS` alone; its streams hold raw DER, uncompressed, so that the same
  input gives the same bytes whichever zlib runs;
* the document timestamp (ETSI.RFC3161) goes into the invisible field `archive` that the base made;
* its token stamps the digest of the file itself, so there is no signature value to wait for.
"""

from collections.abc import Sequence
from dataclasses import replace

from signing.errors import Broken
from signing.pades import dictionary, increment, placeholder, prepare
from signing.pades.placeholder import Placeholder, members_of
from signing.pades.plan import FilePlan
from signing.pades.vocabulary import (
    ARCHIVE_FIELD,
    FILTER,
    MAX_ARCHIVE_INCREMENT,
    RESERVE_TOKEN,
    SUBFILTER_TIMESTAMP,
    TYPE_TIMESTAMP,
)


class PreparedArchive(Placeholder):
    """An archive step that waits for its token."""


def prepare_archive(
    base: bytes,
    plan: FilePlan,
    certificates: Sequence[bytes],
    crls: Sequence[bytes],
    *,
    token_bytes: int = RESERVE_TOKEN,
) -> PreparedArchive:
    """The increment with DSS and an empty document timestamp.

    `certificates` (issuing, TSA, roots) and `crls` are DER; equal ones go in once. Raises Conflict
    (FIELD_FILLED) if the file is archived already.
    """
    field = prepare.empty_field(plan, ARCHIVE_FIELD)
    certificates, crls = tuple(dict.fromkeys(certificates)), tuple(dict.fromkeys(crls))
    numbers = iter(range(plan.size, plan.size + len(certificates) + len(crls) + 2))
    streams = {next(numbers): stream(content) for content in (*certificates, *crls)}
    references = [b"%d 0 R" % number for number in streams]
    kept, signature = next(numbers), next(numbers)
    digits = increment.reserve_digits(token_bytes)
    widget = prepare.filled_widget(field.dictionary, signature=signature, appearance=None)
    root = dictionary.dictionary(
        {**dictionary.entries(plan.root_dictionary), b"/DSS": b"%d 0 R" % kept}
    )
    objects = {
        plan.root_number: root,
        field.number: widget,
        **streams,
        kept: store(references[: len(certificates)], references[len(certificates) :]),
        signature: document_timestamp(digits),
    }
    made = increment.build(base, plan, objects, digits=digits)
    if len(made.data) > MAX_ARCHIVE_INCREMENT:
        raise Broken("The archive increment is larger than the judge allows")
    filled = replace(field, dictionary=widget)
    return PreparedArchive(**members_of(plan, made, ARCHIVE_FIELD, field=filled, root=root))


def archive_imprint(prepared: PreparedArchive) -> bytes:
    """What the TSA stamps: SHA-256 over the byte range."""
    return prepared.document_digest


def assemble_archive(
    base: bytes, prepared: PreparedArchive, token: bytes
) -> tuple[bytes, FilePlan]:
    """The archived file and its plan; pure, as `finish.assemble`."""
    return placeholder.fill(base, prepared, token)


def stream(content: bytes) -> bytes:
    """A stream object with nothing but its length."""
    return b"<</Length %d>>\nstream\n%b\nendstream" % (len(content), content)


def store(certificates: Sequence[bytes], crls: Sequence[bytes]) -> bytes:
    """DSS dictionary (ISO 32000-2 §12.8.4.3); no VRI, no OCSP."""
    entries = {b"/Type": b"/DSS", b"/Certs": b"[" + b" ".join(certificates) + b"]"}
    if crls:
        entries[b"/CRLs"] = b"[" + b" ".join(crls) + b"]"
    return dictionary.dictionary(entries)


def document_timestamp(digits: int) -> bytes:
    """Document timestamp dictionary (ISO 32000-2 §12.8.5)."""
    return dictionary.dictionary(
        {
            b"/Type": b"/" + TYPE_TIMESTAMP.encode(),
            b"/Filter": b"/" + FILTER.encode(),
            b"/SubFilter": b"/" + SUBFILTER_TIMESTAMP.encode(),
            **increment.signature_placeholders(digits),
        }
    )
