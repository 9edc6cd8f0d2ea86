"""WeasyPrint kept from the outside world and from going on after a warning.

Rules kept here (render.md §8):
* nothing is fetched but the data URIs that we made; whatever else is asked for is listed, because
  inside SVG WeasyPrint swallows even its fatal error;
* a warning is a failure: an unknown property, a missing glyph, a broken image.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from signing.errors import Broken


class ClosedFetcher(URLFetcher):  # type: ignore[misc]
    """Hands out the data URIs it was given; everything else stops the rendering."""

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False, fail_on_errors=True)
        self._allowed = allowed
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The resource of an allowed data URI. Raises FatalURLFetchingError for any other."""
        if url not in self._allowed:
            self.refused.append(url[:200])
            raise FatalURLFetchingError(f"refused: {url[:80]}")
        return super().fetch(url, headers)


class _Listener(logging.Handler):
    """Keeps what WeasyPrint warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def strictly(fetcher: ClosedFetcher) -> Iterator[None]:
    """Raise Broken (RENDER_INCOMPLETE) if WeasyPrint warns of anything or asks for anything."""
    listener, logger = _Listener(), logging.getLogger("weasyprint")
    logger.addHandler(listener)
    try:
        yield
    except FatalURLFetchingError as error:
        raise _not_whole(str(error)) from error
    finally:
        logger.removeHandler(listener)
    if fetcher.refused:
        raise _not_whole(f"refused {fetcher.refused[0]}")
    if listener.messages:
        raise _not_whole("; ".join(listener.messages[:3]))


def _not_whole(reason: str) -> Broken:
    return Broken(
        f"the agreement cannot be drawn whole: {reason}",
        "合同文件生成失败，请联系服务方",
        code="RENDER_INCOMPLETE",
    )
