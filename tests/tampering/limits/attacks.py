"""Bombs and limits: little bytes that want much, and much of everything."""

import hashlib
import re
import zlib
from dataclasses import replace
from datetime import timedelta

import workshop
from attack import Attack
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from forge import append, bent, stamped, stream

from signing.pades import vocabulary


def _signed(number=3):
    return workshop.standard_states()[number]


def _too_large():
    return _signed(4)[0] + b"\0" * (vocabulary.MAX_FILE + 1)


def _too_many_revisions():
    file = _signed()
    for _ in range(20):
        file = append(file)
    return file[0]


def _prev_chain():
    """Two thousand tables, each leading to the one before."""
    data, plan = _signed()
    previous = plan.startxref
    parts, at = [data], len(data)
    for _ in range(2_000):
        text = (
            b"xref\ntrailer\n<</Size %d/Root 1 0 R/Info 4 0 R/Prev %d/ID%b>>\n"
            b"startxref\n%d\n%%%%EOF\n"
            % (
                plan.size,
                previous,
                plan.file_id,
                at,
            )
        )
        parts.append(text)
        previous, at = at, at + len(text)
    return b"".join(parts)


def _huge_table():
    data, plan = _signed()
    xref = len(data)
    head = b"xref\n1 99999999\n" + b"0000000017 00000 n \n" * 10
    tail = b"trailer\n<</Size %d/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return data + head + tail % (plan.size, plan.startxref, xref)


def _deep():
    """A signature dictionary with a hundred thousand opened arrays."""
    return bent(entries=b"/Name" + b"[" * 100_000 + b"]" * 100_000)[0]


def _shallow_but_wide():
    return bent(entries=b"/Reference[" + b"<</A 1>>" * 6_000 + b"]")[0]


def _attachment_bomb():
    """An attachment that inflates to 64 MB, signed by all."""
    bomb = zlib.compress(b"\0" * 64_000_000, 9)
    shop = workshop.standard()
    data, plan = shop.base()
    head = data[: data.index(b"<</Type/EmbeddedFile/Subtype/text")]
    old = data[len(head) : data.index(b"\nendobj", len(head))]
    new = stream(bomb, b"/Type/EmbeddedFile/Subtype/text#2Fhtml/Filter/FlateDecode")
    return _signed_anew(shop, plan, data, old, new)


def _signed_anew(shop, plan, data, old, new):
    """The base with one object replaced and its table mended, then signed by all."""
    at, grown = data.index(old), len(new) - len(old)
    data = data.replace(old, new, 1)

    def moved(row):
        offset = int(row[1])
        return b"%010d 00000 n \n" % (offset + grown if offset > at else offset)

    start = plan.startxref + grown
    tail = re.sub(rb"(\d{10}) 00000 n \n", moved, data[start:])
    tail = tail.replace(b"startxref\n%d\n" % plan.startxref, b"startxref\n%d\n" % start)
    data = data[:start] + tail
    digest = hashlib.sha256(data).hexdigest()
    plan = replace(plan, length=len(data), sha256=digest, startxref=start)
    return shop.archive(shop.sign_parties((data, plan))[-1])[0]


def _store_bomb():
    file = _signed(3)
    size = file[1].size
    bomb = stream(zlib.compress(b"\0" * 30_000_000, 9), b"/Filter/FlateDecode")
    store = b"<</Type/DSS/Certs[%d 0 R]>>" % size
    return stamped(file, new=[bomb, store], root_entries=b"/DSS %d 0 R" % (size + 1))[0]


def _store_of(copies: int, lists: int):
    """A store whose lists of revocations are a megabyte each, and hardly any bytes in the file."""
    file = _signed(3)
    size = file[1].size
    key = ec.generate_private_key(ec.SECP256R1())
    crls = [
        stream(zlib.compress(_swollen_crl(i, key), 9), b"/Filter/FlateDecode") for i in range(lists)
    ]
    names = b" ".join(b"%d 0 R" % (size + i) for i in range(lists))
    store = b"<</Type/DSS/CRLs[%b]>>" % b" ".join([names] * copies)
    return stamped(file, new=[*crls, store], root_entries=b"/DSS %d 0 R" % (size + lists))[0]


