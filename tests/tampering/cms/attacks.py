"""The CMS of a signature: signers, attributes, identifiers, encodings (Strenzke; EU DSS)."""

import hashlib
from datetime import timedelta

import workshop
from attack import Attack
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from forge import Container, bent

from signing.pades import cms, der, vocabulary

SIGNED_AT = workshop.START + timedelta(minutes=20)  # the worker's turn: nothing else is wrong
SHA1, MD5 = "1.3.14.3.2.26", "1.2.840.113549.2.5"
ECDSA_SHA1 = "1.2.840.10045.4.1"
SIGNING_TIME = cms.attribute(vocabulary.OID_SIGNING_TIME, der.tlv(der.UTC_TIME, b"261125082000Z"))


def _file(**options):
    return lambda: bent(**options)[0]


def _attributes(change):
    """The worker's attributes, bent: `change` takes and gives the list."""

    def make():
        shop = workshop.standard()
        file = workshop.standard_states()[2]
        signer = shop.worker(file[0], at=SIGNED_AT)
        container = Container(signer=signer, at=SIGNED_AT, tsa=shop.tsa)
        defaults = container.default_attributes
        container.attributes = lambda digest: change(defaults(digest), digest)
        return bent(file=file, signer=signer, container=container)[0]

    return make


def _encoded(change):
    """The finished CMS, bent as bytes."""

    def make():
        shop = workshop.standard()
        file = workshop.standard_states()[2]
        signer = shop.worker(file[0], at=SIGNED_AT)
        plain = Container(signer=signer, at=SIGNED_AT, tsa=shop.tsa)
        return bent(file=file, signer=signer, container=lambda covered: change(plain(covered)))[0]

    return make


def _indefinite(container: bytes) -> bytes:
    """BER: the outermost length is indefinite."""
    return b"\x30\x80" + container[4:] + b"\0\0"


def _long_length(container: bytes) -> bytes:
    """BER: the outermost length has a leading zero byte."""
    return b"\x30\x83\0" + container[2:4] + container[4:]


def _without_attributes():
    """No signed attributes: the value signs the document's digest itself (RFC 5652 §5.4)."""
    shop = workshop.standard()
    file = workshop.standard_states()[2]
    signer = shop.worker(file[0], at=SIGNED_AT)
    covered: list[bytes] = []
    container = Container(signer=signer, at=SIGNED_AT, tsa=shop.tsa, attributes=lambda _: [])
    container.value = lambda _signed: workshop.sign_bytes(signer.key, covered[0])

    def keep(data):
        covered.append(data)
        return container(data)

    return bent(file=file, signer=signer, container=keep)[0]


def _attributes_as_content():
    """Strenzke 2023: the attributes of a sound signature are given out as the signed content."""
    shop = workshop.standard()
    file = workshop.standard_states()[2]
    signer = shop.worker(file[0], at=SIGNED_AT)
    container = Container(signer=signer, at=SIGNED_AT, tsa=shop.tsa)
    signed = der.tlv(der.SET, *sorted(container.default_attributes(hashlib.sha256(b"x").digest())))
    container.attributes = lambda _: []
    container.content = signed
    container.value = lambda _attributes: workshop.sign_bytes(signer.key, signed)
    return bent(file=file, signer=signer, container=container)[0]


def _other_key():
    """Signed by another key than that of the certificate."""
    stranger = ec.generate_private_key(ec.SECP256R1())
    return bent(value=lambda signed: workshop.sign_bytes(stranger, signed))[0]


def _weak_rsa():
    shop, file = workshop.standard(), workshop.standard_states()[0]
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505  (the weak key is the attack)
    signer = workshop.Signer(
        key, (shop.issuing.issue(workshop.NAMES["platform"], key.public_key()), shop.issuing.der)
    )
    oid = der.sequence(der.oid(vocabulary.OID_RSA_SHA256), der.NULL)
    return bent("platform", file=file, signer=signer, signature_oid=oid)[0]


def _other_curve():
    shop, file = workshop.standard(), workshop.standard_states()[0]
    key = ec.generate_private_key(ec.SECP384R1())
    signer = workshop.Signer(
        key, (shop.issuing.issue(workshop.NAMES["platform"], key.public_key()), shop.issuing.der)
    )
    return bent("platform", file=file, signer=signer)[0]


def _sha1():
    return bent(
        digest_oid=SHA1,
        hash_name="sha1",
        signature_oid=der.sequence(der.oid(ECDSA_SHA1)),
        value=None,
    )[0]


def _bound(value: bytes):
    """The signing-certificate-v2 attribute replaced."""
    attribute = cms.attribute(vocabulary.OID_SIGNING_CERTIFICATE_V2, value)
    return _attributes(lambda items, _digest: [*items[:2], attribute])


