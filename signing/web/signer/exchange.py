"""What the script of the signing page and the service say to each other (web.md §3).

Rules kept here:
* bytes travel as base64; nothing that is not in a schema is taken, and all of it is bounded;
* every request may be repeated: its use case gives the same outcome.
"""

import base64
import binascii
from typing import Any, TypeVar

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Length, Range

from signing.domain.masking import mask_phone
from signing.errors import Malformed
from signing.services.ceremony.signature_request import Handwriting, ToSign, Wish
from signing.web import context
from signing.web.signer.session import session_of_request

T = TypeVar("T")

MOST_BODY_BYTES = 256 * 1024
MOST_STROKES = 400
MOST_POINTS_OF_A_STROKE = 6000
MOST_NAME_CHARACTERS = 60
_PAD_SIDE = Range(min=1, max=20_000)
_COORDINATE = Range(min=-20_000, max=20_000)

blueprint = Blueprint("exchange", __name__)


class _Bytes(fields.String):
    """Base64, decoded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValidationError("not base64") from error


class _Strict(Schema):
    """Unknown members are refused."""

    class Meta:
        """See above."""

        unknown = RAISE


class KeyIn(_Strict):
    """The public half of the phone's key, SubjectPublicKeyInfo in DER."""

    spki = _Bytes(required=True, validate=Length(max=200))


class PadIn(_Strict):
    """The pad's size, in the unit of the strokes."""

    width = fields.Float(required=True, validate=_PAD_SIDE)
    height = fields.Float(required=True, validate=_PAD_SIDE)


class WishIn(_Strict):
    """What the worker did on the page, and the proof that the phone holds the key."""

    proof = _Bytes(required=True, validate=Length(max=200))
    code = fields.String(required=True, validate=Length(max=20))
    willing = fields.Boolean(required=True, truthy={True}, falsy={False})
    typed = fields.String(required=True, validate=Length(max=MOST_NAME_CHARACTERS))
    pad = fields.Nested(PadIn, required=True)
    strokes = fields.List(
        fields.List(
            fields.Tuple((fields.Float(validate=_COORDINATE), fields.Float(validate=_COORDINATE))),
            validate=Length(max=MOST_POINTS_OF_A_STROKE),
        ),
        required=True,
        validate=Length(max=MOST_STROKES),
    )


class ValueIn(_Strict):
    """The signature value, raw r‖s or DER."""

    intent_id = fields.String(required=True, validate=Length(max=60))
    value = _Bytes(required=True, validate=Length(max=200))


@blueprint.post("/key")
def offer_key(link_token: str) -> ResponseReturnValue:
    """Show the public key; get the request info to sign as proof of possession."""
    spki = _load(KeyIn())["spki"]
    info = context.services().key_offer.offer(link_token, session=session_of_request(), spki=spki)
    return jsonify(request_info=_base64(info))


@blueprint.post("/code")
def send_code(link_token: str) -> ResponseReturnValue:
    """Send a code to the worker's phone; the answer says which, masked."""
    phone = context.services().code.send(link_token, session=session_of_request())
    return jsonify(phone=mask_phone(phone))


@blueprint.post("/signature-request")
def request_signature(link_token: str) -> ResponseReturnValue:
    """Get the bytes to sign, with the increment that they cover."""
    to_sign = context.services().signature_requesting.request(
        link_token,
        session=session_of_request(),
        wish=_wish(_load(WishIn())),
        visitor=context.visitor(),
    )
    return jsonify(_dump(to_sign))


@blueprint.post("/signature")
def take_signature(link_token: str) -> ResponseReturnValue:
    """Hand in the value."""
    given = _load(ValueIn())
    context.services().signature_taking.complete(
        link_token,
        session=session_of_request(),
        intent_id=given["intent_id"],
        value=given["value"],
    )
    return jsonify(done=True)


def _load(schema: Schema) -> dict[str, Any]:
    """The request's body. Raises Malformed: only a broken or foreign script sends another."""
    request.max_content_length = MOST_BODY_BYTES
    try:
        loaded: dict[str, Any] = schema.load(request.get_json(force=True))
    except ValidationError as error:
        raise Malformed(f"The request is not as it should be: {error}", "请重新打开链接") from error
    return loaded


def _wish(given: dict[str, Any]) -> Wish:
    return Wish(
        proof=given["proof"],
        code=given["code"],
        handwriting=Handwriting(
            strokes=given["strokes"],
            width=given["pad"]["width"],
            height=given["pad"]["height"],
            typed=given["typed"].strip(),
        ),
        is_willing=given["willing"],
    )


def _dump(to_sign: ToSign) -> dict[str, Any]:
    return {
        "intent_id": to_sign.intent_id,
        "base_sha256": to_sign.base_sha256,
        "increment": _base64(to_sign.increment),
        "contents_start": to_sign.contents_start,
        "contents_end": to_sign.contents_end,
        "signed_attributes": _base64(to_sign.signed_attributes),
        "document_digest": to_sign.document_digest.hex(),
        "text_sha256": to_sign.text_sha256,
        "expires_at": to_sign.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
