"""Certificates, chains and revocation."""

from datetime import timedelta

import workshop
from attack import Attack, standard_trust
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from workshop import NAMES, START, Authority, Signer, Workshop, encoded, usage

NOT = "valid_unknown_issuer"
LATER = START + timedelta(days=60)


def _platform(signer: Signer, **options):
    """The platform signs with another certificate; the others as ever; archived."""
    shop = workshop.standard()
    file = shop.sign(shop.base(), "platform", at=START, signer=signer, certify=True, **options)
    file = shop.sign(file, "service_provider", at=START + timedelta(minutes=10))
    return shop.sign(file, "worker", at=START + timedelta(minutes=20))


def _archived(signer: Signer, **options):
    return workshop.standard().archive(_platform(signer), **options)[0]


def _seal(**options) -> Signer:
    return workshop.standard().seal("platform", **options)


def _worker(**options):
    """The worker signs with another one-use certificate."""

    def make():
        shop, file = workshop.standard(), workshop.standard_states()[2]
        at = START + timedelta(minutes=20)
        return shop.sign(file, "worker", at=at, signer=shop.worker(file[0], at=at, **options))[0]

    return make


def _same_names() -> Signer:
    """A CA with the same names and other keys."""
    stranger = Workshop.new()
    return stranger.seals["platform"]


def _same_names_worker():
    stranger = Workshop.new()
    return _worker(issuer=stranger.issuing)()


def _self_signed() -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = workshop.name(NAMES["platform"])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START - timedelta(hours=1))
        .not_valid_after(START + timedelta(days=1))
        .add_extension(usage(digital_signature=True, content_commitment=True), critical=True)
    )
    return Signer(key, (encoded(builder.sign(key, hashes.SHA256())),))


def _by_a_leaf() -> Signer:
    """A seal key issues a certificate, as if it were a CA."""
    shop = workshop.standard()
    seal = shop.seals["platform"]
    pretender = object.__new__(Authority)
    pretender.key = seal.key
    pretender.name = x509.load_der_x509_certificate(seal.chain[0]).subject
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = Authority.issue(pretender, NAMES["platform"], key.public_key())
    return Signer(key, (leaf, *seal.chain))


def _too_deep() -> Signer:
    """A CA below the issuing CA, whose path length is 0."""
    shop = workshop.standard()
    below = Authority("TEST Sub-CA", shop.issuing)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = below.issue(NAMES["platform"], key.public_key())
    return Signer(key, (leaf, below.der, shop.issuing.der))