def _sorted_back(items, digest):
    return sorted(items, reverse=True)


def _foreign_certificates():
    shop = workshop.standard()
    other = workshop.Workshop.new(root_name="Stranger CA")
    signer = shop.worker(workshop.standard_states()[2][0], at=SIGNED_AT)
    return bent(signer=signer, sent=[*signer.chain, other.root.der])[0]


def _certificate_missing():
    signer = workshop.standard().worker(workshop.standard_states()[2][0], at=SIGNED_AT)
    return bent(signer=signer, sent=[workshop.standard().issuing.der])[0]


def _other_sid():
    names = cms.certificate_names(workshop.standard().issuing.der)
    return bent(identifier=der.sequence(names.issuer, der.integer(names.serial)))[0]


ESS_OTHER = der.sequence(der.sequence(der.sequence(der.octet_string(b"\1" * 32))))


def _unsorted():
    shop, file = workshop.standard(), workshop.standard_states()[2]
    signer = shop.worker(file[0], at=SIGNED_AT)
    container = Container(signer=signer, at=SIGNED_AT, tsa=shop.tsa, sort=False)
    defaults = container.default_attributes
    container.attributes = lambda digest: sorted(defaults(digest), reverse=True)
    return bent(file=file, signer=signer, container=container)[0]


def _weak(name, digest_oid, signature_oid, algorithm):
    shop, file = workshop.standard(), workshop.standard_states()[2]
    signer = shop.worker(file[0], at=SIGNED_AT)
    return bent(
        file=file,
        signer=signer,
        hash_name=name,
        digest_oid=digest_oid,
        signature_oid=der.sequence(der.oid(signature_oid)),
        value=lambda signed: workshop.sign_bytes(signer.key, signed, algorithm),
    )[0]


def _mixed_case():
    data = bent()[0]
    start = data.rindex(b"/Contents<") + 10
    return data[:start] + data[start : start + 40].upper() + data[start + 40 :]


def _unsigned():
    shop, file = workshop.standard(), workshop.standard_states()[2]
    signer = shop.worker(file[0], at=SIGNED_AT)
    container = Container(signer=signer, at=SIGNED_AT, tsa=shop.tsa)
    token = container._token
    container.unsigned = lambda value: [*token(value), SIGNING_TIME]
    return bent(file=file, signer=signer, container=container)[0]


