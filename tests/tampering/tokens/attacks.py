"""Timestamps: missing, of other things, by others, at other times."""

import hashlib
from datetime import timedelta

import workshop
from attack import Attack
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from forge import Container, bent
from workshop import START, Tsa, usage

from signing.pades import cms, der, vocabulary


def _file(**options):
    return lambda: bent(**options)[0]


def _unsigned(attributes):
    """The unsigned attributes bent: `attributes(container, value)` gives them."""

    def make():
        shop, file = workshop.standard(), workshop.standard_states()[2]
        signer = shop.worker(file[0], at=START + timedelta(minutes=20))
        container = Container(signer=signer, at=START + timedelta(minutes=20), tsa=shop.tsa)
        container.unsigned = lambda value: attributes(container, value)
        return bent(file=file, signer=signer, container=container)[0]

    return make


def _tsa(**options) -> Tsa:
    """A TSA certificate of our root with other properties."""
    settings = {
        "purposes": (ExtendedKeyUsageOID.TIME_STAMPING,),
        "purposes_critical": True,
        "key_usage": usage(digital_signature=True),
    } | options
    key = ec.generate_private_key(ec.SECP256R1())
    return Tsa(key, workshop.standard().root.issue("TEST TSA 2", key.public_key(), **settings))


def _stranger() -> Tsa:
    return workshop.Workshop.new(root_name="Stranger CA").tsa


def _token(container, value, digest=None):
    stamped = hashlib.sha256(value).digest() if digest is None else digest
    return container.tsa.token(stamped, container.at)


def _attribute(token: bytes) -> bytes:
    return cms.attribute(vocabulary.OID_TIMESTAMP_TOKEN, token)


def _broken(container, value):
    token = bytearray(_token(container, value))
    token[-10] ^= 1
    return [_attribute(bytes(token))]


def _long_ago():
    """A worker's certificate that had ended before the token, which is ten hours late."""
    return bent(stamped_at=START + timedelta(hours=2))[0]


def _too_early():
    return bent(stamped_at=START + timedelta(minutes=18))[0]


def _falling():
    """The worker's token is older than the provider's."""
    shop, file = workshop.standard(), workshop.standard_states()[2]
    at = START + timedelta(minutes=5)
    return shop.sign(file, "worker", at=at, signer=shop.worker(file[0], at=at))[0]


def _ended():
    """The TSA's certificate had ended when it stamped."""
    return bent(tsa=_tsa(not_before=START - timedelta(days=2), valid=timedelta(days=1)))[0]


NOT = "valid_unknown_issuer"
ATTACKS = [
    Attack(
        "stripped",
        "no token at all",
        _unsigned(lambda _c, _value: []),
        "TIMESTAMP_MISSING",
        outcome=NOT,
    ),
    Attack(
        "two_tokens",
        "two tokens",
        _unsigned(lambda c, value: [_attribute(_token(c, value))] * 2),
        "TIMESTAMP_DOUBLE",
    ),
    Attack(
        "of_other_data",
        "a token over something else",
        _unsigned(lambda c, value: [_attribute(_token(c, value, b"\1" * 32))]),
        "TIMESTAMP_IMPRINT",
    ),
    Attack(
        "of_the_document",
        "a token over the document instead of the value",
        _unsigned(
            lambda c, value: [
                _attribute(
                    _token(c, value, hashlib.sha256(workshop.standard_states()[2][0]).digest())
                )
            ]
        ),
        "TIMESTAMP_IMPRINT",
    ),
    Attack("broken", "one bit of the token's signature", _unsigned(_broken), "TIMESTAMP_BROKEN"),
    Attack(
        "no_token_inside",
        "the attribute holds no token",
        _unsigned(lambda _c, _value: [_attribute(der.sequence())]),
        "TIMESTAMP_BROKEN",
    ),
    Attack(
        "other_attribute",
        "another unsigned attribute instead",
        _unsigned(lambda _c, _value: [cms.attribute("1.2.3.4", der.NULL)]),
        "TIMESTAMP_DOUBLE",
    ),
    Attack(
        "by_a_stranger",
        "a TSA that nobody trusts",
        lambda: bent(tsa=_stranger())[0],
        "TSA_UNKNOWN",
        outcome=NOT,
    ),
    Attack(
        "backdated_by_a_stranger",
        "a stranger's TSA says half an hour earlier",
        lambda: bent(tsa=_stranger(), stamped_at=START - timedelta(minutes=30))[0],
        "NOT_YET_VALID",
    ),
    Attack(
        "by_a_seal",
        "stamped with a seal key",
        lambda: bent(
            tsa=Tsa(
                workshop.standard().seals["platform"].key,
                workshop.standard().seals["platform"].chain[0],
            )
        )[0],
        "TSA_USAGE",
        outcome=NOT,
    ),
    Attack(
        "usage_not_critical",
        "extended key usage not critical",
        lambda: bent(tsa=_tsa(purposes_critical=False))[0],
        "TSA_USAGE",
        outcome=NOT,
    ),
    Attack(
        "usage_not_alone",
        "timeStamping and emailProtection",
        lambda: bent(
            tsa=_tsa(
                purposes=(ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION)
            )
        )[0],
        "TSA_USAGE",
        outcome=NOT,
    ),
    Attack(
        "later_than_the_certificate",
        "stamped after the worker's certificate ended",
        _long_ago,
        "EXPIRED",
    ),
    Attack(
        "earlier_than_the_certificate",
        "stamped before the worker's certificate began",
        _too_early,
        "NOT_YET_VALID",
    ),
    Attack("times_fall", "the worker's time lies before the provider's", _falling, "TIMES_FALL"),
    Attack(
        "tsa_had_ended", "the TSA's certificate had ended", _ended, "TIMESTAMP_OUTSIDE", outcome=NOT
    ),
]