def _swollen_crl(number, key):
    nothing = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(1_000_000))
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(workshop.standard().issuing.name)
        .last_update(workshop.START)
        .next_update(workshop.START + timedelta(days=30))
        .add_extension(nothing, critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _namesakes():
    """All certified by one stranger, and a store full of CAs of his name with other keys."""
    shop, stranger = workshop.standard(), workshop.Workshop.new(root_name="Stranger CA")
    name = stranger.issuing.name
    keys = [ec.generate_private_key(ec.SECP384R1()) for _ in range(150)]
    twins = [stranger.issuing.key] * 6
    cas = [_ca(name, key.public_key(), stranger.issuing.key) for key in (*keys, *twins)]
    file = shop.base()
    for position, role in enumerate(workshop.ROLES):
        at = workshop.START + timedelta(minutes=10 * position)
        signer = stranger.seal(role) if role != "worker" else stranger.worker(file[0], at=at)
        alone = workshop.Signer(signer.key, signer.chain[:1])
        file = shop.sign(file, role, at=at, signer=alone, certify=position == 0)
    size = file[1].size
    names = b" ".join(b"%d 0 R" % (size + i) for i in range(len(cas)))
    new = [*map(stream, cas), b"<</Type/DSS/Certs[%b]>>" % names]
    return stamped(file, new=new, root_entries=b"/DSS %d 0 R" % (size + len(cas)))[0]


def _ca(name, public_key, key):
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(workshop.START - timedelta(days=1))
        .not_valid_after(workshop.START + timedelta(days=30))
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .add_extension(workshop.usage(key_cert_sign=True), critical=True)
    )
    return workshop.encoded(builder.sign(key, hashes.SHA256()))


def _regex_bait():
    """Long runs of what makes careless patterns go quadratic."""
    return _signed(4)[0] + b"(" * 200_000 + b"\\" * 200_000


def _wide_page_tree():
    """Five hundred pages whose dictionaries are nothing but numbers; nobody has signed."""
    shop = workshop.standard()
    data, plan = shop.base()
    old = b"<</Type/Pages/Count 3/Kids["
    place = data.index(old)
    rest = data[place : data.index(b"\nendobj", place)]
    return _signed_anew(shop, plan, data, rest, rest[:-2] + b"/X[" + b"1 " * 400_000 + b"]>>")


ATTACKS = [
    Attack(
        "store_names_a_list_twice",
        "a list of one megabyte, named two thousand times by the store",
        lambda: _store_of(2_000, 1),
        "DSS",
    ),
    Attack(
        "namesakes",
        "a hundred and fifty CAs of one name, each perhaps the issuer of each",
        _namesakes,
        "UNKNOWN_ISSUER",
        outcome="valid_unknown_issuer",
    ),
    Attack(
        "store_swollen",
        "fifty lists that inflate to a megabyte each",
        lambda: _store_of(1, 50),
        "DSS",
    ),
    Attack(
        "wide_page_tree",
        "a page tree with four hundred thousand numbers",
        _wide_page_tree,
        "TOO_MANY_OBJECTS",
    ),
    Attack("too_large", "more than 20 MiB", _too_large, "LIMIT", outcome="unreadable"),
    Attack("too_many_revisions", "twenty updates", _too_many_revisions, "TOO_MANY_REVISIONS"),
    Attack("prev_chain", "two thousand tables", _prev_chain, "TOO_MANY_REVISIONS"),
    Attack(
        "huge_table",
        "a table that claims a hundred million entries",
        _huge_table,
        "TOO_MANY_OBJECTS",
    ),
    Attack(
        "too_many_objects",
        "three hundred objects in one increment",
        lambda: bent(new=[b"<<>>"] * 300)[0],
        "TOO_MANY_OBJECTS",
    ),
    Attack(
        "increment_too_large",
        "a hundred kilobytes in a party's increment",
        lambda: bent(digits=100_000)[0],
        "INCREMENT_TOO_LARGE",
    ),
    Attack("deep_nesting", "a hundred thousand opened arrays", _deep, "SYNTAX"),
    Attack(
        "wide_array",
        "nine thousand dictionaries in an array",
        _shallow_but_wide,
        "TOO_MANY_OBJECTS",
    ),
    Attack(
        "attachment_bomb", "an attachment that inflates to 64 MB", _attachment_bomb, "ATTACHMENTS"
    ),
    Attack("store_bomb", "a certificate in the store that inflates to 30 MB", _store_bomb, "DSS"),
    Attack(
        "long_runs",
        "long runs of brackets and backslashes behind the file",
        _regex_bait,
        "TRAILING_BYTES",
    ),
]
