"""Files that are not ours: at best indeterminate, whoever signed them; broken ones fail."""

import io

import pikepdf
import workshop
from asn1crypto import crl, keys, x509
from attack import Attack
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

NOT = "valid_unknown_issuer"


def plain(pages: int = 1) -> bytes:
    """A small PDF as any program writes it."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def signed(**options) -> bytes:
    """Signed by pyHanko with a key of our PKI, as a stranger's file would be."""
    seal = workshop.standard().seals["platform"]
    key = seal.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()
    store.register(x509.Certificate.load(seal.chain[1]))
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(seal.chain[0]),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=store,
    )
    metadata = signers.PdfSignatureMetadata(field_name="Signature1", **options)
    writer = IncrementalPdfFileWriter(io.BytesIO(plain()))
    return signers.sign_pdf(writer, metadata, signer=signer).getvalue()


def _flipped():
    data = bytearray(signed())
    data[data.index(b"/MediaBox") + 12] ^= 1
    return bytes(data)


def _flipped_value():
    data = bytearray(signed())
    start = data.index(b"/Contents <") + 11
    digits = data[start : start + 4_000].rstrip(b"0")
    data[start + len(digits) - 6] = (
        ord("0") if data[start + len(digits) - 6] != ord("0") else ord("1")
    )
    return bytes(data)


def _annotated():
    """An update with an annotation, by another library."""
    out = io.BytesIO(signed())
    writer = IncrementalPdfFileWriter(out)
    reference = writer.root["/Pages"]["/Kids"].raw_get(0)
    page = reference.get_object()
    stamp = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Annot"),
            generic.NameObject("/Subtype"): generic.NameObject("/Stamp"),
            generic.NameObject("/Rect"): generic.ArrayObject(
                map(generic.NumberObject, (0, 0, 9, 9))
            ),
        }
    )
    annotations = page.setdefault(generic.NameObject("/Annots"), generic.ArrayObject())
    annotations.append(writer.add_object(stamp))
    writer.mark_update(reference)
    writer.write_in_place()
    return out.getvalue()


def _with_store(change=lambda _: None):
    """B-LT: validation data in an update that no signature covers; `change` slips more into it."""

    def make():
        out = io.BytesIO(signed(subfilter=SigSeedSubFilter.PADES))
        writer = IncrementalPdfFileWriter(out)
        shop = workshop.standard()
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=[x509.Certificate.load(shop.issuing.der)],
            crls=[crl.CertificateList.load(shop.issuing.crl())],
        )
        change(writer)
        writer.write_in_place()
        return out.getvalue()

    return make


def _page(writer):
    return writer.root["/Pages"]["/Kids"].raw_get(0)


def _turned(writer):
    _page(writer).get_object()["/Rotate"] = generic.NumberObject(180)
    writer.mark_update(_page(writer))


def _turned_and_named(writer):
    """The store names the page that it turns, as if it belonged to it."""
    _turned(writer)
    store = writer.root.raw_get("/DSS")
    store.get_object()["/X"] = _page(writer)
    writer.mark_update(store)


def _versioned(writer):
    writer.root["/Version"] = generic.NameObject("/1.3")
    writer.update_root()


def _hidden_object(writer):
    writer.add_object(generic.pdf_string("Pay: 0 yuan"))


def _of_unknown_kind():
    return signed().replace(b"/adbe.pkcs7.detached", b"/GM.sm2seal.detached")


def _saved_anew(**options):
    """Our own file, opened and saved by another program."""

    def make():
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(workshop.standard_states()[4][0])) as pdf:
            pdf.save(out, **options)
        return out.getvalue()

    return make


def _printed():
    """Our own file as a print driver leaves it: pages alone."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(workshop.standard_states()[4][0])) as pdf:
        for key in ("/AcroForm", "/Perms", "/DSS", "/Names", "/AF"):
            if key in pdf.Root:
                del pdf.Root[key]
        for page in pdf.pages:
            if "/Annots" in page.obj:
                del page.obj["/Annots"]
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _loop():
    return (
        b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \n"
        b"trailer\n<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF\n"
    )


def _page_tree_loop():
    items = (
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Count 1/Kids[2 0 R]>>\nendobj\n"
    )
    start = len(b"%PDF-1.4\n")
    second = start + items.index(b"2 0 obj\n<<")
    xref = start + len(items)
    table = b"xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n" % (start, second)
    return (
        b"%PDF-1.4\n"
        + items
        + table
        + b"trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % xref
    )


ATTACKS = [
    Attack("unsigned", "a PDF without a signature", plain, "NO_SIGNATURE", outcome="no_signature"),
    Attack("signed", "signed by pyHanko, untouched", signed, "FOREIGN_FORMAT", outcome=NOT),
    Attack(
        "signed_appended",
        "bytes appended (pyHanko's bottom line says valid)",
        lambda: signed() + b"more",
        "FOREIGN_CHANGED",
    ),
    Attack(
        "signed_with_store",
        "validation data behind the signature (B-LT): nothing is wrong",
        _with_store(),
        "FOREIGN_FORMAT",
        outcome=NOT,
    ),
    Attack(
        "store_and_tail", "bytes behind them", lambda: _with_store()() + b"x", "FOREIGN_CHANGED"
    ),
    Attack(
        "store_and_page", "the page turned beside them", _with_store(_turned), "FOREIGN_CHANGED"
    ),
    Attack(
        "store_that_names_a_page",
        "the page turned, and named by the store",
        _with_store(_turned_and_named),
        "FOREIGN_CHANGED",
    ),
    Attack(
        "store_and_version",
        "another entry of the catalog beside them",
        _with_store(_versioned),
        "FOREIGN_CHANGED",
    ),
    Attack(
        "store_and_orphan",
        "an object that nothing names beside them",
        _with_store(_hidden_object),
        "FOREIGN_CHANGED",
    ),
    Attack(
        "signed_weakly",
        "signed over SHA-1",
        lambda: signed(md_algorithm="sha1"),
        "WEAK_ALGORITHM",
        outcome=NOT,
    ),
    Attack(
        "signed_in_an_unknown_way",
        "a signature of a kind that is not checked here is neither none nor broken",
        _of_unknown_kind,
        "FOREIGN_UNSUPPORTED",
        outcome=NOT,
    ),
    Attack("signed_flipped", "one bit of the page", _flipped, "HASH_FAILURE"),
    Attack("signed_annotated", "a stamp by an update", _annotated, "FOREIGN_CHANGED"),
    Attack("printed", "our file printed to PDF", _printed, "NO_SIGNATURE", outcome="no_signature"),
    Attack("saved_anew", "our file saved anew by another program", _saved_anew(), "CHANGED"),
    Attack(
        "saved_anew_compressed",
        "the same, with object streams",
        _saved_anew(object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "CHANGED",
    ),
    Attack(
        "garbage",
        "%PDF- and then nothing of a PDF",
        lambda: b"%PDF-1.7\n" + b"garbage " * 100,
        "FOREIGN_BROKEN",
    ),
    Attack("header_alone", "%PDF- alone", lambda: b"%PDF-", "FOREIGN_BROKEN"),
    Attack(
        "cut_short", "the first half of a signed file", lambda: signed()[:3_000], "FOREIGN_BROKEN"
    ),
    Attack("prev_loop", "a table that leads to itself", _loop, "FOREIGN_BROKEN"),
    Attack(
        "deep_arrays",
        "a hundred thousand opened arrays",
        lambda: plain()[:-40] + b"[" * 100_000,
        "FOREIGN_BROKEN",
    ),
]
