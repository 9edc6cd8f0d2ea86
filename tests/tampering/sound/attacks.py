"""Files that are sound: the judge must not cry wolf, whichever lawful shape a file has."""

import io
import json
from dataclasses import replace
from datetime import timedelta

import workshop
from asn1crypto import cms as asn1_cms
from attack import Attack, standard_trust
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from forge import Container
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from workshop import BODY, HTML, NAMES, START, Workshop

from signing.pades import archive, renewal

YEAR = timedelta(days=365)


def _state(number):
    return lambda: workshop.standard_states()[number][0]


def _shop(**changes):
    return replace(workshop.standard(), **changes)


def _archived(shop, **options):
    return shop.archive(shop.sign_parties(**options)[-1])[0]


def _worker_first():
    body = {**BODY, "order": "worker_first"}
    order = ("worker", "platform", "service_provider")
    shop = _shop(
        order=order,
        lock=None,
        attachments=(
            ("contract.html", HTML.encode()),
            ("agreement.json", json.dumps(body, ensure_ascii=False).encode()),
        ),
    )
    return _archived(shop)


def _uncertified():
    return _archived(workshop.standard(), certify=False)


def _rsa_seal():
    shop = workshop.standard()
    key = rsa.generate_private_key(65537, 2048)
    leaf = shop.issuing.issue(NAMES["platform"], key.public_key())
    signer = workshop.Signer(key, (leaf, shop.issuing.der))
    file = shop.sign(shop.base(), "platform", at=START, signer=signer, certify=True)
    file = shop.sign(file, "service_provider", at=START + timedelta(minutes=10))
    return shop.archive(shop.sign(file, "worker", at=START + timedelta(minutes=20)))[0]


def _long_seal_worker():
    """A worker with a long-lived certificate of his own, as a licensed CA might issue it."""
    shop, file = workshop.standard(), workshop.standard_states()[2]
    signer = shop.seal("service_provider")
    leaf = shop.issuing.issue(NAMES["worker"], signer.key.public_key())
    signer = workshop.Signer(signer.key, (leaf, shop.issuing.der))
    return shop.archive(shop.sign(file, "worker", at=START + timedelta(minutes=20), signer=signer))[
        0
    ]


def _renewed(file, at, shop):
    prepared = renewal.prepare_renewal(*file, (shop.tsa.certificate,), (shop.root.crl(at),))
    token = shop.tsa.token(archive.archive_imprint(prepared), at)
    return archive.assemble_archive(file[0], prepared, token)


def _renewed_once():
    return _renewed(workshop.standard_states()[4], START + 3 * YEAR, workshop.standard())[0]


def _renewed_twice():
    shop = workshop.standard()
    first = _renewed(workshop.standard_states()[4], START + 3 * YEAR, shop)
    return _renewed(first, START + 6 * YEAR, shop)[0]


def _renewed_by_the_next_unit():
    """Year 9: the TSA has a new certificate, which outlives the first."""
    shop = workshop.standard()
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = shop.root.issue(
        "TEST TSA unit 2",
        key.public_key(),
        not_before=START + 8 * YEAR,
        valid=10 * YEAR,
        purposes=(ExtendedKeyUsageOID.TIME_STAMPING,),
        purposes_critical=True,
        key_usage=workshop.usage(digital_signature=True),
    )
    later = replace(shop, tsa=workshop.Tsa(key, certificate))
    return _renewed(workshop.standard_states()[4], START + 9 * YEAR, later)[0]


def _seal_of_an_officer():
    """A licensed CA names the officer as CN and the enterprise as O."""
    shop = workshop.standard()
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = shop.issuing.issue("印章管理员", key.public_key(), organisation=NAMES["platform"])
    signer = workshop.Signer(key, (leaf, shop.issuing.der))
    file = shop.sign(shop.base(), "platform", at=START, signer=signer, certify=True)
    file = shop.sign(file, "service_provider", at=START + timedelta(minutes=10))
    return shop.archive(shop.sign(file, "worker", at=START + timedelta(minutes=20)))[0]


class _QuietWriter(IncrementalPdfFileWriter):
    """An incremental writer that leaves /Info and XMP alone."""

    def _update_meta(self):
        pass


def _by_pyhanko(file, role, *, at, certify):
    """The same signature as ours, its increment written by pyHanko's embedder."""
    shop = workshop.standard()
    signer = shop.worker(file, at=at) if role == "worker" else shop.seals[role]
    steps = PdfCMSEmbedder().write_cms(
        role, _QuietWriter(io.BytesIO(file)), existing_fields_only=True
    )
    next(steps)
    lock = FieldMDPSpec(FieldMDPAction.EXCLUDE, fields=["archive"]) if role == "worker" else None
    dictionary = SignatureObject(
        timestamp=at,
        bytes_reserved=12_000,
        subfilter=SigSeedSubFilter.PADES,
        location=shop.location,
        reason="同意并签署",
    )
    locks = SigMDPSetup(
        md_algorithm="sha256",
        certify=certify,
        docmdp_perms=MDPPerm.FILL_FORMS if certify else None,
        field_lock=lock,
    )
    steps.send(SigObjSetup(dictionary, mdp_setup=locks))
    prepared, out = steps.send(SigIOSetup(md_algorithm="sha256"))
    container = Container(signer=signer, at=at, tsa=shop.tsa)
    container.attributes = lambda _: container.default_attributes(prepared.document_digest)
    prepared.fill_with_cms(out, asn1_cms.ContentInfo.load(container(b"")))
    return out.getvalue()