def _unknown_critical() -> Signer:
    shop = workshop.standard()
    key = ec.generate_private_key(ec.SECP256R1())
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    builder = (
        x509.CertificateBuilder()
        .subject_name(workshop.name(NAMES["platform"]))
        .issuer_name(shop.issuing.name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START - timedelta(hours=1))
        .not_valid_after(START + timedelta(days=1))
        .add_extension(usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(workshop._crl_point(), critical=False)
        .add_extension(extension, critical=True)
    )
    leaf = encoded(builder.sign(shop.issuing.key, hashes.SHA256()))
    return Signer(key, (leaf, shop.issuing.der))


def _lists(signer: Signer, since, *, at=START + timedelta(minutes=40), days=30):
    """The issuing CA's CRL with that signer revoked, and the root's."""
    shop = workshop.standard()
    serial = x509.load_der_x509_certificate(signer.chain[0]).serial_number
    before = dict(shop.issuing.revoked)
    shop.issuing.revoked = {serial: since}
    try:
        return shop.issuing.crl(at, days=days), shop.root.crl(at, days=days)
    finally:
        shop.issuing.revoked = before


def _revoked(since):
    def make():
        signer = _seal()
        return _archived(signer, crls=_lists(signer, since))

    return make


class _Kept:
    """One signer for a file and for the trust folder that tells of its revocation."""

    signer: Signer | None = None


def _stripped():
    _Kept.signer = _seal()
    return _archived(_Kept.signer, crls=())


def _trust_that_knows():
    crls = _lists(_Kept.signer, START - timedelta(days=1))
    return standard_trust(crls=crls)


def _forged_list():
    """The CRL that clears the seal is signed by another CA of the same name."""
    signer = _seal()
    stranger = Workshop.new()
    return _archived(signer, crls=(stranger.issuing.crl(), workshop.standard().root.crl()))


def _stale_list():
    """The newest CRL had ended before the token."""
    shop = workshop.standard()
    old = START - timedelta(days=40)
    return _archived(_seal(), crls=(shop.issuing.crl(old, days=30), shop.root.crl(old, days=30)))


ATTACKS = [
    Attack(
        "same_names_other_keys",
        "a seal from a CA that only bears our CA's names",
        lambda: _archived(_same_names()),
        "UNKNOWN_ISSUER",
        outcome=NOT,
    ),
    Attack(
        "same_names_worker",
        "the worker's field filled by such a CA",
        _same_names_worker,
        "UNKNOWN_ISSUER",
        outcome=NOT,
    ),
    Attack(
        "self_signed",
        "a self-signed certificate in the platform's name",
        lambda: _archived(_self_signed()),
        "UNKNOWN_ISSUER",
        outcome=NOT,
    ),
    Attack(
        "issued_by_a_leaf",
        "issued by a seal key as if it were a CA",
        lambda: _archived(_by_a_leaf()),
        "CHAIN_CONSTRAINTS",
        outcome=NOT,
    ),
    Attack(
        "path_too_long",
        "a CA below one that may have none",
        lambda: _archived(_too_deep()),
        "CHAIN_CONSTRAINTS",
        outcome=NOT,
    ),
    Attack(
        "unknown_critical_extension",
        "a critical extension that nobody knows",
        lambda: _archived(_unknown_critical()),
        "CHAIN_CONSTRAINTS",
        outcome=NOT,
    ),
    Attack(
        "no_non_repudiation",
        "digitalSignature alone",
        lambda: _archived(_seal(key_usage=usage(digital_signature=True))),
        "KEY_USAGE",
        outcome=NOT,
    ),
    Attack(
        "wrong_purpose",
        "a server certificate signs",
        lambda: _archived(_seal(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))),
        "KEY_USAGE",
        outcome=NOT,
    ),
    Attack(
        "tsa_certificate_signs",
        "a time-stamping certificate signs",
        lambda: _archived(_seal(purposes=(ExtendedKeyUsageOID.TIME_STAMPING,))),
        "KEY_USAGE",
        outcome=NOT,
    ),
    Attack(
        "expired_seal",
        "the seal had ended at the token's time",
        lambda: _archived(_seal(not_before=START - timedelta(days=3), valid=timedelta(days=2))),
        "EXPIRED",
    ),
    Attack(
        "seal_not_yet_valid",
        "the seal begins tomorrow",
        lambda: _archived(_seal(not_before=START + timedelta(days=1))),
        "NOT_YET_VALID",
    ),
    Attack(
        "no_crl_named",
        "a long certificate that names no CRL",
        lambda: _archived(_seal(names_crl=False)),
        "REVOCATION_UNDECLARED",
        outcome=NOT,
    ),
    Attack(
        "short_term_but_long",
        "marked short-term, valid for an hour",
        _worker(valid=timedelta(hours=1)),
        "REVOCATION_UNDECLARED",
        outcome=NOT,
    ),
    Attack(
        "short_but_not_marked",
        "15 minutes, but not marked short-term",
        _worker(extra=()),
        "REVOCATION_UNDECLARED",
        outcome=NOT,
    ),
    Attack(
        "revoked_before",
        "revoked before the token, the CRL in the store says so",
        _revoked(START - timedelta(hours=2)),
        "REVOKED",
        at=LATER,
    ),
    Attack(
        "revoked_at_that_second",
        "revoked at the token's very second",
        _revoked(START),
        "REVOKED",
        at=LATER,
    ),
    Attack(
        "revocation_stripped",
        "no CRL in the store, but the verifier's folder knows",
        _stripped,
        "REVOKED",
        trust=_trust_that_knows,
        at=LATER,
    ),
    Attack(
        "revocation_stripped_unknown",
        "no CRL in the store, none in the folder, a day later",
        lambda: _archived(_seal(), crls=()),
        "REVOCATION_MISSING",
        outcome=NOT,
        at=LATER,
    ),
    Attack(
        "forged_crl",
        "the CRL is signed by a CA that only bears the name",
        _forged_list,
        "REVOCATION_MISSING",
        outcome=NOT,
        at=LATER,
    ),
    Attack(
        "stale_crl",
        "the CRL had ended before the token",
        _stale_list,
        "REVOCATION_MISSING",
        outcome=NOT,
        at=LATER,
    ),
    Attack(
        "no_archive_two_days_later",
        "B-T without any CRL, two days later",
        lambda: workshop.standard_states()[3][0],
        "REVOCATION_MISSING",
        outcome=NOT,
        at=START + timedelta(days=2),
    ),
]
