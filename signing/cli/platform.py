"""A platform in software: the few calls of the API that demo and trial need."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from signing.errors import Broken


@dataclass(frozen=True)
class SoftwarePlatform:
    """Calls `url` with one API key."""

    url: str
    api_key: str

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /agreements."""
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        answer: dict[str, Any] = json.loads(self._call("POST", "/agreements", body, headers))
        return answer

    def get(self, agreement_id: str) -> dict[str, Any]:
        """GET /agreements/{id}."""
        answer: dict[str, Any] = json.loads(self._call("GET", f"/agreements/{agreement_id}"))
        return answer

    def document(self, agreement_id: str) -> bytes:
        """The PDF."""
        return self._call("GET", f"/agreements/{agreement_id}/document")

    def evidence(self, agreement_id: str) -> bytes:
        """The evidence.zip."""
        return self._call("GET", f"/agreements/{agreement_id}/evidence")

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = Request(  # noqa: S310 - our own server
            f"{self.url}/api/v1{path}",
            data,
            {
                "Authorization": f"Bearer {self.api_key}",
                "Content-Type": "application/json",
                **(headers or {}),
            },
            method=method,
        )
        try:
            with urlopen(request, timeout=120) as response:  # noqa: S310 - our own server
                content: bytes = response.read()
        except HTTPError as error:
            detail = error.read().decode("utf-8", "replace")[:2000]
            raise Broken(f"{method} {path}: {error.code} {detail}") from error
        return content