def _written_by_pyhanko():
    file = workshop.standard().base()[0]
    for position, role in enumerate(workshop.ROLES):
        at = START + timedelta(minutes=10 * position)
        file = _by_pyhanko(file, role, at=at, certify=position == 0)
    return file


def _revoked_later():
    """The seal is revoked after it signed; the store's CRL tells."""
    shop = workshop.standard()
    states = workshop.standard_states()
    serial = x509.load_der_x509_certificate(shop.seals["platform"].chain[0]).serial_number
    shop.issuing.revoked = {serial: START + timedelta(minutes=30)}
    try:
        return shop.archive(states[3])[0]
    finally:
        shop.issuing.revoked = {}


def _fresh_lists_in_the_folder():
    shop = workshop.standard()
    return standard_trust(crls=(shop.issuing.crl(), shop.root.crl()))


def _with_appearance():
    shop = workshop.standard()
    file = shop.base()
    font = file[1].faces["song"].number
    look = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 200 120]"
        b"/Resources<</Font<</F1 %d 0 R>>>>/Length 3>>stream\nq Q\nendstream" % font
    )
    file = shop.sign(file, "platform", at=START, certify=True, appearance=look)
    file = shop.sign(file, "service_provider", at=START + timedelta(minutes=10), appearance=look)
    file = shop.sign(file, "worker", at=START + timedelta(minutes=20), appearance=look)
    return shop.archive(file)[0]


ATTACKS = [
    Attack(
        "standard", "three signatures, archived", _state(4), "ADDITIONS_ALLOWED", outcome="valid"
    ),
    Attack(
        "not_archived", "three signatures, the same day", _state(3), "UNTOUCHED", outcome="valid"
    ),
    Attack(
        "not_archived_with_lists",
        "the same two months later, CRLs in the trust folder",
        _state(3),
        "NOT_ARCHIVED",
        outcome="valid",
        at=START + timedelta(days=60),
        trust=_fresh_lists_in_the_folder,
    ),
    Attack(
        "after_60_days",
        "archived, two months later",
        _state(4),
        "ADDITIONS_ALLOWED",
        outcome="valid",
        at=START + timedelta(days=60),
    ),
    Attack(
        "after_9_years",
        "archived, nine years later",
        _state(4),
        "ADDITIONS_ALLOWED",
        outcome="valid",
        at=START + 9 * YEAR,
    ),
    Attack(
        "after_11_years",
        "archived, never renewed, the TSA's certificate has ended",
        _state(4),
        "TSA_OUT_OF_BOUNDS",
        outcome="valid_unknown_issuer",
        at=START + 11 * YEAR,
    ),
    Attack(
        "worker_first",
        "the worker signed first and certified",
        _worker_first,
        "ADDITIONS_ALLOWED",
        outcome="valid",
    ),
    Attack(
        "uncertified",
        "approval signatures, locked by the last field",
        _uncertified,
        "ADDITIONS_ALLOWED",
        outcome="valid",
    ),
    Attack(
        "with_appearances",
        "seals that one sees",
        _with_appearance,
        "ADDITIONS_ALLOWED",
        outcome="valid",
    ),
    Attack("rsa_seal", "a platform's own RSA key", _rsa_seal, "ADDITIONS_ALLOWED", outcome="valid"),
    Attack(
        "long_worker_certificate",
        "a worker's certificate of two years",
        _long_seal_worker,
        "ADDITIONS_ALLOWED",
        outcome="valid",
    ),
    Attack(
        "revoked_later",
        "a seal revoked after it signed",
        _revoked_later,
        "REVOKED_LATER",
        outcome="valid",
        at=START + timedelta(days=60),
    ),
    Attack(
        "renewed",
        "renewed in year 3",
        _renewed_once,
        "ADDITIONS_ALLOWED",
        outcome="valid",
        at=START + 4 * YEAR,
    ),
    Attack(
        "renewed_twice",
        "renewed in years 3 and 6",
        _renewed_twice,
        "ADDITIONS_ALLOWED",
        outcome="valid",
        at=START + 7 * YEAR,
    ),
    Attack(
        "renewed_in_year_9",
        "renewed in year 9, judged in year 11",
        _renewed_by_the_next_unit,
        "ADDITIONS_ALLOWED",
        outcome="valid",
        at=START + 11 * YEAR,
    ),
    Attack(
        "written_by_pyhanko",
        "three signatures whose increments pyHanko wrote",
        _written_by_pyhanko,
        "UNTOUCHED",
        outcome="valid",
    ),
    Attack(
        "seal_of_an_officer",
        "the enterprise stands in the certificate's O",
        _seal_of_an_officer,
        "ADDITIONS_ALLOWED",
        outcome="valid",
    ),
    Attack(
        "unknown_anchor",
        "sound, but nobody that this verifier trusts",
        lambda: Workshop.new(root_name="Stranger CA").sign_all()[0],
        "UNKNOWN_ISSUER",
        outcome="valid_unknown_issuer",
    ),
]