ATTACKS = [
    Attack("two_signers", "two SignerInfos in one signature", _file(signers=2), "CMS_SIGNERS"),
    Attack("no_signer", "no SignerInfo", _file(signers=0), "CMS_SIGNERS"),
    Attack(
        "no_message_digest",
        "no message-digest attribute",
        _attributes(lambda items, _d: [items[0], items[2]]),
        "CMS_ATTRIBUTES",
    ),
    Attack(
        "no_content_type",
        "no content-type attribute",
        _attributes(lambda items, _d: items[1:]),
        "CMS_ATTRIBUTES",
    ),
    Attack(
        "no_signing_certificate",
        "no signing-certificate-v2 attribute",
        _attributes(lambda items, _d: items[:2]),
        "CMS_ATTRIBUTES",
    ),
    Attack("no_attributes", "no signed attributes at all", _without_attributes, "CMS_ATTRIBUTES"),
    Attack(
        "attributes_as_content",
        "attributes given out as content",
        _attributes_as_content,
        "CMS_ATTRIBUTES",
    ),
    Attack(
        "attribute_twice",
        "message-digest twice, the wrong one first",
        _attributes(
            lambda items, _d: [
                *items,
                cms.attribute(vocabulary.OID_MESSAGE_DIGEST, der.octet_string(b"\0" * 32)),
            ]
        ),
        "CMS_ATTRIBUTES",
    ),
    Attack(
        "attribute_two_values",
        "message-digest with two values",
        _attributes(
            lambda items, d: [
                items[0],
                der.sequence(
                    der.oid(vocabulary.OID_MESSAGE_DIGEST),
                    der.set_of(der.octet_string(d), der.octet_string(b"\0" * 32)),
                ),
                items[2],
            ]
        ),
        "CMS_ATTRIBUTES",
    ),
    Attack(
        "signing_time",
        "a signing-time attribute, which PAdES forbids",
        _attributes(lambda items, _d: [*items, SIGNING_TIME]),
        "CMS_ATTRIBUTES",
    ),
    Attack("unsorted", "attributes not in DER's order", _unsorted, "CMS_ATTRIBUTES"),
    Attack(
        "content_type_of_a_token",
        "content-type says TSTInfo",
        _attributes(
            lambda items, _d: [
                cms.attribute(vocabulary.OID_CONTENT_TYPE, der.oid(vocabulary.OID_TST_INFO)),
                *items[1:],
            ]
        ),
        "CMS_ATTRIBUTES",
    ),
    Attack(
        "wrong_digest",
        "message-digest of other bytes",
        _attributes(
            lambda items, _d: [
                items[0],
                cms.attribute(
                    vocabulary.OID_MESSAGE_DIGEST, der.octet_string(hashlib.sha256(b"x").digest())
                ),
                items[2],
            ]
        ),
        "HASH_FAILURE",
    ),
    Attack(
        "bound_to_another",
        "signing-certificate-v2 names another certificate",
        _bound(ESS_OTHER),
        "SIGNING_CERTIFICATE",
    ),
    Attack(
        "bound_by_sha1",
        "signing-certificate-v2 by SHA-1",
        _bound(
            der.sequence(
                der.sequence(
                    der.sequence(der.sequence(der.oid(SHA1)), der.octet_string(b"\1" * 20))
                )
            )
        ),
        "WEAK_ALGORITHM",
        outcome="valid_unknown_issuer",
    ),
    Attack(
        "bound_to_nothing",
        "signing-certificate-v2 names nothing",
        _bound(der.sequence()),
        "SIGNING_CERTIFICATE",
    ),
    Attack("sid_of_the_issuer", "the sid names the issuing CA", _other_sid, "CMS_IDENTIFIERS"),
    Attack("other_version", "SignedData version 3", _file(version=3), "CMS_IDENTIFIERS"),
    Attack("other_signer_version", "SignerInfo version 3", _file(signer_version=3), "CMS"),
    Attack(
        "digest_algorithms_differ",
        "digestAlgorithms says SHA-512",
        _file(declared_oid=vocabulary.OID_SHA512),
        "CMS_IDENTIFIERS",
    ),
    Attack(
        "sha1",
        "SHA-1 throughout",
        lambda: _weak("sha1", SHA1, ECDSA_SHA1, hashes.SHA1()),  # noqa: S303  (the attack)
        "WEAK_ALGORITHM",
        outcome="valid_unknown_issuer",
    ),
    Attack(
        "md5",
        "MD5 as digest",
        lambda: _weak("md5", MD5, vocabulary.OID_ECDSA_SHA256, hashes.SHA256()),
        "WEAK_ALGORITHM",
        outcome="valid_unknown_issuer",
    ),
    Attack("weak_rsa", "RSA of 1,024 bits", _weak_rsa, "WEAK_ALGORITHM", outcome="incomplete"),
    Attack(
        "other_curve",
        "P-384 where a party's key is P-256",
        _other_curve,
        "WEAK_ALGORITHM",
        outcome="incomplete",
    ),
    Attack(
        "other_key",
        "signed by a key that the certificate does not hold",
        _other_key,
        "SIG_CRYPTO_FAILURE",
    ),
    Attack(
        "empty_value",
        "an empty signature value",
        _file(value=lambda _signed: b""),
        "SIG_CRYPTO_FAILURE",
    ),
    Attack(
        "zero_value",
        "r = s = 0",
        _file(value=lambda _signed: bytes.fromhex("3006020100020100")),
        "SIG_CRYPTO_FAILURE",
    ),
    Attack(
        "attached_content",
        "the CMS carries content of its own",
        _file(content=b"other content"),
        "CMS",
    ),
    Attack("junk_behind", "bytes behind the CMS in /Contents", _file(junk=b"junk"), "CONTENTS"),
    Attack("indefinite_length", "BER: indefinite length", _encoded(_indefinite), "CONTENTS"),
    Attack("long_length", "BER: a length longer than need be", _encoded(_long_length), "CONTENTS"),
    Attack("mixed_case", "hex digits in both cases", _mixed_case, "CONTENTS"),
    Attack(
        "foreign_certificates",
        "a stranger's certificate rides along",
        _foreign_certificates,
        "EXTRA_CERTIFICATES",
    ),
    Attack(
        "certificate_missing",
        "the signer's certificate is not inside",
        _certificate_missing,
        "SIGNING_CERTIFICATE",
    ),
    Attack(
        "unsigned_attribute",
        "an unsigned attribute beside the token",
        _unsigned,
        "TIMESTAMP_DOUBLE",
    ),
    Attack(
        "not_signed_data",
        "EnvelopedData instead of SignedData",
        _encoded(
            lambda c: c.replace(
                der.oid(vocabulary.OID_SIGNED_DATA), der.oid("1.2.840.113549.1.7.3"), 1
            )
        ),
        "CMS",
    ),
]
