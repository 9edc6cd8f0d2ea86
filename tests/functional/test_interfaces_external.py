"""An enterprise whose token is handed a hash and gives r‖s back."""

import base64
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from enterprise_ca import enterprise_of
from running_service import party_of


def test_a_token_that_signs_the_digest_alone_signs_the_agreement(service, api):
    body = service.example("written_agreement")
    party_of(body, "enterprise")["seal"] = "manual"
    agreement, enterprise = api.create(body), enterprise_of(body)
    path = f"/agreements/{agreement['id']}/parties/{party_of(agreement, 'enterprise')['id']}"

    asked = api.post(f"{path}/signature-request", {"certificates": enterprise.certificates()})
    digest = base64.b64decode(asked.json()["digest"])
    der = enterprise.key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    raw = b"".join(number.to_bytes(32) for number in utils.decode_dss_signature(der))
    signed = api.post(f"{path}/signature", {"value": base64.b64encode(raw).decode()})

    assert digest == sha256(base64.b64decode(asked.json()["to_be_signed"])).digest()
    assert signed.status_code == 200, signed.text
    assert party_of(signed.json(), "enterprise")["status"] == "signed"
