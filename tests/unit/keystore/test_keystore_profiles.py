from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from pki_world import AGREEMENT, World, make_key
from signing.errors import Broken
from signing.keystore import lint, profiles
from signing.keystore.press import new_serial
from signing.keystore.profiles import Issuer, Subject
from signing.pades import vocabulary

ROWS = [profiles.ROOT, profiles.ISSUING, profiles.TSA, profiles.SEAL, profiles.SIGNER]


@pytest.fixture
def make(noon):
    """A certificate of a row, after `change` had its way with row, subject and validity."""

    def make(row, *, name="TEST 某某", serial=None, span=None, key=None, agreement=AGREEMENT):
        key = make_key("subject") if key is None else key
        issuer = Issuer(
            profiles.subject_name("TEST CA"), make_key("ca").public_key(), "http://c", "http://i"
        )
        builder = profiles.builder(
            row,
            Subject(
                profiles.subject_name(name),
                key.public_key(),
                agreement if row.short_term else None,
            ),
            None if row.name == "root" else issuer,
            serial=new_serial() if serial is None else serial,
            not_before=noon,
            not_after=noon + (row.span if span is None else span),
        )
        return builder.sign(make_key("ca"), hashes.SHA256())

    return make


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_the_builder_makes_passes_the_lint_of_its_own_row_only(make, row):
    certificate = make(row)

    lint.lint(row, certificate)
    for other in ROWS:
        if other is not row:
            with pytest.raises(Broken):
                lint.lint(other, certificate)


@pytest.mark.parametrize(
    ("what", "change", "arguments"),
    [
        ("validity", {}, {"span": timedelta(minutes=15, seconds=1)}),
        ("serial", {}, {"serial": 12345}),
        ("serial", {}, {"serial": 1 << 130}),
        ("keyUsage", {"usages": frozenset({"digital_signature"})}, {}),
        ("extKeyUsage", {"purposes": ("1.3.6.1.5.5.7.3.4",)}, {}),
        ("extensions", {"policy": None}, {}),
        ("extensions", {"crl": True}, {}),
        ("extensions", {"short_term": False}, {}),
        ("cA", {"authority": True, "usages": profiles.SIGNER.usages}, {}),
        ("key", {}, {"key": ec.generate_private_key(ec.SECP384R1())}),
    ],
)
def test_one_wrong_thing_stops_a_signers_certificate_and_is_named(make, what, change, arguments):
    certificate = make(replace(profiles.SIGNER, **change), **arguments)

    with pytest.raises(Broken) as refused:
        lint.lint(profiles.SIGNER, certificate)

    assert refused.value.code == "CERTIFICATE_LINT"
    assert what in refused.value.message


def test_a_signers_certificate_names_its_agreement_and_document_and_no_crl(noon):
    signer = World(noon).signer("张三", at=noon)
    certificate = x509.load_der_x509_certificate(signer.chain[0])
    extensions = {e.oid.dotted_string: e for e in certificate.extensions}

    private = extensions[vocabulary.OID_AGREEMENT]
    policy = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)

    assert AGREEMENT[0].encode() in private.value.value
    assert AGREEMENT[1] in private.value.value
    assert not private.critical
    assert policy.value[0].policy_identifier.dotted_string == vocabulary.OID_POLICY_TEST
    assert x509.ExtensionOID.CRL_DISTRIBUTION_POINTS.dotted_string not in extensions
    assert certificate.not_valid_before_utc == noon - timedelta(seconds=60)
    assert certificate.not_valid_after_utc == noon + timedelta(minutes=14)


def test_everything_says_test(noon):
    world = World(noon)
    seal = world.signer("长沙某某网络科技有限公司", at=noon, profile=profiles.SEAL)
    chain = [*map(x509.load_der_x509_certificate, seal.chain), world.root, world.tsa]

    assert all("TEST" in certificate.subject.rfc4514_string() for certificate in chain)


@pytest.mark.parametrize("name", ["长" * 80, "A" * 80, "A" + "长" * 80])
def test_a_name_longer_than_a_common_name_may_be_is_cut_there_and_whole_beside_it(name):
    subject = profiles.subject_name(name)

    short = subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    whole = subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value
    assert name.startswith(short)
    assert 60 < len(short.encode()) <= 64
    assert whole == name
