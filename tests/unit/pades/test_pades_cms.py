import hashlib

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import core, x509
from asn1crypto import tsp as _tsp  # noqa: F401  (registers signing-certificate-v2)

from pki_world import World
from signing.pades import cms, der

DIGEST = hashlib.sha256(b"the document").digest()


@pytest.fixture
def signer(noon):
    return World(noon).signer("张三", at=noon)


@pytest.fixture
def container(signer):
    facts = cms.certificate_facts(signer.chain[0])
    attributes = cms.signed_attributes(facts, DIGEST)
    return cms.signed_data(
        facts,
        attributes=attributes,
        value=signer.sign(attributes),
        certificates=signer.chain,
        timestamp_token=der.sequence(der.oid("1.2.3"), der.explicit(0, der.NULL)),
    )


def test_an_independent_parser_finds_exactly_what_pades_asks_for(container, signer):
    info = asn1_cms.ContentInfo.load(container, strict=True)
    data = info["content"]
    (signer_info,) = data["signer_infos"]

    attributes = {a["type"].native: a["values"] for a in signer_info["signed_attrs"]}
    certificate = x509.Certificate.load(signer.chain[0])

    assert data["version"].native == "v1"
    assert data["encap_content_info"]["content"].native is None
    assert set(attributes) == {"content_type", "message_digest", "signing_certificate_v2"}
    assert attributes["content_type"].native == ["data"]
    assert attributes["message_digest"].native == [DIGEST]
    essential = attributes["signing_certificate_v2"][0]["certs"][0]
    assert essential["cert_hash"].native == hashlib.sha256(signer.chain[0]).digest()
    assert signer_info["sid"].chosen["serial_number"].native == certificate.serial_number
    assert signer_info["sid"].chosen["issuer"] == certificate.issuer
    assert signer_info["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
    assert [a["type"].native for a in signer_info["unsigned_attrs"]] == [
        "signature_time_stamp_token"
    ]
    assert sorted(c.chosen.dump() for c in data["certificates"]) == sorted(signer.chain)


def test_it_is_der_an_encoder_that_writes_it_anew_changes_nothing(container):
    info = asn1_cms.ContentInfo.load(container, strict=True)

    assert info.dump(force=True) == container


def test_the_key_signs_the_attributes_as_a_sorted_set(signer):
    attributes = cms.signed_attributes(cms.certificate_facts(signer.chain[0]), DIGEST)

    elements = [e.raw for e in der.children(der.read_one(attributes, der.SET), der.SET)]

    assert attributes[0] == 0x31
    assert elements == sorted(elements)
    assert len(attributes) == 135


def test_names_are_copied_from_the_certificate_never_written_anew(signer):
    facts = cms.certificate_facts(signer.chain[0])
    certificate = x509.Certificate.load(signer.chain[0])

    assert facts.issuer == certificate.issuer.dump()
    assert facts.subject == certificate.subject.dump()
    assert core.Sequence.load(facts.identifier)[1].native == certificate.serial_number
