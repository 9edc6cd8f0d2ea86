"""A phone in software: does over HTTP what the worker's pages and their script do, and no more.

Rules kept here:
* it knows the link, the worker's name and number, and the SMS; nothing of the server's insides;
* it signs nothing before it has made the same checks as the script (D6): the file it holds, the
  digest in the signed attributes, the hash of the text that it read;
* the key exists in this object only and for one agreement.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signing.domain.canonical_text import canonical_text
from signing.errors import Broken

_COORDINATE_BYTES = 32
_CODE = re.compile(r"验证码：(\d{6})")
_STROKES = (
    ((20, 60), (60, 58), (110, 55), (160, 52), (200, 50)),
    ((110, 20), (108, 60), (104, 100), (90, 140), (60, 170)),
    ((112, 70), (130, 110), (160, 145), (205, 172)),
)


@dataclass
class SoftwarePhone:
    """One worker's phone at one link. `read_sms` gives the text of the newest message to it."""

    link: str
    name: str
    id_number: str
    read_sms: Callable[[], str]
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )
    _browser: OpenerDirector = field(
        default_factory=lambda: build_opener(HTTPCookieProcessor(CookieJar())), repr=False
    )
    _form_token: str = field(default="", repr=False)

    def begin(self) -> None:
        """W1: read the notices, tick all three, press 开始."""
        page = self._get("")
        self._submit("/begin", page.ticks)

    def identify(self) -> None:
        """W2: name and number as on the identity card."""
        self._get("/identity")
        self._submit("/identity", {"name": self.name, "id_number": self.id_number})

    def read(self) -> str:
        """W4: tick each card, report the hash of the text on the screen; returns that hash."""
        page = self._get("/read")
        text_sha256 = sha256(canonical_text(page.html).encode()).hexdigest()
        form = [("card", card) for card in page.cards]
        self._submit("/read", [*form, ("text_sha256", text_sha256), ("dwell_ms", "{}")])
        return text_sha256

    def sign(self, text_sha256: str) -> None:
        """W7: key, code, checks, signature."""
        self._get("/sign")
        spki = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        base = self._fetch(f"{self.link}/document.pdf")
        request_info = _bytes(self._post("/key", {"spki": _text(spki)})["request_info"])
        _demand(spki in request_info, "the request info is for another key")
        self._post("/code", {})
        code = _CODE.search(self.read_sms())
        _demand(code is not None, "the SMS has no code")
        answer = self._post(
            "/signature-request",
            {
                "proof": _text(self._raw_signature(request_info)),
                "code": code.group(1) if code else "",
                "strokes": _STROKES,
                "pad": {"width": 230, "height": 190},
                "typed": "",
                "willing": True,
            },
        )
        attributes = _bytes(answer["signed_attributes"])
        check_to_sign(answer, base=base, text_sha256=text_sha256)
        value = self._raw_signature(attributes)
        self._post("/signature", {"intent_id": answer["intent_id"], "value": _text(value)})

    def download(self) -> bytes:
        """W8: the worker's own copy."""
        return self._fetch(f"{self.link}/document.pdf?save=1")

    def _raw_signature(self, data: bytes) -> bytes:
        """ECDSA P-256 with SHA-256 as WebCrypto gives it: r‖s."""
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_COORDINATE_BYTES) + s.to_bytes(_COORDINATE_BYTES)

    def _get(self, path: str) -> "Page":
        page = Page(self._fetch(self.link + path).decode())
        self._form_token = page.form_token or self._form_token
        return page

    def _submit(self, path: str, form: Mapping[str, str] | list[tuple[str, str]]) -> None:
        pairs = list(form.items()) if isinstance(form, Mapping) else form
        body = urlencode([*pairs, ("form_token", self._form_token)]).encode()
        request = Request(self.link + path, body, self._headers())  # noqa: S310 - our own server
        page = Page(self._open(request).decode())
        self._form_token = page.form_token or self._form_token

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {**self._headers(), "Content-Type": "application/json"}
        request = Request(self.link + path, json.dumps(body).encode(), headers)  # noqa: S310
        answer: dict[str, Any] = json.loads(self._open(request))
        return answer

    def _headers(self) -> dict[str, str]:
        return {"X-Form-Token": self._form_token, "Sec-Fetch-Site": "same-origin"}

    def _fetch(self, url: str) -> bytes:
        return self._open(Request(url))  # noqa: S310 - our own server

    def _open(self, request: Request) -> bytes:
        try:
            with self._browser.open(request, timeout=60) as response:
                content: bytes = response.read()
        except HTTPError as error:
            detail = error.read().decode("utf-8", "replace")[:400]
            path = request.selector.rpartition("/")[2]
            raise Broken(f"{request.get_method()} …/{path}: {error.code} {detail}") from error
        return content


class Page(HTMLParser):
    """What the phone needs of a page: the form's token, checkboxes with values, cards."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.form_token = ""
        self.ticks: dict[str, str] = {}
        self.cards: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note inputs, and the signing form's own token."""
        given = {key: value or "" for key, value in attrs}
        if tag == "form" and "data-token" in given:
            self.form_token = given["data-token"]
        if tag != "input":
            return
        if given.get("name") == "form_token":
            self.form_token = given["value"]
        elif given.get("type") == "checkbox" and given.get("name") == "card":
            self.cards.append(given["value"])
        elif given.get("type") == "checkbox" and "name" in given:
            self.ticks[given["name"]] = given["value"]


def check_to_sign(answer: Mapping[str, Any], *, base: bytes, text_sha256: str) -> None:
    """What must hold before the key is used. Raises Broken; nothing is signed then."""
    start, end = answer["contents_start"] - 1, answer["contents_end"] + 1
    file = base + _bytes(answer["increment"])
    digest = sha256(file[:start] + file[end:]).digest()
    _demand(sha256(base).hexdigest() == answer["base_sha256"], "the service means another file")
    _demand(start >= len(base), "the signature would lie inside the file that was read")
    _demand(file[start:end].strip(b"<>0") == b"", "the place of the signature is not empty")
    _demand(digest in _bytes(answer["signed_attributes"]), "the digest is not of this file")
    location = f"text-sha256:{text_sha256}".encode()
    covered = file[len(base) : start] + file[end:]
    _demand(location in covered, "the text that was read is not what is signed")


def _demand(holds: object, what: str) -> None:
    if not holds:
        raise Broken(f"The phone refuses to sign: {what}", f"手机核对不上，没有签：{what}")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
