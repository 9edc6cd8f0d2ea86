"""Who signs what: names, order, text, attachments, the agreement that a certificate is bound to."""

import json
from dataclasses import replace
from datetime import timedelta

import workshop
from attack import Attack
from forge import bent
from workshop import BODY, HTML, START


def _shop(**changes):
    return replace(workshop.standard(), **changes)


def _signed(shop, **options):
    return shop.archive(shop.sign_parties(**options)[-1])[0]


TEXT = HTML.encode()


def _attached(html=TEXT, body=None, **others):
    """All sign a file with other attachments."""
    data = (
        body if isinstance(body, bytes) else json.dumps(body or BODY, ensure_ascii=False).encode()
    )
    files = {"contract.html": html, "agreement.json": data} | others
    pairs = tuple((name, content) for name, content in files.items() if content is not None)
    return lambda: _signed(_shop(attachments=pairs))


def _body(**changes):
    return {**BODY, **changes}


def _other_worker():
    """李四 signs in the field of 张三, with a sound certificate of his own."""
    shop, file = workshop.standard(), workshop.standard_states()[2]
    at = START + timedelta(minutes=20)
    signer = shop.worker(file[0], at=at, common_name="李四")
    return shop.sign(file, "worker", at=at, signer=signer)[0]


def _worker_by_organisation():
    """张三 stands in the certificate's O only: enough for an enterprise, not for a person."""
    shop, file = workshop.standard(), workshop.standard_states()[2]
    at = START + timedelta(minutes=20)
    signer = shop.worker(file[0], at=at, common_name="李四", organisation="张三")
    return shop.sign(file, "worker", at=at, signer=signer)[0]


def _other_agreement():
    shop, file = workshop.standard(), workshop.standard_states()[2]
    at = START + timedelta(minutes=20)
    signer = shop.worker(file[0], at=at, agreement_id="agr_ffffffffffffffffffffffffffffffff")
    return shop.sign(file, "worker", at=at, signer=signer)[0]


def _other_revision():
    """A certificate that was issued for the first revision signs the second."""
    shop, file = workshop.standard(), workshop.standard_states()[2]
    at = START + timedelta(minutes=20)
    signer = shop.worker(workshop.standard_states()[1][0], at=at)
    return shop.sign(file, "worker", at=at, signer=signer)[0]


def _swapped_seals():
    """The provider's seal in the platform's field."""
    shop = workshop.standard()
    return shop.sign(
        shop.base(), "platform", at=START, signer=shop.seals["service_provider"], certify=True
    )[0]


def _wrong_order():
    shop = workshop.standard()
    return _signed(shop, roles=("worker", "platform", "service_provider"))


def _skipped():
    shop = workshop.standard()
    return shop.sign_parties(roles=("platform", "worker"))[-1][0]


ATTACKS = [
    Attack(
        "other_text_signed",
        "the worker signed another text than the attached one",
        lambda: bent(location=b"text-sha256:" + b"0" * 64)[0],
        "TEXT_LOCK",
    ),
    Attack(
        "no_text_signed",
        "the signature names no text",
        lambda: bent(dress=lambda t: t.replace(b"/Location(text-sha256:", b"/Reason(text-sha256;"))[
            0
        ],
        "TEXT_LOCK",
    ),
    Attack(
        "text_replaced",
        "the attached text is another than all signed",
        _attached(html=HTML.replace("伍元", "壹元").encode()),
        "TEXT_LOCK",
    ),
    Attack(
        "text_with_two_readings",
        "markup that browsers repair",
        _attached(html=HTML.replace("<p>", "<p><div>").encode()),
        "ATTACHMENTS",
    ),
    Attack("text_missing", "no contract.html", _attached(html=None), "ATTACHMENTS"),
    Attack(
        "data_missing",
        "no agreement.json",
        lambda: _signed(_shop(attachments=(("contract.html", HTML.encode()),))),
        "ATTACHMENTS",
    ),
    Attack("data_broken", "agreement.json is no JSON", _attached(body=b"{"), "ATTACHMENTS"),
    Attack(
        "data_with_key_twice",
        "a member twice in agreement.json",
        _attached(body=json.dumps(BODY).encode()[:-1] + b',"kind":"labour_contract"}'),
        "ATTACHMENTS",
    ),
    Attack(
        "data_of_other_kind",
        "the kind has other parties",
        _attached(body=_body(kind="labour_contract")),
        "ATTACHMENTS",
    ),
    Attack(
        "data_without_number", "no issued number", _attached(body=_body(issued={})), "ATTACHMENTS"
    ),
    Attack(
        "third_attachment",
        "a third file rides along",
        _attached(**{"notes.html": b"<p>other terms</p>"}),
        "ATTACHMENTS",
    ),
    Attack(
        "party_named_otherwise",
        "agreement.json names another platform",
        _attached(
            body=_body(
                parties=[{"role": "platform", "name": "湖南另一家公司"}, *BODY["parties"][1:]]
            )
        ),
        "PARTY_NAME",
    ),
    Attack("other_worker", "another person's certificate signs", _other_worker, "PARTY_NAME"),
    Attack(
        "worker_by_organisation",
        "the worker's name stands in the certificate's O only",
        _worker_by_organisation,
        "PARTY_NAME",
    ),
    Attack(
        "swapped_seals", "the provider's seal in the platform's field", _swapped_seals, "PARTY_NAME"
    ),
    Attack(
        "other_agreement",
        "a certificate issued for another agreement",
        _other_agreement,
        "OTHER_AGREEMENT",
    ),
    Attack(
        "other_revision",
        "a certificate issued for an earlier revision",
        _other_revision,
        "OTHER_AGREEMENT",
    ),
    Attack(
        "wrong_order",
        "the worker signed first, though the agreement says last",
        _wrong_order,
        "WRONG_ORDER",
    ),
    Attack("skipped_party", "the worker signed, the provider did not", _skipped, "WRONG_ORDER"),
    Attack(
        "fields_of_other_kind",
        "a labour contract's data in a file with three parties' fields",
        _attached(
            body=_body(
                kind="written_agreement",
                parties=[
                    {"role": "enterprise", "name": "长沙某某网络科技有限公司"},
                    {"role": "worker", "name": "张三"},
                ],
            )
        ),
        "FIELDS",
    ),
]
