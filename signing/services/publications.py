"""What anybody may fetch: the log's tiles, the CA's certificates and CRLs, timestamps."""

from collections.abc import Callable

from signing.errors import NotFound
from signing.services.ports.log import Log


class Publications:
    """Public files.

    `pki_file` gives a file by name or None, `respond` answers an RFC 3161 request (DER to DER).
    """

    def __init__(
        self,
        *,
        log: Log,
        pki_file: Callable[[str], bytes | None],
        respond: Callable[[bytes], bytes],
    ) -> None:
        self._log = log
        self._pki_file = pki_file
        self._respond = respond

    def log_file(self, path: str) -> bytes:
        """`checkpoint` or a tile (C2SP tlog-tiles). Raises NotFound."""
        return self._log.read(path)

    def pki_file(self, name: str) -> bytes:
        """A certificate or CRL, DER. Raises NotFound."""
        content = self._pki_file(name)
        if content is None:
            raise NotFound("No such file", "没有这个文件")
        return content

    def timestamp(self, request: bytes) -> bytes:
        """The built-in TSA's answer, a rejection included."""
        return self._respond(request)
